"""Which agents are there: available, busy or away, and how many cases each holds.

An agent says so in the desk. Who does nothing for a while, or whose page is gone, is away by
itself, and back by itself when they act, or when the page is there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation.lifecycle import CaseState
from bot.conversation.ownership import AgentId
from bot.handoff.cases import Agent
from bot.storage import tables
from bot.storage.database import Database

_table = tables.presence
_agent = tables.agent
_case = tables.case
# A page says so often that it is open; the table is written at most this often.
_SEEN_SECONDS = 10.0

Why = Literal["chosen", "idle", "lost", "left"]


class Presence(StrEnum):
    """Whether an agent takes cases."""

    AVAILABLE = "available"
    BUSY = "busy"  # there, but takes no further case
    AWAY = "away"


@dataclass(frozen=True)
class Colleague:
    """An agent with presence, skills and load; empty skills mean all."""

    agent: Agent
    state: Presence
    why: Why
    since: str
    seen_at: str
    acted_at: str
    given_at: str | None
    topics: frozenset[str]
    languages: frozenset[str]
    capacity: int
    holds: int

    @property
    def has_room(self) -> bool:
        """Whether the agent may be given another case."""
        return self.state is Presence.AVAILABLE and self.holds < self.capacity

    def speaks(self, language: str) -> bool:
        """Whether the agent writes that language."""
        return not self.languages or language in self.languages

    def knows(self, topic: str | None) -> bool:
        """Whether the topic is one of the agent's."""
        return not self.topics or topic is None or topic in self.topics


async def colleagues(connection: AsyncConnection, *, hold: bool = False) -> list[Colleague]:
    """All active agents who were ever in the desk; with ``hold`` nobody else assigns meanwhile."""
    held = (
        select(_case.c.agent_id, func.count().label("holds"))
        .where(_case.c.state == str(CaseState.CLAIMED))
        .group_by(_case.c.agent_id)
        .subquery()
    )
    if hold:
        statement = select(_table.c.agent_id).order_by(_table.c.agent_id).with_for_update()
        await connection.execute(statement)
    rows = await connection.execute(
        select(_agent, _table, func.coalesce(held.c.holds, 0).label("holds"))
        .join_from(_agent, _table, _table.c.agent_id == _agent.c.id)
        .join(held, held.c.agent_id == _agent.c.id, isouter=True)
        .where(_agent.c.active)
        .order_by(_agent.c.name)
    )
    return [_from_row(row) for row in rows]


def _from_row(row: Row[Any]) -> Colleague:
    return Colleague(
        agent=Agent(AgentId(row.id), row.name),
        state=Presence(row.state),
        why=row.why,
        since=row.since,
        seen_at=row.seen_at,
        acted_at=row.acted_at,
        given_at=row.given_at,
        topics=frozenset(row.topics),
        languages=frozenset(row.languages),
        capacity=row.capacity,
        holds=row.holds,
    )


class PresenceBook:
    """Notes who is there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[AgentId, str] = {}

    async def seen(self, agent: Agent, *, acted: bool = False) -> bool:
        """The agent's page is open, and perhaps they did something; whether the state changed."""
        now = clock.now()
        noted = self._noted.get(agent.id)
        if noted and not acted and clock.seconds_between(noted, now) < _SEEN_SECONDS:
            return False
        self._noted[agent.id] = now
        async with self._database.write() as connection:
            row = await _row(connection, agent.id)
            if row is None:
                await _begin(connection, agent.id, now)
                return True
            values: dict[str, Any] = {"seen_at": now}
            if acted:
                values["acted_at"] = now
            back = row.state == Presence.AWAY and (
                row.why == "lost" or (acted and row.why in ("idle", "left"))
            )
            if back:
                # Who took no more cases takes none now.
                state = row.before or str(Presence.AVAILABLE)
                values |= {"state": state, "why": "chosen", "since": now}
            await connection.execute(
                update(_table).where(_table.c.agent_id == agent.id).values(values)
            )
            return bool(back)

    async def choose(self, agent: Agent, state: Presence, why: Why = "chosen") -> None:
        """The agent says whether they take cases; ``left`` is who logged out."""
        now = clock.now()
        async with self._database.write() as connection:
            if await _row(connection, agent.id) is None:
                await _begin(connection, agent.id, now)
            values = {
                "state": str(state), "why": why, "since": now, "seen_at": now, "acted_at": now,
                "before": None,
            }  # fmt: skip
            await connection.execute(
                update(_table).where(_table.c.agent_id == agent.id).values(values)
            )

    async def send_away(self, *, lost_before: str, idle_before: str) -> Sequence[AgentId]:
        """Agents not seen since ``lost_before``, or idle since ``idle_before``, are away now."""
        gone: list[AgentId] = []
        rules: tuple[tuple[Why, Any], ...] = (
            ("lost", _table.c.seen_at < lost_before),
            ("idle", _table.c.acted_at < idle_before),
        )
        async with self._database.write() as connection:
            for why, is_so in rules:
                changed = await connection.execute(
                    update(_table)
                    .where(_table.c.state != str(Presence.AWAY), is_so)
                    .values(
                        state=str(Presence.AWAY), why=why, since=clock.now(), before=_table.c.state
                    )
                    .returning(_table.c.agent_id)
                )
                gone += [AgentId(row.agent_id) for row in changed]
        return gone


async def given(connection: AsyncConnection, agent: AgentId) -> None:
    """Note that a case was assigned to the agent just now."""
    await connection.execute(
        update(_table).where(_table.c.agent_id == agent).values(given_at=clock.now())
    )


async def _row(connection: AsyncConnection, agent: AgentId) -> Row[Any] | None:
    statement = select(_table).where(_table.c.agent_id == agent).with_for_update()
    return (await connection.execute(statement)).first()


async def _begin(connection: AsyncConnection, agent: AgentId, now: str) -> None:
    try:
        async with connection.begin_nested():
            await connection.execute(
                insert(_table).values(
                    agent_id=agent,
                    state=str(Presence.AVAILABLE),
                    why="chosen",
                    since=now,
                    seen_at=now,
                    acted_at=now,
                )
            )
    except IntegrityError:
        return  # another of the agent's pages was first
