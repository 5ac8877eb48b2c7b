"""The figures of `firstline evaluate nlu`, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from bot.assistant.scoring import Scored, best_mcc, figures, validated_threshold


def scored(*lines: tuple[str, str, float]) -> Scored:
    true, said, confidence = zip(*lines, strict=True)
    return Scored(np.array(true), np.array(said), np.array(confidence))


LINES = scored(
    ("order", "order", 0.9),
    ("order", "refund", 0.8),
    ("refund", "refund", 0.4),
    ("refund", "refund", 0.7),
    ("oos", "order", 0.6),
    ("oos", "order", 0.3),
    ("oos", "refund", 0.2),
    ("oos", "oos", 0.9),
)


def test_figures_by_hand() -> None:
    found = figures(LINES, 0.5)
    assert found["accuracy"] == 5 / 8
    assert found["in_scope_accuracy"] == 2 / 4
    assert found["accuracy_without_threshold"] == 4 / 8
    assert found["oos_recall"] == 3 / 4
    assert found["oos_precision"] == 3 / 4
    # Of 16 pairs only (0.4, 0.6) is the wrong way round; who is sure of oos counts lowest.
    assert found["auroc"] == 15 / 16
    assert found["macro_f1"] == pytest.approx((2 / 4 + 2 / 4 + 6 / 8) / 3)
    assert found["mcc"] == pytest.approx(matthews_corrcoef(LINES.true, LINES.predicted(0.5)))


def test_without_a_threshold_the_fallback_of_the_model_refuses() -> None:
    fallback = np.array([False] * 3 + [True] + [False] + [True] * 3)
    lines = Scored(LINES.true, LINES.said, LINES.confidence, fallback)
    found = figures(lines, None)
    assert found["accuracy"] == 5 / 8
    assert found["in_scope_accuracy"] == 2 / 4
    assert found["oos_recall"] == 3 / 4
    assert found["best_mcc"] == figures(LINES, 0.5)["best_mcc"]


def test_what_needs_out_of_scope_is_none_without_it() -> None:
    found = figures(scored(("a", "a", 0.9), ("b", "a", 0.2)), 0.5)
    none = {name for name, value in found.items() if value is None}
    assert none == {"oos_recall", "oos_precision", "auroc"}
    assert found["accuracy"] == found["in_scope_accuracy"] == 0.5
    alone = figures(scored(("oos", "a", 0.2)), 0.5)
    assert alone["in_scope_accuracy"] is None
    assert alone["auroc"] is None
    assert alone["oos_recall"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_best_mcc_is_the_best_of_all_thresholds(seed: int) -> None:
    random = np.random.RandomState(seed)
    names = np.array(["a", "b", "c", "oos"])
    true, said = random.choice(names, 60), random.choice(names, 60)
    said = np.where(random.rand(60) < 0.6, true, said)
    lines = Scored(true, said, random.randint(0, 20, 60) / 20)
    thresholds = [*np.unique(lines.confidence), 2.0]
    wanted = max(matthews_corrcoef(true, lines.predicted(t)) for t in thresholds)
    assert best_mcc(lines) == pytest.approx(wanted)


def test_the_threshold_is_chosen_on_lines_of_both_kinds() -> None:
    # So many of each that chance is no reason to take another threshold than the best.
    many = Scored(*(np.tile(column, 500) for column in (LINES.true, LINES.said, LINES.confidence)))
    assert 0.6 < validated_threshold(many, share=0.8) <= 0.7
    assert validated_threshold(many, share=0.01) <= 0.4
