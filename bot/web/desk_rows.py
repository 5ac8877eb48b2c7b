"""The queue as the desk shows it: a row for each case, made of few queries for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log
from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Event,
    Source,
)
from bot.conversation.ownership import ConversationId
from bot.handoff import cases, presence
from bot.handoff.cases import Case
from bot.handoff.outlook import Outlook
from bot.handoff.presence import Colleague
from bot.journey import journeys
from bot.journey.journeys import Profile
from bot.storage import tables
from bot.storage.database import Database

_event = tables.event
_case = tables.case
_TALK = ("customer.message", "customer.button", "bot.message", "agent.message")
_OF_CUSTOMER = ("customer.message", "customer.button")
_Place = tuple[ConversationId, int]


@dataclass(frozen=True)
class _Known:
    """What the rows of all cases are made of."""

    conversations: Mapping[ConversationId, Conversation]
    profiles: Mapping[str, Profile]
    events: Mapping[_Place, Event]
    last: Mapping[ConversationId, int]
    unread: Mapping[str, int]


async def case_rows(
    connection: AsyncConnection, shown: Sequence[Case], outlook: Outlook
) -> list[dict[str, Any]]:
    """Cases as the queue shows them."""
    ids = [case.conversation for case in shown]
    found = await conversations.load_all(connection, ids)
    last = await _last_talk(connection, ids)
    places = [(case.conversation, case.question_seq) for case in shown if case.question_seq]
    known = _Known(
        conversations=found,
        profiles=await journeys.profiles(
            connection, {c.customer for c in found.values() if c.customer}
        ),
        events=await log.find_all(connection, [*last.items(), *places]),
        last=last,
        unread=await _unread(connection, [case.id for case in shown]),
    )
    return [_row(case, known, outlook) for case in shown if case.conversation in found]


async def case_row(connection: AsyncConnection, case: Case, outlook: Outlook) -> dict[str, Any]:
    """One case as the queue shows it."""
    return (await case_rows(connection, [case], outlook))[0]


def _row(case: Case, known: _Known, outlook: Outlook) -> dict[str, Any]:
    conversation = known.conversations[case.conversation]
    profile = known.profiles.get(conversation.customer or "")
    last = known.events.get((case.conversation, known.last.get(case.conversation, 0)))
    question = known.events.get((case.conversation, case.question_seq or 0))
    until = case.claimed_at or case.ended_at or clock.now()
    return {
        "id": case.id,
        "conversation": case.conversation,
        "state": case.state,
        "reason": case.reason,
        "topic": case.topic,
        "opened_at": case.opened_at,
        "waiting_seconds": round(clock.seconds_between(case.opened_at, until)),
        "customer": {
            "id": conversation.customer or conversation.visitor,
            "name": profile.name if profile else None,
            "verified": profile is not None,
        },
        "question": _words(question) if question else None,
        "agent": {"id": case.agent.id, "name": case.agent.name} if case.agent else None,
        "channel": conversation.channel,
        "last_at": last.at if last else case.opened_at,
        "last_text": _words(last) if last else "",
        "last_seq": conversation.last_seq,
        "language": conversation.language,
        "disposition": case.disposition,
        "ended_at": case.ended_at,
        "at_head": case.at_head,
        "due_at": case.due_at,
        "targets": _targets(case, outlook),
        "asked": {"agent": case.asked_agent, "wants": case.asked_for} if case.asked_agent else None,
        "awaits": bool(last and last.source is Source.CUSTOMER),
        "unread": known.unread.get(case.id, 0),
        "read_by_customer": conversation.read_by_customer,
    }


def _targets(case: Case, outlook: Outlook) -> dict[str, Any]:
    """By when the case should have its first reply and its end, and how it stands to that."""
    names = ("first_reply", "resolution")
    return {
        name: {"due_at": clock.stamp(target.due_at), "state": target.state}
        for name, target in zip(names, outlook.targets_of(case), strict=True)
    }


async def _last_talk(
    connection: AsyncConnection, ids: Iterable[ConversationId]
) -> dict[ConversationId, int]:
    """The number of the last thing said in each conversation."""
    statement = (
        select(_event.c.conversation_id, func.max(_event.c.seq).label("seq"))
        .where(_event.c.conversation_id.in_(set(ids)), _event.c.kind.in_(_TALK))
        .group_by(_event.c.conversation_id)
    )
    rows = await connection.execute(statement)
    return {ConversationId(row.conversation_id): row.seq for row in rows}


async def _unread(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, int]:
    """How many messages of the customer the agent who has the case has not read."""
    table = tables.conversation
    statement = (
        select(_case.c.id, func.count().label("unread"))
        .join(table, table.c.id == _case.c.conversation_id)
        .join(_event, _event.c.conversation_id == table.c.id)
        .where(
            _case.c.id.in_(set(ids)),
            _case.c.state == "claimed",
            _event.c.seq > table.c.read_by_agent,
            _event.c.kind.in_(_OF_CUSTOMER),
            _event.c.at > _case.c.claimed_at,
        )
        .group_by(_case.c.id)
    )
    return {row.id: row.unread for row in await connection.execute(statement)}


def _words(event: Event) -> str:
    match event.payload:
        case ButtonPressed(title=words):
            return words
        case (
            CustomerMessage(text=words)
            | BotMessage(text=words)
            | AgentMessage(text=words)
            | AgentNote(text=words)
        ):
            return words
    return ""


@dataclass(frozen=True)
class Look:
    """Queue and team at one moment; ``at`` is of the monotonic clock."""

    at: float
    queue: list[Case]
    rows: list[dict[str, Any]]
    team: list[Colleague]
    # What was said after a place, read once for all desks that stand there.
    news: dict[_Place, list[Event]] = field(default_factory=dict)

    @cached_property
    def encoded(self) -> str:
        """The rows as the stream sends them, made once for all desks."""
        return msgspec.json.encode({"cases": self.rows}).decode()


class Board:
    """Looks at the queue once for all desks that want to see it."""

    def __init__(self, database: Database, outlook: Outlook) -> None:
        self._database = database
        self._outlook = outlook
        self._look: Look | None = None
        self._looking: asyncio.Task[Look] | None = None

    async def look(self, since: float) -> Look:
        """The queue as it was at ``since`` (of the monotonic clock) or later."""
        look = self._look
        while look is None or look.at < since:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._make())
            # A task of its own: a page that leaves stops it for nobody else.
            look = await asyncio.shield(self._looking)
        return look

    async def _make(self) -> Look:
        at = time.monotonic()
        async with self._database.read() as connection:
            queue = await cases.queue(connection)
            rows = await case_rows(connection, queue, self._outlook)
            team = await presence.colleagues(connection)
        self._look = Look(at, queue, rows, team)
        return self._look
