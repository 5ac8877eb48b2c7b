"""HTTP for agents among themselves: presence, colleagues, and signs of reading and writing."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Router, get, post

from bot.conversation import conversations
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK, Typing
from bot.handoff import cases, presence
from bot.handoff.cases import Agent
from bot.handoff.colleagues import Wants
from bot.handoff.presence import Presence
from bot.services import Services, tell
from bot.web import desk_view
from bot.web.customer import ClientId


class PresenceChoice(msgspec.Struct):
    """Whether the agent takes cases."""

    state: Presence


class Asking(msgspec.Struct):
    """A request to a colleague."""

    client_id: ClientId
    colleague: Annotated[str, msgspec.Meta(max_length=80)]
    wants: Wants
    text: Annotated[str, msgspec.Meta(max_length=10_000)] = ""


class Answering(msgspec.Struct):
    """An answer to a colleague's request."""

    client_id: ClientId


class Sign(msgspec.Struct):
    """Whether the agent is writing."""

    on: bool


class Read(msgspec.Struct):
    """How far the agent has read."""

    seq: Annotated[int, msgspec.Meta(ge=0)]


@get("/agents")
async def list_agents(agent: Agent, services: Services) -> dict[str, Any]:
    """Everybody at the desk, with presence and load."""
    async with services.database.read() as connection:
        return {"agents": desk_view.team(await presence.colleagues(connection))}


@post("/presence", status_code=200)
async def choose_presence(data: PresenceChoice, agent: Agent, services: Services) -> dict[str, Any]:
    """Say whether you take cases."""
    await services.presence.choose(agent, data.state)
    await tell(services)
    return {"state": data.state}


@post("/cases/{case_id:str}/ask", status_code=200)
async def ask_colleague(
    case_id: str, data: Asking, agent: Agent, services: Services
) -> dict[str, Any]:
    """Ask a colleague to look at your case or to take it."""
    case = await services.colleagues.ask(
        case_id, agent, data.client_id, data.colleague, data.wants, data.text
    )
    return await desk_view.changed(services, case)


@post("/cases/{case_id:str}/accept", status_code=200)
async def accept(case_id: str, data: Answering, agent: Agent, services: Services) -> dict[str, Any]:
    """Take over the case that a colleague asked you to take."""
    return await desk_view.changed(
        services, await services.colleagues.accept(case_id, agent, data.client_id)
    )


@post("/cases/{case_id:str}/decline", status_code=200)
async def decline(
    case_id: str, data: Answering, agent: Agent, services: Services
) -> dict[str, Any]:
    """Do not take it, or take your own request back."""
    return await desk_view.changed(
        services, await services.colleagues.decline(case_id, agent, data.client_id)
    )


@post("/cases/{case_id:str}/typing", status_code=202)
async def typing(case_id: str, data: Sign, agent: Agent, services: Services) -> dict[str, Any]:
    """Show the customer that you are writing; only in a case of yours."""
    async with services.database.read() as connection:
        case = await cases.find(connection, case_id)
        conversation = await conversations.load(connection, case.conversation)
    if conversation and conversation.owner.agent == agent.id:
        sign = Typing(conversation.id, "agent", data.on, agent.name)
        services.signals.typing(conversation.visitor, sign)
    return {}


@post("/cases/{case_id:str}/read", status_code=202)
async def read(case_id: str, data: Read, agent: Agent, services: Services) -> dict[str, Any]:
    """Note that you have read up to an event; only in a case of yours."""
    async with services.database.write() as connection:
        case = await cases.find(connection, case_id)
        conversation = await conversations.lock(connection, ConversationId(case.conversation))
        if conversation.owner.agent != agent.id:
            return {}
        grown = await conversations.mark_read(connection, conversation, by_agent=data.seq)
    if grown:
        services.signals.notify(conversation.visitor, DESK)
    return {}


router = Router(
    path="/desk/api",
    route_handlers=[
        list_agents,
        choose_presence,
        ask_colleague,
        accept,
        decline,
        typing,
        read,
    ],
)
