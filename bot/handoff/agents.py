"""The agents who work in the desk, and their passwords (argon2 hashes)."""

from __future__ import annotations

import asyncio
import uuid

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import insert, select
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


class AgentError(ExpectedError):
    """An agent cannot be added; the text says why and what to do."""


async def add(database: Database, name: str, password: str) -> Agent:
    """Add an agent who logs in with ``name`` and ``password``.

    Raises:
        AgentError: the name is taken or empty, or the password too short.
    """
    name = name.strip()
    if not name:
        raise AgentError("Give the agent a name.")
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise AgentError(f"A password needs {MIN_PASSWORD_CHARACTERS} characters at least.")
    agent = Agent(AgentId(uuid.uuid4().hex[:12]), name)
    hashed = await asyncio.to_thread(_hasher.hash, password)
    try:
        async with database.write() as connection:
            await connection.execute(
                insert(_table).values(
                    id=agent.id,
                    name=name,
                    password_hash=hashed,
                    active=True,
                    created_at=clock.now(),
                )
            )
    except IntegrityError:
        raise AgentError(f"There is an agent named {name!r} already.") from None
    return agent


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
