"""What a turn asks of who watches over a conversation: mood and policy of a message, and whether
a person is needed. The rules themselves are ``bot.handoff.rules``, which this side does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import log
from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    BotMessage,
    CustomerMessage,
    Draft,
    Event,
    FeedbackGiven,
    MoodRead,
    Source,
)
from bot.conversation.lifecycle import Kind

# Rules look this far back, so that a turn costs the same at any length of the conversation.
RECENT_EVENTS = 80


@dataclass(frozen=True)
class Reading:
    """What one message says besides its question."""

    mood: float  # probability that the customer is angry, upset or frustrated
    policy: str | None = None  # the reason for which a person has to take over at once


@dataclass(frozen=True)
class Verdict:
    """A person is needed: for what reason, and what is done about it."""

    reason: str
    at_once: bool  # a case is opened; otherwise a person is offered
    instead: bool  # what is said takes the place of the bot's reply


class Watch(Protocol):
    """Reads messages and judges conversations."""

    def read(self, text: str, vector: NDArray[np.float32]) -> Reading:
        """What ``text`` says besides its question; ``vector`` is its query embedding."""

    async def judge(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        question: int,
        replies: Sequence[BotMessage],
        reading: Reading | None,
    ) -> Verdict | None:
        """Whether a person is needed now, after the bot said ``replies`` to that question.

        Question 0 and no replies: it is the customer's feedback that is judged. The conversation
        is locked.
        """


def mood_of(reading: Reading, message: int) -> Draft:
    """The event for the mood of the customer's message with that number."""
    value = round(min(max(reading.mood, 0.0), 1.0), 2)
    return Draft(payload=MoodRead(value=value), source=Source.SYSTEM, ref=message)


async def recent(connection: AsyncConnection, conversation: Conversation) -> list[Event]:
    """The last events of a conversation: as far back as anybody looks."""
    return await log.read(
        connection, conversation.id, after=max(0, conversation.last_seq - RECENT_EVENTS)
    )


def unread(conversation: Conversation, events: Sequence[Event]) -> list[Event]:
    """The messages whose mood nobody read, but for those that a turn of the bot will read."""
    known = {event.ref for event in events if isinstance(event.payload, MoodRead)}
    with_person = conversation.owner.kind is Kind.AGENT
    return [
        event
        for event in events
        if isinstance(event.payload, CustomerMessage)
        and event.seq not in known
        and (event.seq <= conversation.answered_seq or (with_person and not _awaited(conversation)))
    ]


def _awaited(conversation: Conversation) -> bool:
    return conversation.asked_seq > conversation.answered_seq


def ends_with_feedback(events: Sequence[Event]) -> bool:
    """Whether the last thing that happened is that an answer did not help."""
    for event in reversed(events):
        if not isinstance(event.payload, MoodRead):
            return isinstance(event.payload, FeedbackGiven) and not event.payload.helpful
    return False
