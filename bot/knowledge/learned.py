"""What the example questions of all articles teach together: a score for each article.

The nearest single example may mislead; a linear model over all of them weighs what tells one
article from the others. Ridge regression on one-hot targets (Hoerl and Kennard, 1970) has a
closed form. What is solved has the size of a vector, however many articles there are, and its
sums are mended when an article changes instead of added up anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import Vector
from bot.knowledge.ragged import Ragged

RIDGE = 1.0
_CHUNK = 4096
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Sums over all examples. Each article weighs the same, however many examples it has."""

    count: int
    weight: float
    plain: Floats  # of the examples
    weighted: Floats
    squares: Floats  # of the weighted examples' outer products

    @classmethod
    def of(cls, examples: Ragged) -> Sums:
        """Add up the examples of each article."""
        rows = examples.values
        width = rows.shape[1]
        weight = np.repeat(1.0 / np.maximum(examples.counts, 1), examples.counts)
        squares = np.zeros((width, width))
        root = np.sqrt(weight).astype(np.float32)[:, None]
        for begin in range(0, len(rows), _CHUNK):
            chunk = rows[begin : begin + _CHUNK] * root[begin : begin + _CHUNK]
            squares += chunk.T @ chunk
        plain = rows.sum(axis=0, dtype=np.float64)
        return cls(len(rows), float(weight.sum()), plain, weight @ rows, squares)

    def changed(self, gone: Sums, come: Sums) -> Sums:
        """Without some examples and with others."""
        return Sums(
            self.count - gone.count + come.count,
            self.weight - gone.weight + come.weight,
            self.plain - gone.plain + come.plain,
            self.weighted - gone.weighted + come.weighted,
            self.squares - gone.squares + come.squares,
        )


def means(examples: Ragged) -> Ragged:
    """The mean example of each article; each has one at least, its title."""
    rows, starts = examples.values, examples.starts
    if not len(examples):
        return Ragged(rows, starts)
    sums = np.add.reduceat(rows, starts[:-1], axis=0)
    values = np.asarray(sums / examples.counts[:, None], dtype=np.float32)
    return Ragged(values, np.arange(len(examples) + 1, dtype=np.intp))


class Learned:
    """A linear model from a question's vector to a score for each article."""

    def __init__(self, sums: Sums, article_means: Vector) -> None:
        self._means = article_means
        # The middle of all examples, and the inverse of their spread around it.
        self._middle = middle = sums.plain / max(sums.count, 1)
        both = np.outer(middle, sums.weighted)
        spread = sums.squares - both - both.T + sums.weight * np.outer(middle, middle)
        ridge = RIDGE * (sums.weight / sums.count if sums.count else 1.0)
        self._inverse = np.linalg.inv(spread + ridge * np.eye(len(middle)))

    def scores(self, vector: Vector) -> Floats:
        """How much a question sounds like those of each article; about 0 to 1."""
        told = self._inverse @ (vector - self._middle)
        near = np.asarray(self._means @ told.astype(np.float32), dtype=np.float64)
        return near - float(self._middle @ told)
