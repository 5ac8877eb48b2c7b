"""What comes in from a customer, on any channel: into the log first, then to who answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log, masking, redaction
from bot.conversation.conversations import Conversation, Visitor
from bot.conversation.events import (
    AnyPayload,
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Draft,
    Event,
    FeedbackGiven,
    Notice,
    OfferedButton,
    Source,
)
from bot.conversation.lifecycle import Kind
from bot.conversation.ownership import ConversationId
from bot.storage import tables
from bot.storage.database import Database

# Older buttons are gone from anybody's sight; reading a long log for them would cost each press.
_BUTTONS_LAST_EVENTS = 200
_REPEATS_LAST_EVENTS = 60


class RefusedError(Exception):
    """What the customer sent cannot be taken; ``code`` and text say why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def receive_message(
    database: Database, visitor: Visitor, client_id: str, text: str, *, limit: int
) -> Event:
    """Log what ``visitor`` typed; it awaits the bot unless a person owns the conversation.

    Sensitive numbers are masked before anything is stored (``bot.conversation.masking``).

    The same ``client_id`` again returns the event that is there: nothing is logged twice.

    Raises:
        RefusedError: the text is empty or longer than ``limit`` characters.
    """
    # PostgreSQL cannot store a NUL, and no customer means one.
    text = text.replace("\x00", "")
    if not text.strip():
        raise RefusedError("text_empty", "Write a message first.")
    if len(text) > limit:
        raise RefusedError("text_too_long", f"A message can have {limit} characters at most.")
    payload = CustomerMessage(text=text)
    return await _receive(database, visitor, _from_customer(payload, client_id))


async def receive_button(
    database: Database, visitor: Visitor, client_id: str, event: Event, button: OfferedButton
) -> Event:
    """Log that ``visitor`` pressed ``button`` of ``event``, as ``button_of`` found them."""
    payload = ButtonPressed(title=button.title, intent=button.intent, entities=button.entities)
    return await _receive(
        database,
        visitor,
        _from_customer(payload, client_id, event.seq),
        offered_in=event.conversation,
    )


async def button_of(
    database: Database, visitor: Visitor, token: str
) -> tuple[Event, OfferedButton]:
    """The button with ``token``, and the event that offered it.

    Raises:
        RefusedError: we issued no such button to this visitor.
    """
    async with database.read() as connection:
        offered = await _offered(connection, visitor, token)
    if offered is None:
        raise RefusedError("button_unknown", "This button is no longer there; write instead.")
    return offered


async def receive_feedback(
    database: Database,
    visitor: Visitor,
    client_id: str,
    conversation: ConversationId,
    seq: int,
    helpful: bool,
) -> Event:
    """Log whether the answer ``seq`` helped.

    Raises:
        RefusedError: that is no answer in a conversation of this visitor.
    """
    async with database.write() as connection:
        await conversations.hold_visitor(connection, visitor)
        if known := await _known(connection, visitor, client_id):
            return known
        target = await conversations.load(connection, conversation)
        event = await log.find(connection, conversation, seq=seq)
        if (
            target is None
            or target.visitor != visitor.id
            or event is None
            or not isinstance(event.payload, BotMessage)
        ):
            raise RefusedError("message_unknown", "That answer is not in your conversation.")
        draft = _from_customer(FeedbackGiven(helpful=helpful), client_id, seq)
        return (await log.append(connection, conversation, [draft]))[0]


def _from_customer(payload: AnyPayload, client_id: str | None, ref: int | None = None) -> Draft:
    return Draft(payload=payload, source=Source.CUSTOMER, client_id=client_id, ref=ref)


async def _receive(
    database: Database,
    visitor: Visitor,
    draft: Draft,
    *,
    offered_in: ConversationId | None = None,
) -> Event:
    async with database.write() as connection:
        await conversations.hold_visitor(connection, visitor)
        if known := await _known(connection, visitor, draft.client_id):
            return known
        conversation = await conversations.current(connection, visitor)
        if offered_in not in (None, conversation.id):
            # The button stands in an earlier conversation of the window: no event here to name.
            draft = _from_customer(draft.payload, draft.client_id)
        events = await append_from_customer(connection, conversation, draft)
    if len(events) > 1:
        # masked-everywhere: the files of the database still hold what was taken out.
        await database.purge()
    return events[0]


async def append_from_customer(
    connection: AsyncConnection, conversation: Conversation, draft: Draft
) -> list[Event]:
    """Append what the customer said to a locked conversation, and mark it as awaiting the bot.

    Sensitive numbers are masked first. Returns the event, and those of the earlier messages that
    it made to be redacted: the caller then purges the database, once the transaction is over.
    """
    columns: dict[str, Any] = {"last_customer_at": clock.now()}
    redactions: list[Draft] = []
    if isinstance(draft.payload, CustomerMessage):
        # masked-everywhere: from here on nobody has the number, the assistant included.
        masked = masking.mask(draft.payload.text)
        text, kinds = masked.text, masked.kinds
        if completed := await redaction.complete(connection, conversation, text):
            text, redactions = completed.text, completed.drafts
            kinds = list(dict.fromkeys([*kinds, "card"]))
            columns |= completed.columns
        repeats = await _said_before(connection, conversation, text)
        payload = CustomerMessage(text=text, repeats=repeats, masked=kinds)
        draft = _from_customer(payload, draft.client_id, draft.ref)
    if conversation.owner.kind is Kind.BOT:
        columns["asked_seq"] = tables.conversation.c.last_seq + 1
    return await log.append(connection, conversation.id, [draft, *redactions], **columns)


async def _said_before(
    connection: AsyncConnection, conversation: Conversation, text: str
) -> int | None:
    # Found now and kept in the skeleton: what effort a contact cost outlives its words.
    def plain(words: str) -> str:
        return " ".join(words.casefold().split())

    recent = conversation.last_seq - _REPEATS_LAST_EVENTS
    for event in await log.read(connection, conversation.id, after=recent):
        if isinstance(event.payload, CustomerMessage) and plain(event.payload.text) == plain(text):
            return event.seq
    return None


async def _known(
    connection: AsyncConnection, visitor: Visitor, client_id: str | None
) -> Event | None:
    statement = (
        select(tables.event.c.conversation_id)
        .join(tables.conversation, tables.conversation.c.id == tables.event.c.conversation_id)
        .where(
            tables.conversation.c.visitor_id == visitor.id,
            tables.event.c.client_id == client_id,
        )
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return await log.find(connection, ConversationId(row.conversation_id), client_id=client_id)


async def _offered(
    connection: AsyncConnection, visitor: Visitor, token: str
) -> tuple[Event, OfferedButton] | None:
    # A token is CONVERSATION.RANDOM; it means something to its own visitor only.
    conversation = await conversations.load(connection, ConversationId(token.partition(".")[0]))
    if conversation is None or conversation.visitor != visitor.id:
        return None
    recent = conversation.last_seq - _BUTTONS_LAST_EVENTS
    for event in reversed(await log.read(connection, conversation.id, after=recent)):
        if isinstance(event.payload, BotMessage | Notice):
            for button in event.payload.buttons:
                if button.token == token:
                    return event, button
    return None
