"""What the desk shows of the log: cases in the queue, the transcript, touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

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
    Redacted,
    ReplySuppressed,
)
from bot.handoff.cases import Case
from bot.handoff.known import Known
from bot.handoff.presence import Colleague
from bot.journey.touchpoints import Touchpoint
from bot.services import Services, tell
from bot.web import desk_rows
from bot.web.customer_view import sources
from bot.web.markdown import to_html

REASONS = {
    "asked_for_person": "asked for a person",
    "no_answer": "no answer found",
    "low_confidence_twice": "low confidence twice",
    "complaint": "complaint",
    "negative_mood": "negative mood",
    "policy_payment": "policy: payment",
    "policy_legal": "policy: legal",
    "policy_safety": "policy: safety",
    "repeated_failure": "repeated failure",
    "order": "about an order",
    "assistant_unavailable": "the assistant could not answer",
    "reopened": "wrote again after the case was resolved",
    "callback": "asked to be called back",
}
_DISPOSITIONS = {"solved": "solved", "not_solved": "not solved", "spam": "spam"}
_CAUSES = {
    "agent": "",
    "unanswered": ": nobody answered in time",
    "gone": ": the agent's desk was closed",
    "away": ": the agent was away while the customer waited",
}


def transcript(events: Sequence[Event]) -> list[dict[str, Any]]:
    """All that an agent may read of a conversation, in order."""
    reactions = {e.ref: e.payload.helpful for e in events if isinstance(e.payload, FeedbackGiven)}
    redacted = {e.ref: e.payload.kinds for e in events if isinstance(e.payload, Redacted)}
    entries = []
    for event in events:
        if (shown := entry(event, redacted=redacted.get(event.seq))) is not None:
            if event.seq in reactions:
                shown["helpful"] = reactions[event.seq]
            entries.append(shown)
    return entries


def entry(event: Event, *, redacted: Sequence[str] | None = None) -> dict[str, Any] | None:
    """One line of the transcript; None for what says nothing to an agent.

    ``redacted`` are the kinds of numbers that were taken out of it after it was stored.
    """
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
        case CustomerMessage(text=text, masked=masked):
            kinds = list(dict.fromkeys([*masked, *(redacted or ())]))
            return shown | {"text": text, "masked": kinds}
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
        case AgentMessage(text=text, name=name, masked=masked):
            return shown | {"text": text, "name": name, "masked": masked}
        case AgentNote(text=text, name=name, masked=masked):
            return shown | {"text": text, "name": name, "note": True, "masked": masked}
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
        return {"case": await desk_rows.case_row(connection, case, services.outlook)}


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
