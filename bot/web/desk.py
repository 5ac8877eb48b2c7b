"""HTTP for agents: the desk's page talks to this; cookie session, CSRF, one live stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log
from bot.conversation.events import Event, Redacted
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK, Typing
from bot.handoff import agents, cases, gathering, known, packet
from bot.handoff.cases import Agent, Disposition
from bot.handoff.known import Known
from bot.handoff.presence import Presence
from bot.journey import journeys
from bot.services import Services, tell
from bot.storage.undisturbed import undisturbed
from bot.web import desk_rows, desk_session, desk_view
from bot.web.customer import HEARTBEAT_SECONDS, STILL_HERE, ClientId
from bot.web.desk_rows import Board, Look
from bot.web.errors import ApiError

# Many events at once make one refresh: a queue that flickers cannot be read.
_SETTLE_SECONDS = 0.1
# A long queue costs each desk more to read, and is not read faster by people.
_SETTLE_SECONDS_A_ROW = 0.005


class Login(msgspec.Struct):
    """An agent's name and password."""

    name: Annotated[str, msgspec.Meta(max_length=80)]
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class Words(msgspec.Struct):
    """A reply or a note."""

    client_id: ClientId
    text: Annotated[str, msgspec.Meta(max_length=10_000)]


class DraftText(msgspec.Struct):
    """A reply that is being written."""

    text: Annotated[str, msgspec.Meta(max_length=10_000)]


class Act(msgspec.Struct):
    """Something done with a case; an ending may say with ``seen`` how far the page shows the log.

    Then it is refused where the customer has written after that.
    """

    client_id: ClientId
    seen: int | None = None


class Resolution(msgspec.Struct):
    """The end of a case."""

    client_id: ClientId
    disposition: Disposition
    seen: int | None = None


@post(
    "/login",
    status_code=200,
    middleware=[RateLimitConfig(rate_limit=("minute", 30)).middleware],
)
async def login(data: Login, services: Services) -> Response[dict[str, Any]]:
    """Log in."""
    agent = await agents.check(services.database, data.name, data.password)
    if agent is None:
        raise ApiError(401, "wrong_login", "Name or password is not right.")
    cookie = await desk_session.begin(services, agent)
    await services.presence.choose(agent, Presence.AVAILABLE)
    await tell(services)
    return Response({"agent": _person(agent)}, cookies=[cookie])


@post("/logout", status_code=200)
async def logout(request: Request[Any, Any, Any], services: Services) -> Response[dict[str, Any]]:
    """Log out; the agent's cases go back to the queue."""
    try:
        agent = await desk_session.provide_agent(request, services)
    except ApiError:
        agent = None
    cookie = await desk_session.end(services, request)
    if agent is not None and not await desk_session.is_logged_in(services, agent):
        await services.presence.choose(agent, Presence.AWAY, "left")
        await tell(services)
    return Response({}, cookies=[cookie])


@get("/me")
async def me(agent: Agent) -> dict[str, Any]:
    """Who is logged in."""
    return {"agent": _person(agent)}


@get("/cases")
async def list_cases(agent: Agent, board: Board) -> dict[str, Any]:
    """The queue."""
    return {"cases": (await board.look(time.monotonic())).rows}


@get("/cases/{case_id:str}")
async def show_case(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """One case with packet, transcript and journey."""
    async with services.database.read() as connection:
        sources = await gathering.read(connection, case_id)
        row = await desk_rows.case_row(connection, sources.case, services.outlook)
    sources = await asyncio.to_thread(
        gathering.with_shop, sources, services.shop, partial(_product_name, services)
    )
    events = sources.events
    return {
        "case": row,
        "packet": msgspec.to_builtins(packet.build(sources)),
        "transcript": desk_view.transcript(events),
        "journey": msgspec.to_builtins(packet.contacts([*sources.others, events])),
        "cursor": events[-1].seq,
    }


def _product_name(services: Services, product: str) -> str | None:
    found = services.knowledge.product(product)
    return found.name if found else None


@post("/cases/{case_id:str}/claim", status_code=200)
async def claim(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """Take a waiting case."""
    return await desk_view.changed(services, await services.work.claim(case_id, agent))


@post("/cases/{case_id:str}/reply", status_code=200)
async def reply(case_id: str, data: Words, agent: Agent, services: Services) -> dict[str, Any]:
    """Write to the customer."""
    asked = await _asked_again(services, case_id, data.text)
    event = await services.work.reply(case_id, agent, data.client_id, data.text, asked)
    await tell(services, event.conversation, queue_moved=False)
    return {"entry": desk_view.entry(event)}


@post("/cases/{case_id:str}/check", status_code=200)
async def check(case_id: str, data: DraftText, agent: Agent, services: Services) -> dict[str, Any]:
    """What a draft asks for though it is known, with the source of each."""
    return {"asked": desk_view.asked(await _asked_again(services, case_id, data.text))}


@post("/cases/{case_id:str}/note", status_code=200)
async def note(case_id: str, data: Words, agent: Agent, services: Services) -> dict[str, Any]:
    """Leave a private note."""
    event = await services.work.note(case_id, agent, data.client_id, data.text)
    services.signals.notify(DESK)
    return {"entry": desk_view.entry(event)}


@post("/cases/{case_id:str}/release", status_code=200)
async def release(case_id: str, data: Act, agent: Agent, services: Services) -> dict[str, Any]:
    """Put a case back into the queue."""
    return await desk_view.changed(
        services, await services.work.release(case_id, agent, data.client_id)
    )


@post("/cases/{case_id:str}/return", status_code=200)
async def give_back(case_id: str, data: Act, agent: Agent, services: Services) -> dict[str, Any]:
    """Return the conversation to the bot."""
    return await desk_view.changed(
        services, await services.work.give_back(case_id, agent, data.client_id, data.seen)
    )


@post("/cases/{case_id:str}/resolve", status_code=200)
async def resolve(
    case_id: str, data: Resolution, agent: Agent, services: Services
) -> dict[str, Any]:
    """End a case."""
    done = await services.work.resolve(case_id, agent, data.client_id, data.disposition, data.seen)
    return await desk_view.changed(services, done)


@get("/stream", media_type="text/event-stream")
async def stream(
    request: Request[Any, Any, Any], agent: Agent, services: Services, board: Board
) -> ServerSentEvent:
    """The queue at once and at each change, and each new line of open cases."""
    return ServerSentEvent(_stream(services, board, agent, request))


async def _stream(
    services: Services, board: Board, agent: Agent, request: Request[Any, Any, Any]
) -> AsyncIterator[ServerSentEventMessage]:
    sent: dict[str, tuple[ConversationId, int]] = {}
    since = checked = time.monotonic()
    with services.signals.subscribe(DESK) as signals:
        while True:
            if time.monotonic() - checked >= HEARTBEAT_SECONDS:
                checked = time.monotonic()
                if await undisturbed(desk_session.agent_of(services, request)) is None:
                    return  # logged out, removed, or the session is over
            await undisturbed(services.presence.seen(agent))
            look = await board.look(since)
            lines = await undisturbed(_new_lines(services, look, sent))
            yield ServerSentEventMessage(data=look.encoded, event="cases", sep="\n")
            yield _message("agents", {"agents": desk_view.team(look.team)})
            for line in lines:
                yield _message("entry", line)
            signs = []
            try:
                signs.append(await asyncio.wait_for(signals.get(), HEARTBEAT_SECONDS))
            except TimeoutError:
                yield STILL_HERE
            while not signals.empty():
                signs.append(signals.get_nowait())
            # All desks that were woken together see the same look, made after this pause.
            since = time.monotonic()
            await asyncio.sleep(_SETTLE_SECONDS + len(look.rows) * _SETTLE_SECONDS_A_ROW)
            for sign in signs:
                if isinstance(sign, Typing):
                    yield _message("typing", {"conversation": sign.conversation, "on": sign.on})


async def _new_lines(
    services: Services, look: Look, sent: dict[str, tuple[ConversationId, int]]
) -> list[dict[str, Any]]:
    """Lines of known open cases since the last look; what is new to us starts from here."""
    async with services.database.read() as connection:
        return await _read_lines(connection, look, sent)


async def _read_lines(
    connection: AsyncConnection, look: Look, sent: dict[str, tuple[ConversationId, int]]
) -> list[dict[str, Any]]:
    lines = []
    still_open = {case.id for case in look.queue if case.is_open}
    for row in look.rows:
        case, conversation, last = row["id"], ConversationId(row["conversation"]), row["last_seq"]
        if case in sent:
            after = sent[case][1]
            place = (conversation, after)
            if last > after and place not in look.news:
                look.news[place] = await log.read(connection, conversation, after=after)
            for event in look.news.get(place, []):
                sent[case] = (conversation, event.seq)
                if (shown := await _shown(connection, event)) is not None:
                    lines.append({"case": case, "conversation": conversation, "entry": shown})
        elif case in still_open:
            sent[case] = (conversation, last)
    for case in set(sent) - still_open:
        del sent[case]
    return lines


async def _shown(connection: AsyncConnection, event: Event) -> dict[str, Any] | None:
    """The line for ``event``; for a redaction that of the message, which takes its old place."""
    if isinstance(event.payload, Redacted) and event.ref is not None:
        message = await log.find(connection, event.conversation, seq=event.ref)
        return desk_view.entry(message, redacted=event.payload.kinds) if message else None
    return desk_view.entry(event)


def _message(name: str, data: dict[str, Any]) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(data).decode(), event=name, sep="\n")


async def _asked_again(services: Services, case_id: str, text: str) -> list[Known]:
    async with services.database.read() as connection:
        case = await cases.find(connection, case_id)
        conversation = await conversations.load(connection, case.conversation)
        events = await log.read(connection, case.conversation)
        profile = await journeys.profile(
            connection, conversation.customer if conversation else None
        )
    what = known.known(events, question_seq=case.question_seq, profile=profile)
    return await services.asking.asked(text, what)


def _person(agent: Agent) -> dict[str, str]:
    return {"id": agent.id, "name": agent.name}


router = Router(
    path="/desk/api",
    route_handlers=[
        login,
        logout,
        me,
        list_cases,
        show_case,
        claim,
        reply,
        check,
        note,
        release,
        give_back,
        resolve,
        stream,
    ],
)
