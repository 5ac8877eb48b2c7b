"""Agents' sessions: a random token in an HttpOnly cookie, its hash in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy import delete, insert, select

from bot import clock
from bot.handoff import agents
from bot.handoff.cases import Agent
from bot.services import Services, tell
from bot.storage import tables
from bot.web.errors import ApiError

COOKIE = "firstline_desk"
_table = tables.agent_session


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def begin(services: Services, agent: Agent) -> Cookie:
    """Log ``agent`` in; the cookie is new each time, so none can be planted beforehand."""
    token = secrets.token_urlsafe(32)
    seconds = int(services.settings.desk_session_hours * 3600)
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    async with services.database.write() as connection:
        await connection.execute(delete(_table).where(_table.c.expires_at < clock.now()))
        await connection.execute(
            insert(_table).values(
                token_hash=_hash(token), agent_id=agent.id, expires_at=clock.stamp(expires)
            )
        )
    return _cookie(services, token, seconds)


async def end(services: Services, request: Request[Any, Any, Any]) -> Cookie:
    """Log out: the token means nothing any more."""
    token = request.cookies.get(COOKIE, "")
    async with services.database.write() as connection:
        await connection.execute(delete(_table).where(_table.c.token_hash == _hash(token)))
    return _cookie(services, "", 0)


async def is_logged_in(services: Services, agent: Agent) -> bool:
    """Whether the agent is logged in anywhere."""
    statement = select(_table.c.agent_id).where(
        _table.c.agent_id == agent.id, _table.c.expires_at > clock.now()
    )
    async with services.database.read() as connection:
        return (await connection.execute(statement)).first() is not None


async def agent_of(services: Services, request: Request[Any, Any, Any]) -> Agent | None:
    """Who is logged in by the request's cookie; None if it means nothing, or nothing any more."""
    statement = select(_table.c.agent_id).where(
        _table.c.token_hash == _hash(request.cookies.get(COOKIE, "")),
        _table.c.expires_at > clock.now(),
    )
    async with services.database.read() as connection:
        row = (await connection.execute(statement)).first()
    return await agents.find(services.database, row.agent_id) if row else None


async def provide_agent(request: Request[Any, Any, Any], services: Services) -> Agent:
    """Who calls, by the session's cookie.

    Raises:
        ApiError: nobody is logged in.
    """
    agent = await agent_of(services, request)
    if agent is None:
        raise ApiError(401, "not_logged_in", "Log in first.")
    # Whatever somebody does in the desk shows that they are there.
    if await services.presence.seen(agent, acted=request.method == "POST"):
        await tell(services)
    return agent


def _cookie(services: Services, token: str, seconds: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        max_age=seconds,
        path="/desk",
        httponly=True,
        secure=services.settings.secure_cookies,
        samesite="strict",
    )
