"""The coded reasons for which a conversation is handed over, and when each of them holds.

Whether a reason holds is folded from the log. Counted is what happened since the last handoff, or
since the person gave the conversation back.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from bot.conversation.events import (
    BotMessage,
    CaseReturned,
    CustomerMessage,
    Event,
    FeedbackGiven,
    HandoffRequested,
    MoodRead,
    Notice,
)
from bot.conversation.mood import NEGATIVE


class Reason(StrEnum):
    """Why a person is needed; the words for agents stand in ``bot.web.desk_view.REASONS``."""

    ASKED_FOR_PERSON = "asked_for_person"
    NO_ANSWER = "no_answer"
    LOW_CONFIDENCE_TWICE = "low_confidence_twice"
    COMPLAINT = "complaint"
    NEGATIVE_MOOD = "negative_mood"
    POLICY_PAYMENT = "policy_payment"
    POLICY_LEGAL = "policy_legal"
    POLICY_SAFETY = "policy_safety"
    REPEATED_FAILURE = "repeated_failure"
    ORDER = "order"
    ASSISTANT_UNAVAILABLE = "assistant_unavailable"
    REOPENED = "reopened"
    CALLBACK = "callback"


POLICIES = (Reason.POLICY_PAYMENT, Reason.POLICY_LEGAL, Reason.POLICY_SAFETY)

# The one that tells an agent most comes first. A wish for a person says only that there was one.
_TELLING = (
    Reason.POLICY_SAFETY,
    Reason.POLICY_LEGAL,
    Reason.POLICY_PAYMENT,
    Reason.COMPLAINT,
    Reason.NEGATIVE_MOOD,
    Reason.REPEATED_FAILURE,
    Reason.NO_ANSWER,
    Reason.LOW_CONFIDENCE_TWICE,
    Reason.ASSISTANT_UNAVAILABLE,
    Reason.ORDER,
    Reason.CALLBACK,
    Reason.REOPENED,
    Reason.ASKED_FOR_PERSON,
)

# Of 310 ordinary questions of shoppers 6 were above 0.9, three of them in no bad mood; above this
# only the three.
VERY_NEGATIVE = 0.97
_NEGATIVE_MESSAGES = 2
_NO_HELP = 2
# Messages with these intents put no question, so that saying them again says nothing.
_NO_QUESTION = frozenset(
    {
        "greet",
        "thanks",
        "goodbye",
        "bot_challenge",
        "affirm",
        "deny",
        "give_details",
        "ask_for_person",
    }
)
_ORDER_INTENTS = frozenset({"order_status", "cancel_order", "return_order"})

Turn = tuple[Event, list[BotMessage]]
"""A message of the customer, and what the bot said to it."""


def more_telling(*reasons: Reason) -> Reason:
    """Of several reasons the one that tells an agent most."""
    return min(reasons, key=_TELLING.index)


def telling(reason: str, events: Sequence[Event]) -> str:
    """The reason to give a case: where a person was only asked for, what made it necessary."""
    if reason != Reason.ASKED_FOR_PERSON:
        return reason
    new = since_handoff(events)
    turns = turns_of(new)
    said = [e.payload for e in new if isinstance(e.payload, BotMessage)]
    # The reply that hands over is in the log already; what counts is the one before it.
    before = next((reply for reply in reversed(said) if reply.decision != "handoff"), None)
    found = [
        own
        for own, holds in (
            (Reason.NEGATIVE_MOOD, is_negative(moods_of(new))),
            (Reason.REPEATED_FAILURE, failed_again(new, turns)),
            (Reason.LOW_CONFIDENCE_TWICE, missed_twice(turns)),
            (Reason.ASSISTANT_UNAVAILABLE, _last_notice(new) == "assistant_unavailable"),
            (Reason.ORDER, before is not None and before.intent in _ORDER_INTENTS),
        )
        if holds
    ]
    notices = [e.payload.key for e in new if isinstance(e.payload, Notice)]
    found += [own for own in Reason if f"offer_{own}" in notices]
    return str(more_telling(Reason.ASKED_FOR_PERSON, *found))


def since_handoff(events: Sequence[Event]) -> list[Event]:
    """What happened since a case was last opened or given back."""
    new: list[Event] = []
    for event in events:
        new = [] if isinstance(event.payload, HandoffRequested | CaseReturned) else [*new, event]
    return new


def is_negative(moods: Sequence[float]) -> bool:
    """Whether the customer sounded negative in two messages, or very much so in one."""
    return (
        sum(value >= NEGATIVE for value in moods) >= _NEGATIVE_MESSAGES
        or max(moods, default=0.0) > VERY_NEGATIVE
    )


def missed_twice(turns: Sequence[Turn]) -> bool:
    """Whether the last two messages were both asked back or declined."""
    answered = [replies for _, replies in turns if any(r.decision != "handoff" for r in replies)]
    return len(answered) >= 2 and all(_is_miss(replies) for replies in answered[-2:])


def failed_again(events: Sequence[Event], turns: Sequence[Turn]) -> bool:
    """Whether two answers did not help, or a question that got a reply was put again."""
    helped = {e.ref: e.payload.helpful for e in events if isinstance(e.payload, FeedbackGiven)}
    if sum(not helpful for helpful in helped.values()) >= _NO_HELP:
        return True
    questions = {
        message.seq
        for message, replies in turns
        if any(
            reply.decision in ("answer", "clarify", "decline") and reply.intent not in _NO_QUESTION
            for reply in replies
        )
    }
    return any(
        isinstance(message.payload, CustomerMessage)
        and message.payload.repeats in questions
        and message.seq in questions
        for message, _ in turns
    )


def _is_miss(replies: Sequence[BotMessage]) -> bool:
    # What a form asks for is no sign of doubt: only search offers a person when it has nothing.
    return not any(reply.decision == "answer" for reply in replies) and any(
        reply.decision in ("clarify", "decline")
        and any(button.intent == "ask_for_person" for button in reply.buttons)
        for reply in replies
    )


def moods_of(events: Sequence[Event]) -> list[float]:
    """The moods that were read, in order."""
    return [event.payload.value for event in events if isinstance(event.payload, MoodRead)]


def _last_notice(events: Sequence[Event]) -> str | None:
    return next((e.payload.key for e in reversed(events) if isinstance(e.payload, Notice)), None)


def turns_of(
    events: Sequence[Event], due: int = 0, replies: Sequence[BotMessage] = ()
) -> list[Turn]:
    """Each message with what the bot said to it; ``replies`` are about to be said to ``due``."""
    said: dict[int | None, list[BotMessage]] = {due: list(replies)}
    for event in events:
        if isinstance(event.payload, BotMessage):
            said.setdefault(event.ref, []).append(event.payload)
    return [
        (event, said.get(event.seq, []))
        for event in events
        if isinstance(event.payload, CustomerMessage) and (not due or event.seq <= due)
    ]
