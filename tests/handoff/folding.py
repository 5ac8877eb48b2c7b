"""Logs and packets for tests of the fold alone: events told one after another, no database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.clock import stamp
from bot.conversation.conversations import Conversation, CustomerId, VisitorId
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AnyPayload,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CustomerMessage,
    Event,
    FactGiven,
    FeedbackGiven,
    HandoffRequested,
    Identified,
    Opened,
    PersonRequested,
    Source,
)
from bot.conversation.ownership import BOT, ConversationId
from bot.handoff.cases import Case, CaseState
from bot.handoff.packet import Sources

_BEGIN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
_FROM = {
    Source.CUSTOMER: (
        CustomerMessage,
        ButtonPressed,
        FeedbackGiven,
        PersonRequested,
        FactGiven,
    ),
    Source.BOT: (BotMessage,),
    Source.AGENT: (
        AgentMessage,
        AgentNote,
        CaseClaimed,
        CaseReleased,
        CaseReturned,
        CaseResolved,
    ),
}


def log_of(
    payloads: Sequence[AnyPayload | tuple[AnyPayload, int | None]],
    conversation: str = "c",
    *,
    day: int = 0,
) -> list[Event]:
    """A log of these payloads in order, each with what it refers to if it has that."""
    events = []
    for seq, given in enumerate(payloads, 1):
        payload, ref = given if isinstance(given, tuple) else (given, None)
        source = next((s for s, kinds in _FROM.items() if isinstance(payload, kinds)), None)
        events.append(
            Event(
                conversation=ConversationId(conversation),
                seq=seq,
                at=stamp(_BEGIN + timedelta(days=day, seconds=seq)),
                epoch=1,
                source=source or Source.SYSTEM,
                payload=payload,  # type: ignore[arg-type]
                ref=ref,
            )
        )
    return events


def case_of(event: Event, *, state: CaseState = CaseState.WAITING) -> Case:
    """The row of the case that ``event`` opened."""
    assert isinstance(event.payload, HandoffRequested)
    return Case(
        id=event.payload.case,
        conversation=event.conversation,
        state=state,
        reason=event.payload.reason,
        topic=event.payload.topic,
        question_seq=None,
        agent=None,
        opened_at=event.at,
        claimed_at=None,
        ended_at=event.at if state in (CaseState.RETURNED, CaseState.RESOLVED) else None,
        disposition=None,
    )


def sources_of(events: Sequence[Event], others: Sequence[Sequence[Event]] = ()) -> Sources:
    """What the packet of the last case in ``events`` is made of."""
    opened = [e for log in [*others, events] for e in log if _opens(e)]
    last = next(e for e in reversed(events) if _opens(e))
    ended = {
        e.payload.case: CaseState.RETURNED
        if isinstance(e.payload, CaseReturned)
        else CaseState.RESOLVED
        for log in [*others, events]
        for e in log
        if isinstance(e.payload, CaseReturned | CaseResolved)
    }
    cases = [
        case_of(e, state=ended.get(e.payload.case, CaseState.WAITING))
        for e in opened
        if isinstance(e.payload, HandoffRequested)
    ]
    begin = events[0].payload
    proven = [e.payload.customer for e in events if isinstance(e.payload, Identified)]
    conversation = Conversation(
        id=events[0].conversation,
        channel=begin.channel if isinstance(begin, Opened) else "widget",
        visitor=VisitorId("v-1"),
        customer=CustomerId(proven[-1]) if proven else None,
        language=(begin.language if isinstance(begin, Opened) else None) or "en",
        owner=BOT,
        epoch=1,
        last_seq=len(events),
        asked_seq=0,
        answered_seq=0,
        heard_since=None,
        state=None,
        previous=None,
        opened_at=events[0].at,
        last_customer_at=events[0].at,
        closed_at=None,
    )
    this = next(c for c in cases if _opens_case(last, c))
    return Sources(
        case=this,
        conversation=conversation,
        events=events,
        others=others,
        cases=[case for case in cases if case is not this],
    )


def _opens(event: Event) -> bool:
    return isinstance(event.payload, HandoffRequested)


def _opens_case(event: Event, case: Case) -> bool:
    return isinstance(event.payload, HandoffRequested) and event.payload.case == case.id
