"""What a product's own text says in sentences, and which of them is nearest to a question.

Much that customers ask stands in no attribute of its own: that a lamp must not go under water is
half a sentence of its summary.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.embedding import universal_embedder
from bot.knowledge.catalog import Vocabulary
from bot.knowledge.index import Centred
from bot.knowledge.model import Product, Vector
from bot.knowledge.replies import tell
from bot.knowledge.text import sentences
from bot.knowledge.vectors import Stores

if TYPE_CHECKING:
    from bot.embedding import Embedder

# A text of fewer words is a value, and told as one: "all year".
_WORDS = 4
# Of what is told, so many sentences are compared with the question.
_COMPARED = 4


@dataclass(frozen=True)
class Meaning:
    """A question as two embedders see it."""

    every: Vector
    universal: Vector


@dataclass(frozen=True)
class Nearness:
    """How near a text is to a question, to each of the two."""

    every: float = 0.0
    universal: float = 0.0

    @property
    def whole(self) -> float:
        """Both together, 2 at most."""
        return self.every + self.universal


@dataclass(frozen=True)
class Line:
    """A sentence about a product; the attribute that it stands in, and what is told with it."""

    attribute: str
    text: str
    told: str


@dataclass(frozen=True)
class Found:
    """The line nearest to a question, and whether it names a size that is asked for."""

    line: Line
    nearness: Nearness
    sized: bool


class Prose:
    """The sentences of all products in one language; immutable once made."""

    def __init__(
        self,
        products: Collection[Product],
        vocabulary: Vocabulary,
        stores: Stores,
        background: Vector,
    ) -> None:
        self._background = background
        self._lines = {product.id: _lines(product, vocabulary) for product in products}
        texts = [_nameless(line.text, p) for p in products for line in self._lines[p.id]]
        ends = np.cumsum([0, *(len(self._lines[product.id]) for product in products)]).tolist()
        ids = (product.id for product in products)
        self._places = dict(zip(ids, map(slice, ends, ends[1:]), strict=False))
        self._every = Centred(stores.every.get(texts, "query"), background)
        # Only an index of untaught articles does without the universal encoder.
        assert stores.universal is not None
        self._universal = stores.universal.get(texts, "query")

    def nearest(
        self, product: Product, asked: Meaning, told: str, sizes: Collection[str] = ()
    ) -> Found | None:
        """The sentence nearest to a question, beside what is told anyway; None without any.

        One that names a size that is asked for comes before all others.
        """
        place = self._places[product.id]
        every = self._every.nearness(asked.every, place)
        universal = self._universal[place] @ asked.universal
        found = [
            Found(line, Nearness(one, other), any(_names(line.text, size) for size in sizes))
            for line, one, other in zip(
                self._lines[product.id], every.tolist(), universal.tolist(), strict=True
            )
            if line.text not in told
        ]
        return max(found, key=lambda one: (one.sized, one.nearness.whole), default=None)

    def nearness(self, told: str, product: Product, asked: Meaning, embedder: Embedder) -> Nearness:
        """How near the nearest sentence of what is told is to a question."""
        texts = [_nameless(text, product) for text in sentences(told)[:_COMPARED]]
        if not texts:
            return Nearness()
        every = Centred(embedder.queries(texts), self._background).nearness(asked.every)
        universal = universal_embedder().queries(texts) @ asked.universal
        best = int(np.argmax(every + universal))
        return Nearness(float(every[best]), float(universal[best]))


def _nameless(text: str, product: Product) -> str:
    """The text with the kind in place of the product's name, as questions are searched."""
    return text.replace(product.name, product.kind_name)


def _names(text: str, size: str) -> bool:
    """Whether a text speaks of a size."""
    return re.search(rf"\b{re.escape(size)}\b", text) is not None


def _lines(product: Product, vocabulary: Vocabulary) -> list[Line]:
    summary = product.summary
    found = [Line("summary", text, summary) for text in sentences(summary)]
    for key, attribute in vocabulary.attributes.items():
        value = product.value(key)
        if attribute.kind == "text" and len(str(value or "").split()) >= _WORDS:
            told = tell(product, attribute, vocabulary) or ""
            found += [Line(key, text, told) for text in sentences(told)]
    return found
