"""Touchpoints: each conversation as one contact in a customer's journey, folded from the log.

The fold reads the skeleton alone, never what people wrote: masking or erasing words changes
no touchpoint, and folding again from scratch gives the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec

from bot.conversation.events import (
    AgentMessage,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseWithdrawn,
    Closed,
    CustomerMessage,
    Event,
    FactAskedAgain,
    FeedbackGiven,
    HandoffRequested,
    Opened,
    OrderLookedUp,
    PersonRequested,
)
from bot.journey.stages import Stage, stage_of


class Outcome(StrEnum):
    """What came of a contact."""

    IN_PROGRESS = "in_progress"
    RESOLVED_CONFIRMED = "resolved_confirmed"  # the customer said so
    RESOLVED_ASSUMED = "resolved_assumed"  # answered, and the customer left it at that
    ESCALATED = "escalated"  # waits for a person or is with one, or the person could not solve it
    ABANDONED = "abandoned"  # ended without an answer that could have helped


class Touchpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One contact; times in UTC. ``docs/journey.md`` says how each is counted."""

    conversation: str
    channel: str
    stage: Stage
    topic: str | None
    outcome: Outcome
    effort: int
    messages: int
    repeats: int
    handoffs: int
    persons_met: int
    transfers: int
    asked_again: int
    started_at: str
    ended_at: str | None
    last_at: str
    question_seq: int | None
    previous: str | None


def fold(events: Sequence[Event]) -> Touchpoint:
    """The touchpoint of a conversation, from all its events in order.

    Raises:
        ValueError: the events do not begin with the opening of the conversation.
    """
    if not events or not isinstance(events[0].payload, Opened):
        raise ValueError("A conversation begins with its opening.")
    opened = events[0].payload
    said = [e for e in events if isinstance(e.payload, CustomerMessage | ButtonPressed)]
    repeats = sum(
        1 for e in said if isinstance(e.payload, CustomerMessage) and e.payload.repeats is not None
    )
    persons = [e.actor for e in events if isinstance(e.payload, AgentMessage)]
    transfers = sum(1 for one, another in pairwise(persons) if one != another)
    topic = topic_of(events)
    order_known = any(isinstance(e.payload, OrderLookedUp) for e in events)
    ended = next((e.at for e in events if isinstance(e.payload, Closed | CaseResolved)), None)
    return Touchpoint(
        conversation=events[0].conversation,
        channel=opened.channel,
        stage=stage_of(topic, order_known=order_known),
        topic=topic,
        outcome=_outcome(events, is_over=ended is not None),
        effort=len(said) + repeats + transfers,
        messages=len(said),
        repeats=repeats,
        handoffs=sum(1 for e in events if isinstance(e.payload, HandoffRequested)),
        persons_met=len(set(persons)),
        transfers=transfers,
        asked_again=sum(1 for e in events if isinstance(e.payload, FactAskedAgain)),
        started_at=events[0].at,
        ended_at=ended,
        last_at=events[-1].at,
        question_seq=question_of(events),
        previous=opened.previous,
    )


def topic_of(events: Sequence[Event]) -> str | None:
    """The topic most often spoken of; of equals the first."""
    topics: Counter[str] = Counter()
    for event in events:
        if isinstance(event.payload, BotMessage | HandoffRequested) and event.payload.topic:
            topics[event.payload.topic] += 1
    return topics.most_common(1)[0][0] if topics else None


# Intents of messages that carry no question of their own.
NO_QUESTION = frozenset(
    {
        "greet",
        "thanks",
        "goodbye",
        "bot_challenge",
        "abuse",
        "affirm",
        "deny",
        "give_details",
        "ask_for_person",
    }
)


def question_of(events: Sequence[Event], *, before: int | None = None) -> int | None:
    """The number of the last message that put a question; else of the last message of all."""
    no_question = {
        e.ref
        for e in events
        if isinstance(e.payload, BotMessage)
        and (e.payload.intent in NO_QUESTION or e.payload.decision == "smalltalk")
    }
    messages = [
        e.seq
        for e in events
        if isinstance(e.payload, CustomerMessage) and (before is None or e.seq <= before)
    ]
    questions = [seq for seq in messages if seq not in no_question]
    found = questions or messages
    return found[-1] if found else None


def _outcome(events: Sequence[Event], *, is_over: bool) -> Outcome:
    outcome = Outcome.ABANDONED if is_over else Outcome.IN_PROGRESS
    for event in events:
        payload = event.payload
        if isinstance(payload, HandoffRequested | CaseClaimed | CaseReleased | PersonRequested):
            outcome = Outcome.ESCALATED
        elif isinstance(payload, CaseReturned):
            outcome = Outcome.RESOLVED_ASSUMED
        elif isinstance(payload, CaseWithdrawn):
            outcome = Outcome.ABANDONED
        elif isinstance(payload, CaseResolved):
            outcome = (
                Outcome.RESOLVED_ASSUMED
                if payload.disposition == "solved"
                else Outcome.ESCALATED
                if payload.disposition == "not_solved"
                else Outcome.ABANDONED
            )
        elif outcome is Outcome.ESCALATED:
            continue  # as long as a case is open, nothing but its end changes the outcome
        elif isinstance(payload, FeedbackGiven):
            outcome = Outcome.RESOLVED_CONFIRMED if payload.helpful else Outcome.ABANDONED
        elif isinstance(payload, BotMessage):
            if payload.decision == "answer":
                outcome = Outcome.RESOLVED_ASSUMED
            elif payload.decision in ("clarify", "decline"):
                outcome = Outcome.ABANDONED
    if not is_over and outcome is Outcome.ABANDONED:
        return Outcome.IN_PROGRESS
    return outcome
