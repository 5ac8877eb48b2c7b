"""What the example questions of all articles teach together: a score for each article.

The nearest single example may mislead; a linear model over all of them weighs what tells one
article from the others. Ridge regression on one-hot targets (Hoerl and Kennard, 1970) has a
closed form, so that it is fitted anew in a moment whenever an article changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import Vector

RIDGE = 1.0


class Learned:
    """A linear model from a question's vector to a score for each article."""

    def __init__(self, rows: Vector, owners: NDArray[np.intp], size: int) -> None:
        """`rows` are the vectors of examples, `owners` their articles, `size` counts articles."""
        x = np.asarray(rows, dtype=np.float64)
        self._mean = x.mean(axis=0) if len(x) else np.zeros(x.shape[1])
        x = x - self._mean
        # Each article weighs the same, however many examples it has.
        weight = 1.0 / np.maximum(np.bincount(owners, minlength=size)[owners], 1)
        targets = np.zeros((x.shape[1], size))
        np.add.at(targets.T, owners, x * weight[:, None])
        scale = float(weight.sum()) / max(len(x), 1)
        gram = (x * weight[:, None]).T @ x + RIDGE * scale * np.eye(x.shape[1])
        self._weights = np.linalg.solve(gram, targets) if len(x) else targets

    def scores(self, vector: Vector) -> NDArray[np.float64]:
        """How much a question sounds like those of each article; about 0 to 1."""
        return np.asarray((vector - self._mean) @ self._weights, dtype=np.float64)
