"""Takes the parts of a card number out of earlier messages once a later one completes it.

What the parts left behind goes with them: facts read out of them, replies that quoted them, and the
dialogue's state, which holds the customer's last messages. The log's skeleton stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import log, masking
from bot.conversation.cards import PART_DIGITS
from bot.conversation.conversations import Conversation
from bot.conversation.digits import groups
from bot.conversation.events import CustomerMessage, Draft, Event, Redacted, Source
from bot.conversation.masking import Part
from bot.conversation.sensitive import Kind
from bot.storage import tables

# How far back the beginning of a card number is looked for.
_MESSAGES, _MINUTES = 3, 10
_LAST_EVENTS = 60

_content = tables.event_content


@dataclass(frozen=True)
class Completed:
    """A message that completed a card number, without it, and what else is to be written."""

    text: str
    drafts: list[Draft]
    columns: dict[str, Any]


async def complete(
    connection: AsyncConnection, conversation: Conversation, text: str
) -> Completed | None:
    """Take out the card number that ``text`` completes; None if it completes none.

    The conversation is locked. Earlier messages are replaced at once; the caller appends the
    drafts and sets the columns.
    """
    if not groups(text):
        return None
    earlier = await _earlier(connection, conversation)
    found = masking.split([message.text for _, message in earlier], text)
    if not found:
        return None
    drafts, traces = [], []
    for (event, message), part in zip(earlier, found[:-1], strict=True):
        if part is not None:
            drafts.append(await _redact(connection, event, message, part))
            traces += _traces(message.text, part)
    await _scrub_later(connection, conversation, drafts, traces)
    last = found[-1]
    assert last is not None  # the new message always has the number's end
    return Completed(
        text=masking.cover(text, last, is_last=True),
        drafts=drafts,
        columns={"state": _without(conversation.state, traces)},
    )


async def _earlier(
    connection: AsyncConnection, conversation: Conversation
) -> list[tuple[Event, CustomerMessage]]:
    since = clock.ago(minutes=_MINUTES)
    events = await log.read(connection, conversation.id, after=conversation.last_seq - _LAST_EVENTS)
    said = [
        (event, event.payload)
        for event in events
        if isinstance(event.payload, CustomerMessage) and event.at >= since
    ]
    return said[-_MESSAGES:]


async def _redact(
    connection: AsyncConnection, event: Event, message: CustomerMessage, part: Part
) -> Draft:
    text = masking.cover(message.text, part, is_last=False)
    await log.replace(connection, event, msgspec.structs.replace(message, text=text))
    payload = Redacted(kinds=[str(Kind.CARD)], text=text)
    return Draft(payload=payload, source=Source.SYSTEM, ref=event.seq)


def _traces(text: str, part: Part) -> list[str]:
    """What of a part may stand elsewhere: all its digits, or a group of them read as a number."""
    pieces = groups(text[part.start : part.end])
    return [part.digits, *(p.digits for p in pieces if len(p.digits) >= PART_DIGITS)]


async def _scrub_later(
    connection: AsyncConnection,
    conversation: Conversation,
    drafts: Sequence[Draft],
    traces: Sequence[str],
) -> None:
    own = {draft.ref for draft in drafts}
    first = min(ref for ref in own if ref is not None)
    rows = await connection.execute(
        select(_content.c.seq, _content.c.content).where(
            _content.c.conversation_id == conversation.id, _content.c.seq > first
        )
    )
    for row in rows.all():
        clean = masking.scrub(row.content, traces)
        if clean != row.content and row.seq not in own:
            await connection.execute(
                update(_content)
                .where(_content.c.conversation_id == conversation.id, _content.c.seq == row.seq)
                .values(content=clean)
            )


def _without(state: bytes | None, traces: Sequence[str]) -> bytes | None:
    """The dialogue's state without ``traces``; none at all if they cannot be taken out of it."""
    if state is None:
        return None
    try:
        clean = msgspec.json.encode(masking.scrub(msgspec.json.decode(state), traces))
    except msgspec.MsgspecError:
        return None  # not in a form that we know: the dialogue begins anew
    return None if any(len(t) > PART_DIGITS and t.encode() in clean for t in traces) else clean
