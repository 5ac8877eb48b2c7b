"""Questions about products: which product, which attribute, and what the catalog says."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bot.knowledge import ellipsis
from bot.knowledge.catalog import Attribute, Vocabulary
from bot.knowledge.index import Centred
from bot.knowledge.lists import compare, holds, limit_key, listing
from bot.knowledge.model import Product, Question, Vector
from bot.knowledge.prose import Meaning, Nearness, Prose
from bot.knowledge.quantities import Limit, Match
from bot.knowledge.reading import Rank, Reader, Reading
from bot.knowledge.replies import tell
from bot.knowledge.text import words
from bot.knowledge.vectors import Stores

if TYPE_CHECKING:
    from bot.embedding import Embedder

# What is known of a finding, in this order; `calibration.json` has a weight for each.
FEATURES = (
    "words",  # how many words of the question ask for the attribute, at most three
    "meaning",  # nearness to the attribute's example questions, against everyday sentences
    "lead",  # lead in nearness over the best other attribute
    "open",  # share of the question's words that nothing explains
    "named",  # the product is named in this question
    "bare",  # the product comes from before and no pronoun or kind points at it
    "value",  # a size, a colour or a number is named
    "list",  # several products are asked for
    "stated",  # the catalog has a value
    "told",  # share of the words found in the product's own text
    "guess",  # share of words that nothing explains, where no word asks for the attribute
    "explained",  # no word is left that nothing explains
    "explained_list",  # of a question for several products, how much is explained; see ASIDES
    "says",  # how near what is told is to the question; 0 for lists
    "says_universal",  # the same as the universal encoder sees it
    # Added by `answering.py`, which knows what else is asked:
    "unanswered",  # nearness of the nearest question that is known to have no answer
    "crowd_none",  # log of the share of such questions in the examples that are near
)


# Asked of a whole kind, these are what the articles are about.
_GENERAL = ("care", "summary", "warranty_years", "sizes", "fit")


_SENTENCE_END = re.compile(r"[.!?…]\s+|\n+")
# A sentence of the product's own text that is nearer to the question by this much is told too.
NEARER = 0.1
# Who asks for several products says much beside it: "torn between the two, apart from the price".
# The power of the explained share: with an eighth unexplained this feature is a little over half.
ASIDES = 4
# Nearness and lead of an attribute that is known from the form of the question alone.
SURE, CLEAR = 0.8, 0.2


@dataclass(frozen=True)
class Finding:
    """What the catalog offers for a question. `text` is None where it has no such value.

    `choices` are products between which the customer has to choose first.
    """

    text: str | None
    product: Product | None
    attribute: str | None
    features: tuple[float, ...]
    choices: tuple[Product, ...] = ()
    # Another attribute that the text tells: stock beside sizes, or one that a sentence stands in.
    also: str | None = None

    @property
    def guessed(self) -> bool:
        """Whether no word asks for the attribute and some word of the question is unexplained."""
        return self.features[FEATURES.index("guess")] > 0


@dataclass(frozen=True)
class _Ask:
    attribute: Attribute
    match: Match | None
    meaning: float
    lead: float


class ProductSearch:
    """Understands product questions of one language; immutable once made."""

    def __init__(
        self,
        products: Collection[Product],
        vocabulary: Vocabulary,
        ordinary: Collection[str],
        stores: Stores,
        background: Vector,
        language: str,
    ) -> None:
        self.products = {product.id: product for product in products}
        self.vocabulary = vocabulary
        self.reader = Reader(vocabulary, products, ordinary, language)
        examples = [(k, q) for k, a in vocabulary.attributes.items() for q in a.questions]
        self._keys = list(dict.fromkeys(key for key, _ in examples))
        self._owners = np.asarray([self._keys.index(key) for key, _ in examples], dtype=np.intp)
        texts = [text for _, text in examples]
        self._vectors = Centred(stores.every.get(texts, "query"), background)
        english = stores.english
        self._english = english.get(texts, "passage") if english is not None else None
        self._prose = Prose(products, vocabulary, stores, background)
        self._texts = {p.id: self._own_words(p) for p in products}
        self._said_of = {i: frozenset().union(*own.values()) for i, own in self._texts.items()}

    def _own_words(self, product: Product) -> dict[str, frozenset[str]]:
        language = self.reader.language
        texts = {"summary": product.summary} | {
            key: str(value) for key, value in product.attributes.items() if isinstance(value, str)
        }
        return {k: frozenset(t.stem for t in words(v, language)) for k, v in texts.items()}

    def completed(self, reading: Reading, about: str | None, previous: Reading | None) -> Reading:
        """The reading with what the message leaves out; `about` is the product talked of."""
        carried = self.products.get(about or "")
        if carried is None or previous is None:
            return reading
        return ellipsis.completed(reading, previous, carried, self.products.values(), self._said_of)

    def nearness(self, vector: Vector, english: Vector | None = None) -> dict[str, float]:
        """How near a question's meaning is to each attribute's examples.

        `english` has the English embedder's rows of the question: then the mean of both counts.
        """
        if not self._keys:
            return {}
        near = self._vectors.nearness(vector)
        if english is not None and self._english is not None:
            near = (near + (self._english @ english.T).max(axis=1)) / 2
        best = np.full(len(self._keys), -1.0)
        np.maximum.at(best, self._owners, near)
        return dict(zip(self._keys, best.tolist(), strict=True))

    def find(
        self,
        question: Question,
        reading: Reading,
        nearness: dict[str, float],
        previous: Reading | None = None,
    ) -> Finding | None:
        """The best finding, or None if this is no question about products."""
        named = list(dict.fromkeys(m.product for m in reading.mentions))
        groups = {(m.start, m.end) for m in reading.mentions}
        carried = self.products.get(question.product or "")
        kinds = {m.key for m in reading.kinds}
        if carried is not None and len(named) == 1 and carried.id not in named:
            # "Is the Cindro faster?" means faster than the one talked of.
            faster = bool(reading.ranks) and carried.kind == self.products[named[0]].kind
            if faster or "compare" in reading.forms:
                return self._compared(reading, [carried.id, *named])
        if "compare" in reading.forms:
            alike = [p.id for p in self.products.values() if p.kind in kinds]
            if not named and 2 <= len(alike) <= 3:
                return self._compared(reading, alike)
        if len(groups) >= 2 and len(named) >= 2:
            return self._compared(reading, named)
        if named:
            return self._of_named(question, reading, nearness, named, previous)
        if carried is None or reading.ranks or reading.limits or "list" in reading.forms:
            asked = self._asked_list(reading)
            if asked is not None:
                return asked
        if carried is not None and self._may_be_meant(carried, reading):
            return self._of_one(question, reading, nearness, carried, previous)
        if kinds:
            return self._of_kind(question, reading, nearness)
        return None

    def worded(
        self, finding: Finding, reading: Reading, asked: Meaning, embedder: Embedder
    ) -> Finding:
        """The finding with what the product's own text says nearer to the question, if it does.

        It stands beside what is told, or in its place if that is but a guess. What it says of a
        size that is asked for counts as nearer, unless the sizes themselves are asked for.
        """
        near = Nearness()
        if finding.choices:
            near = self._nearness_of_choices(finding, asked, embedder)
        elif finding.product is not None and not finding.features[FEATURES.index("list")]:
            finding, near = self._in_own_words(finding, finding.product, reading, asked, embedder)
        return replace(finding, features=(*finding.features, near.every, near.universal))

    def _nearness_of_choices(
        self, finding: Finding, asked: Meaning, embedder: Embedder
    ) -> Nearness:
        """How near is what would be told once one of the choices is taken; the nearest counts."""
        attribute = self.vocabulary.attributes.get(finding.attribute or "summary")
        told = [
            (tell(each, attribute, self.vocabulary) or "" if attribute else "", each)
            for each in finding.choices
        ]
        nears = [self._prose.nearness(text, each, asked, embedder) for text, each in told]
        return max(nears, key=lambda one: one.whole)

    def _in_own_words(
        self,
        finding: Finding,
        product: Product,
        reading: Reading,
        asked: Meaning,
        embedder: Embedder,
    ) -> tuple[Finding, Nearness]:
        """The finding with the nearest sentence of the product's text, and how near it is then."""
        told = finding.text or ""
        near = self._prose.nearness(told, product, asked, embedder)
        own = finding.attribute in ("sizes", "stock")
        sizes = () if own else tuple(match.key for match in reading.sizes)
        found = self._prose.nearest(product, asked, told, sizes)
        if found is None:
            return finding, near
        if not found.sized and found.nearness.whole <= near.whole + NEARER:
            return finding, near
        line = found.line
        if finding.text is None or finding.guessed:
            instead = replace(finding, text=line.told, attribute=line.attribute, also=None)
            return instead, found.nearness
        if finding.also is None:
            return replace(finding, text=f"{told} {line.told}", also=line.attribute), found.nearness
        return finding, near

    def _may_be_meant(self, carried: Product, reading: Reading) -> bool:
        """Whether a question may be about the product talked of: not "my down jacket" if it is not.

        A kind with a word before it that the product's own text lacks is another one.
        """
        if not reading.kinds:
            return True
        if carried.kind not in {m.key for m in reading.kinds}:
            return False
        if reading.language != "en":
            # The word that tells another one apart may stand before or after.
            return True
        own = frozenset().union(*self._texts[carried.id].values())
        before = reading.kinds[0].places[0] - 1
        if before < 0 or before in reading.form_places:
            return True
        token = reading.tokens[before]
        return token.word in reading.stop or token.stem in own

    def _compared(self, reading: Reading, named: list[str]) -> Finding:
        found = compare([self.products[i] for i in named[:3]], reading, self.vocabulary)
        ask = None
        if found.match is not None:
            ask = _Ask(self.vocabulary.attributes[found.match.key], found.match, 0.0, 0.0)
        first = found.products[0]
        features = self._features(reading, ask, first, True, listed=True, stated=True)
        return Finding(found.text, first, found.attribute, features)

    def _of_named(
        self,
        question: Question,
        reading: Reading,
        nearness: dict[str, float],
        named: list[str],
        previous: Reading | None,
    ) -> Finding:
        kinds = {m.key for m in reading.kinds}
        if len(named) > 1:
            named = [i for i in named if self.products[i].kind in kinds] or named
        if len(named) > 1:
            features = self._features(reading, None, None, True, stated=True)
            choices = tuple(self.products[i] for i in named)
            return Finding(None, None, None, features, choices)
        return self._of_one(question, reading, nearness, self.products[named[0]], previous)

    def _of_one(
        self,
        question: Question,
        reading: Reading,
        nearness: dict[str, float],
        product: Product,
        previous: Reading | None,
    ) -> Finding:
        named = bool(reading.mentions)
        # A colour has several words, some of which fold into one: each is told once.
        sizes = tuple(dict.fromkeys(m.key for m in reading.sizes))
        colours = tuple(dict.fromkeys(m.key for m in reading.colours))
        asks = self._asks(reading, nearness, product)
        ask = asks[0] if asks else None
        attributes = self.vocabulary.attributes
        by_word = ask is not None and ask.match is not None
        # "and in blue?", "in M?" name a value and no attribute; a value beats a guess by meaning.
        told = self._told(reading, product)
        weak = ask is None or ask.match is None or _outweighed(ask, told)
        implied = ""
        if sizes and (not by_word or (ask and ask.attribute.key in ("sizes", "stock"))):
            stock = by_word and ask is not None and ask.attribute.key == "stock"
            before = previous.attributes if previous else ()
            stock = stock or (not by_word and any(m.key == "stock" for m in before[:1]))
            implied = "stock" if stock else "sizes"
        elif colours and (not by_word or (ask and ask.attribute.key == "colours")):
            implied = "colours"
        if implied in attributes:
            match = ask.match if ask and ask.attribute.key == implied else None
            near = nearness.get(implied, 0.0)
            rest = max((v for k, v in nearness.items() if k != implied), default=0.0)
            ask = _Ask(attributes[implied], match, near, near - rest)
            left, _ = reading.open_words(_values(reading))
            if not by_word and not left and ask.lead < CLEAR:
                # Nothing but the value is said: "and in blue?".
                ask = replace(ask, meaning=SURE, lead=CLEAR)
        elif not by_word:
            left, _ = reading.open_words([*reading.kinds, Match("", reading.form_places)])
            if not left and named and self._carries_on(previous):
                assert previous is not None
                ask = replace(self._asks(previous, {}, product)[0], meaning=SURE, lead=CLEAR)
            elif not left and named and "summary" in attributes:
                ask = _Ask(attributes["summary"], None, SURE, CLEAR)
        if weak and told is not None and not implied:
            text = tell(product, attributes[told[0]], self.vocabulary)
            features = self._features(
                reading, None, product, named, stated=text is not None, told=told[1]
            )
            return Finding(text, product, told[0], features)
        if ask is None:
            return Finding(None, product, None, self._features(reading, None, product, named))
        text = self._tell(question, reading, product, ask.attribute, sizes, colours)
        features = self._features(reading, ask, product, named, stated=text is not None)
        pair = {"sizes": "stock", "stock": "sizes"}
        own = {str(size).upper() for size in product.value("sizes") or ()}
        told_both = text is not None and any(size.upper() in own for size in sizes)
        also = pair.get(ask.attribute.key) if told_both else None
        return Finding(text, product, ask.attribute.key, features, also=also)

    def _carries_on(self, previous: Reading | None) -> bool:
        """Whether the question before asked for an attribute that a bare name now goes on with."""
        return previous is not None and bool(previous.attributes) and not (previous.ranks)

    def _tell(
        self,
        question: Question,
        reading: Reading,
        product: Product,
        attribute: Attribute,
        sizes: tuple[str, ...],
        colours: tuple[str, ...],
    ) -> str | None:
        if attribute.key == "stock" and not sizes and question.size in product.stock:
            sizes = (str(question.size),)
        text = tell(
            product, attribute, self.vocabulary,
            polar="polar" in reading.forms, sizes=sizes, colours=colours,
        )  # fmt: skip
        wanted = self.vocabulary.attributes.get("colours")
        if text and colours and wanted and attribute.key in ("sizes", "stock"):
            first = tell(product, wanted, self.vocabulary, colours=colours)
            return f"{first} {text}" if first else text
        for limit in reading.limits:
            kept = holds(product, limit, attribute.key)
            if text and kept is not None and limit_key(limit, attribute.key) == attribute.key:
                plain = tell(product, attribute, self.vocabulary)
                return f"{self.vocabulary.texts['yes' if kept else 'no']}. {plain}"
        return text

    def _asks(
        self, reading: Reading, nearness: dict[str, float], product: Product | None
    ) -> list[_Ask]:
        """Attributes asked for, best first: by words, then by meaning."""
        best: dict[str, Match] = {}
        for match in reading.attributes:
            best.setdefault(match.key, match)
        top = max(nearness.values(), default=0.0)
        scored = []
        for key, attribute in self.vocabulary.attributes.items():
            said = best.get(key)
            near = nearness.get(key, 0.0)
            others = max((v for k, v in nearness.items() if k != key), default=0.0)
            score = (1.5 * len(said.places) + 3 if said else 0.0) + 4.0 * (near - top)
            if said and key == "summary":
                # "what is …" opens questions of every kind.
                score -= 3.5
            if product is None or product.value(key) is not None:
                score += 3.0 if said else 1.5
            if said and attribute.kind == "number":
                # "How warm": degrees say more than the name of a filling.
                score += 0.3
            scored.append((score, _Ask(attribute, said, near, near - others)))
        scored.sort(key=lambda pair: -pair[0])
        return [ask for _, ask in scored]

    def _told(self, reading: Reading, product: Product) -> tuple[str, float, int] | None:
        """The product's own text with most of the question's words: its key, their share, count."""
        left, _ = reading.open_words([*reading.kinds, Match("", reading.form_places)])
        stems = {token.stem for token in left}
        if not stems:
            return None
        key, own = max(self._texts[product.id].items(), key=lambda pair: len(stems & pair[1]))
        share = len(stems & own) / len(stems)
        if share < 0.5 or key not in self.vocabulary.attributes:
            return None
        return key, share, len(stems)

    def _asked_list(self, reading: Reading) -> Finding | None:
        found = listing(list(self.products.values()), reading, self.vocabulary)
        if found is None:
            return None
        ask = None
        if found.match is not None and found.match.key in self.vocabulary.attributes:
            ask = _Ask(self.vocabulary.attributes[found.match.key], found.match, 0.0, 0.0)
        first = found.products[0] if found.products else None
        features = self._features(reading, ask, first, True, listed=True, stated=first is not None)
        return Finding(found.text, first, found.attribute, features)

    def _of_kind(
        self, question: Question, reading: Reading, nearness: dict[str, float]
    ) -> Finding | None:
        kinds = {m.key for m in reading.kinds}
        choices = [p for p in self.products.values() if p.kind in kinds]
        if len(choices) == 1:
            found = self._of_one(question, reading, nearness, choices[0], None)
            by_article = found.attribute == "care" and choices[0].value("care_article")
            general = found.attribute in ("fit", "sizes", "warranty_years")
            return None if general or by_article else found
        asks = [a for a in self._asks(reading, nearness, None) if a.match]
        if not choices or not asks or asks[0].attribute.key in _GENERAL:
            return None
        ask = asks[0]
        stated = [p for p in choices if p.value(ask.attribute.key) is not None]
        features = self._features(reading, ask, None, False, stated=bool(stated))
        return Finding(None, None, ask.attribute.key, features, tuple(stated or choices))

    def _features(
        self,
        reading: Reading,
        ask: _Ask | None,
        product: Product | None,
        named: bool,
        *,
        listed: bool = False,
        stated: bool = False,
        told: float = 0.0,
    ) -> tuple[float, ...]:
        explained: list[Match | Limit | Rank] = [
            *reading.kinds, *reading.sizes, *reading.colours, *reading.limits,
            Match("", reading.form_places),
        ]  # fmt: skip
        if ask is not None and ask.match is not None:
            # Every phrase of the same attribute explains: "how long does the battery last".
            explained += [m for m in reading.attributes if m.key == ask.attribute.key]
        if listed:
            explained += [*reading.ranks, *reading.attributes]
        if listed:
            # What is told before or after the question for a list is not about the products.
            explained.append(Match("", _elsewhere(reading)))
        left, total = reading.open_words(explained)
        pointed = "pronouns" in reading.forms or "follow" in reading.forms or bool(reading.kinds)
        values = (*reading.sizes, *reading.colours, *reading.limits)
        own = {t.stem for t in left}
        if product is not None and own:
            best = max(len(own & s) for s in self._texts[product.id].values())
            told = max(told, best / len(own))
        said = ask.match if ask is not None else None
        unexplained = len(left) / max(total, 1)
        return (
            float(min(len(said.places), 3)) if said else 0.0,
            ask.meaning if ask else 0.0,
            ask.lead if ask else 0.0,
            unexplained,
            float(named and bool(reading.mentions)),
            float(not named and not pointed),
            float(bool(values)),
            float(listed),
            float(stated),
            told,
            0.0 if values or listed or said or told >= 0.5 else unexplained,
            float(not left),
            listed * (1 - unexplained) ** ASIDES,
        )


def _values(reading: Reading) -> list[Match | Limit | Rank]:
    """What a question is of that names a value and nothing else."""
    form = Match("", reading.form_places)
    return [*reading.kinds, *reading.sizes, *reading.colours, form]


def _elsewhere(reading: Reading) -> tuple[int, ...]:
    """Places in sentences that have nothing of a list: no product, kind, limit or rank."""
    ends = [match.end() for match in _SENTENCE_END.finditer(reading.text)]
    sentence = [sum(end <= token.start for end in ends) for token in reading.tokens]
    known: list[Match | Limit | Rank] = [*reading.kinds, *reading.ranks, *reading.limits]
    places = {place for match in known for place in match.places} | reading.named
    own = {sentence[place] for place in places}
    return tuple(place for place, number in enumerate(sentence) if number not in own)


def _outweighed(ask: _Ask, told: tuple[str, float, int] | None) -> bool:
    """Whether the product's own text says more of the question than the attribute does.

    "Does it come with a rain cover": one word asks for waterproofness, the text has both.
    """
    if told is None or ask.match is None or len(ask.match.places) > 1:
        return False
    key, share, count = told
    return share == 1 and count > 1 and key != ask.attribute.key
