"""From what was found to a decision: answer, ask back or decline."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import context, ordering
from bot.knowledge import products as product_search
from bot.knowledge import search as article_search
from bot.knowledge.model import Answer, Candidate, Decision

# Several weak candidates together are worth asking about if one of them is likely right, with
# ASIDE to spare, for each further button is one more to read.
ASIDE = 0.05
# Below SURE a second option of more than TORN times the best's probability makes us ask back;
# then all are offered that have at least NEAR times the best's.
SURE, TORN, NEAR = 0.75, 0.75, 0.25
Floats = NDArray[np.float64]
OTHER, UNTAUGHT = "other", "-untaught"
WRONG_PER_100 = 15
CALIBRATION = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Model:
    """A logistic regression: from features to the probability of being right."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float] | Floats) -> float:
        """Probability that what has these features is right."""
        x = self.bias + float(np.dot(self.weights, np.asarray(features, dtype=np.float64)))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))

    def among(self, rows: Sequence[Floats]) -> list[float]:
        """The probability of each of a question's candidates."""
        return [self.probability(row) for row in rows]


@dataclass(frozen=True)
class Ordered:
    """First the order of a question's candidates, then the probability of each.

    `order` weighs a candidate's features; its lead over the best other counts `lead` times.
    Beside it `level` weighs what is known of the question as a whole: the highest that any
    candidate has of each feature. So the order is that of `order` alone.
    """

    order: tuple[float, ...]
    lead: float
    level: Model

    def among(self, rows: Sequence[Floats]) -> list[float]:
        """The probability of each of a question's candidates."""
        if not len(rows):
            return []
        table = np.asarray(rows, dtype=np.float64)
        lead = ordering.leads(table @ np.asarray(self.order))
        whole = Model(self.level.bias, (self.lead, *self.level.weights))
        highest = table.max(axis=0)
        return [whole.probability((own, *highest)) for own in lead.tolist()]


@dataclass(frozen=True)
class Calibration:
    """The fitted models, and from which probability on to answer or to ask back."""

    articles: Model | Ordered
    products: Model
    context: Model
    answer: float
    clarify: float


def _model(data: dict[str, object], names: Sequence[str]) -> Model:
    return Model(float(str(data["bias"])), _weights(data["weights"], names))


def _weights(weights: object, names: Sequence[str]) -> tuple[float, ...]:
    assert isinstance(weights, dict)
    return tuple(float(weights.get(name, 0.0)) for name in names)


def _articles(data: dict[str, object]) -> Model | Ordered:
    level = _model(data, article_search.FEATURES)
    if "order" not in data:
        return level
    order = _weights(data["order"], article_search.FEATURES)
    return Ordered(order, float(str(data["lead"])), level)


@cache
def _calibration(name: str, language: str, wrong_per_100: int) -> Calibration:
    data = json.loads(CALIBRATION.read_text(encoding="utf-8"))[name]
    thresholds = data["thresholds"].get(language, data["thresholds"][OTHER])
    # Thresholds were found for some shares: the next lower one keeps the promise.
    kept = max(int(n) for n in thresholds if int(n) <= max(wrong_per_100, 1))
    found = thresholds[str(kept)]
    return Calibration(
        _articles(data["articles"]),
        _model(data["products"], product_search.FEATURES),
        _model(data["context"], context.CONTEXT),
        float(found["answer"]),
        float(found["clarify"]),
    )


def calibration(
    language: str = "en", wrong_per_100: int = WRONG_PER_100, *, taught: bool = True
) -> Calibration:
    """The calibration that ships; `python -m bot.knowledge.calibrate` makes it again.

    Of 100 answers given, at most `wrong_per_100` are wrong, as held-out questions have it.
    Questions in other languages than English have one of their own, as fewer features know them,
    and each of these languages its own thresholds. So have articles that were `taught` no example
    questions.
    """
    return _calibration(calibration_name(language, taught=taught), language, wrong_per_100)


def calibration_name(language: str, *, taught: bool) -> str:
    """What the calibration is called in its file."""
    return ("en" if language == "en" else OTHER) + ("" if taught else UNTAUGHT)


def forget_calibration() -> None:
    """Read the file again at the next use."""
    _calibration.cache_clear()


@dataclass(frozen=True)
class Option:
    """One possible answer. `answers` is empty where only its title may be offered."""

    candidate: Candidate
    answers: tuple[Answer, ...]

    @property
    def probability(self) -> float:
        """Probability that this is what the customer asked for."""
        return self.candidate.probability


def decide(
    options: Sequence[Option],
    *,
    product: str | None,
    rules: Calibration,
    choose: float | None = None,
) -> Decision:
    """Decide between options.

    `choose` is given where the customer must first say which of the options is meant: the
    probability that one of them is. `product` is the product talked of so far.
    """
    ranked = sorted(options, key=lambda option: -option.probability)
    # Only what has a page can be offered as a choice.
    candidates = tuple(o.candidate for o in ranked if o.candidate.article or o.candidate.product)
    if choose is not None:
        if choose < rules.clarify:
            return Decision("decline", 1 - choose, (), candidates[:3], product)
        return Decision("clarify", choose, (), candidates[:4], product)
    best = ranked[0].probability if ranked else 0.0
    second = ranked[1].probability if len(ranked) > 1 else 0.0
    any_of_them = 1 - math.prod(1 - candidate.probability for candidate in candidates[:3])
    if max(best, any_of_them - ASIDE) < rules.clarify:
        return Decision("decline", 1 - best, (), candidates[:3], product)
    # Two that are about as good, and neither sure: the customer knows which.
    torn = best < SURE and second > TORN * best
    if best >= rules.answer and not torn and ranked[0].answers:
        answers = ranked[0].answers
        return Decision("answer", best, answers, candidates[:4], answers[0].product or product)
    shown = [c for c in candidates if c.probability >= NEAR * best][:3]
    shown = shown if len(shown) > 1 else list(candidates[:2])
    missed = math.prod(1 - candidate.probability for candidate in shown)
    return Decision("clarify", 1 - missed, (), tuple(shown), product)
