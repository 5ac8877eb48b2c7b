"""The model that says whether a sentence of an agent asks for a known fact.

A logistic regression on the embedding of the sentence and on the signs that the rules see, with
weights for all kinds of fact in common and smaller ones for each kind. A draft asks for a kind
if one of its sentences does, so in fitting only the best sentence of a draft that asks counts,
and all of one that does not (multiple-instance learning, after Andrews et al. 2002). All is
deterministic: full batches from zero weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bot.handoff.known import KINDS

# Chosen by cross-validation among a few: ridge on the weights of embedding and signs, in common
# and by kind, and how much more a request counts than none.
_RIDGE, _RIDGE_OF_KIND = 1e-3, 3e-3
_RIDGE_OF_SIGNS, _RIDGE_OF_SIGNS_OF_KIND = 1e-3, 1e-2
_WEIGHT_OF_ASKED = 1.5
_ROUNDS, _STEPS, _RATE = 2, 150, 0.05
_MOMENTUM, _SPREAD_MOMENTUM = 0.9, 0.99
_EMBEDDING_SPREAD = 3.0
_FIRST_OFFSET = -1.0
# Below the score of any sentence.
NOT_AT_ALL = -99.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sentences:
    """Sentences of many drafts: their embeddings, signs by kind, and places among the drafts."""

    vectors: NDArray[np.float32]  # (sentences, dimensions)
    signs: Floats  # (sentences, kinds, signs)
    drafts: NDArray[np.intp]  # (sentences,)


@dataclass(frozen=True)
class Labels:
    """What was said of drafts by kind, (drafts, kinds), and how much each counts, (drafts,)."""

    known: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    weights: Floats


class _Weights(NamedTuple):
    """What is fitted: in common and by kind."""

    vectors: Floats
    vectors_by_kind: Floats
    signs: Floats
    signs_by_kind: Floats
    offsets: Floats


class Learned(msgspec.Struct, frozen=True):
    """The fitted model; all weights are for numbers as they come, not scaled."""

    embedder: str
    # From this score on a draft is said to ask; 0 is a probability of one half.
    threshold: float
    vectors: list[list[float]]  # by kind
    signs: list[list[float]]  # by kind
    offsets: list[float]

    def scores(self, vectors: NDArray[np.float32], signs: Floats) -> Floats:
        """The (sentences, kinds) logarithms of the odds that each sentence asks."""
        by_signs = np.einsum("skf,kf->sk", signs, np.asarray(self.signs))
        scores: Floats = vectors @ np.asarray(self.vectors).T + by_signs + np.asarray(self.offsets)
        return scores


def best(scores: Floats, drafts: NDArray[np.intp], count: int) -> Floats:
    """The (count, kinds) highest scores of a sentence of each draft."""
    found = np.full((count, scores.shape[1]), NOT_AT_ALL)
    np.maximum.at(found, drafts, scores)
    return found


def fit(sentences: Sentences, labels: Labels, embedder: str, threshold: float) -> Learned:
    """Fit on labelled drafts; a kind that is not known in a draft counts for nothing there."""
    known = labels.known[sentences.drafts]
    asked = labels.asked[sentences.drafts]
    middle = sentences.vectors.mean(axis=0, dtype=np.float64)
    vectors = sentences.vectors - middle
    scale = _EMBEDDING_SPREAD / float(vectors.std() * np.sqrt(vectors.shape[1]))
    vectors = vectors * scale
    mean = sentences.signs[known].mean(axis=0)
    spread = sentences.signs[known].std(axis=0) + 1e-3
    # By kind first, so that each kind is one product of matrices.
    signs = np.ascontiguousarray(((sentences.signs - mean) / spread).transpose(1, 0, 2))
    given = labels.weights[sentences.drafts][:, None] * known
    alone = np.bincount(sentences.drafts)[sentences.drafts] == 1
    weights = _Weights(
        np.zeros(vectors.shape[1]),
        np.zeros((len(KINDS), vectors.shape[1])),
        np.zeros(signs.shape[2]),
        np.zeros((len(KINDS), signs.shape[2])),
        np.full(len(KINDS), _FIRST_OFFSET),
    )
    for attempt in range(_ROUNDS):
        if attempt == 0:
            counts = ~asked | alone[:, None]
        else:
            scores = np.where(known, _scores(weights, vectors, signs), NOT_AT_ALL)
            top = best(scores, sentences.drafts, len(labels.known))[sentences.drafts]
            counts = ~asked | (scores >= top)
        weights = _descend(weights, vectors, signs, asked, given * counts)
    by_vectors = (weights.vectors + weights.vectors_by_kind) * scale
    by_signs = (weights.signs + weights.signs_by_kind) / spread
    offsets = weights.offsets - by_vectors @ middle - by_signs @ mean
    return Learned(
        embedder=embedder,
        threshold=threshold,
        vectors=np.round(by_vectors, 3).tolist(),
        signs=np.round(by_signs, 3).tolist(),
        offsets=np.round(offsets, 3).tolist(),
    )


def _scores(weights: _Weights, vectors: Floats, signs: Floats) -> Floats:
    by_signs = weights.signs + weights.signs_by_kind
    scores: Floats = vectors @ (weights.vectors + weights.vectors_by_kind).T + weights.offsets
    scores += np.stack([own @ by_signs[kind] for kind, own in enumerate(signs)], axis=1)
    return scores


def _descend(
    weights: _Weights,
    vectors: Floats,
    signs: Floats,
    asked: NDArray[np.bool_],
    counts: Floats,
) -> _Weights:
    """Gradient descent with Adam (Kingma and Ba 2015), the rate going down in the second half."""
    counts = counts * np.where(asked, _WEIGHT_OF_ASKED, 1.0)
    counts = counts / counts.sum()
    mean = [np.zeros_like(own) for own in weights]
    square = [np.zeros_like(own) for own in weights]
    for step in range(1, _STEPS + 1):
        chance = 1 / (1 + np.exp(-_scores(weights, vectors, signs)))
        wrong = (chance - asked) * counts
        of_vectors = wrong.T @ vectors
        of_signs = np.stack([wrong[:, kind] @ own for kind, own in enumerate(signs)])
        slopes = (
            of_vectors.sum(axis=0) + _RIDGE * weights.vectors,
            of_vectors + _RIDGE_OF_KIND * weights.vectors_by_kind,
            of_signs.sum(axis=0) + _RIDGE_OF_SIGNS * weights.signs,
            of_signs + _RIDGE_OF_SIGNS_OF_KIND * weights.signs_by_kind,
            wrong.sum(axis=0),
        )
        rate = _RATE * min(1.0, 2 * (1 - step / _STEPS) + 0.02)
        made = []
        for place, (own, slope) in enumerate(zip(weights, slopes, strict=True)):
            mean[place] = _MOMENTUM * mean[place] + (1 - _MOMENTUM) * slope
            square[place] = (
                _SPREAD_MOMENTUM * square[place] + (1 - _SPREAD_MOMENTUM) * slope * slope
            )
            ahead = mean[place] / (1 - _MOMENTUM**step)
            spread = np.sqrt(square[place] / (1 - _SPREAD_MOMENTUM**step)) + 1e-8
            made.append(own - rate * ahead / spread)
        weights = _Weights(*made)
    return weights
