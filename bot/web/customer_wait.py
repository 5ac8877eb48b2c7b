"""HTTP for customers who wait for a person or talk to one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Router, post

from bot.conversation import conversations
from bot.conversation.conversations import Visitor
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK, Typing
from bot.handoff.contact import ContactKind
from bot.services import Services, tell
from bot.web.customer import FromPage
from bot.web.customer_view import parse_cursor


class Contact(FromPage):
    """Where the customer can be reached."""

    kind: ContactKind
    value: Annotated[str, msgspec.Meta(max_length=254)]


class Sign(msgspec.Struct):
    """Whether the customer is writing."""

    on: bool


class Read(msgspec.Struct):
    """The last message that the customer has seen."""

    message: Annotated[str, msgspec.Meta(max_length=200)]


@post("/withdraw", status_code=202)
async def withdraw(data: FromPage, services: Services, visitor: Visitor) -> dict[str, str]:
    """The customer needs no person any more."""
    conversation = await services.intake.withdraw(visitor, data.client_id)
    await tell(services, conversation)
    return {"conversation": conversation}


@post("/contact", status_code=202)
async def give_contact(data: Contact, services: Services, visitor: Visitor) -> dict[str, str]:
    """Say where you can be reached."""
    conversation = await services.intake.take_contact(
        visitor, data.client_id, data.kind, data.value
    )
    await tell(services, conversation)
    return {"conversation": conversation}


@post("/typing", status_code=202)
async def typing(data: Sign, services: Services, visitor: Visitor) -> dict[str, Any]:
    """Show the agent who speaks that you are writing."""
    async with services.database.read() as connection:
        found = await conversations.open_of(connection, visitor.id)
    if found is not None and found.owner.agent is not None:
        services.signals.typing(DESK, Typing(found.id, "customer", data.on))
    return {}


@post("/read", status_code=202)
async def read(data: Read, services: Services, visitor: Visitor) -> dict[str, Any]:
    """Note that you have seen what stands up to a message."""
    place = parse_cursor(data.message)
    if place is None:
        return {}
    async with services.database.write() as connection:
        found = await conversations.load(connection, ConversationId(place[0]))
        if found is None or found.visitor != visitor.id:
            return {}
        conversation = await conversations.lock(connection, found.id)
        grown = await conversations.mark_read(connection, conversation, by_customer=place[1])
    if grown:
        services.signals.notify(DESK)
    return {}


router = Router(path="/customer", route_handlers=[withdraw, give_contact, typing, read])
