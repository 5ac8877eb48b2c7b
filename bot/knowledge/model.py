"""What the knowledge speaks of: articles, products, questions and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Section:
    """One part of an article. The opening has an empty heading; `text` is Markdown."""

    heading: str
    text: str


@dataclass(frozen=True)
class Article:
    """One article in one language.

    A translation may have a title and questions only: then it has no sections, and the
    original's are shown. `text_language` is the language of the sections. `elsewhere` are its
    questions in other languages, which find it by meaning alone.
    """

    id: str
    title: str
    topic: str
    language: str
    sections: tuple[Section, ...]
    questions: tuple[str, ...]
    products: tuple[str, ...]
    updated: date | None
    url: str
    text_language: str = DEFAULT_LANGUAGE
    elsewhere: tuple[str, ...] = ()

    @property
    def opening(self) -> str:
        """The paragraph before the first heading: it answers the title's question."""
        return self.sections[0].text if self.sections else ""


@dataclass(frozen=True)
class Product:
    """One product of the catalog. `stock` counts pieces by size.

    `kind` is the same in every language, `kind_name` is how the language calls it.
    """

    id: str
    name: str
    kind: str
    also_called: tuple[str, ...]
    price: Decimal | None
    currency: str
    summary: str
    attributes: Mapping[str, Any]
    stock: Mapping[str, int]
    url: str
    kind_name: str = ""

    def value(self, key: str) -> Any:
        """Value of an attribute, price, stock and summary included; None where there is none."""
        if key in ("price", "summary", "stock"):
            return getattr(self, key) or None
        return self.attributes.get(key)


@dataclass(frozen=True)
class ProductMention:
    """A product's name found in a text. `score` is 1 for an exact match, less with typos."""

    product: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Question:
    """One customer's message with what the conversation already knows.

    `vector` is the text's query embedding if it is known already, `product` the product
    talked of before, `previous` the customer's question before this one.
    """

    text: str
    language: str = DEFAULT_LANGUAGE
    vector: Vector | None = field(default=None, compare=False)
    product: str | None = None
    size: str | None = None
    previous: str | None = None


@dataclass(frozen=True)
class Answer:
    """One answer, ready for the customer (Markdown), with its source."""

    text: str
    probability: float
    article: str | None
    product: str | None
    attribute: str | None
    title: str
    url: str
    topic: str
    language: str | None = None  # of the text, where it is not the question's


@dataclass(frozen=True)
class Candidate:
    """Something the customer may have meant, with the probability that it is right."""

    probability: float
    title: str
    article: str | None
    product: str | None


@dataclass(frozen=True)
class Decision:
    """What to do with a question.

    `confidence` is the probability that the whole decision is right; `product` is the
    product talked of from now on. `unanswered` is the part of a message with two questions that
    the answer says nothing of.
    """

    kind: Literal["answer", "clarify", "decline"]
    confidence: float
    answers: tuple[Answer, ...]
    candidates: tuple[Candidate, ...]
    product: str | None
    unanswered: str | None = None
