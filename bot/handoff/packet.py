"""The packet: all that the person who takes over needs, folded from the log.

Its contract is ``packet.v1.schema.json`` beside this file, made from these types; a test keeps
the two equal. Every fact names the event that gave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Event,
    FactGiven,
    FactKind,
    FeedbackGiven,
    Identified,
    Opened,
    OrderLookedUp,
)
from bot.handoff.cases import Case
from bot.journey.touchpoints import Touchpoint

SCHEMA_FILE = Path(__file__).parent / "packet.v1.schema.json"


class Person(msgspec.Struct, frozen=True):
    """Who the customer is; ``verified`` if the shop's site proved it."""

    id: str
    name: str | None
    email: str | None
    verified: bool


class Quote(msgspec.Struct, frozen=True):
    """Words of the customer and the event that holds them."""

    text: str
    seq: int


class SourceLink(msgspec.Struct, frozen=True):
    """Where an answer came from."""

    title: str
    url: str
    article: str | None = None
    product: str | None = None
    attribute: str | None = None


class GivenAnswer(msgspec.Struct, frozen=True):
    """What the customer was told, and whether it helped (null: they did not say)."""

    seq: int
    question_seq: int | None
    text: str
    decision: str | None
    sources: list[SourceLink]
    helpful: bool | None


class Fact(msgspec.Struct, frozen=True):
    """What the customer gave, and the event that gave it."""

    kind: FactKind
    value: str
    seq: int
    how: Literal["typed", "clicked", "looked_up", "verified"]


class Click(msgspec.Struct, frozen=True):
    """A quick reply that the customer pressed."""

    title: str
    seq: int


class Order(msgspec.Struct, frozen=True):
    """The order that the customer proved to be theirs."""

    number: str
    state: str
    seq: int


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """Version 1 of the packet."""

    version: Literal[1] = 1
    conversation: str
    case: str
    reason: str
    topic: str | None
    customer: Person
    question: Quote | None
    answers: list[GivenAnswer]
    did_not_help: list[int]
    facts: list[Fact]
    clicks: list[Click]
    order: Order | None
    earlier: list[Touchpoint]
    page: str | None
    language: str
    channel: str


def build(
    case: Case,
    conversation: Conversation,
    events: Sequence[Event],
    *,
    name: str | None,
    email: str | None,
    earlier: Sequence[Touchpoint],
) -> Packet:
    """The packet of ``case`` from the events of its conversation and the earlier contacts."""
    opened = events[0].payload
    answers = _answers(events)
    return Packet(
        conversation=conversation.id,
        case=case.id,
        reason=case.reason,
        topic=case.topic,
        customer=Person(
            id=conversation.customer or conversation.visitor,
            name=name,
            email=email,
            verified=any(isinstance(e.payload, Identified) for e in events),
        ),
        question=_question(case, events),
        answers=answers,
        did_not_help=[answer.seq for answer in answers if answer.helpful is False],
        facts=_facts(events),
        clicks=[
            Click(e.payload.title, e.seq) for e in events if isinstance(e.payload, ButtonPressed)
        ],
        order=next(
            (
                Order(e.payload.number, e.payload.state, e.seq)
                for e in reversed(events)
                if isinstance(e.payload, OrderLookedUp)
            ),
            None,
        ),
        earlier=list(earlier),
        page=opened.page if isinstance(opened, Opened) else None,
        language=conversation.language,
        channel=conversation.channel,
    )


def _question(case: Case, events: Sequence[Event]) -> Quote | None:
    for event in events:
        if event.seq == case.question_seq and isinstance(event.payload, CustomerMessage):
            return Quote(event.payload.text, event.seq)
    return None


def _answers(events: Sequence[Event]) -> list[GivenAnswer]:
    reactions = {e.ref: e.payload.helpful for e in events if isinstance(e.payload, FeedbackGiven)}
    return [
        GivenAnswer(
            seq=e.seq,
            question_seq=e.ref,
            text=e.payload.text,
            decision=e.payload.decision,
            sources=[
                SourceLink(a.title, a.url, a.article, a.product, a.attribute)
                for a in e.payload.answers
            ],
            helpful=reactions.get(e.seq),
        )
        for e in events
        if isinstance(e.payload, BotMessage)
        and (e.payload.decision in ("answer", "clarify", "decline") or e.seq in reactions)
    ]


def _facts(events: Sequence[Event]) -> list[Fact]:
    facts: dict[tuple[FactKind, str], Fact] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, FactGiven):
            fact = Fact(payload.fact, payload.value, event.ref or event.seq, payload.how)
            facts.setdefault((fact.kind, fact.value.casefold()), fact)
        elif isinstance(payload, OrderLookedUp):
            key: tuple[FactKind, str] = ("order_number", payload.number.casefold())
            how: Literal["looked_up", "verified"] = (
                "verified" if payload.verified_by == "email" else "looked_up"
            )
            given = facts.get(key)
            facts[key] = Fact(
                "order_number", payload.number, given.seq if given else event.seq, how
            )
    return list(facts.values())


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every packet of this version validates against."""
    made = msgspec.json.schema(Packet)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Firstline handoff packet, version 1",
        **made,
    }
