"""Plain ways to search a FAQ, to compare ours with: `python -m tools.faq_baselines JOB OUT`.

Runs in the assistant's environment, which has scikit-learn. JOB (JSON) has `entries`, a list of
[question, answer], and `texts`. OUT gets for each method the places of all entries, the best first,
for each text:

- `tf_idf`: the words of the entry's question weighed by TF-IDF, nearness by the cosine;
- `minilm` and `e5`: question and answer by one of the assistant's embedders, by the cosine;
- `fused`: reciprocal rank fusion of the three (Cormack, Clarke and Büttcher, SIGIR 2009).

Of the fusions tried on CovidFAQ this has the highest P@1 and MRR: an answer adds more wrong words
than right ones, but its meaning helps. So the bar is a high one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.embedding import english_embedder, sentence_embedder

# The constant of reciprocal rank fusion, as its authors have it.
_K = 60
Floats = NDArray[np.float64]


def tf_idf(entries: list[str], texts: list[str]) -> Floats:
    """Return the nearness of each text to each entry by their words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer()
    known = vectorizer.fit_transform(entries)
    return np.asarray((vectorizer.transform(texts) @ known.T).toarray(), dtype=np.float64)


def embedded(embedder: Any, entries: list[str], texts: list[str]) -> Floats:
    """Return the nearness of each text to each entry by their meaning."""
    # One at a time, as customers ask: in a batch the longest text decides the cost.
    asked = np.concatenate([embedder.queries([text]) for text in texts])
    known = np.concatenate([embedder.passages([text]) for text in entries])
    return np.asarray(asked @ known.T, dtype=np.float64)


def order(nearness: Floats) -> NDArray[np.intp]:
    """Return for each text the entries, the nearest first."""
    return np.argsort(-nearness, axis=1, kind="stable")


def fused(orders: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the order that reciprocal rank fusion makes of several."""
    points = sum(1 / (_K + 1 + np.argsort(one, axis=1)) for one in orders)
    return order(np.asarray(points, dtype=np.float64))


def main() -> None:
    """Read the job, write the orders."""
    job, out = map(Path, sys.argv[1:3])
    given = json.loads(job.read_text("utf-8"))
    questions = [question for question, _ in given["entries"]]
    entries = [f"{question} {answer}" for question, answer in given["entries"]]
    texts = given["texts"]
    orders = {
        "tf_idf": order(tf_idf(questions, texts)),
        "minilm": order(embedded(english_embedder(), entries, texts)),
        "e5": order(embedded(sentence_embedder(), entries, texts)),
    }
    orders["fused"] = fused(list(orders.values()))
    out.write_text(json.dumps({name: rows.tolist() for name, rows in orders.items()}), "utf-8")


if __name__ == "__main__":
    main()
