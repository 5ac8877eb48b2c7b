"""Mood: how likely it is that a customer is angry, upset or frustrated, from one message.

A logistic regression over the sentence embedding that the turn has made already and a few plain
signs: words that say it (``data/mood/<language>.yml``), capitals, exclamation marks, repetition,
faces. ``python -m tools.fit_mood`` fits the weights; ``docs/evaluation.md`` says how good it is.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.errors import ExpectedError

WEIGHTS = Path(__file__).with_name("mood.json")
# From here on a message counts as negative: it is likelier so than not.
NEGATIVE = 0.5

SIGNS = ("words", "capitals", "exclamations", "questions", "repetition", "bad_faces", "good_faces")

_WORD = re.compile(r"[^\W\d_]+")
_AGAIN = re.compile(r"(\w)\1{2,}|\b(\w+)(?:[\s,.!]+\2\b){2,}")
_BAD_FACES = re.compile("[😡😠🤬😤👎🙄💢😒😞😔😣😖😫😩😢😭💔🤦🖕👿]|(?<!\\w):-?[(/|](?!\\w)|>:\\(")
_GOOD_FACES = re.compile("[😊🙂😀😃😄😁😍🥰❤👍🙏🎉😅😂🤗✨]|(?<!\\w)[:;]-?[)D](?!\\w)")
_SHOUT_LETTERS = 8
_SEEN_CHARACTERS = 2_000


class MoodError(ExpectedError):
    """A file of words cannot be used; the text says what to do."""


def signs(text: str, words: re.Pattern[str]) -> list[float]:
    """What a message shows without being understood, in the order of ``SIGNS``."""
    text = text[:_SEEN_CHARACTERS]
    tokens = [word for word in _WORD.findall(text) if len(word) > 1]
    shouted = [word for word in tokens if word.isupper()]
    letters = sum(map(len, shouted))
    loud = letters / max(sum(map(len, tokens)), 1) if letters >= _SHOUT_LETTERS else 0.0
    return [
        float(min(len(words.findall(text)), 3)),
        loud,
        float(min(text.count("!"), 4)),
        float(min(len(re.findall(r"\?(?=[?!])|!(?=\?)", text)), 3)),
        float(min(sum(1 for _ in _AGAIN.finditer(text)), 2)),
        float(min(len(_BAD_FACES.findall(text)), 3)),
        float(min(len(_GOOD_FACES.findall(text)), 3)),
    ]


def read(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Words and example messages by language: the files of ``folder``.

    Raises:
        MoodError: a file cannot be read.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.yml"))}


def _read(path: Path) -> dict[str, list[str]]:
    try:
        content: Any = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MoodError(f"{path} cannot be read; correct it: {error}") from None
    if not isinstance(content, dict) or not all(isinstance(v, list) for v in content.values()):
        raise MoodError(f"{path} must hold lists: words, negative, calm.")
    return {str(name): [str(entry) for entry in entries] for name, entries in content.items()}


def pattern(words: dict[str, list[str]]) -> re.Pattern[str]:
    """One pattern for the words of all languages: customers mix them."""
    bounded: list[str] = []
    anywhere: list[str] = []
    for own in words.values():
        for word in sorted(own, key=len, reverse=True):
            plain = re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
            # Thai writes no spaces between words.
            (anywhere if re.search("[\u0e00-\u0e7f]", word) else bounded).append(plain)
    ways = [rf"(?<!\w)(?:{'|'.join(bounded)})(?!\w)"] if bounded else []
    ways += anywhere
    return re.compile("|".join(ways) or "(?!)", re.IGNORECASE)


class Mood:
    """Reads the mood of messages; one multiplication each."""

    def __init__(self, folder: Path, weights: Path = WEIGHTS) -> None:
        """``folder`` holds the words, a file a language; ``weights`` what was fitted."""
        self._words = pattern({name: own.get("words", []) for name, own in read(folder).items()})
        fitted = json.loads(weights.read_text("utf-8"))
        self._bias = float(fitted["bias"])
        self._signs = np.asarray([fitted["signs"][name] for name in SIGNS])
        self._vector = np.asarray(fitted["vector"])

    def of(self, text: str, vector: NDArray[np.float32]) -> float:
        """The probability that whoever wrote ``text`` is angry, upset or frustrated, 0 to 1.

        ``vector`` is the text's embedding as a query, from ``bot.embedding``.
        """
        logit = (
            self._bias
            + float(self._signs @ np.asarray(signs(text, self._words)))
            + float(self._vector @ np.asarray(vector, dtype=np.float64))
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
