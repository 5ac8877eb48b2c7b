"""What a question says in the catalog's terms: products, kinds, attributes, values, forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.knowledge.catalog import Vocabulary
from bot.knowledge.mentions import ProductFinder
from bot.knowledge.model import Product, ProductMention
from bot.knowledge.quantities import Limit, Match, Quantities
from bot.knowledge.text import STOPWORDS, Token, fold, nearest, stem, words

_GAP = 4
# A word of degree stands so near to the attribute it is about.
_BESIDE = 2


class Phrases:
    """Finds phrases in a row of stems; `*` in a phrase stands for up to four words."""

    def __init__(self, phrases: dict[str, Iterable[str]], language: str) -> None:
        self._by_first: defaultdict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        self.stems: set[str] = set()
        for key, entries in phrases.items():
            for entry in entries:
                parts = tuple(
                    "*" if part == "*" else token.stem
                    for part in str(entry).split()
                    for token in (words(part, language) or [Token("*", "*", "*", 0, 0)])
                )
                if parts and parts[0] != "*":
                    self._by_first[parts[0]].append((key, parts))
                    self.stems |= {part for part in parts if part != "*"}

    def find(self, stems: Sequence[str]) -> list[Match]:
        """All matches, the ones of most words first."""
        found = []
        for begin, first in enumerate(stems):
            for key, parts in self._by_first.get(first, ()):
                places = _follow(stems, begin, parts)
                if places:
                    found.append(Match(key, places))
        return sorted(found, key=lambda m: (-len(m.places), m.places))


def _follow(stems: Sequence[str], begin: int, parts: tuple[str, ...]) -> tuple[int, ...]:
    places, at, gap = [begin], begin + 1, 0
    for part in parts[1:]:
        if part == "*":
            gap = _GAP
            continue
        stop = min(at + gap + 1, len(stems))
        place = next((i for i in range(at, stop) if stems[i] == part), None)
        if place is None:
            return ()
        places.append(place)
        at, gap = place + 1, 0
    return tuple(places)


@dataclass(frozen=True)
class Rank:
    """A superlative or comparative: by which attribute, and whether the highest value leads."""

    key: str
    most: bool
    places: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """One question as the catalog sees it. Matches are without tokens of product names."""

    text: str
    tokens: tuple[Token, ...]
    mentions: tuple[ProductMention, ...]
    named: frozenset[int]
    kinds: tuple[Match, ...]
    attributes: tuple[Match, ...]
    ranks: tuple[Rank, ...]
    sizes: tuple[Match, ...]
    colours: tuple[Match, ...]
    limits: tuple[Limit, ...]
    forms: frozenset[str]
    form_matches: tuple[Match, ...]
    stop: frozenset[str]
    language: str

    def open_words(self, explained: Iterable[Match | Limit | Rank]) -> tuple[list[Token], int]:
        """Words of meaning that nothing explains, and how many such words there are in all."""
        known = set(self.named) | {place for match in explained for place in match.places}
        meant = [i for i, token in enumerate(self.tokens) if token.word not in self.stop]
        return [self.tokens[i] for i in meant if i not in known], len(set(meant) | known)

    @property
    def form_places(self) -> tuple[int, ...]:
        """Places of all small words that give the question its form."""
        return tuple(sorted({place for match in self.form_matches for place in match.places}))

    def masked(self, kind_names: Mapping[str, str]) -> str:
        """The text without products' names: "it" in English, else the product's kind."""
        parts, at = [], 0
        for start, end, product in sorted({(m.start, m.end, m.product) for m in self.mentions}):
            if start >= at:
                word = "it" if self.language == "en" else kind_names.get(product, "")
                parts += [self.text[at:start], word]
                at = end
        masked = "".join([*parts, self.text[at:]])
        if self.language != "en":
            return masked
        return re.sub(r"\b(?:the|a|an|your|my)\s+it\b", "it", masked, flags=re.IGNORECASE)


class Reader:
    """Reads questions of one language against the products and the vocabulary."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        products: Collection[Product],
        ordinary: Collection[str],
        language: str,
    ) -> None:
        self.language = language
        self.vocabulary = vocabulary
        attributes = vocabulary.attributes
        kinds = {kind: vocabulary.kinds.get(kind, ()) for kind in {p.kind for p in products}}
        self._kinds = Phrases(
            {k: {k.replace("-", " "), f"{k.replace('-', ' ')}s", *v} for k, v in kinds.items()},
            language,
        )
        self._attributes = Phrases({k: a.words for k, a in attributes.items()}, language)
        ranks = {(k, True): a.most for k, a in attributes.items()}
        ranks |= {(k, False): a.least for k, a in attributes.items()}
        self._rank_keys = {f"{k} {most}": (k, most) for k, most in ranks}
        self._ranks = Phrases({f"{k} {most}": v for (k, most), v in ranks.items()}, language)
        self._sizes = Phrases(dict(vocabulary.sizes), language)
        colours = {colour: {colour, *names} for colour, names in vocabulary.colours.items()}
        for product in products:
            for colour in product.value("colours") or ():
                colours.setdefault(fold(str(colour)), set()).add(str(colour))
        self._colours = Phrases({k: v for k, v in colours.items()}, language)
        self._forms = Phrases(dict(vocabulary.forms), language)
        self._known_sizes = {
            str(size).upper() for p in products for size in (*(p.value("sizes") or ()), *p.stock)
        } | {size.upper() for size in vocabulary.sizes}
        tables = (self._kinds, self._attributes, self._ranks, self._colours)
        self._mendable = sorted({s for t in tables for s in t.stems if len(s) >= 4})
        self._ordinary = {stem(w, language) for w in ordinary} | set().union(
            *(t.stems for t in (*tables, self._sizes, self._forms))
        )
        self._stop = STOPWORDS.get(language, frozenset())
        self.finder = ProductFinder(
            products,
            {*ordinary, *self._ordinary, *self._stop},
            {w for k in kinds.values() for w in k},
            language,
        )
        self._quantities = Quantities(vocabulary)

    def read(self, text: str) -> Reading:
        """Take a question apart."""
        mentions = self.finder.find(text)
        tokens = words(text, self.language)
        named = frozenset(
            i
            for i, token in enumerate(tokens)
            if any(m.start <= token.start and token.end <= m.end for m in mentions)
        )
        plain = [token.stem for token in tokens]
        stems = ["\0" if i in named else self._mend(s, tokens[i]) for i, s in enumerate(plain)]
        forms = self._forms.find(stems)
        # English opens a question with "is" or "and"; other languages mark it anywhere.
        anywhere = self.language != "en"
        starts = {
            m.key for m in forms if anywhere or m.places[0] == 0 or m.key not in ("polar", "follow")
        }
        attributes = self._attributes.find(stems)
        # "runs small" is no size.
        other = {
            place
            for match in attributes
            if match.key not in ("sizes", "stock") and len(match.places) > 1
            for place in match.places
        }
        sizes = self._find_sizes(tokens, stems, named)
        return Reading(
            text=text,
            tokens=tuple(tokens),
            mentions=tuple(mentions),
            named=named,
            kinds=tuple(_widest(self._kinds.find(stems))),
            attributes=tuple(attributes),
            ranks=self._find_ranks(stems) or self._superlatives(attributes, forms),
            sizes=tuple(s for s in sizes if not set(s.places) & other),
            colours=tuple(_widest(self._colours.find(stems))),
            limits=tuple(self._quantities.limits(text, tokens, forms, named)),
            forms=frozenset(starts),
            form_matches=tuple(forms),
            stop=self._stop,
            language=self.language,
        )

    def _mend(self, word: str, token: Token) -> str:
        if len(word) < 5 or word in self._ordinary or token.word in self._stop:
            return word
        return nearest(word, self._mendable) or word

    def _find_ranks(self, stems: Sequence[str]) -> tuple[Rank, ...]:
        # "warmest" ranks sleeping bags by one attribute and mats by another: keep them all.
        found = self._ranks.find(stems)
        widest = [m.places for m in found[:1]]
        return tuple(Rank(*self._rank_keys[m.key], m.places) for m in found if m.places in widest)

    def _superlatives(
        self, attributes: Sequence[Match], forms: Sequence[Match]
    ) -> tuple[Rank, ...]:
        """An attribute with a word of degree beside it: "weighs the least"."""
        found: dict[str, Rank] = {}
        for match in attributes:
            attribute = self.vocabulary.attributes[match.key]
            # Of temperatures the lowest is the most: such superlatives are listed as they are.
            if attribute.kind not in ("number", "price") or attribute.unit == "°C":
                continue
            for form in forms:
                if form.key in ("most", "least") and _apart(match, form) <= _BESIDE:
                    rank = Rank(match.key, form.key == "most", (*match.places, *form.places))
                    found.setdefault(match.key, rank)
        return tuple(found.values())

    def _find_sizes(
        self, tokens: Sequence[Token], stems: Sequence[str], named: frozenset[int]
    ) -> list[Match]:
        found = _widest(self._sizes.find(stems))
        lead = {w for entry in self.vocabulary.forms.get("size", ()) for w in fold(entry).split()}
        taken = {place for match in found for place in match.places}
        for i, token in enumerate(tokens):
            size = token.raw.upper()
            if i in named or i in taken or size not in self._known_sizes:
                continue
            led = i > 0 and tokens[i - 1].word in lead
            certain = len(size) > 1 and not size.isdigit()
            if certain or led or (token.raw == size and not size.isdigit() and i > 0):
                # "what's" leaves no "s" behind, and "I'd" no "d": see text.words.
                found.append(Match(size, (i,)))
        return found


def _apart(one: Match, other: Match) -> int:
    """How many places lie between two phrases, 1 if they are neighbours; 0 if they overlap."""
    if set(one.places) & set(other.places):
        return 0
    first, second = sorted((one, other), key=lambda match: match.places)
    return second.places[0] - first.places[-1]


def _widest(matches: Sequence[Match]) -> list[Match]:
    """Without matches that lie in a longer one; a word of two meanings keeps both."""
    taken: set[int] = set()
    kept: list[Match] = []
    for match in matches:
        if not taken & set(match.places) or any(match.places == k.places for k in kept):
            kept.append(match)
            taken |= set(match.places)
    return kept
