"""Turns that a builder has in the Rasa shell, as they reach the log.

The shell is Rasa's own: it prints its replies before we hear of them, and our broker sends its
events afterwards. So the log records what was said; a reply printed while a person owned the
conversation is recorded as suppressed, though the builder saw it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log, masking, turns
from bot.conversation.conversations import Conversation, Visitor, VisitorId
from bot.conversation.events import CustomerMessage, Draft, ReplySuppressed, Source
from bot.conversation.lifecycle import Kind
from bot.conversation.ownership import ConversationId
from bot.conversation.reception import append_from_customer
from bot.conversation.turns import OpenCase
from bot.dialogue import TurnResult, entities_from, reply_from_event
from bot.storage.database import Database


def visitor_of(sender: str) -> Visitor:
    """The visitor that a shell session stands for."""
    return Visitor(VisitorId(f"shell-{sender}"), channel="shell")


async def record(
    database: Database, open_case: OpenCase, sender: str, event_id: str, raw: dict[str, Any]
) -> ConversationId | None:
    """Log one of Rasa's events of the shell session ``sender``; the same ``event_id`` again is
    ignored.

    Returns the conversation if the event belongs into its log.
    """
    if raw.get("event") not in ("user", "bot") or not raw.get("text"):
        return None
    client_id = f"shell-{event_id}"[:80]
    async with database.write() as connection:
        conversation = await conversations.current(connection, visitor_of(sender))
        if await log.find(connection, conversation.id, client_id=client_id):
            return conversation.id
        redacted = False
        if raw["event"] == "user":
            redacted = await _user(connection, conversation, raw, client_id)
        else:
            await _bot(connection, conversation, raw, client_id, open_case)
    if redacted:
        await database.purge()
    return conversation.id


async def _user(
    connection: AsyncConnection, conversation: Conversation, raw: dict[str, Any], client_id: str
) -> bool:
    """Whether earlier messages were redacted."""
    message = Draft(
        payload=CustomerMessage(text=raw["text"]), source=Source.CUSTOMER, client_id=client_id
    )
    event, *redacted = await append_from_customer(connection, conversation, message)
    said = event.payload
    assert isinstance(said, CustomerMessage)
    # Rasa read the text before we masked it: what stood in a number we took out is no fact.
    read = entities_from(raw.get("parse_data") or {})
    known = [entity for entity in read if not said.masked or entity.value in said.text]
    facts = turns.facts(known, event)
    # The shell answers by itself: nothing here awaits the bot.
    await log.append(connection, conversation.id, facts, answered_seq=event.seq)
    return bool(redacted)


async def _bot(
    connection: AsyncConnection,
    conversation: Conversation,
    raw: dict[str, Any],
    client_id: str,
    open_case: OpenCase,
) -> None:
    reply = reply_from_event(raw)
    reply = replace(reply, text=masking.mask(reply.text).text)  # Rasa's own memory is not masked
    if "echo_of" in reply.notes:
        return  # an agent's words, printed for the builder: they are in the log already
    question = conversation.asked_seq
    if conversation.owner.kind is not Kind.BOT:
        late = Draft(
            payload=ReplySuppressed(text=reply.text),
            source=Source.BOT,
            ref=question or None,
            client_id=client_id,
        )
        await log.append(connection, conversation.id, [late])
        return
    parsed = TurnResult((), reply.notes.get("intent"), 0.0, (), b"", "")
    message = turns.bot_message(conversation.id, question, reply, parsed)
    await log.append(
        connection,
        conversation.id,
        [
            Draft(
                payload=message.payload,
                source=Source.BOT,
                ref=question or None,
                client_id=client_id,
            )
        ],
        fence=conversation.fence,
    )
    if handoff := reply.notes.get("handoff"):
        now = await conversations.lock(connection, conversation.id)
        await open_case(connection, now, handoff["reason"], handoff.get("topic"), question)
