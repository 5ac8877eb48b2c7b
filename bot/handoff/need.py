"""The need in one line: which words of the customer say what they want.

Rules choose among the messages and pressed buttons of the log: the last real question before the
handoff. No question is what has no other words than a greeting, thanks, a yes or no, a bare wish
for a person, or a detail that the bot asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseWithdrawn,
    CustomerMessage,
    Event,
    HandoffRequested,
)
from bot.handoff.contract import Need, Quote
from bot.handoff.unanswered import (
    are_related,
    is_about,
    is_asked_in_vain,
    is_open,
    is_wish_for_person,
    language_of,
    says_nothing_new,
)
from bot.handoff.weight import plain, said_in, weight, words_left

LONGEST = 160  # characters of a need
_SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…](?!\s|$)[^.!?…\n]*)*[.!?…]*\s*")
# A wish for a person of at most so many words only names what the question before is about.
_FEW_WORDS = 2
MOST_OPEN = 3
_LOOKED_AT = 30  # of the newest messages, for open questions
_HANDOFFS_LOOKED_AT = 5


def find(events: Sequence[Event], asked_seq: int) -> Need | None:
    """What the customer wants in the handoff that the event ``asked_seq`` made necessary.

    Looked for in this order: what was said to the bot since the handoff before this one, what
    was said to the bot while the customer waited, what was said before, what was said to an
    agent. None if all that was said is that a person is wanted.
    """
    event, before = _chosen(events, asked_seq)
    if event is None:
        return None
    text, whole = shortened(said_in(event), LONGEST)
    pressed = isinstance(event.payload, ButtonPressed)
    asked_as = _asked_as(event, events) if pressed else None
    stretch = _stretch(event, events, asked_seq)
    named = [event.seq, *(quote.seq for quote in (asked_as, before) if quote)]
    first = _first(event, stretch, events)
    if first and first.seq in named:
        first = None
    again = _again(event, stretch, events)
    named += [*again, *([first.seq] if first else [])]
    return Need(
        text=text,
        seq=event.seq,
        at=event.at,
        how="clicked" if pressed else "typed",
        whole=whole,
        asked_as=asked_as,
        before=before,
        first=first,
        open=_open(event, stretch, events, named),
        said_before=_said_before(event, events),
        said_again=again,
    )


def in_own_words(events: Sequence[Event], asked_seq: int) -> Quote | None:
    """The need alone; of a pressed button the question that the customer typed."""
    event, _ = _chosen(events, asked_seq)
    if event is None:
        return None
    pressed = isinstance(event.payload, ButtonPressed)
    return (_asked_as(event, events) if pressed else None) or _quoted(event)


def _chosen(events: Sequence[Event], asked_seq: int) -> tuple[Event | None, Quote | None]:
    """The event that holds the need, and for a wish for a person the question before it."""
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
        found = weight(event, events)
        if found == 2:
            earlier = [e for e in in_order[index + 1 :] if e.seq < event.seq]
            return _clearest(event, earlier, since, events)
        if found == 1 and doubtful is None:
            doubtful = event
    return doubtful, None


def _clearest(
    event: Event, earlier: Sequence[Event], since: int, events: Sequence[Event]
) -> tuple[Event, Quote | None]:
    """The question that ``event`` only points at or says again, where there is one.

    ``earlier`` are the candidates before it, the newest first.
    """
    if isinstance(event.payload, ButtonPressed):
        return event, None
    language = language_of(events)
    if is_wish_for_person(event, events):
        before = next((e for e in earlier if weight(e, events) == 2), None)
        if before is None:
            return event, None
        few = words_left(said_in(event), details=False) <= _FEW_WORDS
        if few and before.seq > since and are_related(event, before, events, language):
            return before, None
        return event, _quoted(before)
    if "?" not in said_in(event) and event.payload.repeats is None:  # type: ignore[union-attr]
        # What comes later must not change what the need is.
        until = [e for e in events if e.seq < event.seq]
        for other in earlier[:_LOOKED_AT]:
            if (
                other.seq > since
                and says_nothing_new(event, other, language)
                and weight(other, events) == 2
                and is_open(other, until)
            ):
                return other, None
    return event, None


def _stretch(need: Event, events: Sequence[Event], asked_seq: int) -> list[Event]:
    """What the customer said between the ends of cases around the need."""
    ends = [e.seq for e in events if _ends(e)]
    since = max((seq for seq in ends if seq < need.seq), default=0)
    until = min((seq for seq in ends if seq > max(asked_seq, need.seq)), default=events[-1].seq)
    return [
        e for e in events
        if since < e.seq <= until and isinstance(e.payload, CustomerMessage | ButtonPressed)
    ]  # fmt: skip


def _first(need: Event, stretch: Sequence[Event], events: Sequence[Event]) -> Quote | None:
    """The question with which it began, where it is open or about the same as the need."""
    language = language_of(events)
    said = plain(said_in(need)).casefold()
    for event in stretch[:_LOOKED_AT]:
        if event.seq >= need.seq:
            break
        if weight(event, events) < 2 or plain(said_in(event)).casefold() == said:
            continue
        if is_open(event, events) or are_related(need, event, events, language):
            return _quoted(event)
        break
    return _first_of_handoffs(need, stretch, events, language)


def _first_of_handoffs(
    need: Event, stretch: Sequence[Event], events: Sequence[Event], language: str
) -> Quote | None:
    """The need of the earliest handoff before the stretch that was about the same."""
    opened = [
        e for e in events if isinstance(e.payload, HandoffRequested) and e.seq < stretch[0].seq
    ]
    for request in opened[:_HANDOFFS_LOOKED_AT]:
        until = min((e.seq for e in events if _ends(e) and e.seq > request.seq), default=0)
        wanted, _ = _chosen([e for e in events if e.seq <= request.seq], request.ref or request.seq)
        if wanted is None or wanted.seq == need.seq or weight(wanted, events) < 2:
            continue
        said = [
            e.payload.text
            for e in events
            if request.seq < e.seq < until and isinstance(e.payload, AgentMessage | AgentNote)
        ]
        if are_related(need, wanted, events, language) or is_about(need, said, language):
            return _quoted(wanted)
    return None


def _again(need: Event, stretch: Sequence[Event], events: Sequence[Event]) -> list[int]:
    """Later messages that say nothing but the need again, in other words."""
    language = language_of(events)
    return [
        e.seq
        for e in stretch[-_LOOKED_AT:]
        if e.seq > need.seq
        and isinstance(e.payload, CustomerMessage)
        and e.payload.repeats is None
        and says_nothing_new(e, need, language)
    ]


def _open(
    need: Event, stretch: Sequence[Event], events: Sequence[Event], named: Sequence[int]
) -> list[Quote]:
    """The last questions beside the need that nobody answered, in order."""
    language = language_of(events)
    found: list[Event] = []
    words = {plain(said_in(need)).casefold()}
    for event in reversed(stretch[-_LOOKED_AT:]):
        said = plain(said_in(event)).casefold()
        if (
            len(found) < MOST_OPEN
            and event.seq not in named
            and said not in words
            and (weight(event, events) == 2 or is_asked_in_vain(event, events))
            and is_open(event, events)
            and not is_wish_for_person(event, events)
            and not says_nothing_new(event, need, language)
        ):
            words.add(said)
            found.append(event)
    return [_quoted(event) for event in reversed(found)]


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


def _asked_as(press: Event, events: Sequence[Event]) -> Quote | None:
    """The typed question to which the bot offered the pressed button."""
    offered = next((e for e in events if e.seq == press.ref), None)
    if offered is None or offered.ref is None:
        return None
    asked = next((e for e in events if e.seq == offered.ref), None)
    if asked is None or not isinstance(asked.payload, CustomerMessage):
        return None
    if weight(asked, events) == 0:
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


def shortened(text: str, longest: int, *, end: bool = False) -> tuple[str, bool]:
    """At most ``longest`` characters of ``text`` in a row, and whether that is all of it.

    Cut at the end of a sentence where one ends early enough. A question stays in; with ``end``,
    the last sentence does instead.
    """
    whole = plain(text)
    if len(whole) <= longest:
        return whole, True
    sentences = sentences_of(text)
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


def sentences_of(text: str) -> list[str]:
    """The sentences of ``text``, with single blanks."""
    return [s for s in (plain(m) for m in _SENTENCE.findall(text)) if s]


def kept(sentences: Sequence[str], longest: int) -> str:
    """As many of ``sentences`` as ``longest`` characters hold, the first one cut if need be."""
    said = sentences[0]
    for sentence in sentences[1:]:
        if len(said) + 1 + len(sentence) > longest:
            break
        said = f"{said} {sentence}"
    return _cut(said, longest)


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
