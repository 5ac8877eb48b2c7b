"""The log: append and read. Nothing changes an event's skeleton once it is written.

The words of an event stand apart, and ``replace`` puts others there: that is for redaction alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation.events import SPOKEN, AnyPayload, Draft, Event, Source, join, split
from bot.conversation.ownership import ConversationId, Fence, Owner, OwnershipError
from bot.storage import tables

_event = tables.event
_content = tables.event_content
_conversation = tables.conversation
# Places asked for in one statement: databases limit the number of its values.
_PLACES = 400


async def append(
    connection: AsyncConnection,
    conversation: ConversationId,
    drafts: Sequence[Draft],
    *,
    fence: Fence | None = None,
    owner: Owner | None = None,
    **columns: Any,
) -> list[Event]:
    """Append ``drafts`` in order, inside the transaction of ``connection``.

    Under a ``fence`` this is a compare-and-set on owner and epoch. ``owner`` makes a new owner
    and begins an epoch of its own: the drafts then belong to that epoch. ``columns`` are set on
    the conversation's row in the same statement.

    Raises:
        OwnershipError: the fence no longer holds; nothing was written.
        ValueError: a draft that the customer would see comes without a fence.
    """
    if fence is None and (owner or any(isinstance(draft.payload, SPOKEN) for draft in drafts)):
        raise ValueError("What a customer sees from our side is appended under a fence.")
    statement = update(_conversation).where(_conversation.c.id == conversation)
    if fence is not None:
        statement = statement.where(
            _conversation.c.owner == str(fence.owner), _conversation.c.epoch == fence.epoch
        )
    values: dict[str, Any] = {"last_seq": _conversation.c.last_seq + len(drafts), **columns}
    if owner is not None:
        values |= {"owner": str(owner), "epoch": _conversation.c.epoch + 1}
    result = await connection.execute(
        statement.values(values).returning(_conversation.c.last_seq, _conversation.c.epoch)
    )
    row = result.one_or_none()
    if row is None:
        raise OwnershipError(f"Conversation {conversation} has another owner or epoch by now.")
    at = clock.now()
    first = row.last_seq - len(drafts) + 1
    events = [
        Event(
            conversation=conversation,
            seq=seq,
            at=at,
            epoch=row.epoch,
            source=draft.source,
            payload=draft.payload,
            actor=draft.actor,
            ref=draft.ref,
            client_id=draft.client_id,
        )
        for seq, draft in enumerate(drafts, first)
    ]
    await _insert(connection, events)
    return events


async def _insert(connection: AsyncConnection, events: Sequence[Event]) -> None:
    skeletons, contents = [], []
    for event in events:
        kind, skeleton, content = split(event.payload)
        skeletons.append(
            {
                "conversation_id": event.conversation,
                "seq": event.seq,
                "kind": kind,
                "source": str(event.source),
                "actor": event.actor,
                "at": event.at,
                "epoch": event.epoch,
                "ref": event.ref,
                "client_id": event.client_id,
                "data": skeleton,
            }
        )
        if content:
            contents.append(
                {
                    "conversation_id": event.conversation,
                    "seq": event.seq,
                    "content": content,
                }
            )
    if skeletons:
        await connection.execute(insert(_event), skeletons)
    if contents:
        await connection.execute(insert(_content), contents)


async def replace(connection: AsyncConnection, event: Event, payload: AnyPayload) -> None:
    """Put the personal content of ``payload`` in the place of that of ``event``."""
    _, _, content = split(payload)
    await connection.execute(
        update(_content)
        .where(_content.c.conversation_id == event.conversation, _content.c.seq == event.seq)
        .values(content=content)
    )


async def read(
    connection: AsyncConnection, conversation: ConversationId, *, after: int = 0
) -> list[Event]:
    """The events of ``conversation`` with a sequence number above ``after``, in order."""
    rows = await connection.execute(
        _joined()
        .where(_event.c.conversation_id == conversation, _event.c.seq > after)
        .order_by(_event.c.seq)
    )
    return [_from_row(row) for row in rows]


async def find(
    connection: AsyncConnection,
    conversation: ConversationId,
    *,
    seq: int | None = None,
    client_id: str | None = None,
) -> Event | None:
    """The event of ``conversation`` with that number or that client's id, if there is one."""
    statement = _joined().where(_event.c.conversation_id == conversation)
    if seq is not None:
        statement = statement.where(_event.c.seq == seq)
    if client_id is not None:
        statement = statement.where(_event.c.client_id == client_id)
    row = (await connection.execute(statement)).first()
    return _from_row(row) if row else None


async def find_all(
    connection: AsyncConnection, places: Sequence[tuple[ConversationId, int]]
) -> dict[tuple[ConversationId, int], Event]:
    """The events with these conversations and numbers."""
    found: dict[tuple[ConversationId, int], Event] = {}
    wanted = list(dict.fromkeys(places))
    for start in range(0, len(wanted), _PLACES):
        part = wanted[start : start + _PLACES]
        statement = _joined().where(tuple_(_event.c.conversation_id, _event.c.seq).in_(part))
        for row in await connection.execute(statement):
            event = _from_row(row)
            found[event.conversation, event.seq] = event
    return found


def _joined() -> Select[Any]:
    return select(_event, _content.c.content).join_from(
        _event,
        _content,
        and_(
            _content.c.conversation_id == _event.c.conversation_id,
            _content.c.seq == _event.c.seq,
        ),
        isouter=True,
    )


def _from_row(row: Row[Any]) -> Event:
    return Event(
        conversation=ConversationId(row.conversation_id),
        seq=row.seq,
        at=row.at,
        epoch=row.epoch,
        source=Source(row.source),
        payload=join(row.kind, row.data, row.content),
        actor=row.actor,
        ref=row.ref,
        client_id=row.client_id,
    )
