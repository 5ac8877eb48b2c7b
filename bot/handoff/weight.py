"""How much a customer's message or pressed button may state a need.

No need is in what has no other words than a greeting, thanks, a yes or no, a bare wish for a
person, or a detail that the bot asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import get_args

import yaml
from rapidfuzz.distance import OSA

from bot.conversation.events import (
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Event,
    FactGiven,
    FactKind,
)
from bot.journey.touchpoints import NO_QUESTION

WORDS = Path(__file__).with_name("no_need_words.yml")

_WORD = re.compile(r"[^\W\d_]+")
THAI = re.compile(r"[\u0e00-\u0e7f]+")
_DETAIL = re.compile(r"\S+@\S+|#?\S*\d\S*")
# A slip of typing is allowed for in words from this length on.
_SLIP = 5
# A reply of at most so many words, after the bot asked back, is an answer to the bot.
_SHORT_ANSWER = 2
_THAI_WORD = 5  # characters, about
DETAILS = frozenset(get_args(FactKind))
_ASKS_FOR_DETAIL = frozenset({"utter_ask_order_number", "utter_ask_email", "utter_need_details"})


def said_in(event: Event) -> str:
    """What the customer said or pressed in ``event``."""
    match event.payload:
        case CustomerMessage(text=words) | ButtonPressed(title=words):
            return words
    return ""


def plain(text: str) -> str:
    """``text`` with single blanks."""
    return " ".join(text.split())


def weight(event: Event, events: Sequence[Event]) -> int:
    """2 for a real question, 1 for words that may be one, 0 for none."""
    if isinstance(event.payload, ButtonPressed):
        if event.payload.intent in NO_QUESTION:
            return 0
        # A button for a size or the like answers the bot; one for a page or a wish is a question.
        return 1 if DETAILS & set(event.payload.entities) else 2
    if not isinstance(event.payload, CustomerMessage):
        return 0
    before = _last_of_bot(events, event.seq)
    asked_back = before is not None and before.decision == "clarify"
    given = [e.payload for e in events if isinstance(e.payload, FactGiven) and e.ref == event.seq]
    replies = [
        e.payload for e in events if isinstance(e.payload, BotMessage) and e.ref == event.seq
    ]
    if any(_understood(reply) for reply in replies):
        return 2
    words = plain(event.payload.text).casefold()
    if any(words == fact.value.casefold() for fact in given):
        return 0  # the bare name of a product, or a number
    count = words_left(words, details=bool(asked_back or given))
    if count == 0:
        return 0
    if any(r.decision == "smalltalk" or r.intent in _NO_NEED for r in replies):
        return 1
    asks = asked_back and (before.response is None or before.response in _ASKS_FOR_DETAIL)  # type: ignore[union-attr]
    if asks and count <= _SHORT_ANSWER and "?" not in event.payload.text:
        return 1
    return 2


def _understood(reply: BotMessage) -> bool:
    """Whether the bot took the message for a question or a complaint, whatever its words."""
    answered = reply.decision == "answer" and reply.intent in _QUESTIONS
    return answered or reply.intent == "complaint"


_QUESTIONS = frozenset({"product_question", "order_status", "cancel_order", "return_order"})
# The wish for a person may come with its reason: its words tell, not its intent.
_NO_NEED = NO_QUESTION - {"ask_for_person"}


def _last_of_bot(events: Sequence[Event], before: int) -> BotMessage | None:
    said = [e.payload for e in events if isinstance(e.payload, BotMessage) and e.seq < before]
    return said[-1] if said else None


def words_left(text: str, *, details: bool) -> int:
    """How many words of ``text`` may state a need; without details such as order numbers."""
    if details:
        text = _DETAIL.sub(" ", text)
    text = text.casefold()
    idle, thai = known("details") if details else known()
    count = sum(_thai_left(run, thai) for run in THAI.findall(text))
    for word in _WORD.findall(THAI.sub(" ", text)):
        if len(word) > 1 and word not in idle and not _is_slip(word, details):
            count += 1
    return count


def _thai_left(run: str, phrases: Iterable[str]) -> int:
    for phrase in phrases:
        run = run.replace(phrase, " ")
    letters = sum(unicodedata.category(c) == "Lo" for c in run)
    # One or two letters are what particles and slips leave over.
    return 0 if letters < 3 else 1 + letters // _THAI_WORD


@lru_cache(maxsize=10_000)
def _is_slip(word: str, details: bool) -> bool:
    # With one letter replaced it is mostly another word: "staff" and "stuff".
    return len(word) >= _SLIP and any(
        other[0] == word[0] and OSA.distance(word, other, score_cutoff=1) <= 1
        for other in (known("details") if details else known())[0]
        if len(other) >= _SLIP and (len(other) != len(word) or sorted(other) == sorted(word))
    )


@cache
def known(*more: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that state no need, and Thai phrases, the longest first.

    ``more`` names further groups of the words' file.
    """
    groups: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text("utf-8"))
    used = [groups[name] for name in ("words", *more)]
    words = {
        w for group in used for code, line in group.items() if code != "th" for w in line.split()
    }
    thai = {w for group in used for w in group["th"].split()}
    return frozenset(words), tuple(sorted(thai, key=len, reverse=True))
