"""What the desk shows of the log: cases in the queue, the transcript, touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AssistantFailed,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    Closed,
    CustomerMessage,
    Event,
    FeedbackGiven,
    HandoffRequested,
    Identified,
    Notice,
    Opened,
    OrderLookedUp,
    PersonRequested,
    ReplySuppressed,
)
from bot.handoff.cases import Case, CaseState
from bot.handoff.known import Known
from bot.journey import journeys
from bot.journey.touchpoints import Touchpoint
from bot.storage import tables
from bot.web.customer_view import sources
from bot.web.markdown import to_html

REASONS = {
    "asked_for_person": "asked for a person",
    "no_answer": "no answer found",
    "complaint": "complaint",
    "order": "about an order",
    "assistant_unavailable": "the assistant could not answer",
}
_DISPOSITIONS = {"solved": "solved", "not_solved": "not solved", "spam": "spam"}
_TALK = ("customer.message", "customer.button", "bot.message", "agent.message")


async def case_row(connection: AsyncConnection, case: Case) -> dict[str, Any]:
    """A case as the queue shows it."""
    conversation = await conversations.load(connection, case.conversation)
    if conversation is None:
        raise LookupError(f"Case {case.id} has no conversation.")
    profile = await journeys.profile(connection, conversation.customer)
    last = await _last_talk(connection, case)
    until = case.claimed_at or case.ended_at or clock.now()
    return {
        "id": case.id,
        "conversation": case.conversation,
        "state": case.state,
        "reason": case.reason,
        "topic": case.topic,
        "opened_at": case.opened_at,
        "waiting_seconds": round(clock.seconds_between(case.opened_at, until)),
        "customer": {
            "id": conversation.customer or conversation.visitor,
            "name": profile.name if profile else None,
            "verified": profile is not None,
        },
        "question": await _question(connection, case),
        "agent": {"id": case.agent.id, "name": case.agent.name} if case.agent else None,
        "channel": conversation.channel,
        "last_at": last.at if last else case.opened_at,
        "last_text": _words(last) if last else "",
        "language": conversation.language,
        "disposition": case.disposition,
        "ended_at": case.ended_at,
    }


async def case_rows(connection: AsyncConnection, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases as the queue shows them."""
    return [await case_row(connection, case) for case in cases]


async def _question(connection: AsyncConnection, case: Case) -> str | None:
    if case.question_seq is None:
        return None
    event = await log.find(connection, case.conversation, seq=case.question_seq)
    return _words(event) if event else None


async def _last_talk(connection: AsyncConnection, case: Case) -> Event | None:
    table = tables.event
    statement = (
        select(table.c.seq)
        .where(and_(table.c.conversation_id == case.conversation, table.c.kind.in_(_TALK)))
        .order_by(table.c.seq.desc())
        .limit(1)
    )
    seq = (await connection.execute(statement)).scalar()
    return await log.find(connection, case.conversation, seq=seq) if seq else None


def _words(event: Event) -> str:
    match event.payload:
        case ButtonPressed(title=words):
            return words
        case (
            CustomerMessage(text=words)
            | BotMessage(text=words)
            | AgentMessage(text=words)
            | AgentNote(text=words)
        ):
            return words
    return ""


def transcript(events: Sequence[Event]) -> list[dict[str, Any]]:
    """All that an agent may read of a conversation, in order."""
    reactions = {e.ref: e.payload.helpful for e in events if isinstance(e.payload, FeedbackGiven)}
    entries = []
    for event in events:
        if (shown := entry(event)) is not None:
            if event.seq in reactions:
                shown["helpful"] = reactions[event.seq]
            entries.append(shown)
    return entries


def entry(event: Event) -> dict[str, Any] | None:
    """One line of the transcript; None for what says nothing to an agent."""
    shown: dict[str, Any] = {
        "seq": event.seq,
        "at": event.at,
        "type": str(event.payload.__struct_config__.tag),
        "from": str(event.source),
        "name": None,
        "note": False,
        "suppressed": False,
        "ref": event.ref,
        "client_id": event.client_id,
    }
    match event.payload:
        case CustomerMessage(text=text):
            return shown | {"text": text}
        case ButtonPressed(title=text):
            return shown | {"text": text, "clicked": True}
        case BotMessage() as said:
            return shown | {
                "text": said.text,
                "html": to_html(said.text),
                "sources": sources(said.answers),
                "decision": said.decision,
                "confidence": round(said.confidence, 2),
                "buttons": [button.title for button in said.buttons],
            }
        case ReplySuppressed(text=text):
            return shown | {"text": text, "suppressed": True}
        case AgentMessage(text=text, name=name):
            return shown | {"text": text, "name": name}
        case AgentNote(text=text, name=name):
            return shown | {"text": text, "name": name, "note": True}
        case _:
            line = _system_line(event)
            return shown | {"from": "system", "text": line} if line else None


def _system_line(event: Event) -> str | None:
    match event.payload:
        case Opened(channel=channel, page=page):
            return f"Conversation opened ({channel})" + (f" on {page}" if page else "")
        case Identified(customer=customer):
            return f"The shop's site confirmed the customer: {customer}"
        case FeedbackGiven(helpful=helpful):
            return "The customer said: this helped" if helpful else "The customer said: no help"
        case PersonRequested():
            return "The customer asked for a person"
        case OrderLookedUp(number=number, state=state):
            return f"Order {number} was shown to the customer: {state}"
        case AssistantFailed(reason=reason):
            return f"The assistant did not answer ({reason})"
        case HandoffRequested(reason=reason):
            return f"Case opened: {REASONS.get(reason, reason)}"
        case CaseClaimed(name=name):
            return f"{name} took the case"
        case CaseReleased():
            return "Back in the queue"
        case CaseReturned():
            return "Returned to the bot"
        case CaseResolved(disposition=disposition):
            return f"Resolved: {_DISPOSITIONS[disposition]}"
        case Closed():
            return "Conversation closed"
        case Notice(key="assistant_unavailable", text=text):
            return f"Told to the customer: {text}"
    return None


def touchpoints(journey: Sequence[Touchpoint], questions: dict[str, str]) -> list[dict[str, Any]]:
    """Touchpoints with the question of each in the customer's words."""
    return [
        {**msgspec.to_builtins(touchpoint), "question": questions.get(touchpoint.conversation)}
        for touchpoint in journey
    ]


def asked(again: Sequence[Known]) -> list[dict[str, Any]]:
    """What a draft asks for again, with who gave it, how, when and in which event."""
    return [
        {
            "fact": one.kind,
            "value": one.value,
            "how": one.how,
            "seq": one.seq,
            "at": one.at,
            "source": "shop" if one.how in ("verified", "profile") else "customer",
        }
        for one in again
    ]


def is_open(case: Case) -> bool:
    """Whether the case still needs somebody."""
    return case.state in (CaseState.WAITING, CaseState.CLAIMED)
