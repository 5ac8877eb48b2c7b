"""The packet's contract, version 2: what the person who takes over gets, type by type.

``packet.v2.schema.json`` beside this file is made from these types (``python -m
bot.handoff.contract`` writes it again), and ``docs/packet.md`` lists every field; tests keep all
three equal. Every ``seq`` is the number of an event in the log of the packet's conversation,
where nothing else is said.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from bot.conversation.events import Decision, FactKind, IntentGuess
from bot.journey.touchpoints import Touchpoint

VERSION = 2
SCHEMA_FILE = Path(__file__).parent / "packet.v2.schema.json"

How = Literal["typed", "clicked", "looked_up", "verified"]
Proof = Literal["identity", "email"]
LineKind = Literal["who", "needs", "given", "told", "mood", "before"]
PartKind = Literal[
    "customer",
    "visitor",
    "language",
    "page",
    "proven_order",
    "need",
    "asked_as",
    "asked_before",
    "asked_first",
    "unanswered",
    "repeated",
    "person",
    "fact",
    "order_state",
    "expected",
    "answer",
    "declined",
    "reaction",
    "asked_again",
    "mood",
    "handoffs",
    "contacts",
    "asked",
    "open_case",
    "agent",
    "ended",
    "words",
    "note",
]


def _is(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class EventLink(msgspec.Struct, frozen=True, kw_only=True):
    """Names one event."""

    seq: Annotated[int, _is("number of the event")]
    conversation: Annotated[str | None, _is("its conversation; null for this one")] = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of a line of the summary, with the events that say it."""

    kind: Annotated[PartKind, _is("what it says")]
    value: Annotated[str, _is("as it stands in its event: words, an id, a code or a number")]
    text: Annotated[str, _is("as the line shows it, in English")]
    events: Annotated[list[EventLink], _is("the events that say it, at least one")]
    code: Annotated[str | None, _is("a code that refines the kind, for a page to translate")] = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the summary."""

    kind: Annotated[LineKind, _is("which of the six lines")]
    text: Annotated[str, _is("the line in English, made of its parts")]
    parts: Annotated[list[Part], _is("what it is made of, in order")]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who the customer is."""

    id: Annotated[str, _is("the shop's id of a proven customer, else the visitor's id")]
    verified: Annotated[bool, _is("whether the shop's site proved who it is")]
    seq: Annotated[int | None, _is("the event that proved it")]
    name: Annotated[str | None, _is("from the shop")]
    email: Annotated[str | None, _is("from the shop")]
    phone: Annotated[str | None, _is("from the shop")]
    member_since: Annotated[str | None, _is("day of joining the shop's club")]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Words of the customer."""

    text: Annotated[str, _is("verbatim; blanks in a row count as one")]
    seq: Annotated[int, _is("the event that holds them")]


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer wants, in their own words."""

    text: Annotated[str, _is("verbatim, cut at the end of a sentence where it is long")]
    seq: Annotated[int, _is("the message or the pressed button")]
    at: Annotated[str, _is("when")]
    how: Annotated[Literal["typed", "clicked"], _is("whether it was written or pressed")]
    whole: Annotated[bool, _is("whether `text` is all that the event says")]
    asked_as: Annotated[Quote | None, _is("for a pressed button: the question it makes clear")]
    before: Annotated[Quote | None, _is("where it is the wish for a person: the question before")]
    first: Annotated[Quote | None, _is("the question it began with, open or about the same")]
    open: Annotated[list[Quote], _is("other questions that nobody answered, the last three")]
    said_before: Annotated[list[int], _is("earlier messages that say the same")]
    said_again: Annotated[list[int], _is("later messages that say nothing but the same")]


class FactSource(msgspec.Struct, frozen=True, kw_only=True):
    """One event that gave or confirmed a fact."""

    how: Annotated[How, _is("`typed`, `clicked`, `looked_up` or `verified`")]
    seq: Annotated[int, _is("the event: a message, a pressed button or an order looked up")]
    at: Annotated[str, _is("when")]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the customer gave, once for each value."""

    kind: Annotated[FactKind, _is("what it is")]
    value: Annotated[str, _is("in its normal form")]
    how: Annotated[How, _is("the strongest of its sources: verified, looked up, clicked, typed")]
    seq: Annotated[int, _is("the event that gave it first")]
    at: Annotated[str, _is("when it was given first")]
    sources: Annotated[list[FactSource], _is("every event that gave or confirmed it, in order")]


class Click(msgspec.Struct, frozen=True, kw_only=True):
    """A button that the customer pressed."""

    title: Annotated[str, _is("what stood on it")]
    seq: Annotated[int, _is("the press")]
    at: Annotated[str, _is("when")]
    offered_in: Annotated[int | None, _is("the message that offered it")]


class SourceLink(msgspec.Struct, frozen=True, kw_only=True):
    """Where an answer came from."""

    title: Annotated[str, _is("of the page")]
    url: Annotated[str, _is("of the page")]
    article: Annotated[str | None, _is("id of the article")]
    product: Annotated[str | None, _is("id of the product")]
    attribute: Annotated[str | None, _is("which attribute of the product")]
    probability: Annotated[float, _is("that this is the right one")]


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer said of an answer, the last time."""

    helpful: Annotated[bool, _is("whether it helped")]
    seq: Annotated[int, _is("the press of yes or no")]
    at: Annotated[str, _is("when")]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the bot told the customer."""

    seq: Annotated[int, _is("the bot's message")]
    at: Annotated[str, _is("when")]
    question: Annotated[Quote | None, _is("what it answers")]
    text: Annotated[str, _is("Markdown, verbatim")]
    decision: Annotated[Decision | None, _is("`answer`, `clarify` (which one?), `decline`, …")]
    confidence: Annotated[float, _is("probability that the decision is right")]
    sources: Annotated[list[SourceLink], _is("where the answer came from")]
    reaction: Annotated[Reaction | None, _is("null: the customer did not say")]
    asked_again: Annotated[int | None, _is("a later message that says the same as its question")]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An article or product that the bot thought of."""

    title: Annotated[str, _is("of the page")]
    article: Annotated[str | None, _is("id of the article")]
    product: Annotated[str | None, _is("id of the product")]
    probability: Annotated[float, _is("that this is what was asked for")]
    given: Annotated[bool, _is("whether it was given as the answer")]


class Thought(msgspec.Struct, frozen=True, kw_only=True):
    """What the bot made of one message."""

    seq: Annotated[int, _is("the bot's message")]
    question_seq: Annotated[int | None, _is("the customer's message")]
    decision: Annotated[Decision | None, _is("what the bot decided")]
    confidence: Annotated[float, _is("probability that the decision is right")]
    topic: Annotated[str | None, _is("of the answer")]
    intents: Annotated[list[IntentGuess], _is("up to three, the likeliest first")]
    pages: Annotated[list[Page], _is("up to three articles or products, the likeliest first")]


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Some pieces of one product."""

    product: Annotated[str, _is("its id")]
    name: Annotated[str, _is("its name")]
    size: Annotated[str | None, _is("if it has one")]
    colour: Annotated[str | None, _is("if it has one")]
    quantity: Annotated[int, _is("pieces")]
    price: Annotated[str, _is("of one piece, in the shop's currency")]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is proven to be the customer's, as the shop has it now."""

    number: Annotated[str, _is("of the order")]
    proof: Annotated[Proof, _is("`identity`: the signed-in customer's; `email`: number and e-mail")]
    seq: Annotated[int, _is("the event that proves it; where it was shown, that event")]
    shown_as: Annotated[str | None, _is("its state when the bot showed it; null: it did not")]
    state: Annotated[str | None, _is("its state now; null: the shop does not have it any more")]
    placed: Annotated[str | None, _is("day")]
    total: Annotated[str | None, _is("in the shop's currency")]
    lines: Annotated[list[OrderLine], _is("what was ordered")]
    delivery: Annotated[str | None, _is("how it travels")]
    carrier: Annotated[str | None, _is("who brings it")]
    tracking: Annotated[str | None, _is("the carrier's number")]
    expected: Annotated[str | None, _is("day on which it should arrive")]
    delivered: Annotated[str | None, _is("day on which it arrived")]
    payment: Annotated[str | None, _is("method and state")]
    returning: Annotated[str | None, _is("state of the return, if one was asked for")]


class MoodPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The mood of one message."""

    seq: Annotated[int, _is("the customer's message")]
    at: Annotated[str, _is("when it was read")]
    value: Annotated[float, _is("how likely it is negative, from 0 to 1")]


class AgentWords(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent wrote."""

    name: Annotated[str, _is("of the agent")]
    text: Annotated[str, _is("verbatim")]
    seq: Annotated[int, _is("the event, in the conversation of its handoff or case")]
    at: Annotated[str, _is("when")]
    private: Annotated[bool, _is("a note for colleagues, which no customer sees")]


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """The time in which one agent had a case."""

    name: Annotated[str, _is("of the agent")]
    seq: Annotated[int, _is("the claim, or the taking over")]
    at: Annotated[str, _is("when it began")]
    end: Annotated[
        Literal["released", "transferred", "returned", "resolved"] | None,
        _is(
            "put back into the queue, taken over by a colleague, given back to the bot, resolved; "
            "null: not ended"
        ),
    ]
    end_seq: Annotated[int | None, _is("the event that ended it")]


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """One handoff of this conversation: what it was for, who spoke, what they said."""

    case: Annotated[str, _is("id of its case")]
    current: Annotated[bool, _is("whether it is the packet's own")]
    reason: Annotated[str, _is("code of the reason")]
    seq: Annotated[int, _is("the event that opened the case")]
    at: Annotated[str, _is("when")]
    asked_seq: Annotated[int | None, _is("the event that made it necessary")]
    need: Annotated[Quote | None, _is("what the customer wanted then, as typed")]
    spells: Annotated[list[Spell], _is("who had it, in order")]
    words: Annotated[list[AgentWords], _is("replies and notes, in order")]
    disposition: Annotated[str | None, _is("of a resolved case")]


class OtherCase(msgspec.Struct, frozen=True, kw_only=True):
    """Another case of the same person, open or ended."""

    case: Annotated[str, _is("its id")]
    conversation: Annotated[str, _is("its conversation; all its numbers are of that one's log")]
    state: Annotated[str, _is("`waiting`, `claimed`, `returned`, `resolved` or `withdrawn`")]
    reason: Annotated[str, _is("code of the reason")]
    topic: Annotated[str | None, _is("if known")]
    opened_at: Annotated[str, _is("when")]
    ended_at: Annotated[str | None, _is("when; null while it is open")]
    seq: Annotated[int, _is("the event that opened it")]
    question: Annotated[Quote | None, _is("what the customer asked then")]
    agent: Annotated[str | None, _is("name of who has it, or had it last")]
    agent_seq: Annotated[int | None, _is("that agent's claim")]
    disposition: Annotated[str | None, _is("`solved`, `not_solved` or `spam`")]
    end_seq: Annotated[int | None, _is("the event that ended it")]
    last_words: Annotated[AgentWords | None, _is("the last that an agent wrote to the customer")]
    notes: Annotated[list[AgentWords], _is("notes for colleagues")]


class Contact(Touchpoint, frozen=True, kw_only=True):
    """One contact of the journey: a touchpoint and the customer's question in it."""

    question: Annotated[str | None, _is("the customer's question then, verbatim")]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the transcript: something said or done."""

    seq: Annotated[int, _is("the event")]
    at: Annotated[str, _is("when")]
    kind: Annotated[str, _is("the event's kind, see docs/events.md")]
    source: Annotated[Literal["customer", "bot", "agent", "system"], _is("who it comes from")]
    name: Annotated[str | None, _is("of the agent who said or did it")]
    text: Annotated[str | None, _is("what was said, verbatim; null where nothing was")]
    detail: Annotated[str | None, _is("what was done, as a code, an id or a number")]
    ref: Annotated[int | None, _is("the event that it answers or belongs to")]
    buttons: Annotated[list[str], _is("titles of the quick replies under it")]
    hidden: Annotated[bool, _is("the customer did not see it: a note, or a reply too late")]


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """Version 2 of the packet."""

    version: Annotated[Literal[2], _is("of this contract")] = 2
    conversation: Annotated[str, _is("its id")]
    case: Annotated[str, _is("its id")]
    opened_at: Annotated[str, _is("when the case was opened")]
    reason: Annotated[str, _is("code of what made the handoff necessary")]
    topic: Annotated[str | None, _is("if known")]
    language: Annotated[str, _is("code of the language that the customer writes")]
    channel: Annotated[str, _is("`widget`, `shell` or `ask`")]
    page: Annotated[str | None, _is("address of the page on which the conversation began")]
    summary: Annotated[list[Line], _is("at most six lines, each with its events")]
    need: Annotated[Need | None, _is("null: the customer asked for a person and said no more")]
    customer: Annotated[Person, _is("who the customer is")]
    facts: Annotated[list[Fact], _is("what the customer gave, in the order of giving")]
    clicks: Annotated[list[Click], _is("the quick replies that were pressed")]
    answers: Annotated[list[Answer], _is("what the bot told the customer, with the reactions")]
    thoughts: Annotated[list[Thought], _is("what the bot made of the last three messages")]
    orders: Annotated[list[Order], _is("the proven customer's orders, the newest first")]
    mood: Annotated[list[MoodPoint], _is("over the conversation")]
    handoffs: Annotated[list[Handoff], _is("all handoffs of this conversation, in order")]
    cases: Annotated[list[OtherCase], _is("the person's other cases, the newest first")]
    journey: Annotated[list[Contact], _is("the contacts up to this one, the oldest first")]
    transcript: Annotated[list[Entry], _is("all that was said and pressed, verbatim, in order")]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every packet of this version validates against."""
    made = msgspec.json.schema(Packet)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Firstline handoff packet, version {VERSION}",
        **made,
    }


def main() -> None:
    """Write the schema's file again."""
    SCHEMA_FILE.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
