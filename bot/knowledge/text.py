"""Words of a text, in any script, and nearness of misspelt ones."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

# Scripts written without spaces between words: their runs are cut into character pairs.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_RUN = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}_])[\w])+(?:['’](?:s|t|re|ll|ve|d|m)\b)?")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")

# Words without a meaning of their own, one file a language; a language without one has none.
STOPWORDS: dict[str, frozenset[str]] = {
    path.name.split(".")[1]: frozenset(path.read_text(encoding="utf-8").split())
    for path in Path(__file__).parent.glob("stopwords.*.txt")
}


@dataclass(frozen=True)
class Token:
    """A word as it stands in the text. `word` is folded, `stem` without its ending."""

    raw: str
    word: str
    stem: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case in one Unicode form, with plain apostrophes."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


# Customers leave Polish marks out as often as not: both spellings are one word.
_MARKS_LEFT_OUT = frozenset({"pl"})
_POLISH_L = str.maketrans("łŁ", "lL")
_SNOWBALL = {"pl": "polish", "id": "indonesian"}
_stemmers = threading.local()


def without_marks(text: str) -> str:
    """The text without marks above and below its letters."""
    apart = unicodedata.normalize("NFD", text.translate(_POLISH_L))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _snowball(word: str, language: str) -> str:
    # The stemmers keep state while they work: each thread has its own.
    own = _stemmers.__dict__
    if language not in own:
        own[language] = snowballstemmer.stemmer(_SNOWBALL[language])
    return str(own[language].stemWord(word))


@lru_cache(maxsize=100_000)
def stem(word: str, language: str = "en") -> str:
    """The word without its common endings: ours for English, Snowball's where there is one."""
    if language in _SNOWBALL and len(word) > 3 and word.isalpha():
        word = _snowball(word, language)
        return without_marks(word) if language in _MARKS_LEFT_OUT else word
    if language != "en" or len(word) < 4 or not word.isascii() or not word.isalpha():
        return without_marks(word) if language in _MARKS_LEFT_OUT else word
    for ending, cut in (("ies", 3), ("ied", 3)):
        if word.endswith(ending) and len(word) > 4:
            return word[:-cut] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and re.search(r"[aeiouy]", base):
            if base[-1] == base[-2] and base[-1] not in "ls":
                base = base[:-1]
            word = base
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def is_unspaced(text: str) -> bool:
    """Whether the text begins in a script that writes no blanks between words."""
    return _IS_UNSPACED.match(text) is not None


def words(text: str, language: str = "en") -> list[Token]:
    """Words of the text, with their places in it; possessive endings are dropped."""
    found = []
    for match in _RUN.finditer(text):
        raw = match.group()
        if _IS_UNSPACED.match(raw):
            pairs = [raw] if len(raw) < 2 else [raw[i : i + 2] for i in range(len(raw) - 1)]
            for i, pair in enumerate(pairs):
                start = match.start() + i
                found.append(Token(pair, pair, pair, start, start + len(pair)))
            continue
        plain, stemmed = _read(raw, language)
        found.append(Token(raw, plain, stemmed, match.start(), match.end()))
    return found


@lru_cache(maxsize=100_000)
def _read(raw: str, language: str) -> tuple[str, str]:
    """The word, folded and without a possessive ending, and its stem."""
    plain = fold(raw).removesuffix("'s").replace("'", "")
    stemmed = stem(plain, language)
    return without_marks(plain) if language in _MARKS_LEFT_OUT else plain, stemmed


def content(tokens: Iterable[Token], language: str = "en") -> list[Token]:
    """The words that carry meaning."""
    stop = STOPWORDS.get(language, frozenset())
    return [token for token in tokens if token.word not in stop]


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, in order."""
    plain = " ".join(paragraph.split())
    return [s for s in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9*“\"(])", plain) if s]


def typo_limit(length: int) -> int:
    """How many slips a word of that length may have and still be recognised."""
    return 0 if length < 4 else 1 if length < 8 else 2


def nearest(word: str, vocabulary: Sequence[str]) -> str | None:
    """The vocabulary's word that differs by the fewest slips, or None beyond the limit."""
    limit = typo_limit(len(word))
    if limit == 0:
        return None
    found = process.extractOne(word, vocabulary, scorer=OSA.distance, score_cutoff=limit)
    if found is None:
        return None
    other = str(found[0])
    if len(word) < 7:
        # Short words with another letter are mostly other words: "fit" and "wit", "skirts" and
        # "shirts". A letter too many, too few or swapped is a slip.
        same_letters = sorted(other) == sorted(word)
        if other[:1] != word[:1] or (len(other) == len(word) and not same_letters):
            return None
    return other
