"""The events of a conversation: what one row of the log can say.

Each kind is a frozen struct. A field marked ``Personal`` holds words or ids of a person: it is
stored apart from the skeleton (``event_content``), where masking and erasure reach it.
``docs/events.md`` lists all kinds; a test keeps the list true.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

from bot.conversation.ownership import ConversationId

Personal = msgspec.Meta(extra={"personal": True})

Decision = Literal["answer", "clarify", "handoff", "decline", "smalltalk"]
FactKind = Literal["order_number", "email", "phone", "product", "size"]
# What an agent can ask a customer for.
AskedFor = Literal["order_number", "email", "phone", "name", "product", "size", "problem"]


class Source(StrEnum):
    """Who an event comes from."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Payload(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all kinds."""


class Opened(Payload, frozen=True, tag="conversation.opened"):
    """A conversation begins; ``previous`` is the one before it in the same window."""

    channel: str
    previous: str | None = None
    previous_closed_at: str | None = None
    language: str | None = None
    page: Annotated[str | None, Personal] = None


class Closed(Payload, frozen=True, tag="conversation.closed"):
    """A conversation ends: nobody wrote for a while, or an agent resolved its case."""

    reason: Literal["idle", "resolved"]


class LanguageRecognised(Payload, frozen=True, tag="language.recognised"):
    """The customer writes in another language than before; answers come in it from now on."""

    language: str


class Identified(Payload, frozen=True, tag="customer.identified"):
    """The shop's site proved who the customer is."""

    customer: Annotated[str, Personal]


class CustomerMessage(Payload, frozen=True, tag="customer.message"):
    """What a customer typed; ``repeats`` is the earlier message that said the same.

    ``masked`` are the kinds of the sensitive numbers that were taken out before it was stored.
    """

    text: Annotated[str, Personal]
    repeats: int | None = None
    masked: list[str] = []


class Redacted(Payload, frozen=True, tag="message.redacted"):
    """Numbers were taken out of the message ``ref`` after it was stored; ``text`` is what is left.

    So it is with a card number in two messages: only the second shows what the first began.
    """

    kinds: list[str]
    text: Annotated[str, Personal]


class ButtonPressed(Payload, frozen=True, tag="customer.button"):
    """A quick reply that the customer pressed; ``ref`` is the message that offered it."""

    title: Annotated[str, Personal]
    intent: str
    entities: Annotated[dict[str, str], Personal] = {}


class MoodRead(Payload, frozen=True, tag="mood.read"):
    """How likely it is that the customer is angry, upset or frustrated in the message ``ref``."""

    value: float


class FeedbackGiven(Payload, frozen=True, tag="customer.feedback"):
    """Whether the answer ``ref`` helped, in the customer's judgement."""

    helpful: bool


class PersonRequested(Payload, frozen=True, tag="customer.person_requested"):
    """The customer pressed the control that asks for a person."""


class FactGiven(Payload, frozen=True, tag="fact.given"):
    """Something the customer told us in the event ``ref``."""

    fact: FactKind
    value: Annotated[str, Personal]
    how: Literal["typed", "clicked"]


class OrderLookedUp(Payload, frozen=True, tag="order.looked_up"):
    """An order was shown to the customer, who proved that it is theirs."""

    number: Annotated[str, Personal]
    state: str
    verified_by: Literal["identity", "email"]


class OfferedButton(msgspec.Struct, frozen=True, omit_defaults=True):
    """A quick reply under a message; ``token`` is issued by us and means nothing elsewhere."""

    token: str
    title: str
    intent: str
    entities: dict[str, str] = {}


class AnswerRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer given: an article or a product (and which attribute) with its probability."""

    probability: float
    title: str = ""
    url: str = ""
    article: str | None = None
    product: str | None = None
    attribute: str | None = None


class IntentGuess(msgspec.Struct, frozen=True):
    """What a message may have meant, and how probable that is."""

    intent: str
    probability: float


class BotMessage(Payload, frozen=True, tag="bot.message"):
    """A message of the bot in reply to ``ref``, with what the bot thought."""

    text: Annotated[str, Personal]
    response: str | None = None
    decision: Decision | None = None
    confidence: float = 0.0
    intent: str | None = None
    intents: list[IntentGuess] = []
    topic: str | None = None
    answers: list[AnswerRef] = []
    candidates: list[AnswerRef] = []
    buttons: Annotated[list[OfferedButton], Personal] = []


class ReplySuppressed(Payload, frozen=True, tag="reply.suppressed"):
    """A reply to ``ref`` that came too late: a person speaks by now, or it was answered."""

    text: Annotated[str, Personal]


class AssistantFailed(Payload, frozen=True, tag="assistant.failed"):
    """The assistant gave no answer to ``ref``; ``detail`` is for the shop's engineers."""

    reason: Literal["unavailable", "slow", "error"]
    detail: str = ""


class Notice(Payload, frozen=True, tag="notice"):
    """A sentence of ours that neither bot nor agent says, by its key in the texts.

    ``form`` is what the customer is asked to fill in below it.
    """

    key: str
    text: Annotated[str, Personal]
    form: Literal["contact"] | None = None
    buttons: Annotated[list[OfferedButton], Personal] = []


class HandoffRequested(Payload, frozen=True, tag="handoff.requested"):
    """A case was opened for the conversation; ``ref`` is what made it necessary."""

    case: str
    reason: str
    topic: str | None = None


class CaseWithdrawn(Payload, frozen=True, tag="case.withdrawn"):
    """The customer needs no person any more; the case is done."""

    case: str


class PromiseMade(Payload, frozen=True, tag="promise.made"):
    """The customer was told by when a person will have answered; ``reason`` is why not now."""

    case: str
    due_at: str
    reason: Literal["closed", "long_wait"]


class CaseClaimed(Payload, frozen=True, tag="case.claimed"):
    """An agent took the case, or was given it, and speaks from now on."""

    case: str
    name: Annotated[str, Personal]
    assigned: bool = False


class CaseReleased(Payload, frozen=True, tag="case.released"):
    """The case went back into the queue; ``cause`` is whether the agent or time did it."""

    case: str
    cause: Literal["agent", "unanswered", "gone", "away"] = "agent"


class ColleagueAsked(Payload, frozen=True, tag="colleague.asked"):
    """An agent asked a colleague to look at the case, or to take it."""

    case: str
    colleague: str
    wants: Literal["look", "take"]
    name: Annotated[str, Personal]
    colleague_name: Annotated[str, Personal]
    text: Annotated[str, Personal] = ""


class ColleagueDeclined(Payload, frozen=True, tag="colleague.declined"):
    """The colleague who was asked does not take the case, or the request was taken back."""

    case: str
    name: Annotated[str, Personal]


class CaseTransferred(Payload, frozen=True, tag="case.transferred"):
    """The colleague who was asked accepted the case, and speaks from now on."""

    case: str
    before: str
    name: Annotated[str, Personal]


class CaseReturned(Payload, frozen=True, tag="case.returned"):
    """The agent gave the conversation back to the bot; the case is done."""

    case: str


class CaseResolved(Payload, frozen=True, tag="case.resolved"):
    """The agent ended the case."""

    case: str
    disposition: Literal["solved", "not_solved", "spam"]


class AgentMessage(Payload, frozen=True, tag="agent.message"):
    """What an agent wrote to the customer; ``masked`` as in a customer's message."""

    text: Annotated[str, Personal]
    name: Annotated[str, Personal]
    masked: list[str] = []


class AgentNote(Payload, frozen=True, tag="agent.note"):
    """What an agent noted for colleagues; no customer ever sees it. ``masked`` as above."""

    text: Annotated[str, Personal]
    name: Annotated[str, Personal]
    masked: list[str] = []


class FactAskedAgain(Payload, frozen=True, tag="fact.asked_again"):
    """The agent's message ``ref`` asked for something that was known already."""

    fact: AskedFor
    known: int | None = None


AnyPayload = (
    Opened
    | Closed
    | Identified
    | LanguageRecognised
    | CustomerMessage
    | Redacted
    | ButtonPressed
    | MoodRead
    | FeedbackGiven
    | PersonRequested
    | FactGiven
    | OrderLookedUp
    | BotMessage
    | ReplySuppressed
    | AssistantFailed
    | Notice
    | HandoffRequested
    | CaseWithdrawn
    | PromiseMade
    | CaseClaimed
    | CaseReleased
    | ColleagueAsked
    | ColleagueDeclined
    | CaseTransferred
    | CaseReturned
    | CaseResolved
    | AgentMessage
    | AgentNote
    | FactAskedAgain
)

KINDS: dict[str, type[Payload]] = {
    str(kind.__struct_config__.tag): kind for kind in AnyPayload.__args__
}

# What a customer sees from our side: appended only under a fence (see log.append).
SPOKEN = (BotMessage, Notice, AgentMessage)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event about to be appended."""

    payload: AnyPayload
    source: Source
    actor: str | None = None
    ref: int | None = None
    client_id: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the log."""

    conversation: ConversationId
    seq: int
    at: str
    epoch: int
    source: Source
    payload: AnyPayload
    actor: str | None = None
    ref: int | None = None
    client_id: str | None = None


def _personal_fields(kind: type[Payload]) -> frozenset[str]:
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(
        name for name, hint in hints.items() if Personal in getattr(hint, "__metadata__", ())
    )


_PERSONAL = {tag: _personal_fields(kind) for tag, kind in KINDS.items()}


def split(payload: AnyPayload) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Kind, skeleton and personal content of ``payload``, as the tables hold them."""
    values: dict[str, Any] = msgspec.to_builtins(payload)
    kind = values.pop("kind")
    personal = _PERSONAL[kind]
    skeleton = {name: value for name, value in values.items() if name not in personal}
    content = {name: value for name, value in values.items() if name in personal}
    return kind, skeleton, content


def join(kind: str, skeleton: dict[str, Any], content: dict[str, Any] | None) -> AnyPayload:
    """The payload that ``split`` took apart."""
    payload: AnyPayload = msgspec.convert({"kind": kind, **skeleton, **(content or {})}, AnyPayload)
    return payload
