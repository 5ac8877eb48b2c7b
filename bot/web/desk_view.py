"""What the desk shows of the log: cases in the queue, the transcript, touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, func, select
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
    CaseTransferred,
    CaseWithdrawn,
    Closed,
    ColleagueAsked,
    ColleagueDeclined,
    CustomerMessage,
    Event,
    FeedbackGiven,
    HandoffRequested,
    Identified,
    Notice,
    Opened,
    OrderLookedUp,
    PersonRequested,
    PromiseMade,
    ReplySuppressed,
    Source,
)
from bot.handoff.cases import Case
from bot.handoff.outlook import Outlook
from bot.handoff.presence import Colleague
from bot.journey import journeys
from bot.journey.touchpoints import Touchpoint
from bot.services import Services, tell
from bot.storage import tables
from bot.web.customer_view import sources
from bot.web.markdown import to_html

REASONS = {
    "asked_for_person": "asked for a person",
    "no_answer": "no answer found",
    "complaint": "complaint",
    "order": "about an order",
    "assistant_unavailable": "the assistant could not answer",
    "reopened": "wrote again after the case was resolved",
}
_DISPOSITIONS = {"solved": "solved", "not_solved": "not solved", "spam": "spam"}
_CAUSES = {
    "agent": "",
    "unanswered": ": nobody answered in time",
    "gone": ": the agent's desk was closed",
    "away": ": the agent was away while the customer waited",
}
_TALK = ("customer.message", "customer.button", "bot.message", "agent.message")


async def case_row(connection: AsyncConnection, case: Case, outlook: Outlook) -> dict[str, Any]:
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
        "at_head": case.at_head,
        "due_at": case.due_at,
        "targets": _targets(case, outlook),
        "asked": {"agent": case.asked_agent, "wants": case.asked_for} if case.asked_agent else None,
        "awaits": bool(last and last.source is Source.CUSTOMER),
        "unread": await _unread(connection, case, conversation.read_by_agent),
        "read_by_customer": conversation.read_by_customer,
    }


def _targets(case: Case, outlook: Outlook) -> dict[str, Any]:
    """By when the case should have its first reply and its end, and how it stands to that."""
    names = ("first_reply", "resolution")
    return {
        name: {"due_at": clock.stamp(target.due_at), "state": target.state}
        for name, target in zip(names, outlook.targets_of(case), strict=True)
    }


async def _unread(connection: AsyncConnection, case: Case, read: int) -> int:
    """How many messages of the customer no agent has read; only while somebody has the case."""
    if case.claimed_at is None or not case.is_open:
        return 0
    table = tables.event
    statement = select(func.count()).where(
        table.c.conversation_id == case.conversation,
        table.c.seq > read,
        table.c.kind.in_(("customer.message", "customer.button")),
        table.c.at > case.claimed_at,
    )
    return int((await connection.execute(statement)).scalar_one())


async def case_rows(
    connection: AsyncConnection, cases: Sequence[Case], outlook: Outlook
) -> list[dict[str, Any]]:
    """Cases as the queue shows them."""
    return [await case_row(connection, case, outlook) for case in cases]


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
        case CaseReleased(cause=cause):
            return "Back in the queue" + _CAUSES[cause]
        case CaseTransferred(name=name):
            return f"{name} took over"
        case CaseWithdrawn():
            return "The customer needs no person any more"
        case PromiseMade(due_at=due_at):
            return f"Promised: an answer by {due_at[:16].replace('T', ' ')} UTC"
        case ColleagueAsked() as asked:
            wish = "take this case" if asked.wants == "take" else "look at this"
            said = f": {asked.text}" if asked.text else ""
            return f"{asked.name} asked {asked.colleague_name} to {wish}{said}"
        case ColleagueDeclined(name=name):
            return f"{name}: no longer asked"
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


async def changed(services: Services, case: Case) -> dict[str, Any]:
    """Wake all whom a change of the case concerns; the case as it is now."""
    await tell(services, case.conversation)
    # A message that came just before the move may await the bot, or have to be left to a person.
    services.turns.wake(case.conversation)
    async with services.database.read() as connection:
        return {"case": await case_row(connection, case, services.outlook)}


def team(colleagues: Sequence[Colleague]) -> list[dict[str, Any]]:
    """Agents as their colleagues see them."""
    return [
        {
            "id": c.agent.id,
            "name": c.agent.name,
            "state": c.state,
            "why": c.why,
            "since": c.since,
            "topics": sorted(c.topics),
            "languages": sorted(c.languages),
            "capacity": c.capacity,
            "holds": c.holds,
        }
        for c in colleagues
    ]
