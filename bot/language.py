"""Which language a message is in.

A letter statistic (py3langid) is good at sentences and poor at "ok" or "10233". So what the
conversation spoke before counts too, and so do the small words that only one of our languages
has: a Filipino message is often half English, an Indonesian one full of loan words.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import py3langid
import yaml

# Codes of py3langid that differ from ours.
_ALIASES = {"tl": "fil"}
_WORD = re.compile(r"[^\W\d_]+")
# E-mail addresses, web addresses and numbers with letters say nothing of a language.
_NO_WORDS = re.compile(r"\S+@\S+|https?://\S+|\S*\d\S*")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
# How much evidence (natural logarithm of odds) the statistic may give at most, for a letter and
# in all; what one small word gives; and what the language of the conversation so far gives.
_PER_LETTER, _AT_MOST, _SMALL_WORD, _BEFORE = 0.35, 9.0, 3.0, 2.5
SMALL_WORDS = Path(__file__).with_name("small_words.yml")


class Languages:
    """Recognises the languages that an assistant speaks.

    Safe to share between threads.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        self._guard = threading.Lock()
        words: Mapping[str, str] = yaml.safe_load(SMALL_WORDS.read_text("utf-8"))
        split = {code: set(words.get(code, "").split()) for code in self.codes}
        self._words = {
            code: own - set().union(*(s for other, s in split.items() if other != code))
            for code, own in split.items()
        }
        theirs = {ours: code for code, ours in _ALIASES.items()}
        self._theirs = {theirs.get(code, code): code for code in self.codes}

    def recognise(self, text: str, before: str) -> str:
        """The language of ``text``; ``before`` is the conversation's, kept where in doubt."""
        if len(self.codes) < 2:
            return before
        plain = _NO_WORDS.sub(" ", text).strip()
        words = _WORD.findall(plain.casefold())
        if "th" in self.codes and _THAI.search(plain):
            return "th"
        if not words:
            return before
        evidence = self._by_letters(" ".join(words))
        for code in self.codes:
            own = sum(word in self._words[code] for word in words)
            evidence[code] += _SMALL_WORD * math.sqrt(own)
        evidence[before] = evidence.get(before, 0.0) + _BEFORE
        return max(evidence, key=lambda code: (evidence[code], code == before))

    def _by_letters(self, text: str) -> dict[str, float]:
        with self._guard:
            py3langid.set_languages(list(self._theirs))
            ranked = dict(py3langid.rank(text))
        best = max(ranked.values())
        room = min(_AT_MOST, _PER_LETTER * len(text))
        found = dict.fromkeys(self.codes, 0.0)
        for theirs, code in self._theirs.items():
            found[code] = max(-room, (float(ranked[theirs]) - float(best)) / 10)
        return found
