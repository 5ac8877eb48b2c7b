"""Messages that are understood only with the one before: "and how long does that take?"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.text import is_unspaced

# What is known of an article for a message that follows another, in this order: the log odds that
# it answers the message alone, the one before, and both read as one; see `features`.
CONTEXT = (
    *("alone", "before", "both", "brief", "leans"),
    *("brief_alone", "brief_before", "brief_both", "leans_alone", "leans_before", "leans_both"),
)
# A message of so many words of meaning stands for itself.
_BRIEF = 8
# Scripts without blanks are cut into pairs of letters: a word has about four.
_PAIRS_OF_A_WORD = 4


@dataclass(frozen=True)
class Leaning:
    """How much a message may need the one before it."""

    brevity: float  # 1 without a word of meaning, 0 for a message that stands for itself
    leans: float  # 1 if a word points back, else 0


def brevity(stems: Sequence[str]) -> float:
    """1 for a message without a word of meaning, down to 0 for a long one."""
    count = sum(1 / _PAIRS_OF_A_WORD if is_unspaced(stem) else 1 for stem in stems)
    return max(0.0, 1 - count / _BRIEF)


def features(chances: Sequence[float], leaning: Leaning) -> tuple[float, ...]:
    """One row of CONTEXT from an article's probabilities: alone, before, both."""
    odds = [math.log(p / (1 - p)) for p in (min(max(p, 1e-3), 1 - 1e-3) for p in chances)]
    brief, leans = leaning.brevity, leaning.leans
    return (*odds, brief, leans, *(brief * x for x in odds), *(leans * x for x in odds))
