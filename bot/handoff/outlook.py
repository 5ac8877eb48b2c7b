"""What a waiting customer can expect: the place in the queue and the time, or a promise."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation.lifecycle import CaseState
from bot.conversation.ownership import ConversationId
from bot.handoff import cases, presence
from bot.handoff.cases import Case
from bot.handoff.hours import OpeningHours
from bot.handoff.presence import Colleague, Presence
from bot.handoff.promises import Promise, Reason, promise, spoken_time
from bot.handoff.targets import Target, Targets
from bot.handoff.waiting import Done, Estimate, estimates, words
from bot.settings import Settings
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

_case = tables.case
_SEEN_SECONDS = 1.0


@dataclass(frozen=True)
class Waiting:
    """What one waiting customer can expect now.

    ``place`` counts from 1; ``anyone`` is whether somebody is at the desk.
    """

    place: int
    anyone: bool
    estimate: Estimate | None
    promise: Promise | None

    @property
    def may_be_long(self) -> bool:
        """Whether the customer may have to go before a person comes."""
        return self.promise is not None or not self.anyone


@dataclass(frozen=True)
class Queue:
    """The queue and the desk at one moment."""

    at: datetime
    waiting: tuple[Case, ...]
    colleagues: tuple[Colleague, ...]
    estimates: tuple[Estimate, ...]

    def place(self, conversation: ConversationId) -> int | None:
        """The place of the conversation's case, from 1; None if it does not wait."""
        for place, case in enumerate(self.waiting, 1):
            if case.conversation == conversation:
                return place
        return None

    def case(self, conversation: ConversationId) -> Case | None:
        """The conversation's case, if it waits."""
        return next((case for case in self.waiting if case.conversation == conversation), None)


class Outlook:
    """Looks at queue, desk and opening hours."""

    def __init__(self, settings: Settings, texts: Texts) -> None:
        self.hours = OpeningHours.parse(
            settings.opening_hours, settings.opening_timezone, settings.opening_holidays
        )
        self._targets = Targets(
            settings.first_reply_target_minutes * 60,
            settings.resolution_target_hours * 3600,
            settings.target_warning_share,
        )
        self._settings = settings
        self._texts = texts
        self._seen: Queue | None = None
        self._looking: asyncio.Task[Queue] | None = None

    async def seen(self, database: Database) -> Queue:
        """The queue as it was at most a second ago: many pages ask at once."""
        looked = self._seen
        if looked is None or (datetime.now(UTC) - looked.at).total_seconds() > _SEEN_SECONDS:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(database))
            # A task of its own: a page that leaves stops it for nobody else.
            looked = await asyncio.shield(self._looking)
        return looked

    async def _look(self, database: Database) -> Queue:
        async with database.read() as connection:
            looked = await self.queue(connection)
        self._seen = looked
        return looked

    def forget(self) -> None:
        """The queue or the desk has changed: look anew."""
        self._seen = None

    def targets_of(self, case: Case) -> tuple[Target, Target]:
        """By when the case should have its first reply and its end, and how it stands to that."""
        first, ended = case.first_reply_at, case.ended_at
        return self._targets.of(
            clock.moment(case.opened_at),
            clock.moment(first) if first else None,
            clock.moment(ended) if ended else None,
            datetime.now(UTC),
            self.hours,
        )

    async def queue(self, connection: AsyncConnection) -> Queue:
        """The queue now, with what the last hours teach."""
        since = clock.ago(minutes=self._settings.estimate_hours * 60)
        rows = await connection.execute(
            select(_case.c.opened_at, _case.c.claimed_at, _case.c.ended_at).where(
                _case.c.claimed_at.is_not(None),
                or_(
                    _case.c.claimed_at > since,
                    _case.c.ended_at > since,
                    _case.c.state == str(CaseState.CLAIMED),
                ),
            )
        )
        done = [
            Done(
                clock.moment(row.opened_at),
                clock.moment(row.claimed_at),
                clock.moment(row.ended_at) if row.ended_at else None,
            )
            for row in rows
        ]
        now = datetime.now(UTC)
        waiting = await cases.waiting(connection)
        colleagues = await presence.colleagues(connection)
        takers = [c for c in colleagues if c.state is Presence.AVAILABLE]
        known = estimates(
            done,
            now,
            len(waiting),
            [c.holds for c in takers],
            round(sum(c.capacity for c in takers) / max(len(takers), 1)),
            head_opened_at=clock.moment(waiting[0].opened_at) if waiting else None,
            opening=self.hours,
            hours=self._settings.estimate_hours,
        )
        return Queue(now, tuple(waiting), tuple(colleagues), tuple(known))

    async def of(self, connection: AsyncConnection, conversation: ConversationId) -> Waiting | None:
        """What the customer of ``conversation`` can expect; None if no case of it waits."""
        return self.within(await self.queue(connection), conversation)

    def within(self, queue: Queue, conversation: ConversationId) -> Waiting | None:
        """The same, from a queue that was looked at already."""
        place = queue.place(conversation)
        if place is None:
            return None
        anyone = any(c.state is not Presence.AWAY for c in queue.colleagues)
        expected = queue.estimates[place - 1] if queue.estimates else None
        promised = promise(
            queue.at,
            self.hours,
            expected,
            self._settings.longest_wait_minutes * 60,
            self._settings.promise_hours * 3600,
        )
        return Waiting(place, anyone, expected, promised)

    def words(self, language: str, waiting: Waiting) -> tuple[str, dict[str, Any]]:
        """The notice for it: its key in the texts and what is filled in."""
        if waiting.promise is not None:
            time = spoken_time(
                waiting.promise.due_at,
                self._settings.opening_timezone,
                language,
                datetime.now(UTC),
                self._texts,
            )
            # Near closing time the promise is that of a closed desk; that it is closed is not said.
            closed = not self.hours.is_open(datetime.now(UTC))
            reason = Reason.CLOSED if closed else Reason.LONG_WAIT
            return f"waiting_{reason}", {"time": time, "place": waiting.place}
        if not waiting.anyone:
            return "waiting_nobody", {}
        if waiting.estimate is None:
            return "waiting_place", {"place": waiting.place}
        low, high = words(waiting.estimate)
        values = {"place": waiting.place, "low": low, "high": high}
        return ("waiting_minutes" if high != low else "waiting_about"), values
