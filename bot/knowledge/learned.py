"""What the example questions of all articles teach together: scores for each article.

The nearest single example may mislead; here all are counted. It is fitted anew in a moment
whenever an article changes. Beside the articles it knows one class more, the last: the questions
that are known to have no answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import Vector
from bot.knowledge.ragged import Numbers, Ragged

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Owners = NDArray[np.intp]

# What has no answer is of many kinds: it weighs as much as so many articles.
_NONE_WEIGHS = 5.0
# Nearness of one example counts e times as much as that of one this much further off.
_FALL = 15.0
_SHRINK = 1.0
_CHUNK = 1024  # rows added up in single precision


def _weights(owners: Owners, size: int) -> Floats:
    """Each class weighs the same however many examples it has, but for the last."""
    weight = 1.0 / np.maximum(np.bincount(owners, minlength=size), 1)[owners]
    weight[owners == size - 1] *= _NONE_WEIGHS
    return np.asarray(weight / weight.mean() if len(weight) else weight)


def _spread(rows: Rows, owners: Owners, size: int) -> Floats:
    """The covariance of the rows, each seen from the middle of its own class."""
    width = rows.shape[1]
    if not len(rows):
        return np.zeros((width, width))
    if (np.diff(owners) < 0).any():
        order = np.argsort(owners, kind="stable")
        rows, owners = rows[order], owners[order]
    counts = np.bincount(owners, minlength=size)
    counts = counts[counts > 0]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(rows, starts, axis=0)
    middles = np.asarray(sums / np.sqrt(counts)[:, None], dtype=np.float32)
    # Without a copy of all rows: their squares, less those of the middles.
    return (_squares(rows) - _squares(middles)) / len(rows)


def _squares(rows: Rows) -> Floats:
    """The sum of the rows' outer products."""
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for begin in range(0, len(rows), _CHUNK):
        chunk = rows[begin : begin + _CHUNK]
        total += chunk.T @ chunk
    return total


class Crowd:
    """How near the examples of each class are, all counted, the nearest most (Parzen, 1962).

    Seen through what tells examples of one article from each other (within-class covariance
    normalisation; Hatch and others, 2006): what differs only by language or manner lies together,
    so that examples in all languages help with a question in any.
    """

    def __init__(
        self,
        rows: Rows,
        owners: Owners,
        size: int,
        view: Rows | None = None,
        lengths: Rows | None = None,
    ) -> None:
        """`rows` are vectors of examples, `owners` their classes, of which there are `size`.

        `view` is that of a crowd of nearly the same examples, `lengths` are theirs in that view;
        found out if None.
        """
        self._rows, self._owners, self._size = rows, owners, size
        self._share = _weights(owners, size)
        self.view: Rows = self._found_out(rows, owners, size) if view is None else view
        self.lengths: Rows = seen_lengths(rows, self.view) if lengths is None else lengths

    @staticmethod
    def _found_out(rows: Rows, owners: Owners, size: int) -> Rows:
        known = owners < size - 1
        spread = _spread(rows[known], owners[known], size)
        floor = _SHRINK * max(float(np.trace(spread)) / max(len(spread), 1), 1e-6)
        values, axes = np.linalg.eigh(spread + floor * np.eye(len(spread)))
        return np.asarray((axes / np.sqrt(values)) @ axes.T, dtype=np.float32)

    def shares(self, row: Vector) -> Floats:
        """The share of each class in what is near; they add up to 1."""
        if not len(self._rows):
            return np.zeros(self._size)
        # The cosine of two vectors in the view, without a second table of all examples.
        seen = _unit(row[None] @ self.view)[0] @ self.view.T
        near = np.exp(_FALL * ((self._rows @ seen) / self.lengths - 1))
        found = np.bincount(self._owners, near * self._share, minlength=self._size)
        return np.asarray(found / found.sum(), dtype=np.float64)


def seen_lengths(rows: Rows, view: Rows) -> Rows:
    """The lengths of vectors in a view."""
    seen = rows @ view
    lengths = np.sqrt(np.einsum("ij,ij->i", seen, seen))
    return np.asarray(np.maximum(lengths, 1e-9), dtype=np.float32)


def _unit(rows: Rows) -> Rows:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Carried:
    """Examples that are nearly the same, and where the articles were among them.

    `source` has each article's place there, or -1 - n for the n-th new one; `new` has the places
    of those here.
    """

    before: Examples
    source: Numbers
    new: list[int]


class Examples:
    """The example questions of all articles, and those without an answer, to one embedder."""

    def __init__(self, own: Ragged, none: Rows, carried: Carried | None = None) -> None:
        """`own` are the vectors by article; `carried` saves finding the crowd's view anew."""
        self.rows: Rows = own.values
        self.owners: Owners = own.owners
        self.none = none
        self._starts = own.starts
        size = len(own)
        owners = np.concatenate([self.owners, np.full(len(none), size, dtype=np.intp)])
        rows = np.vstack([self.rows, none]) if len(none) else self.rows
        view = lengths = None
        if carried is not None:
            view = carried.before._crowd.view
            starts = carried.before._starts
            known = Ragged(carried.before._crowd.lengths[: starts[-1]], starts)
            fresh = [seen_lengths(self.rows[own.rows(place)], view) for place in carried.new]
            kept = known.merged(carried.source, Ragged.of(fresh, known.values))
            lengths = np.concatenate([kept.values, seen_lengths(none, view)])
        self._crowd: Crowd = Crowd(rows, owners, size + 1, view, lengths)

    def shares(self, row: Vector) -> Floats:
        """The share of each article, and of none (the last), in the examples that are near."""
        return self._crowd.shares(row)

    def nearness(self, row: Vector) -> Floats:
        """Cosine of each article's examples, one after the other."""
        return np.asarray(self.rows @ row, dtype=np.float64)

    def nearest_none(self, row: Vector) -> float:
        """Cosine of the nearest question without an answer; 0 if there is none, or none near."""
        return float((self.none @ row).max(initial=0.0))
