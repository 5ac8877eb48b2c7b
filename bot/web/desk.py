"""HTTP for agents: the desk's page talks to this; cookie session, CSRF, one live stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK
from bot.handoff import agents, cases, known, packet
from bot.handoff.cases import Agent, Case, Disposition
from bot.handoff.known import Known
from bot.journey import journeys
from bot.services import Services
from bot.web import desk_session, desk_view
from bot.web.customer import HEARTBEAT_SECONDS, ClientId
from bot.web.errors import ApiError

# Many events at once make one refresh: a queue that flickers cannot be read.
_SETTLE_SECONDS = 0.1


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
    """Something done with a case."""

    client_id: ClientId


class Resolution(msgspec.Struct):
    """The end of a case."""

    client_id: ClientId
    disposition: Disposition


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
    return Response({"agent": _person(agent)}, cookies=[cookie])


@post("/logout", status_code=200)
async def logout(request: Request[Any, Any, Any], services: Services) -> Response[dict[str, Any]]:
    """Log out."""
    return Response({}, cookies=[await desk_session.end(services, request)])


@get("/me")
async def me(agent: Agent) -> dict[str, Any]:
    """Who is logged in."""
    return {"agent": _person(agent)}


@get("/cases")
async def list_cases(agent: Agent, services: Services) -> dict[str, Any]:
    """The queue."""
    return {"cases": await _rows(services)}


@get("/cases/{case_id:str}")
async def show_case(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """One case with packet, transcript and journey."""
    async with services.database.read() as connection:
        case = await cases.find(connection, case_id)
        conversation = await conversations.load(connection, case.conversation)
        if conversation is None:
            raise ApiError(404, "case_unknown", "There is no such case.")
        events = await log.read(connection, conversation.id)
        who = conversation.customer or conversation.visitor
        journey = await journeys.journey(connection, who)
        earlier = [t for t in journey if t.started_at < conversation.opened_at]
        profile = await journeys.profile(connection, conversation.customer)
        built = packet.build(
            case,
            conversation,
            events,
            name=profile.name if profile else None,
            email=profile.email if profile else None,
            earlier=earlier,
        )
        questions = await journeys.question_texts(connection, journey)
        return {
            "case": await desk_view.case_row(connection, case),
            "packet": msgspec.to_builtins(built),
            "transcript": desk_view.transcript(events),
            "journey": desk_view.touchpoints(journey, questions),
            "cursor": events[-1].seq,
        }


@post("/cases/{case_id:str}/claim", status_code=200)
async def claim(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """Take a waiting case."""
    return await _done(services, await services.work.claim(case_id, agent))


@post("/cases/{case_id:str}/reply", status_code=200)
async def reply(case_id: str, data: Words, agent: Agent, services: Services) -> dict[str, Any]:
    """Write to the customer."""
    asked = await _asked_again(services, case_id, data.text)
    event = await services.work.reply(case_id, agent, data.client_id, data.text, asked)
    await _tell_customer(services, event.conversation)
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
    return await _done(services, await services.work.release(case_id, agent, data.client_id))


@post("/cases/{case_id:str}/return", status_code=200)
async def give_back(case_id: str, data: Act, agent: Agent, services: Services) -> dict[str, Any]:
    """Return the conversation to the bot."""
    return await _done(services, await services.work.give_back(case_id, agent, data.client_id))


@post("/cases/{case_id:str}/resolve", status_code=200)
async def resolve(
    case_id: str, data: Resolution, agent: Agent, services: Services
) -> dict[str, Any]:
    """End a case."""
    done = await services.work.resolve(case_id, agent, data.client_id, data.disposition)
    return await _done(services, done)


@get("/stream", media_type="text/event-stream")
async def stream(agent: Agent, services: Services) -> ServerSentEvent:
    """The queue at once and at each change, and each new line of open cases."""
    return ServerSentEvent(_stream(services))


async def _stream(services: Services) -> AsyncIterator[ServerSentEventMessage]:
    sent: dict[str, tuple[ConversationId, int]] = {}
    with services.signals.subscribe(DESK) as signals:
        while True:
            async with services.database.read() as connection:
                queue = await cases.queue(connection)
                rows = await desk_view.case_rows(connection, queue)
                lines = await _new_lines(connection, queue, sent)
            yield _message("cases", {"cases": rows})
            for line in lines:
                yield _message("entry", line)
            try:
                await asyncio.wait_for(signals.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ServerSentEventMessage(comment="still here")
            await asyncio.sleep(_SETTLE_SECONDS)
            while not signals.empty():
                signals.get_nowait()


async def _new_lines(
    connection: AsyncConnection, queue: list[Case], sent: dict[str, tuple[ConversationId, int]]
) -> list[dict[str, Any]]:
    """Lines of known open cases since the last look; what is new to us starts from here."""
    lines = []
    still_open = {case.id for case in queue if desk_view.is_open(case)}
    for case in queue:
        if case.id in sent:
            conversation, after = sent[case.id]
            for event in await log.read(connection, conversation, after=after):
                sent[case.id] = (conversation, event.seq)
                if (shown := desk_view.entry(event)) is not None:
                    lines.append({"case": case.id, "conversation": conversation, "entry": shown})
        elif case.id in still_open:
            now = await conversations.load(connection, case.conversation)
            sent[case.id] = (case.conversation, now.last_seq if now else 0)
    for case_id in set(sent) - still_open:
        del sent[case_id]
    return lines


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


async def _rows(services: Services) -> list[dict[str, Any]]:
    async with services.database.read() as connection:
        return await desk_view.case_rows(connection, await cases.queue(connection))


async def _done(services: Services, case: Case) -> dict[str, Any]:
    await _tell_customer(services, case.conversation)
    # A message that came just before the move may await the bot, or have to be left to a person.
    services.turns.wake(case.conversation)
    async with services.database.read() as connection:
        return {"case": await desk_view.case_row(connection, case)}


async def _tell_customer(services: Services, conversation: ConversationId) -> None:
    async with services.database.read() as connection:
        found = await conversations.load(connection, conversation)
    if found:
        services.signals.notify(found.visitor, DESK)


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
