"""The rules by which a conversation goes to a person, or a person is offered.

Whether a reason holds is told by ``bot.handoff.reasons``; here it is decided what follows from
it. Each offer is made once between two handoffs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation.conversations import Conversation
from bot.conversation.events import SPOKEN, BotMessage, Event, Notice
from bot.conversation.mood import NEGATIVE, Mood
from bot.conversation.watch import Reading, Verdict, recent
from bot.handoff import cases
from bot.handoff.policies import Policies
from bot.handoff.reasons import (
    Reason,
    failed_again,
    is_negative,
    missed_twice,
    moods_of,
    more_telling,
    since_handoff,
    turns_of,
)
from bot.settings import Settings


class Rules:
    """Watches over conversations (``bot.conversation.watch.Watch``)."""

    def __init__(self, mood: Mood, policies: Policies, settings: Settings) -> None:
        """The settings ``handoff_on_…`` say which reasons open a case without being asked."""
        self._mood, self._policies = mood, policies
        self._at_once = {
            Reason.NEGATIVE_MOOD: settings.handoff_on_negative_mood,
            Reason.LOW_CONFIDENCE_TWICE: settings.handoff_on_low_confidence,
            Reason.REPEATED_FAILURE: settings.handoff_on_repeated_failure,
        }

    def read(self, text: str, vector: NDArray[np.float32]) -> Reading:
        """Mood and policy of a message."""
        policy = self._policies.of(text, vector)
        return Reading(
            round(self._mood.of(text, vector), 2), None if policy is None else str(policy)
        )

    async def judge(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        question: int,
        replies: Sequence[BotMessage],
        reading: Reading | None,
    ) -> Verdict | None:
        """Whether a person is needed now; see ``bot.conversation.watch``."""
        if reading is not None and reading.policy is not None:
            return Verdict(reading.policy, at_once=True, instead=True)
        events = await recent(connection, conversation)
        if await cases.open_in(connection, conversation.id):
            return None
        if any(reply.decision == "handoff" for reply in replies):
            return None
        new = since_handoff(events)
        if any(reply.intent == "affirm" for reply in replies) and _was_offered(new, question):
            # The assistant does not know of our offer, and would ask what the yes is about.
            return Verdict(str(Reason.ASKED_FOR_PERSON), at_once=True, instead=True)
        offered = {e.payload.key for e in new if isinstance(e.payload, Notice)}
        turns = turns_of(new, question, replies)
        sounds_negative = (
            reading is not None
            and reading.mood >= NEGATIVE
            and is_negative([*moods_of(new), reading.mood])
        )
        found = [
            reason
            for reason, holds in (
                (Reason.NEGATIVE_MOOD, sounds_negative),
                (Reason.REPEATED_FAILURE, failed_again(new, turns)),
                (Reason.LOW_CONFIDENCE_TWICE, bool(replies) and missed_twice(turns)),
            )
            if holds and f"offer_{reason}" not in offered
        ]
        if not found:
            return None
        reason = more_telling(*found)
        return Verdict(str(reason), at_once=self._at_once[reason], instead=False)


def _was_offered(events: Sequence[Event], question: int) -> bool:
    """Whether the last thing said before the message ``question`` offers a person."""
    said = [e.payload for e in events if e.seq < question and isinstance(e.payload, SPOKEN)]
    return bool(said) and isinstance(said[-1], Notice) and said[-1].key.startswith("offer_")
