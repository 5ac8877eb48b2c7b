"""What intent a text has, and how sure that is: by its class and by its nearest examples.

A logistic regression says which intent is likeliest among those taught; it must always name one,
also for text that is none of them. How near the nearest taught example lies says whether the text
is like anything that was taught. The confidence is made of both. Knows numpy and scikit-learn, no
Rasa.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# A probability of zero has no logarithm.
_SMALLEST = 1e-6
# Cosines below this all mean "nothing alike". Without it the one embedder to which a text is
# strange, as slips and jargon are, would outvote the others.
_STRANGE = 0.4
_ROWS_AT_ONCE = 256
# C of the regressions: on the vectors of text in English, and of other text.
_LOOSENESS, _LOOSENESS_FOREIGN = 5.0, 10.0
# How much a nearest example raises the score of its intent, by the mean of the cosines.
_PULL = 4.0
# Where there is nothing to determine it from: one intent alone cannot be left out.
DEFAULT_THRESHOLD = 0.5
_THRESHOLDS = np.linspace(0.0, 1.0, 201)
_GROUPS = 5
_TRAINED_SHARE = 0.8
_MANY, _TOO_MANY = 1_500, 3_000


def _unit(vectors: Floats) -> Floats:
    """Return the rows with length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Sentences:
    """Texts as vectors of unit length, a row each; zeros where an embedder can read nothing."""

    english: Floats
    every: Floats
    universal: Floats

    def __len__(self) -> int:
        return len(self.every)

    def at(self, rows: NDArray[np.int64]) -> Sentences:
        """Return some of them."""
        return Sentences(self.english[rows], self.every[rows], self.universal[rows])


@dataclass(frozen=True)
class Reading:
    """What a model makes of texts: for each the likeliest intent and how sure that is (0 to 1).

    `probabilities` has a column for each intent; it compares the intents with one another only.
    """

    best: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float64]


@dataclass(frozen=True)
class _Weights:
    """What the regression learned: a row and a number for each intent."""

    rows: Floats
    bias: Floats

    def scores(self, features: Floats) -> NDArray[np.float64]:
        return np.asarray(features @ self.rows.T + self.bias, dtype=np.float64)


class IntentModel:
    """The trained classifier: weights, and all examples as vectors, intent after intent.

    Two regressions are kept. One has all three vectors of a text; the other, for text in which
    English could read nothing, has the two of many languages.
    """

    def __init__(
        self,
        intents: Sequence[str],
        of_example: NDArray[np.int64],
        examples: Sentences,
        middle: Floats,
        whole: _Weights,
        foreign: _Weights,
    ) -> None:
        self.intents = list(intents)
        self._of_example = of_example
        self._examples = examples
        self._middle = middle
        self._whole = whole
        self._foreign = foreign
        self._starts = np.searchsorted(of_example, np.arange(len(self.intents)))

    @property
    def examples(self) -> int:
        """How many examples it was trained from."""
        return len(self._of_example)

    @classmethod
    def fit(cls, sentences: Sentences, intents: Sequence[str]) -> IntentModel:
        """Train from examples and their intents; there must be one example at least."""
        names = sorted(set(intents))
        number = {name: i for i, name in enumerate(names)}
        of_example = np.array([number[name] for name in intents], dtype=np.int64)
        order = np.argsort(of_example, kind="stable")
        of_example, sentences = of_example[order], sentences.at(order)
        # The vectors of all languages share a large common part, which tells nothing apart.
        middle = np.zeros(sentences.every.shape[1], dtype=np.float32)
        if len(sentences) > 1:
            middle = sentences.every.mean(axis=0).astype(np.float32)
        every = _unit(sentences.every - middle)
        examples = Sentences(sentences.english, every, sentences.universal)
        features = np.hstack([every, examples.universal])
        foreign = _regression(features, of_example, len(names), _LOOSENESS_FOREIGN)
        features = np.hstack([examples.english, features])
        whole = _regression(features, of_example, len(names), _LOOSENESS)
        return cls(names, of_example, examples, middle, whole, foreign)

    def read(self, sentences: Sentences) -> Reading:
        """Return intent and confidence of each text.

        The likeliest intent is the one with the highest score of the regression, raised by how
        near the intent's nearest example lies. The confidence is the geometric mean of four
        numbers: the intent's probability by the regression alone, and for each embedder the root
        of (similarity to the nearest example of any intent times similarity to the nearest one
        of this intent). English counts only where it could read the text; a text that nobody
        could read has confidence 0.
        """
        starts = range(0, max(len(sentences), 1), _ROWS_AT_ONCE)
        rows = np.arange(len(sentences))
        parts = [self._read(sentences.at(rows[s : s + _ROWS_AT_ONCE])) for s in starts]
        return Reading(
            np.concatenate([part.best for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.probabilities for part in parts]),
        )

    def _read(self, sentences: Sentences) -> Reading:
        english, universal = sentences.english, sentences.universal
        every = _unit(sentences.every - self._middle)
        in_english = english.any(axis=1)
        near_english = self._nearest(english, self._examples.english)
        near = self._nearest(every, self._examples.every)
        near_universal = self._nearest(universal, self._examples.universal)
        features = np.hstack([every, universal])
        scores = np.where(
            in_english[:, None],
            self._whole.scores(np.hstack([english, features])),
            self._foreign.scores(features),
        )
        others = near + near_universal
        nearness = np.where(in_english[:, None], (near_english + others) / 3, others / 2)
        probabilities = _softmax(scores + _PULL * nearness)
        best = probabilities.argmax(axis=1)
        # The pull helps to choose among the intents; for text that is none of them it would
        # raise the probability of whichever is nearest.
        chosen = _softmax(scores)[np.arange(len(best)), best]
        sure = np.log(np.maximum(chosen, _SMALLEST))
        total = sure + _likeness(near, best) + _likeness(near_universal, best)
        mean = np.where(in_english, (total + _likeness(near_english, best)) / 4, total / 3)
        readable = sentences.every.any(axis=1) | in_english
        return Reading(best, np.where(readable, np.exp(mean), 0.0), probabilities)

    def _nearest(self, asked: Floats, examples: Floats) -> NDArray[np.float64]:
        """Return for each text, a row, and intent, a column, the cosine of the nearest example."""
        if len(asked) == 0:
            return np.zeros((0, len(self.intents)))
        nearest = np.maximum.reduceat(asked @ examples.T, self._starts, axis=1)
        return np.asarray(nearest, dtype=np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that has to be kept beside the names of the intents."""
        return {
            "of_example": self._of_example,
            "english": self._examples.english,
            "every": self._examples.every,
            "universal": self._examples.universal,
            "middle": self._middle,
            "weights": self._whole.rows,
            "bias": self._whole.bias,
            "weights_foreign": self._foreign.rows,
            "bias_foreign": self._foreign.bias,
        }

    @classmethod
    def of_arrays(cls, intents: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> IntentModel:
        """Return the model that was kept."""
        return cls(
            intents,
            arrays["of_example"],
            Sentences(arrays["english"], arrays["every"], arrays["universal"]),
            arrays["middle"],
            _Weights(arrays["weights"], arrays["bias"]),
            _Weights(arrays["weights_foreign"], arrays["bias_foreign"]),
        )


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _likeness(nearest: NDArray[np.float64], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logarithm of: root of (nearest of all times nearest of the intent `best`)."""
    logs = np.log(np.clip(nearest, _STRANGE, 1))
    return np.asarray((logs.max(axis=1) + logs[np.arange(len(best)), best]) / 2)


def _regression(
    features: Floats, of_example: NDArray[np.int64], count: int, looseness: float
) -> _Weights:
    """Return the weights whose scores have the probabilities as their softmax."""
    if count == 1:
        return _Weights(np.zeros((1, features.shape[1]), np.float32), np.zeros(1, np.float32))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = LogisticRegression(C=looseness, max_iter=300, tol=1e-2)
        fitted.fit(features, of_example)
    weights, bias = fitted.coef_, fitted.intercept_
    if count == 2:
        # Of two classes scikit-learn keeps the second's score alone; the first's is zero.
        weights = np.vstack([np.zeros_like(weights), weights])
        bias = np.array([0.0, bias[0]])
    return _Weights(weights.astype(np.float32), bias.astype(np.float32))


def choose_threshold(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    refused: NDArray[np.bool_],
    out_of_scope: NDArray[np.bool_],
    share: float,
) -> float:
    """Return the threshold that serves best if `share` of all messages is out of scope.

    Best is what maximises (1 - share) * the accuracy of texts in scope + share * the part of
    texts out of scope that is refused. A text is refused below the threshold; `refused` are
    those whose likeliest intent already says that they are out of scope. `right` says whether
    the likeliest intent is the true one. Needs texts of both kinds.

    With few texts many thresholds are as good as the best, by one standard error of its value
    (Breiman and others, 1984): of these the middle is returned.
    """
    inside, outside = ~out_of_scope, out_of_scope
    below = confidence[:, None] < _THRESHOLDS[None, :]
    accuracy = (~below[inside] & (right & ~refused)[inside, None]).mean(axis=0)
    recall = (below[outside] | refused[outside, None]).mean(axis=0)
    value = (1 - share) * accuracy + share * recall
    best = int(value.argmax())
    spread = (1 - share) ** 2 * _variance(accuracy[best], inside)
    spread += share**2 * _variance(recall[best], outside)
    as_good = _THRESHOLDS[value >= value[best] - spread**0.5]
    return float((as_good.min() + as_good.max()) / 2)


def _variance(part: float, of: NDArray[np.bool_]) -> float:
    """Return the variance of a share that was counted among those texts."""
    return part * (1 - part) / int(of.sum())


def estimate_threshold(
    sentences: Sentences,
    intents: Sequence[str],
    share: float,
    out_of_scope_intents: Sequence[str] = (),
) -> float:
    """Return the threshold by `choose_threshold`, from the training examples alone.

    Whole intents are left out in turn, and their examples stand for what is out of scope; the
    rest is split into what is trained and what is asked. Examples of an intent that itself
    means "out of scope" count as such too. The same examples give the same threshold.
    """
    names = np.array(intents)
    confidence, right, refused, outside = [], [], [], []
    everything = np.arange(len(names))
    if len(names) > _TOO_MANY:
        everything = np.random.RandomState(0).permutation(len(names))[:_TOO_MANY]
    repetitions = 4 if len(names) <= _MANY else 2 if len(names) <= _TOO_MANY else 1
    for repetition in range(repetitions):
        random = np.random.RandomState(repetition)
        shuffled = np.array(sorted(set(names[everything])))
        random.shuffle(shuffled)
        for group in np.array_split(shuffled, _GROUPS):
            left_out = np.isin(names[everything], group)
            rest = everything[~left_out]
            trained = random.rand(len(rest)) < _TRAINED_SHARE
            taught = rest[trained]
            if len(group) == 0 or len(taught) == 0:
                continue
            held_back = rest[~trained]
            held_back = held_back[np.isin(names[held_back], names[taught])]
            asked = np.concatenate([held_back, everything[left_out]])
            model = IntentModel.fit(sentences.at(taught), list(names[taught]))
            reading = model.read(sentences.at(asked))
            said = np.array(model.intents)[reading.best]
            confidence.append(reading.confidence)
            right.append(said == names[asked])
            refused.append(np.isin(said, out_of_scope_intents))
            outside.append(np.isin(names[asked], [*group, *out_of_scope_intents]))
    if not outside or np.concatenate(outside).all() or not np.concatenate(outside).any():
        return DEFAULT_THRESHOLD
    return choose_threshold(
        np.concatenate(confidence),
        np.concatenate(right),
        np.concatenate(refused),
        np.concatenate(outside),
        share,
    )
