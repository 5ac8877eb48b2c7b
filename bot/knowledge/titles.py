"""How near a question's words are to the words of a title, small words among them.

In a FAQ all entries speak of the same things, and "what", "how long" and "can I" tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.ragged import Ragged

Floats = NDArray[np.float64]


class Titles:
    """The titles of all articles as sets of words, weighed by TF-IDF (Spärck Jones, 1972)."""

    def __init__(self, numbers: Mapping[str, int], titles: Ragged) -> None:
        """`titles` are numbers of words by article, each once; `numbers` may grow later."""
        self._numbers = numbers
        self._size = len(titles)
        self._known = len(numbers)
        found = np.bincount(titles.values, minlength=self._known)
        self._weights = self._weight(found)
        order = np.argsort(titles.values, kind="stable")
        self._owners = titles.owners[order]
        self._starts = np.concatenate([[0], np.cumsum(found)])
        squares = np.bincount(
            titles.owners, self._weights[titles.values] ** 2, minlength=self._size
        )
        self._lengths = np.sqrt(np.maximum(squares, 1e-9))

    def _weight(self, found: NDArray[np.intp]) -> Floats:
        return np.asarray(np.log((1 + self._size) / (1 + found)) + 1, dtype=np.float64)

    def nearness(self, words: Iterable[str]) -> Floats:
        """The cosine of a question's words with each title; words of no title count as rare."""
        shared = np.zeros(self._size)
        square = 0.0
        rare = float(self._weight(np.zeros(1, dtype=np.intp))[0])
        for word in dict.fromkeys(words):
            number = self._numbers.get(word, self._known)
            if number >= self._known:
                square += rare**2
                continue
            weight = float(self._weights[number])
            square += weight**2
            shared[self._owners[self._starts[number] : self._starts[number + 1]]] += weight**2
        return np.asarray(shared / (self._lengths * max(square, 1e-9) ** 0.5))
