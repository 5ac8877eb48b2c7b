"""The agents who work in the desk, and their passwords (argon2 hashes)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import clock
from bot.conversation.ownership import AgentId
from bot.errors import ExpectedError
from bot.handoff.cases import Agent
from bot.storage import tables
from bot.storage.database import Database

_table = tables.agent
_hasher = PasswordHasher()
# Checked where no such agent exists, so that the time taken does not tell names apart.
_NOBODY = _hasher.hash(uuid.uuid4().hex)

MIN_PASSWORD_CHARACTERS = 10


MAX_CAPACITY = 50


class AgentError(ExpectedError):
    """An agent cannot be added or changed; the text says why and what to do."""


@dataclass(frozen=True)
class Skills:
    """What an agent knows and takes; None leaves it as it is, an empty list is everything."""

    topics: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    capacity: int | None = None  # cases to hold at once

    def values(self) -> dict[str, Any]:
        """The columns to write.

        Raises:
            AgentError: the capacity is out of range.
        """
        if self.capacity is not None and not 1 <= self.capacity <= MAX_CAPACITY:
            raise AgentError(f"The capacity is the cases held at once: 1 to {MAX_CAPACITY}.")
        given = {
            "topics": None if self.topics is None else sorted(set(self.topics)),
            "languages": None if self.languages is None else sorted(set(self.languages)),
            "capacity": self.capacity,
        }
        return {name: value for name, value in given.items() if value is not None}


async def add(database: Database, name: str, password: str, skills: Skills = Skills()) -> Agent:
    """Add an agent who logs in with ``name`` and ``password``; one who was removed comes back.

    Raises:
        AgentError: the name is taken or empty, the password too short, or a skill cannot be.
    """
    name = name.strip()
    if not name:
        raise AgentError("Give the agent a name.")
    given = {"password_hash": await _hashed(password), "active": True, **skills.values()}
    try:
        async with database.write() as connection:
            removed = update(_table).where(_table.c.name == name, ~_table.c.active)
            back = await connection.execute(removed.values(given).returning(_table.c.id))
            if (row := back.first()) is not None:
                return Agent(AgentId(row.id), name)
            agent = Agent(AgentId(uuid.uuid4().hex[:12]), name)
            await connection.execute(
                insert(_table).values(id=agent.id, name=name, created_at=clock.now(), **given)
            )
    except IntegrityError:
        raise AgentError(f"There is an agent named {name!r} already.") from None
    return agent


async def _hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise AgentError(f"A password needs {MIN_PASSWORD_CHARACTERS} characters at least.")
    return await asyncio.to_thread(_hasher.hash, password)


async def set_password(database: Database, name: str, password: str) -> None:
    """Give the agent with that name another password; wherever they are logged in, it ends.

    Raises:
        AgentError: there is no such agent, or the password is too short.
    """
    await _change(database, name, {"password_hash": await _hashed(password)}, logs_out=True)


async def remove(database: Database, name: str) -> None:
    """End an agent's access; what they did stays under their name, their cases go back.

    Raises:
        AgentError: there is no such agent.
    """
    await _change(database, name, {"active": False}, logs_out=True)


async def set_skills(database: Database, name: str, skills: Skills) -> None:
    """Change what the agent with that name knows and takes; it holds from the next case on.

    Raises:
        AgentError: there is no such agent, nothing is to be changed, or a skill cannot be.
    """
    values = skills.values()
    if not values:
        raise AgentError("Say what to change: --topics, --languages or --capacity.")
    await _change(database, name, values)


async def _change(
    database: Database, name: str, values: dict[str, Any], *, logs_out: bool = False
) -> None:
    known = update(_table).where(_table.c.name == name.strip(), _table.c.active)
    async with database.write() as connection:
        changed = await connection.execute(known.values(values).returning(_table.c.id))
        row = changed.first()
        if row is None:
            raise AgentError(f"There is no agent named {name!r}; `firstline agent add` adds one.")
        if logs_out:
            session = tables.agent_session
            await connection.execute(delete(session).where(session.c.agent_id == row.id))


async def find(database: Database, agent_id: str) -> Agent | None:
    """The active agent with that id, or None."""
    statement = select(_table).where(_table.c.id == agent_id, _table.c.active)
    async with database.read() as connection:
        row = (await connection.execute(statement)).first()
    return Agent(AgentId(row.id), row.name) if row else None


async def by_name(database: Database, name: str) -> Agent | None:
    """The active agent with that name, or None."""
    statement = select(_table).where(_table.c.name == name, _table.c.active)
    async with database.read() as connection:
        row = (await connection.execute(statement)).first()
    return Agent(AgentId(row.id), row.name) if row else None


async def check(database: Database, name: str, password: str) -> Agent | None:
    """The agent with that name if the password is right, else None."""
    statement = select(_table).where(_table.c.name == name.strip(), _table.c.active)
    async with database.read() as connection:
        row = (await connection.execute(statement)).first()
    hashed = row.password_hash if row else _NOBODY
    try:
        await asyncio.to_thread(_hasher.verify, hashed, password)
    except (VerificationError, InvalidHashError):
        return None
    return Agent(AgentId(row.id), row.name) if row else None
