"""The packet: all that the person who takes over needs, folded from the log.

``bot.handoff.contract`` has its types. ``build`` makes it from what ``bot.handoff.gathering``
read; it asks nobody and reads no clock, so the same log always gives the same packet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from bot import shop
from bot.conversation.conversations import Conversation
from bot.conversation.events import Event, HandoffRequested, Identified, Opened, OrderLookedUp
from bot.handoff import need, parts, summary, weight
from bot.handoff.cases import Case
from bot.handoff.contract import (
    Contact,
    Handoff,
    Order,
    OrderLine,
    OtherCase,
    Packet,
    Person,
    Proof,
)
from bot.journey.journeys import Profile
from bot.journey.touchpoints import fold


@dataclass(frozen=True)
class Sources:
    """What a packet is made of.

    ``others`` are the logs of the person's other conversations, the oldest first; ``cases`` all
    cases of the person but this one. ``account`` and ``orders`` come from the shop, for a proven
    customer, or for orders that the log says were shown.
    """

    case: Case
    conversation: Conversation
    events: Sequence[Event]
    others: Sequence[Sequence[Event]] = ()
    cases: Sequence[Case] = ()
    profile: Profile | None = None
    account: shop.Customer | None = None
    orders: Sequence[shop.Order] = ()
    product_names: Mapping[str, str] = field(default_factory=dict)


def build(sources: Sources) -> Packet:
    """The packet of a case."""
    case, events = sources.case, sources.events
    opened = events[0].payload
    packet = Packet(
        conversation=sources.conversation.id,
        case=case.id,
        opened_at=case.opened_at,
        reason=case.reason,
        topic=case.topic,
        language=sources.conversation.language,
        channel=sources.conversation.channel,
        page=opened.page if isinstance(opened, Opened) else None,
        summary=[],
        need=need.find(events, _asked_seq(case, events)),
        customer=_person(sources),
        facts=parts.facts(events),
        clicks=parts.clicks(events),
        answers=parts.answers(events),
        thoughts=parts.thoughts(events),
        orders=_orders(sources),
        mood=parts.mood(events),
        handoffs=parts.handoffs(events, case.id),
        cases=_other_cases(sources),
        journey=contacts([*sources.others, events], until=events[0].at),
        transcript=parts.transcript(events),
    )
    return msgspec.structs.replace(packet, summary=summary.lines(packet))


def _asked_seq(case: Case, events: Sequence[Event]) -> int:
    """The event that made the handoff necessary."""
    for event in events:
        if isinstance(event.payload, HandoffRequested) and event.payload.case == case.id:
            return event.ref or event.seq
    return events[-1].seq


def _person(sources: Sources) -> Person:
    proven = _proof(sources.events)
    profile, account = sources.profile, sources.account
    return Person(
        id=sources.conversation.customer or sources.conversation.visitor,
        verified=proven is not None,
        seq=proven,
        name=profile.name if profile else account.name if account else None,
        email=profile.email if profile else account.email if account else None,
        phone=account.phone if account else None,
        member_since=str(account.member_since) if account and account.member_since else None,
    )


def _proof(events: Sequence[Event]) -> int | None:
    """The last event in which the shop's site proved who the customer is."""
    return next((e.seq for e in reversed(events) if isinstance(e.payload, Identified)), None)


def _orders(sources: Sources) -> list[Order]:
    """The customer's orders by identity, and those shown for number and e-mail."""
    proven = _proof(sources.events)
    known = {order.number: order for order in sources.orders}
    shown = {
        e.payload.number: (e.seq, e.payload)
        for e in sources.events
        if isinstance(e.payload, OrderLookedUp)
    }
    found = []
    for number in dict.fromkeys([*known, *shown]):
        order = known.get(number)
        if number in shown:
            seq, looked_up = shown[number]
            found.append(_order(number, looked_up.verified_by, seq, looked_up.state, order))
        elif order and proven and order.customer == sources.conversation.customer:
            found.append(_order(number, "identity", proven, None, order))
    named = [_named(order, sources.product_names) for order in found]
    return sorted(named, key=lambda order: (order.placed or "", order.number), reverse=True)


def _order(
    number: str, proof: Proof, seq: int, shown_as: str | None, order: shop.Order | None
) -> Order:
    delivery = order.delivery if order else None
    return Order(
        number=number,
        proof=proof,
        seq=seq,
        shown_as=shown_as,
        state=str(order.state) if order else None,
        placed=_text(order.placed) if order else None,
        total=f"{order.total:.2f}" if order else None,
        lines=[_line(line) for line in order.lines] if order else [],
        delivery=delivery.method or None if delivery else None,
        carrier=delivery.carrier if delivery else None,
        tracking=delivery.tracking if delivery else None,
        expected=_text(delivery.expected) if delivery else None,
        delivered=_text(delivery.delivered) if delivery else None,
        payment=f"{order.payment.method}, {order.payment.state}" if order else None,
        returning=order.returned.state if order and order.returned else None,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _line(line: shop.OrderLine) -> OrderLine:
    return OrderLine(
        product=line.product,
        name=line.product,
        size=line.size,
        colour=line.colour,
        quantity=line.quantity,
        price=f"{line.price:.2f}",
    )


def _named(order: Order, names: Mapping[str, str]) -> Order:
    lines = [
        msgspec.structs.replace(line, name=names.get(line.product, line.product))
        for line in order.lines
    ]
    return msgspec.structs.replace(order, lines=lines)


def _other_cases(sources: Sources) -> list[OtherCase]:
    logs = {log[0].conversation: log for log in [*sources.others, sources.events] if log}
    found = []
    for case in sources.cases:
        log = logs.get(case.conversation, ())
        handoffs = parts.handoffs(log, case.id) if log else []
        handoff = next((h for h in handoffs if h.current), None)
        if case.id != sources.case.id and handoff is not None:
            found.append(_other_case(case, handoff))
    return sorted(found, key=lambda case: case.opened_at, reverse=True)


def _other_case(case: Case, handoff: Handoff) -> OtherCase:
    last = handoff.spells[-1] if handoff.spells else None
    replies = [said for said in handoff.words if not said.private]
    return OtherCase(
        case=case.id,
        conversation=case.conversation,
        state=str(case.state),
        reason=case.reason,
        topic=case.topic,
        opened_at=case.opened_at,
        ended_at=case.ended_at,
        seq=handoff.seq,
        question=handoff.need,
        agent=last.name if last else None,
        agent_seq=last.seq if last else None,
        disposition=case.disposition,
        end_seq=last.end_seq if last and case.ended_at else None,
        last_words=replies[-1] if replies else None,
        notes=[said for said in handoff.words if said.private],
    )


def contacts(logs: Sequence[Sequence[Event]], *, until: str | None = None) -> list[Contact]:
    """The contacts that ``logs`` tell of, one log each; those begun not later than ``until``."""
    found = []
    for log in logs:
        touchpoint = fold(log)
        if until is not None and touchpoint.started_at > until:
            continue
        asked = next((e for e in log if e.seq == touchpoint.question_seq), None)
        values = msgspec.structs.asdict(touchpoint)
        question = weight.plain(weight.said_in(asked)) if asked else None
        found.append(Contact(**values, question=question or None))
    return found
