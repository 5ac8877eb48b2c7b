"""Weights that put what was found in order: a conditional logit (McFadden, 1974).

A logistic regression asks of each article alone whether it is right. This asks which of a
question's articles is, so that it learns nothing but their order. No weight is below zero: to be
nearer to the question never puts an article further down. What would only fit one shop's way of
writing, such as titles that say little, is left out by that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A lead of more says no more: in log odds, e to the power of this as likely as the next.
CLEAR = 4.0
_STEPS = 50
_SMALLEST_STEP = 1e-3
_EXACT = 1e-6


def fit(x: Floats, y: Floats, question: NDArray[np.intp], ridge: float = 1.0) -> Floats:
    """One weight, 0 or more, for each column of `x`.

    Rows are candidates, `y` is 1 for those that are right, `question` (ascending) is whose
    candidates they are. Questions without a right one, or without a wrong one, teach nothing.
    `ridge` is the L2 penalty on columns that are standardised within the questions.
    """
    starts = np.flatnonzero(np.diff(question, prepend=-1))
    right = np.add.reduceat(y, starts)
    sizes = np.diff(np.append(starts, len(y)))
    kept = np.repeat((right > 0) & (right < sizes), sizes)
    x, y, question = x[kept], y[kept], question[kept]
    if not len(x):
        return np.zeros(x.shape[1])
    data = _Questions(x, y, question)
    beta = np.full(x.shape[1], 0.3)
    for _ in range(_STEPS):
        value, gradient, curvature = data.loss(beta, ridge)
        free = (beta > 0) | (gradient < 0)
        step = np.zeros(len(beta))
        step[free] = -np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        size = 1.0
        moved = np.maximum(beta + step, 0)
        while size > _SMALLEST_STEP and data.loss(moved, ridge)[0] > value:
            size /= 2
            moved = np.maximum(beta + size * step, 0)
        done = np.abs(moved - beta).max() < _EXACT
        beta = moved
        if done:
            break
    return np.asarray(beta / data.spread)


def leads(scores: Floats) -> Floats:
    """How far each candidate of one question leads the best other one, at most CLEAR.

    Those behind have a negative lead, of any size.
    """
    ranked = np.sort(scores)
    second = ranked[-2] if len(scores) > 1 else ranked[-1] - CLEAR
    others = np.where(scores == ranked[-1], second, ranked[-1])
    return np.asarray(np.minimum(scores - others, CLEAR))


class _Questions:
    """The candidates of all questions, each seen from the middle of its question's."""

    def __init__(self, x: Floats, y: Floats, question: NDArray[np.intp]) -> None:
        self._starts = np.flatnonzero(np.diff(question, prepend=-1))
        self._sizes = np.diff(np.append(self._starts, len(y)))
        z = x - self._each(self._sums(x) / self._sizes[:, None])
        self.spread: Floats = z.std(axis=0) + 1e-9
        self._z, self._y = z / self.spread, y

    def _sums(self, rows: Floats) -> Floats:
        return np.asarray(np.add.reduceat(rows, self._starts, axis=0))

    def _each(self, values: Floats) -> Floats:
        return np.repeat(values, self._sizes, axis=0)

    def loss(self, beta: Floats, ridge: float) -> tuple[float, Floats, Floats]:
        """The negative log likelihood with its penalty, its gradient and its curvature."""
        z = self._z
        score = z @ beta
        score = score - self._each(np.maximum.reduceat(score, self._starts))
        all_of = np.exp(score)
        right = all_of * self._y + 1e-300 * self._y
        total, hit = self._sums(all_of), self._sums(right)
        share, wanted = all_of / self._each(total), right / self._each(hit)
        middle = self._sums(share[:, None] * z)
        value = float(np.log(total / hit).sum()) + ridge / 2 * float(beta @ beta)
        gradient = middle.sum(axis=0) - wanted @ z + ridge * beta
        curvature = (z * share[:, None]).T @ z - middle.T @ middle
        return value, gradient, curvature + ridge * np.eye(len(beta))
