"""Conversations and the visitors who hold them: find, open, lock, close."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NewType

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import log, masking
from bot.conversation.events import Closed, Draft, Event, Identified, Opened, Source
from bot.conversation.lifecycle import Move
from bot.conversation.ownership import BOT, ConversationId, Fence, Owner, OwnershipError, after
from bot.storage import tables
from bot.storage.database import Database

VisitorId = NewType("VisitorId", str)
CustomerId = NewType("CustomerId", str)

_table = tables.conversation
_visitor = tables.visitor
_case = tables.case


@dataclass(frozen=True)
class Visitor:
    """Who is at the other end: an anonymous id and, where the site proved it, a customer."""

    id: VisitorId
    customer: CustomerId | None = None
    channel: str = "widget"
    language: str = "en"
    page: str | None = None


@dataclass(frozen=True)
class Conversation:
    """One row of the table; see ``bot.storage.tables`` for the cursors."""

    id: ConversationId
    channel: str
    visitor: VisitorId
    customer: CustomerId | None
    language: str
    owner: Owner
    epoch: int
    last_seq: int
    asked_seq: int
    answered_seq: int
    heard_since: int | None
    state: bytes | None
    previous: ConversationId | None
    opened_at: str
    last_customer_at: str
    closed_at: str | None
    read_by_customer: int = 0
    read_by_agent: int = 0

    @property
    def fence(self) -> Fence:
        """The owner and epoch now, for an append by who speaks now."""
        return Fence(self.owner, self.epoch)


def _from_row(row: Row[Any]) -> Conversation:
    return Conversation(
        id=ConversationId(row.id),
        channel=row.channel,
        visitor=VisitorId(row.visitor_id),
        customer=CustomerId(row.customer_id) if row.customer_id else None,
        language=row.language,
        owner=Owner.parse(row.owner),
        epoch=row.epoch,
        last_seq=row.last_seq,
        asked_seq=row.asked_seq,
        answered_seq=row.answered_seq,
        heard_since=row.heard_since,
        read_by_customer=row.read_by_customer,
        read_by_agent=row.read_by_agent,
        state=row.state,
        previous=ConversationId(row.previous_id) if row.previous_id else None,
        opened_at=row.opened_at,
        last_customer_at=row.last_customer_at,
        closed_at=row.closed_at,
    )


async def load(connection: AsyncConnection, conversation: ConversationId) -> Conversation | None:
    """The conversation with that id, or None."""
    row = (await connection.execute(select(_table).where(_table.c.id == conversation))).first()
    return _from_row(row) if row else None


async def load_all(
    connection: AsyncConnection, ids: Iterable[ConversationId]
) -> dict[ConversationId, Conversation]:
    """The conversations with these ids."""
    statement = select(_table).where(_table.c.id.in_(set(ids)))
    return {found.id: found for found in await _all(connection, statement)}


async def lock(connection: AsyncConnection, conversation: ConversationId) -> Conversation:
    """The conversation, held against other writers until the transaction ends.

    Raises:
        LookupError: there is none with that id.
    """
    statement = select(_table).where(_table.c.id == conversation).with_for_update()
    row = (await connection.execute(statement)).first()
    if row is None:
        raise LookupError(f"There is no conversation {conversation}.")
    return _from_row(row)


async def of_visitor(connection: AsyncConnection, visitor: VisitorId) -> list[Conversation]:
    """All conversations of ``visitor``, oldest first: what one widget window shows."""
    return await _all(
        connection,
        select(_table).where(_table.c.visitor_id == visitor).order_by(_table.c.opened_at),
    )


async def open_of(connection: AsyncConnection, visitor: VisitorId) -> Conversation | None:
    """The open conversation of ``visitor``, if there is one."""
    statement = select(_table).where(_table.c.visitor_id == visitor, _table.c.closed_at.is_(None))
    row = (await connection.execute(statement)).first()
    return _from_row(row) if row else None


async def mark_read(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    by_customer: int = 0,
    by_agent: int = 0,
) -> bool:
    """Note how far each side has read a locked conversation; whether that is further than before.

    What has not been written yet cannot have been read.
    """
    values = {
        "read_by_customer": max(
            conversation.read_by_customer, min(by_customer, conversation.last_seq)
        ),
        "read_by_agent": max(conversation.read_by_agent, min(by_agent, conversation.last_seq)),
    }
    if values == {
        "read_by_customer": conversation.read_by_customer,
        "read_by_agent": conversation.read_by_agent,
    }:
        return False
    await connection.execute(update(_table).where(_table.c.id == conversation.id).values(values))
    return True


async def pending(connection: AsyncConnection) -> list[ConversationId]:
    """Conversations in which a customer's message awaits the bot."""
    statement = select(_table.c.id).where(_table.c.asked_seq > _table.c.answered_seq)
    return [ConversationId(row.id) for row in await connection.execute(statement)]


async def with_persons(connection: AsyncConnection) -> list[ConversationId]:
    """Conversations that a person owns."""
    statement = select(_table.c.id).where(_table.c.owner.startswith("agent:"))
    return [ConversationId(row.id) for row in await connection.execute(statement)]


async def current(connection: AsyncConnection, visitor: Visitor) -> Conversation:
    """The open conversation of ``visitor``, locked; a new one if none is open.

    The visitor's row is locked first, so that two messages sent at once open one conversation.
    """
    await hold_visitor(connection, visitor)
    statement = (
        select(_table)
        .where(_table.c.visitor_id == visitor.id)
        .order_by(_table.c.opened_at.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await connection.execute(statement)).first()
    previous = _from_row(row) if row else None
    if previous and previous.closed_at is None:
        return await _identified(connection, previous, visitor)
    return await _open(connection, visitor, previous)


async def hold_visitor(connection: AsyncConnection, visitor: Visitor) -> None:
    """Make sure that the visitor's row exists, and lock it until the transaction ends."""
    statement = select(_visitor.c.id).where(_visitor.c.id == visitor.id).with_for_update()
    if (await connection.execute(statement)).first() is not None:
        return
    # Two first messages at once both find nobody: who comes second waits here and finds the row.
    on_sqlite = connection.dialect.name == "sqlite"
    new = sqlite.insert(_visitor) if on_sqlite else postgresql.insert(_visitor)
    await connection.execute(
        new.values(
            id=visitor.id,
            customer_id=visitor.customer,
            created_at=clock.now(),
            linked_at=clock.now() if visitor.customer else None,
        ).on_conflict_do_nothing()
    )
    await connection.execute(statement)


async def _open(
    connection: AsyncConnection, visitor: Visitor, previous: Conversation | None
) -> Conversation:
    conversation = ConversationId(uuid.uuid4().hex)
    now = clock.now()
    await connection.execute(
        insert(_table).values(
            id=conversation,
            channel=visitor.channel,
            visitor_id=visitor.id,
            customer_id=visitor.customer,
            language=visitor.language,
            owner=str(BOT),
            epoch=1,
            last_seq=0,
            asked_seq=0,
            answered_seq=0,
            previous_id=previous.id if previous else None,
            opened_at=now,
            last_customer_at=now,
        )
    )
    opened = Opened(
        channel=visitor.channel,
        previous=previous.id if previous else None,
        previous_closed_at=previous.closed_at if previous else None,
        language=visitor.language,
        page=masking.mask_address(visitor.page),
    )
    drafts = [Draft(payload=opened, source=Source.SYSTEM)]
    if visitor.customer:
        drafts.append(_identification(visitor.customer))
    await log.append(connection, conversation, drafts)
    return await lock(connection, conversation)


async def _identified(
    connection: AsyncConnection, conversation: Conversation, visitor: Visitor
) -> Conversation:
    if visitor.customer is None or conversation.customer == visitor.customer:
        return conversation
    await log.append(
        connection,
        conversation.id,
        [_identification(visitor.customer)],
        customer_id=visitor.customer,
    )
    return await lock(connection, conversation.id)


def _identification(customer: CustomerId) -> Draft:
    return Draft(payload=Identified(customer=customer), source=Source.SYSTEM)


async def close_idle(database: Database, minutes: float) -> list[Event]:
    """Close what the customer did not write in for ``minutes``.

    Not where a case is open, has ended since, or a reply is due.
    """
    long_ago = clock.ago(minutes=minutes)
    fresh_case = select(_case.c.id).where(
        _case.c.conversation_id == _table.c.id,
        _case.c.state.in_(("waiting", "claimed")) | (_case.c.ended_at > long_ago),
    )
    statement = select(_table).where(
        _table.c.owner == str(BOT),
        _table.c.last_customer_at < long_ago,
        _table.c.asked_seq <= _table.c.answered_seq,
        ~fresh_case.exists(),
    )
    async with database.read() as connection:
        idle = await _all(connection, statement)
    closed = []
    for conversation in idle:
        try:
            async with database.write() as connection:
                now = await lock(connection, conversation.id)
                case = fresh_case.correlate(None).where(_case.c.conversation_id == now.id)
                if (
                    now.fence != conversation.fence
                    or now.last_customer_at != conversation.last_customer_at
                    or (await connection.execute(case)).first()
                ):
                    continue
                closed += await log.append(
                    connection,
                    now.id,
                    [Draft(payload=Closed(reason="idle"), source=Source.SYSTEM)],
                    fence=now.fence,
                    owner=after(now.owner, None, Move.CLOSE),
                    closed_at=clock.now(),
                )
        except OwnershipError:
            continue
    return closed


async def link(connection: AsyncConnection, visitor: VisitorId, customer: CustomerId) -> None:
    """Record that ``visitor`` proved to be ``customer``: the identity link."""
    await connection.execute(
        update(_visitor)
        .where(_visitor.c.id == visitor)
        .values(customer_id=customer, linked_at=clock.now())
    )


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Conversation]:
    return [_from_row(row) for row in await connection.execute(statement)]
