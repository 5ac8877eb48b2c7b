"""The journey of one customer: their touchpoints in order, across visits and channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import log
from bot.conversation.conversations import CustomerId, VisitorId
from bot.conversation.events import CustomerMessage
from bot.conversation.ownership import ConversationId
from bot.journey.touchpoints import Touchpoint, fold
from bot.storage import tables

_conversation = tables.conversation
_visitor = tables.visitor
_customer = tables.customer


@dataclass(frozen=True)
class Profile:
    """What the shop's site told us about a signed-in customer."""

    id: CustomerId
    name: str
    email: str | None


async def remember(connection: AsyncConnection, profile: Profile) -> None:
    """Keep the newest profile of a customer."""
    values = {"name": profile.name, "email": profile.email, "seen_at": clock.now()}
    changed = await connection.execute(
        update(_customer).where(_customer.c.id == profile.id).values(values)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(_customer).values(id=profile.id, **values))


async def profile(connection: AsyncConnection, customer: str | None) -> Profile | None:
    """The profile of ``customer``, or None where no site ever told."""
    if customer is None:
        return None
    row = (await connection.execute(select(_customer).where(_customer.c.id == customer))).first()
    return Profile(CustomerId(row.id), row.name, row.email) if row else None


async def profiles(connection: AsyncConnection, customers: Collection[str]) -> dict[str, Profile]:
    """The profiles of ``customers``, of those of whom a site told."""
    rows = await connection.execute(select(_customer).where(_customer.c.id.in_(customers)))
    return {row.id: Profile(CustomerId(row.id), row.name, row.email) for row in rows}


async def linked_customer(connection: AsyncConnection, visitor: VisitorId) -> CustomerId | None:
    """The customer that ``visitor`` proved to be."""
    statement = select(_visitor.c.customer_id).where(_visitor.c.id == visitor)
    row = (await connection.execute(statement)).first()
    return CustomerId(row.customer_id) if row and row.customer_id else None


async def running_visitor(connection: AsyncConnection, customer: CustomerId) -> VisitorId | None:
    """The visitor in whose open conversation the customer wrote last, if there is one."""
    statement = (
        select(_visitor.c.id)
        .join(_conversation, _conversation.c.visitor_id == _visitor.c.id)
        .where(_visitor.c.customer_id == customer, _conversation.c.closed_at.is_(None))
        .order_by(_conversation.c.last_customer_at.desc())
    )
    row = (await connection.execute(statement)).first()
    return VisitorId(row.id) if row else None


async def has_conversation(connection: AsyncConnection, visitor: VisitorId) -> bool:
    """Whether the visitor ever had a conversation."""
    statement = select(_conversation.c.id).where(_conversation.c.visitor_id == visitor).limit(1)
    return (await connection.execute(statement)).first() is not None


async def conversations_of(connection: AsyncConnection, who: str) -> list[ConversationId]:
    """Conversations of a customer, or of a visitor, and of all who are linked to them."""
    visitors = select(_visitor.c.id).where(
        or_(
            _visitor.c.id == who,
            _visitor.c.customer_id == who,
            _visitor.c.customer_id.in_(
                select(_visitor.c.customer_id).where(
                    _visitor.c.id == who, _visitor.c.customer_id.is_not(None)
                )
            ),
        )
    )
    statement = (
        select(_conversation.c.id)
        .where(
            or_(_conversation.c.customer_id == who, _conversation.c.visitor_id.in_(visitors)),
        )
        .order_by(_conversation.c.opened_at)
    )
    return [ConversationId(row.id) for row in await connection.execute(statement)]


async def journey(
    connection: AsyncConnection, who: str, *, before: str | None = None
) -> list[Touchpoint]:
    """The touchpoints of a customer or visitor, oldest first; those begun before ``before``."""
    touchpoints = []
    for conversation in await conversations_of(connection, who):
        if events := await log.read(connection, conversation):
            touchpoints.append(fold(events))
    return [t for t in touchpoints if before is None or t.started_at < before]


async def question_texts(
    connection: AsyncConnection, touchpoints: Sequence[Touchpoint]
) -> dict[str, str]:
    """The question of each touchpoint in the customer's words, by conversation."""
    texts = {}
    for touchpoint in touchpoints:
        if touchpoint.question_seq is None:
            continue
        event = await log.find(
            connection, ConversationId(touchpoint.conversation), seq=touchpoint.question_seq
        )
        if event and isinstance(event.payload, CustomerMessage):
            texts[touchpoint.conversation] = event.payload.text
    return texts
