"""The plain methods that search is compared with."""

from __future__ import annotations

import numpy as np

from tools.faq_baselines import fused, order, tf_idf


def test_the_entry_that_shares_rare_words_comes_first() -> None:
    entries = ["how do I return a jacket", "how do I pay", "how do I wash it"]
    found = order(tf_idf(entries, ["how can I pay", "return my jacket"]))
    assert found[:, 0].tolist() == [1, 0]


def test_fusion_counts_places() -> None:
    orders = [np.array([[0, 1, 2]]), np.array([[1, 0, 2]]), np.array([[1, 2, 0]])]
    assert fused(orders).tolist() == [[1, 0, 2]]
