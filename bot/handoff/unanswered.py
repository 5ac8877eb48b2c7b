"""Which questions of a customer are still open, and which messages are about the same.

Rules on the log alone: what the bot made of a message, what the customer said of the answer,
whether an agent wrote afterwards, and the words that two messages share.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.events import (
    AgentMessage,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseTransferred,
    CustomerMessage,
    Event,
    FeedbackGiven,
    LanguageRecognised,
    Opened,
)
from bot.handoff.weight import THAI, known, said_in, weight
from bot.journey.touchpoints import NO_QUESTION
from bot.knowledge import text as language_of_words

_FEWEST_WORDS = 2  # fewer are not enough to tell
_SHORTEST_WORD = 4  # letters; shorter words are shared by chance
_THAI_RUN = 6  # characters in a row; Thai writes no blanks between words
_LEAVING = (CaseReleased, CaseTransferred, CaseReturned, CaseResolved)
# The other intents say what a message is about; these do not.
_SAYS_NOTHING = NO_QUESTION | {"product_question", "nlu_fallback", "out_of_scope"}


def is_open(event: Event, events: Sequence[Event]) -> bool:
    """Whether nobody has answered the question ``event`` in a way that was left at that.

    Open is what the bot declined, asked back, gave to a person or did not reply to, and what it
    answered without helping, until an agent who has left by now wrote. What was said to an agent
    is open once the agent has left without a word after it.
    """
    left = max((e.seq for e in events if isinstance(e.payload, _LEAVING)), default=0)
    if any(event.seq < e.seq < left and isinstance(e.payload, AgentMessage) for e in events):
        return False
    reply = _reply(event, events)
    if reply is None and is_said_to_agent(event, events):
        return left > event.seq
    return reply is None or not _is_settled(reply, events)


def is_said_to_agent(event: Event, events: Sequence[Event]) -> bool:
    """Whether an agent had the case when ``event`` was said."""
    moves = [
        e.payload
        for e in events
        if e.seq < event.seq and isinstance(e.payload, (CaseClaimed, *_LEAVING))
    ]
    return bool(moves) and isinstance(moves[-1], CaseClaimed | CaseTransferred)


def is_asked_in_vain(event: Event, events: Sequence[Event]) -> bool:
    """Whether ``event`` asked something after an agent left the case, whatever its words.

    Words such as "did you hear from them?" are a question to whoever takes the case next.
    """
    left = [
        e for e in events
        if e.seq > event.seq and isinstance(e.payload, CaseReleased | CaseTransferred)
    ] if is_said_to_agent(event, events) else [
        e for e in events if e.seq < event.seq and isinstance(e.payload, CaseReleased)
    ]  # fmt: skip
    replies = _replies_to(event, events)
    if not left or any(r.intent in NO_QUESTION or r.decision == "smalltalk" for r in replies):
        return False
    return "?" in said_in(event) or any(r.decision == "decline" for r in replies)


def _reply(event: Event, events: Sequence[Event]) -> Event | None:
    """The bot's last word on ``event``, after the details that it asked for."""
    found = None
    for _ in range(len(events)):
        replies = [e for e in events if isinstance(e.payload, BotMessage) and e.ref == event.seq]
        if not replies:
            return found
        found = replies[-1]
        if not (isinstance(found.payload, BotMessage) and found.payload.decision == "clarify"):
            return found
        said = next((e for e in events if e.seq > found.seq and _is_said(e)), None)
        if said is None or not _goes_on(said, found, events):
            return found
        event = said
    return found


def _is_said(event: Event) -> bool:
    return isinstance(event.payload, CustomerMessage | ButtonPressed)


def _goes_on(said: Event, asked_back: Event, events: Sequence[Event]) -> bool:
    """Whether ``said`` tells the bot what it asked back."""
    if isinstance(said.payload, ButtonPressed):
        return said.ref == asked_back.seq and said.payload.intent not in NO_QUESTION
    return weight(said, events) < 2 and not is_wish_for_person(said, events)


def _is_settled(reply: Event, events: Sequence[Event]) -> bool:
    assert isinstance(reply.payload, BotMessage)
    if reply.payload.decision not in ("answer", "smalltalk"):
        return False
    reactions = [
        e.payload.helpful
        for e in events
        if isinstance(e.payload, FeedbackGiven) and e.ref == reply.seq
    ]
    return not reactions or reactions[-1]


def is_wish_for_person(event: Event, events: Sequence[Event]) -> bool:
    """Whether the bot understood ``event`` as the wish for a person."""
    return any(
        isinstance(e.payload, BotMessage)
        and e.ref == event.seq
        and e.payload.intent == "ask_for_person"
        for e in events
    )


def language_of(events: Sequence[Event]) -> str:
    """The language that was spoken last."""
    spoken = [
        e.payload.language for e in events
        if isinstance(e.payload, Opened | LanguageRecognised) and e.payload.language
    ]  # fmt: skip
    return spoken[-1] if spoken else "en"


def words_of(text: str, language: str) -> frozenset[str]:
    """What ``text`` is about: the stems of its words that carry meaning."""
    idle, thai = known("details", "saying")
    found = set()
    for run in THAI.findall(text):
        for phrase in thai:
            run = run.replace(phrase, " ")
        for piece in run.split():
            found |= {piece[i : i + _THAI_RUN] for i in range(len(piece) - _THAI_RUN + 1)}
    tokens = language_of_words.words(THAI.sub(" ", text), language)
    for token in language_of_words.content(tokens, language):
        counts = len(token.stem) >= _SHORTEST_WORD or any(map(str.isdigit, token.raw))
        if counts and token.word not in idle and token.stem not in idle:
            found.add(token.stem)
    return frozenset(found)


def says_nothing_new(later: Event, earlier: Event, language: str) -> bool:
    """Whether all that ``later`` is about stands in ``earlier`` already."""
    new, old = (words_of(said_in(e), language) for e in (later, earlier))
    return len(new) >= _FEWEST_WORDS and new <= old


def are_related(one: Event, other: Event, events: Sequence[Event], language: str) -> bool:
    """Whether two messages are about the same: by what they were taken for, or by their words."""
    if _meanings(one, events) & _meanings(other, events):
        return True
    return bool(_context(one, events, language) & _context(other, events, language))


def is_about(event: Event, texts: Sequence[str], language: str) -> bool:
    """Whether ``event`` shares a word that carries meaning with ``texts``."""
    return bool(words_of(said_in(event), language) & words_of("\n".join(texts), language))


def _meanings(event: Event, events: Sequence[Event]) -> set[str]:
    replies = _replies_to(event, events)
    return {r.intent for r in replies if r.intent and r.intent not in _SAYS_NOTHING}


def _context(event: Event, events: Sequence[Event], language: str) -> frozenset[str]:
    titles = [page.title for r in _replies_to(event, events) for page in r.answers]
    return words_of("\n".join([said_in(event), *titles]), language)


def _replies_to(event: Event, events: Sequence[Event]) -> list[BotMessage]:
    return [e.payload for e in events if isinstance(e.payload, BotMessage) and e.ref == event.seq]
