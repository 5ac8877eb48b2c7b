"""The need in one line: which words of the customer say what they want.

Rules choose among the messages and pressed buttons of the log: the last real question before the
handoff. No question is what has no other words than a greeting, thanks, a yes or no, a bare wish
for a person, or a detail that the bot asked for.
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
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseWithdrawn,
    CustomerMessage,
    Event,
    FactGiven,
    FactKind,
)
from bot.handoff.contract import Need, Quote
from bot.journey.touchpoints import NO_QUESTION

WORDS = Path(__file__).with_name("no_need_words.yml")
LONGEST = 160  # characters of a need

_WORD = re.compile(r"[^\W\d_]+")
_THAI = re.compile(r"[\u0e00-\u0e7f]+")
_DETAIL = re.compile(r"\S+@\S+|#?\S*\d\S*")
_SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…](?!\s|$)[^.!?…\n]*)*[.!?…]*\s*")
# A slip of typing is allowed for in words from this length on.
_SLIP = 5
# A reply of at most so many words, after the bot asked back, is an answer to the bot.
_SHORT_ANSWER = 2
_THAI_WORD = 5  # characters, about
_DETAILS = frozenset(get_args(FactKind))
_ASKS_FOR_DETAIL = frozenset({"utter_ask_order_number", "utter_ask_email", "utter_need_details"})


def find(events: Sequence[Event], asked_seq: int) -> Need | None:
    """What the customer wants in the handoff that the event ``asked_seq`` made necessary.

    Looked for in this order: what was said to the bot since the handoff before this one, what
    was said to the bot while the customer waited, what was said before, what was said to an
    agent. None if all that was said is that a person is wanted.
    """
    said = [e for e in events if isinstance(e.payload, CustomerMessage | ButtonPressed)]
    since = max((e.seq for e in events if _ends(e) and e.seq < asked_seq), default=0)
    to_agents = _said_to_agents(events)
    to_bot = [e for e in said if e.seq not in to_agents]
    in_order = [
        *reversed([e for e in to_bot if since < e.seq <= asked_seq]),
        *[e for e in to_bot if e.seq > asked_seq],
        *reversed([e for e in to_bot if e.seq <= since]),
        *[e for e in said if e.seq in to_agents and e.seq > asked_seq],
        *reversed([e for e in said if e.seq in to_agents and e.seq <= asked_seq]),
    ]
    # Weighed one after another: the first is the need nearly always, and the log may be long.
    doubtful = None
    for index, event in enumerate(in_order):
        weight = _weight(event, events)
        if weight == 2:
            return _need(event, events, _question_before(event, in_order[index + 1 :], events))
        if weight == 1 and doubtful is None:
            doubtful = event
    return _need(doubtful, events, None) if doubtful else None


def _question_before(
    wish: Event, candidates: Sequence[Event], events: Sequence[Event]
) -> Quote | None:
    """The question before ``wish``, if that is a wish for a person."""
    if not _is_wish_for_person(wish, events):
        return None
    for event in candidates:
        if event.seq < wish.seq and _weight(event, events) == 2:
            return _quoted(event)
    return None


def _is_wish_for_person(event: Event, events: Sequence[Event]) -> bool:
    return any(
        isinstance(e.payload, BotMessage)
        and e.ref == event.seq
        and e.payload.intent == "ask_for_person"
        for e in events
    )


def _quoted(event: Event) -> Quote:
    return Quote(text=shortened(said_in(event), LONGEST)[0], seq=event.seq)


def _ends(event: Event) -> bool:
    return isinstance(event.payload, CaseReturned | CaseResolved | CaseWithdrawn)


def _said_to_agents(events: Sequence[Event]) -> set[int]:
    said, agent = set(), False
    for event in events:
        if isinstance(event.payload, CaseClaimed):
            agent = True
        elif isinstance(event.payload, CaseReleased | CaseReturned | CaseResolved):
            agent = False
        elif agent and isinstance(event.payload, CustomerMessage | ButtonPressed):
            said.add(event.seq)
    return said


def _weight(event: Event, events: Sequence[Event]) -> int:
    """2 for a real question, 1 for words that may be one, 0 for none."""
    if isinstance(event.payload, ButtonPressed):
        if event.payload.intent in NO_QUESTION:
            return 0
        # A button for a size or the like answers the bot; one for a page or a wish is a question.
        return 1 if _DETAILS & set(event.payload.entities) else 2
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
    count = _words_left(words, details=bool(asked_back or given))
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


def _words_left(text: str, *, details: bool) -> int:
    """How many words of ``text`` may state a need; without details such as order numbers."""
    if details:
        text = _DETAIL.sub(" ", text)
    text = text.casefold()
    known, thai = _known(details)
    count = sum(_thai_left(run, thai) for run in _THAI.findall(text))
    for word in _WORD.findall(_THAI.sub(" ", text)):
        if len(word) > 1 and word not in known and not _is_slip(word, details):
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
        for other in _known(details)[0]
        if len(other) >= _SLIP and (len(other) != len(word) or sorted(other) == sorted(word))
    )


@cache
def _known(details: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that state no need, and Thai phrases, the longest first."""
    groups: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text("utf-8"))
    used = [groups["words"], *([groups["details"]] if details else [])]
    words = {
        w for group in used for code, line in group.items() if code != "th" for w in line.split()
    }
    thai = {w for group in used for w in group["th"].split()}
    return frozenset(words), tuple(sorted(thai, key=len, reverse=True))


def _need(event: Event, events: Sequence[Event], before: Quote | None) -> Need:
    words = said_in(event)
    text, whole = shortened(words, LONGEST)
    pressed = isinstance(event.payload, ButtonPressed)
    return Need(
        text=text,
        seq=event.seq,
        at=event.at,
        how="clicked" if pressed else "typed",
        whole=whole,
        asked_as=_asked_as(event, events) if pressed else None,
        before=before,
        said_before=_said_before(event, events),
    )


def _asked_as(press: Event, events: Sequence[Event]) -> Quote | None:
    """The typed question to which the bot offered the pressed button."""
    offered = next((e for e in events if e.seq == press.ref), None)
    if offered is None or offered.ref is None:
        return None
    asked = next((e for e in events if e.seq == offered.ref), None)
    if asked is None or not isinstance(asked.payload, CustomerMessage):
        return None
    if _weight(asked, events) == 0:
        return None
    return _quoted(asked)


def _said_before(event: Event, events: Sequence[Event]) -> list[int]:
    if not isinstance(event.payload, CustomerMessage) or event.payload.repeats is None:
        return []
    same = plain(event.payload.text).casefold()
    return [
        e.seq
        for e in events
        if e.seq < event.seq
        and isinstance(e.payload, CustomerMessage)
        and plain(e.payload.text).casefold() == same
    ]


def said_in(event: Event) -> str:
    """What the customer said or pressed in ``event``."""
    match event.payload:
        case CustomerMessage(text=words) | ButtonPressed(title=words):
            return words
    return ""


def plain(text: str) -> str:
    """``text`` with single blanks."""
    return " ".join(text.split())


def shortened(text: str, longest: int, *, end: bool = False) -> tuple[str, bool]:
    """At most ``longest`` characters of ``text`` in a row, and whether that is all of it.

    Cut at the end of a sentence where one ends early enough. A question stays in; with ``end``,
    the last sentence does instead.
    """
    whole = plain(text)
    if len(whole) <= longest:
        return whole, True
    sentences = [s for s in (plain(m) for m in _SENTENCE.findall(text)) if s]
    asks = [i for i, sentence in enumerate(sentences) if sentence.endswith(("?", "?!"))]
    first = len(sentences) - 1 if end else asks[0] if asks else 0
    last = first + 1
    kept = sentences[first]
    while last < len(sentences) and len(kept) + 1 + len(sentences[last]) <= longest:
        kept = f"{kept} {sentences[last]}"
        last += 1
    while first > 0 and len(kept) + 1 + len(sentences[first - 1]) <= longest:
        first -= 1
        kept = f"{sentences[first]} {kept}"
    return _cut(kept, longest), False


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    end = text.rfind(" ", longest // 2, longest + 1)
    if end < 0:
        end = longest
        # A mark above or below a letter stays with it.
        while end < len(text) and unicodedata.category(text[end]).startswith("M"):
            end += 1
    return text[:end].rstrip()
