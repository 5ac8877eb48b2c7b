"""What a question says in the catalog's terms: products, kinds, attributes, values, forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.knowledge.catalog import Vocabulary
from bot.knowledge.mentions import ProductFinder
from bot.knowledge.model import Product, ProductMention
from bot.knowledge.text import STOPWORDS, Token, fold, nearest, stem, words

_GAP = 4


@dataclass(frozen=True)
class Match:
    """A phrase found: what it stands for, its tokens' places, and whether it was misspelt."""

    key: str
    places: tuple[int, ...]
    exact: bool = True


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
class Limit:
    """A bound on a number: `below` 200 or above it. `unit` is None when none was said."""

    value: float
    unit: str | None
    below: bool
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

    def open_words(self, explained: Iterable[Match | Limit | Rank]) -> tuple[list[Token], int]:
        """Words of meaning that nothing explains, and how many such words there are in all."""
        known = set(self.named) | {place for match in explained for place in match.places}
        meant = [i for i, token in enumerate(self.tokens) if token.word not in self.stop]
        return [self.tokens[i] for i in meant if i not in known], len(set(meant) | known)

    @property
    def form_places(self) -> tuple[int, ...]:
        """Places of all small words that give the question its form."""
        return tuple(sorted({place for match in self.form_matches for place in match.places}))

    def masked(self) -> str:
        """The text with "it" for each product's name."""
        parts, at = [], 0
        for start, end in sorted({(m.start, m.end) for m in self.mentions}):
            if start >= at:
                parts += [self.text[at:start], "it"]
                at = end
        masked = "".join([*parts, self.text[at:]])
        return re.sub(r"\b(?:the|a|an|your|my)\s+it\b", "it", masked, flags=re.IGNORECASE)


_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Units as customers write them, and the factor to the catalog's own.
UNITS = {
    "€": ("price", 1.0), "eur": ("price", 1.0), "euro": ("price", 1.0), "euros": ("price", 1.0),
    "g": ("weight_g", 1.0), "gram": ("weight_g", 1.0), "grams": ("weight_g", 1.0),
    "gr": ("weight_g", 1.0), "kg": ("weight_g", 1000.0), "kilo": ("weight_g", 1000.0),
    "kilos": ("weight_g", 1000.0), "mm": ("waterproof_mm", 1.0), "l": ("capacity_l", 1.0),
    "litre": ("capacity_l", 1.0), "litres": ("capacity_l", 1.0), "liter": ("capacity_l", 1.0),
    "liters": ("capacity_l", 1.0), "cm": ("length_cm", 1.0), "h": ("runtime_h", 1.0),
    "hours": ("runtime_h", 1.0), "people": ("persons", 1.0), "persons": ("persons", 1.0),
    "person": ("persons", 1.0), "adults": ("persons", 1.0), "men": ("persons", 1.0),
    "man": ("persons", 1.0), "pockets": ("pockets", 1.0),
}  # fmt: skip


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
            products, {*ordinary, *self._ordinary}, {w for k in kinds.values() for w in k}
        )

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
        starts = {m.key for m in forms if m.places[0] == 0 or m.key not in ("polar", "follow")}
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
            ranks=self._find_ranks(stems),
            sizes=tuple(s for s in sizes if not set(s.places) & other),
            colours=tuple(_widest(self._colours.find(stems))),
            limits=tuple(self._limits(text, tokens, forms, named)),
            forms=frozenset(starts),
            form_matches=tuple(forms),
            stop=self._stop,
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

    def _limits(
        self,
        text: str,
        tokens: Sequence[Token],
        forms: Sequence[Match],
        named: frozenset[int],
    ) -> list[Limit]:
        found = []
        spoken = {w: n for n, w in enumerate(self.vocabulary.forms.get("numbers", ()), start=1)}
        for i, token in enumerate(tokens):
            number = _NUMBER.match(text, token.start)
            if i in named or (number is None and token.word not in spoken):
                continue
            value = float(number.group().replace(",", ".")) if number else spoken[token.word]
            rest = re.match(r"[\s-]*(°?[^\W\d_]+|€)", text[number.end() if number else token.end :])
            unit = fold(rest[1]) if rest else None
            unit = "€" if "€" in text[max(0, token.start - 2) : token.start] else unit
            unit = unit if unit in UNITS else None
            led = [
                m for m in forms if m.key in ("below", "above") and 0 < i - m.places[-1] <= 2
            ]  # fmt: skip
            if not led and unit and UNITS[unit][0] == "persons":
                # "a tent for three people" has room for them, or for more.
                led = [Match("above", ())]
            if not led:
                continue
            # "more than" is also the end of "not more than": the longest form counts.
            match = max(led, key=lambda m: (len(m.places), m.places))
            places = [*match.places, i]
            if unit and i + 1 < len(tokens) and tokens[i + 1].word == unit:
                places.append(i + 1)
            found.append(Limit(value, unit, match.key == "below", tuple(places)))
        return found


def _widest(matches: Sequence[Match]) -> list[Match]:
    """Without matches that lie in a longer one."""
    taken: set[int] = set()
    kept = []
    for match in matches:
        if not taken & set(match.places):
            kept.append(match)
            taken |= set(match.places)
    return kept
