"""HTTP for customers' pages: bearer token, JSON in, one resumable stream out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromHeader
from litestar.response import ServerSentEvent, ServerSentEventMessage

from bot import clock
from bot.conversation import conversations, log, reception
from bot.conversation.conversations import Conversation, Visitor
from bot.conversation.events import AnswerRef, BotMessage, CustomerMessage, Draft, Event, Source
from bot.conversation.lifecycle import Kind
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK, WAITING, Typing, news
from bot.conversation.turns import PERSON
from bot.handoff import cases
from bot.handoff.intake import reached_at
from bot.journey import journeys
from bot.journey.identity import IdentityError
from bot.services import Services
from bot.storage.undisturbed import undisturbed
from bot.web.customer_view import cursor_of, for_customer, parse_cursor
from bot.web.errors import ApiError

HEARTBEAT_SECONDS = 15.0
STILL_HERE = ServerSentEventMessage(data=None, comment="still here")
_QUEUE_SETTLES_SECONDS = 0.5

ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=80)]


class SessionRequest(msgspec.Struct):
    """What a page says when the widget starts."""

    visitor: str | None = None
    identity: str | None = None
    page: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    article: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    language: Annotated[str, msgspec.Meta(max_length=35)] | None = None


class FromPage(msgspec.Struct, kw_only=True):
    """What comes from a page; ``client_id`` makes it safe to send again."""

    client_id: ClientId
    page: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class MessageRequest(FromPage):
    """A message that a customer typed."""

    text: str


class ButtonRequest(FromPage):
    """A quick reply that a customer pressed."""

    token: Annotated[str, msgspec.Meta(max_length=200)]


class FeedbackRequest(FromPage):
    """Whether an answer helped."""

    message: Annotated[str, msgspec.Meta(max_length=200)]
    helpful: bool


class PersonRequest(FromPage):
    """The wish for a person."""


async def provide_visitor(request: Request[Any, Any, Any], services: Services) -> Visitor:
    """Who calls, by the bearer token.

    Raises:
        ApiError: there is no token, or it is not ours.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "no_session", "Begin a session first: POST /customer/session.")
    try:
        visitor = services.identity.visitor_of(token)
    except IdentityError as error:
        raise ApiError(401, "no_session", str(error)) from None
    async with services.database.read() as connection:
        customer = await journeys.linked_customer(connection, visitor)
    language = services.texts.supported(_first_choice(request))
    return Visitor(visitor, customer, language=language)


def _first_choice(request: Request[Any, Any, Any]) -> str:
    """The language that the browser would like best: `fil-PH` of `fil-PH,fil;q=0.9,en;q=0.8`."""
    return request.headers.get("accept-language", "en").split(",")[0].split(";")[0]


@post("/session", status_code=200)
async def begin_session(data: SessionRequest, services: Services) -> dict[str, Any]:
    """Begin or continue a visitor's session."""
    session = await services.identity.begin(data.visitor, data.identity)
    language = services.texts.supported(data.language)
    async with services.database.read() as connection:
        now = await conversations.open_of(connection, session.visitor)
    labels = now.language if now else language
    if data.article:
        visitor = Visitor(
            session.visitor,
            session.profile.id if session.profile else None,
            language=language,
            page=data.page,
        )
        await _open_article(services, visitor, data.article)
    return {
        "token": session.token,
        "visitor": session.visitor,
        "customer": {"name": session.profile.name} if session.profile else None,
        "texts": services.texts.group(labels, "widget"),
        "language": labels,
        "assistant": services.settings.assistant_name,
        "limits": {"message": services.settings.max_message_characters},
    }


async def _open_article(services: Services, visitor: Visitor, article_id: str) -> None:
    """Greet the visitor with an article, once in a conversation and only while the bot speaks."""
    article = await asyncio.to_thread(services.knowledge.article, article_id, visitor.language)
    if article is None:
        return
    async with services.database.write() as connection:
        conversation = await conversations.current(connection, visitor)
        if conversation.owner.kind is not Kind.BOT:
            return
        for event in await log.read(connection, conversation.id):
            if isinstance(event.payload, BotMessage) and any(
                answer.article == article.id for answer in event.payload.answers
            ):
                return
        answer = AnswerRef(
            probability=1.0, title=article.title, url=article.url, article=article.id
        )
        text = f"**{article.title}**\n\n{article.opening}"
        if article.text_language != visitor.language:
            text = f"{services.texts.say(visitor.language, 'answers.only_in_english')}\n\n{text}"
        said = BotMessage(
            text=text,
            decision="answer",
            confidence=1.0,
            topic=article.topic,
            answers=[answer],
        )
        await log.append(
            connection,
            conversation.id,
            [Draft(payload=said, source=Source.BOT)],
            fence=conversation.fence,
        )
    services.signals.notify(visitor.id, DESK)


@post("/messages", status_code=202)
async def send_message(
    data: MessageRequest, services: Services, visitor: Visitor
) -> dict[str, Any]:
    """Take what the customer typed; the answer comes by the stream.

    Where numbers were taken out, the page is told at once, even if its stream is broken.
    """
    limit = services.settings.max_message_characters
    event = await reception.receive_message(
        services.database, _at(visitor, data), data.client_id, data.text, limit=limit
    )
    await services.routing.reopen(event.conversation)
    taken = _taken(services, visitor, event)
    if isinstance(event.payload, CustomerMessage) and event.payload.masked:
        return {**taken, "text": event.payload.text, "masked": event.payload.masked}
    return taken


@post("/buttons", status_code=202)
async def press_button(data: ButtonRequest, services: Services, visitor: Visitor) -> dict[str, str]:
    """Take the press of a button that we offered; the one for a person needs no assistant."""
    offer, button = await reception.button_of(services.database, visitor, data.token)
    held_up = not services.dialogue.is_ready or services.turns.is_at_work(offer.conversation)
    if button.intent == PERSON and held_up:
        conversation = await _ask_for_person(services, _at(visitor, data), data.client_id)
        async with services.database.read() as connection:
            asked = await log.find(connection, conversation, client_id=data.client_id)
        return {"id": cursor_of(asked)} if asked else {}
    event = await reception.receive_button(
        services.database, _at(visitor, data), data.client_id, offer, button
    )
    return _taken(services, visitor, event)


@post("/feedback", status_code=202)
async def give_feedback(
    data: FeedbackRequest, services: Services, visitor: Visitor
) -> dict[str, str]:
    """Take whether an answer helped."""
    place = parse_cursor(data.message)
    if place is None:
        raise ApiError(400, "message_unknown", "That answer is not in your conversation.")
    event = await reception.receive_feedback(
        services.database, visitor, data.client_id, ConversationId(place[0]), place[1], data.helpful
    )
    return _taken(services, visitor, event)


@post("/handoff", status_code=202)
async def ask_for_person(
    data: PersonRequest, services: Services, visitor: Visitor
) -> dict[str, str]:
    """Ask for a person; works without the assistant."""
    return {"conversation": await _ask_for_person(services, _at(visitor, data), data.client_id)}


async def _ask_for_person(services: Services, visitor: Visitor, client_id: str) -> ConversationId:
    conversation = await services.intake.ask_for_person(visitor, client_id)
    services.signals.notify(visitor.id, DESK, WAITING)
    return conversation


def _at(visitor: Visitor, data: FromPage) -> Visitor:
    return replace(visitor, page=data.page)


def _taken(services: Services, visitor: Visitor, event: Event) -> dict[str, str]:
    services.signals.notify(visitor.id, DESK)
    services.turns.wake(event.conversation)
    return {"id": cursor_of(event)}


@get("/stream", media_type="text/event-stream")
async def stream(
    services: Services,
    visitor: Visitor,
    last_event_id: FromHeader[str | None] = None,
    labels: str | None = None,
) -> ServerSentEvent:
    """All that the visitor may see, from the cursor in ``Last-Event-ID`` on, for ever.

    ``labels`` is the language of the labels that the page has: new ones come when the
    conversation has another language.
    """
    return ServerSentEvent(_stream(services, visitor, last_event_id, labels))


async def _stream(
    services: Services, visitor: Visitor, cursor: str | None, labels: str | None
) -> AsyncIterator[ServerSentEventMessage]:
    place = parse_cursor(cursor) if cursor else None
    with services.signals.subscribe(visitor.id, WAITING) as signals:
        is_first = True
        expected: dict[str, Any] | None = None
        seen: tuple[str, int] | None = None
        while True:
            events, place, now = await undisturbed(_news(services, visitor, place))
            for event in events:
                if (shown := for_customer(event)) is not None:
                    yield _message(shown[0], shown[1], cursor_of(event))
            if labels is not None and now is not None and now.language != labels:
                labels = now.language
                texts = services.texts.group(labels, "widget")
                yield _message("language", {"language": labels, "texts": texts})
            waiting = await undisturbed(expectation(services, now, anew=True))
            if waiting != expected:
                expected = waiting
                yield _message("queue", waiting or {})
            read = (now.id, now.read_by_agent) if now and now.read_by_agent else None
            if read and read != seen:
                seen = read
                yield _message("read", {"conversation": read[0], "seq": read[1]})
            if is_first:
                yield _message("ready", {})
                is_first = False
            while (signal := await _signal(signals, waits=expected is not None)) == WAITING:
                # What else changed for this customer comes with a signal of its own.
                waiting = await undisturbed(expectation(services, now))
                if waiting is not None and waiting != expected:
                    expected = waiting
                    yield _message("queue", waiting)
            if signal is None:
                yield STILL_HERE
            elif isinstance(signal, Typing):
                sign = {"from": signal.source, "on": signal.on, "name": signal.name}
                yield _message("typing", sign)


async def _news(
    services: Services, visitor: Visitor, place: tuple[str, int] | None
) -> tuple[list[Event], tuple[str, int] | None, Conversation | None]:
    """What is new after ``place``, the new place, and the conversation that is open now."""
    async with services.database.read() as connection:
        events, place = await news(connection, visitor, place)
        return events, place, await conversations.open_of(connection, visitor.id)


async def _signal(signals: asyncio.Queue[Typing | str], *, waits: bool) -> Typing | str | None:
    """The next signal that concerns the page; None if it is time to say that we are here.

    That the queue moved is no news to who does not wait for a person; to who does, many moves in a
    moment are one.
    """
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            while (signal := await signals.get()) == WAITING and not waits:
                pass
    except TimeoutError:
        return None
    if signal == WAITING:
        await asyncio.sleep(_QUEUE_SETTLES_SECONDS)
        others = [signals.get_nowait() for _ in range(signals.qsize())]
        for other in others:
            if other != WAITING:
                signals.put_nowait(other)
    return signal


async def expectation(
    services: Services, now: Conversation | None, *, anew: bool = False
) -> dict[str, Any] | None:
    """What a customer who waits for a person can expect; None for who does not wait.

    All pages share one look at the queue; with ``anew``, one that is older than the case is not
    enough.
    """
    if now is None or now.owner.kind is not Kind.BOT:
        return None
    queue = await services.outlook.seen(services.database)
    case = queue.case(now.id)
    if case is None and anew:
        async with services.database.read() as connection:
            opened = await cases.open_in(connection, now.id)
        if opened is not None and clock.moment(opened.opened_at) > queue.at:
            services.outlook.forget()
            queue = await services.outlook.seen(services.database)
            case = queue.case(now.id)
    waiting = services.outlook.within(queue, now.id)
    if case is None or waiting is None:
        return None
    asks_contact = waiting.may_be_long and await _is_unreachable(services, now)
    if waiting.promise is not None:
        # A promise stays what it was; who was promised nothing is promised nothing by the way.
        due_at = clock.moment(case.due_at) if case.due_at else None
        waiting = replace(
            waiting, promise=replace(waiting.promise, due_at=due_at) if due_at else None
        )
    key, values = services.outlook.words(now.language, waiting)
    return {
        "conversation": now.id,
        "place": waiting.place,
        "estimate": {
            "low_seconds": round(waiting.estimate.low_seconds, 1),
            "high_seconds": round(waiting.estimate.high_seconds, 1),
        }
        if waiting.estimate
        else None,
        "text": services.texts.say(now.language, f"notices.{key}", **values),
        "due_at": case.due_at,
        "asks_contact": asks_contact,
    }


async def _is_unreachable(services: Services, now: Conversation) -> bool:
    async with services.database.read() as connection:
        events = await log.read(connection, now.id)
        return await reached_at(connection, now, events) is None


def _message(name: str, data: dict[str, Any], cursor: str | None = None) -> ServerSentEventMessage:
    return ServerSentEventMessage(
        data=msgspec.json.encode(data).decode(), event=name, id=cursor, sep="\n"
    )


router = Router(
    path="/customer",
    route_handlers=[
        begin_session,
        send_message,
        press_button,
        give_feedback,
        ask_for_person,
        stream,
    ],
)
