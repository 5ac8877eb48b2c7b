"""What the example questions of all articles teach together: a score for each article.

The nearest single example may mislead; a linear model over all of them weighs what tells one
article from the others. Ridge regression on one-hot targets (Hoerl and Kennard, 1970) has a
closed form, so that it is fitted anew in a moment whenever an article changes: what is solved
has the size of a vector, however many articles there are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import Vector

RIDGE = 1.0
_CHUNK = 4096


class Learned:
    """A linear model from a question's vector to a score for each article."""

    def __init__(self, parts: Sequence[Vector], owners: NDArray[np.intp], size: int) -> None:
        """`parts` are the vectors of examples, side by side; `owners` their articles, ascending.

        `size` counts articles.
        """
        count, width = len(owners), sum(part.shape[1] for part in parts)
        # Each article weighs the same, however many examples it has.
        weight = 1.0 / np.maximum(np.bincount(owners, minlength=size)[owners], 1)
        sums = np.hstack([_sums(part, owners, size) for part in parts])
        examples = np.bincount(owners, minlength=size)
        self._mean = sums.sum(axis=0) / max(count, 1)
        # The weighted examples of each article, added up, from the middle of all.
        share = np.minimum(examples, 1)[:, None]
        means = sums / np.maximum(examples, 1)[:, None] - share * self._mean
        self._targets = np.asarray(means, dtype=np.float32)
        gram = np.zeros((width, width))
        root = np.sqrt(weight)[:, None].astype(np.float32)
        middle = self._mean.astype(np.float32)
        for begin in range(0, count, _CHUNK):
            chunk = np.hstack([part[begin : begin + _CHUNK] for part in parts])
            rows = (chunk - middle) * root[begin : begin + _CHUNK]
            gram += rows.T @ rows
        gram += RIDGE * (float(weight.sum()) / max(count, 1) or 1.0) * np.eye(width)
        self._inverse = np.linalg.inv(gram)

    def scores(self, vector: Vector) -> NDArray[np.float64]:
        """How much a question sounds like those of each article; about 0 to 1."""
        told = self._inverse @ (vector - self._mean)
        return np.asarray(self._targets @ told.astype(np.float32), dtype=np.float64)


def _sums(part: Vector, owners: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """The sum of each article's rows."""
    result = np.zeros((size, part.shape[1]))
    if len(owners):
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        result[owners[first]] = np.add.reduceat(part, first, axis=0)
    return result
