"""HTTP that helps an agent to write: suggested answers and canned replies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Router, get
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log
from bot.conversation.conversations import Conversation
from bot.conversation.events import BotMessage, CustomerMessage, Event
from bot.handoff import cases, presence
from bot.handoff.canned import order_number, shop_name
from bot.handoff.cases import Agent, Case
from bot.journey import journeys
from bot.knowledge import Question
from bot.knowledge.suggesting import Suggestion
from bot.services import Services
from bot.texts import FALLBACK
from bot.web.errors import ApiError
from bot.web.markdown import to_plain

DESK_LANGUAGE = FALLBACK


@get("/cases/{case_id:str}/suggestions")
async def suggestions(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """What the knowledge has for the customer's last words, else for the case's question."""
    async with services.database.read() as connection:
        case, conversation, events = await _read(connection, case_id)
        meaning = await _meaning(connection, agent, conversation.language)
    for asked, question in _questions(case, conversation, events):
        found = await asyncio.to_thread(services.knowledge.suggest, question, meaning=meaning)
        if found:
            told = _told(events)
            shown = [_suggestion(each, question.language, told) for each in found]
            # What the bot has said already did not do: other answers come first.
            return _answer(asked, question.language, sorted(shown, key=lambda s: bool(s["told"])))
    return _answer(None, conversation.language, [])


@get("/cases/{case_id:str}/canned")
async def canned(case_id: str, agent: Agent, services: Services) -> dict[str, Any]:
    """The canned replies in the customer's language, filled in with what is known."""
    async with services.database.read() as connection:
        _, conversation, events = await _read(connection, case_id)
        profile = await journeys.profile(connection, conversation.customer)
        meaning = await _meaning(connection, agent, conversation.language)
    values = {
        "customer_name": profile.name if profile else None,
        "agent_name": agent.name,
        "order_number": order_number(events),
        "shop_name": shop_name(services.settings),
    }
    replies = []
    for reply in services.canned.replies:
        filled = services.canned.filled(reply, conversation.language, values)
        own = services.canned.filled(reply, meaning, values).text if meaning else None
        replies.append(
            {
                "id": reply.id,
                "title": reply.title,
                "text": filled.text,
                "missing": list(filled.missing),
                "meaning": own,
            }
        )
    return {"replies": replies}


async def _read(
    connection: AsyncConnection, case_id: str
) -> tuple[Case, Conversation, Sequence[Event]]:
    case = await cases.find(connection, case_id)
    conversation = await conversations.load(connection, case.conversation)
    if conversation is None:
        raise ApiError(404, "case_unknown", "There is no such case.")
    return case, conversation, await log.read(connection, conversation.id)


async def _meaning(connection: AsyncConnection, agent: Agent, language: str) -> str | None:
    """The desk's language, for an agent who does not write the customer's."""
    if language == DESK_LANGUAGE:
        return None
    there = await presence.colleagues(connection)
    own = next((c for c in there if c.agent.id == agent.id), None)
    return None if own is None or own.speaks(language) else DESK_LANGUAGE


def _questions(
    case: Case, conversation: Conversation, events: Sequence[Event]
) -> list[tuple[Event, Question]]:
    """The customer's last words, then the case's question, each with what came before."""
    said = [event for event in events if isinstance(event.payload, CustomerMessage)]
    chosen = [said[-1]] if said else []
    chosen += [e for e in said if e.seq == case.question_seq and e is not said[-1]]
    return [
        (event, _question(event, said[: said.index(event)], conversation, events))
        for event in chosen
    ]


def _question(
    event: Event, before: Sequence[Event], conversation: Conversation, events: Sequence[Event]
) -> Question:
    return Question(
        text=_words(event),
        language=conversation.language,
        product=_product([e for e in events if e.seq < event.seq]),
        previous=_words(before[-1]) if before else None,
    )


def _words(event: Event) -> str:
    return event.payload.text if isinstance(event.payload, CustomerMessage) else ""


def _product(events: Sequence[Event]) -> str | None:
    """The product that the bot spoke of last."""
    for event in reversed(events):
        if isinstance(event.payload, BotMessage):
            for given in reversed(event.payload.answers):
                if given.product:
                    return given.product
    return None


_Told = set[tuple[str | None, str | None, str | None]]


def _told(events: Sequence[Event]) -> _Told:
    """The sources of all that the bot has answered: article, product and attribute."""
    return {
        (given.article, given.product, given.attribute)
        for event in events
        if isinstance(event.payload, BotMessage)
        for given in event.payload.answers
    }


def _suggestion(suggestion: Suggestion, language: str, told: _Told) -> dict[str, Any]:
    answer, meaning = suggestion.answer, suggestion.meaning
    return {
        "title": answer.title,
        "text": _message(answer.text, answer.url),
        "language": answer.language or language,
        "url": answer.url,
        "article": answer.article,
        "product": answer.product,
        "probability": round(answer.probability, 2),
        "told": (answer.article, answer.product, answer.attribute) in told,
        "meaning": {"title": meaning.title, "text": to_plain(meaning.text)} if meaning else None,
    }


def _message(text: str, url: str) -> str:
    """A message as an agent sends it: plain words, and where to read more."""
    words = to_plain(text)
    return words if not url or url in words else f"{words}\n{url}"


def _answer(event: Event | None, language: str, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "question": _words(event) if event else None,
        "seq": event.seq if event else None,
        "language": language,
        "suggestions": shown,
    }


router = Router(path="/desk/api", route_handlers=[suggestions, canned])
