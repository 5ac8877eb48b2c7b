"""Product names in a customer's text, exact or misspelt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from bot.knowledge.model import Product, ProductMention
from bot.knowledge.text import Token, fold, is_unspaced, words

_LONGEST = 6
# Endings of a name in a sentence, by its last letter; the letter goes where it is a vowel.
_POLISH = {
    "a": ("y", "i", "e", "a", "o", "ie", "om", "ami", "ach"),
    "o": ("a", "u", "em", "ie"),
    "": ("a", "u", "owi", "em", "iem", "ie", "y", "i", "ow", "om", "ami", "ach"),
}


def _joined(tokens: Sequence[Token]) -> str:
    return "".join(token.word for token in tokens)


def inflected(name: str, language: str) -> list[str]:
    """Other forms of a product's own name, folded: "the Kettras", "w Skarnie"."""
    if language == "en":
        return [] if name.endswith("s") else [f"{name}s"]
    if language != "pl":
        return []
    last = name[-1] if name[-1] in _POLISH else ""
    stem = name.removesuffix(last)
    return [form for ending in _POLISH[last] if (form := stem + ending) != name]


def _slips(length: int) -> int:
    return 0 if length < 4 else 1 if length < 9 else 2


class ProductFinder:
    """Finds products by name, by what else they are called, and by their name's own word.

    `ordinary` are words with a meaning of their own (those of the articles): a name of one word
    is not seen in them as a misspelling.
    """

    def __init__(
        self,
        products: Collection[Product],
        ordinary: Collection[str],
        kinds: Collection[str],
        language: str = "en",
    ) -> None:
        owners: defaultdict[str, set[str]] = defaultdict(set)
        own_words: defaultdict[str, set[str]] = defaultdict(set)
        self._ordinary = set(ordinary) | set(kinds)
        self._single: set[str] = set()
        for product in products:
            for name in (product.name, product.id.replace("-", " "), *product.also_called):
                tokens = words(name)
                if tokens and not is_unspaced(name):
                    owners[_joined(tokens)].add(product.id)
                    if len(tokens) == 1:
                        self._single.add(_joined(tokens))
            first = words(product.name)[:1]
            if first and len(first[0].word) >= 3 and not first[0].word.isdigit():
                own_words[first[0].word].add(product.id)
        for word, ids in own_words.items():
            # "Skarn" alone means every product of that name, unless it is an ordinary word.
            if word not in self._ordinary and word not in owners:
                owners[word] |= ids
                self._single.add(word)
        for word, ids in own_words.items():
            for form in inflected(word, language) if word in owners else ():
                # "Kettras" may well stand in an article; a Polish ending may make another word.
                if form not in owners and (language == "en" or form not in self._ordinary):
                    owners[form] |= ids
                    self._single.add(form)
        self._owners = {alias: tuple(sorted(ids)) for alias, ids in owners.items()}
        self._aliases = list(self._owners)
        # Names in a script without blanks are looked for letter by letter, longest first.
        self._unspaced = sorted(
            {
                (name, product.id)
                for product in products
                for name in product.also_called
                if is_unspaced(name)
            },
            key=lambda pair: (-len(pair[0]), pair),
        )

    def find(self, text: str) -> list[ProductMention]:
        """Mentions that do not overlap, longest first; a shared name gives one for each owner."""
        tokens = words(text)
        if not tokens or not self._aliases:
            return []
        windows = [
            (begin, end)
            for begin in range(len(tokens))
            for end in range(begin + 1, min(begin + _LONGEST, len(tokens)) + 1)
        ]
        queries = [_joined(tokens[begin:end]) for begin, end in windows]
        distances = cdist(
            queries, self._aliases, scorer=OSA.distance, score_cutoff=2, dtype=np.int32
        )
        found: list[tuple[float, int, int, int, str]] = []
        for place, column in zip(*np.nonzero(distances <= 2), strict=True):
            (begin, end), alias = windows[place], self._aliases[column]
            distance = int(distances[place, column])
            if distance and not self._may_be_misspelt(tokens[begin:end], alias, distance):
                continue
            score = 1 - distance / len(alias)
            if distance == 0 or score > 0.7:
                found.append((score * len(alias), begin, end, distance, alias))
        found.sort(key=lambda f: (-f[0], f[2] - f[1], f[1]))
        taken: set[int] = set()
        mentions: list[tuple[int, ProductMention]] = []
        for alias, owner in self._unspaced:
            start = text.find(alias)
            places = {i for i, t in enumerate(tokens) if start <= t.start < start + len(alias)}
            if start >= 0 and not taken & places:
                taken |= places
                mention = ProductMention(owner, alias, start, start + len(alias), 1.0)
                mentions.append((len(alias), mention))
        for _, begin, end, distance, alias in found:
            if taken & set(range(begin, end)):
                continue
            taken |= set(range(begin, end))
            start, stop = tokens[begin].start, tokens[end - 1].end
            score = 1 - distance / len(alias)
            for owner in self._owners[alias]:
                mention = ProductMention(owner, text[start:stop], start, stop, score)
                mentions.append((len(alias), mention))
        mentions.sort(key=lambda m: (-m[0], m[1].start, m[1].product))
        return [mention for _, mention in mentions]

    def _may_be_misspelt(self, window: Sequence[Token], alias: str, distance: int) -> bool:
        if distance > _slips(len(alias)):
            return False
        if re.findall(r"\d+", alias) != re.findall(r"\d+", _joined(window)):
            return False
        edges = (window[0].word, window[-1].word)
        if alias in self._single:
            # One slip away from a name stands many an ordinary word ("feel", "turn").
            if len(window) > 1 and any(word in self._ordinary for word in edges):
                return False
            return len(window) > 1 or window[0].word not in self._ordinary
        # "the Skarn jacket" is the name with a word before it, not a misspelling of it.
        return not any(
            word in self._ordinary and fold(word) not in alias and len(word) <= 3 for word in edges
        )
