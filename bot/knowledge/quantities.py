"""Numbers in a question with what they measure: under 200 euros, for three people, 30 litres."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.knowledge.catalog import Vocabulary
from bot.knowledge.text import Token, fold


@dataclass(frozen=True)
class Match:
    """A phrase found: what it stands for, its tokens' places, and whether it was misspelt."""

    key: str
    places: tuple[int, ...]
    exact: bool = True


@dataclass(frozen=True)
class Limit:
    """A bound on a number: `below` 200 or above it.

    `key` is the attribute that the unit measures; None when no unit was said.
    """

    value: float
    key: str | None
    below: bool
    places: tuple[int, ...]


_DIGITS = r"\d+(?:[.,]\d+)?"
# A unit stands right behind its number, or after one blank or hyphen.
_BETWEEN = re.compile(r"[\s-]?")


class Quantities:
    """Finds numbers and their units in the words of one language."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._units = sorted(
            ((fold(unit), key, factor) for unit, (key, factor) in vocabulary.units.items()),
            key=lambda unit: -len(unit[0]),
        )
        self._words = {fold(word): number for word, number in vocabulary.numbers.items()}
        words = sorted(map(re.escape, self._words), key=len, reverse=True)
        self._number = re.compile("|".join([_DIGITS, *words]))

    def limits(
        self,
        text: str,
        tokens: Sequence[Token],
        forms: Sequence[Match],
        named: frozenset[int],
    ) -> list[Limit]:
        """The bounds that a question sets."""
        found = []
        for value, key, places in self._amounts(text, tokens):
            if named & set(places):
                continue
            led = [
                m
                for m in forms
                if m.key in ("below", "above") and 0 < places[0] - m.places[-1] <= 2
            ]
            if not led and key == "persons":
                # "a tent for three people" has room for them, or for more.
                led = [Match("above", ())]
            if not led:
                continue
            # "more than" is also the end of "not more than": the longest form counts.
            match = max(led, key=lambda m: (len(m.places), m.places))
            found.append(Limit(value, key, match.key == "below", (*match.places, *places)))
        return found

    def _amounts(
        self, text: str, tokens: Sequence[Token]
    ) -> Iterator[tuple[float, str | None, tuple[int, ...]]]:
        folded = fold(text)
        if len(folded) != len(text):
            # Places in the folded text would not be places in the text.
            folded = text.lower() if len(text.lower()) == len(text) else text
        for match in self._number.finditer(folded):
            word = match.group()
            spaced = word.isascii() or word not in self._words
            if spaced and _inside_word(folded, match.start(), match.end()):
                continue
            if word in self._words:
                value = float(self._words[word])
            else:
                value = float(word.replace(",", "."))
            unit = self._unit(folded, match.end())
            end = match.end()
            key = None
            if unit is not None:
                end, key, factor = unit
                value *= factor
            elif "€" in text[max(0, match.start() - 2) : match.start()]:
                key = "price"
            elif not spaced:
                # Thai has no blanks: without a unit, "three" is as well the begin of "able".
                continue
            places = tuple(
                i for i, t in enumerate(tokens) if t.start < end and t.end > match.start()
            )
            if places:
                yield value, key, places

    def _unit(self, text: str, at: int) -> tuple[int, str, float] | None:
        blank = _BETWEEN.match(text, at)
        begin = blank.end() if blank else at
        for unit, key, factor in self._units:
            if text.startswith(unit, begin):
                end = begin + len(unit)
                if unit[-1].isascii() and unit[-1].isalpha() and text[end : end + 1].isalpha():
                    continue
                return end, key, factor
        return None


def _inside_word(text: str, begin: int, end: int) -> bool:
    """Whether letters or digits go on before or, for a word, after this place."""
    before, after = text[begin - 1 : begin], text[end : end + 1]
    if text[begin:end][0].isdigit():
        return before.isascii() and before.isalnum()
    return before.isalnum() or after.isalnum()
