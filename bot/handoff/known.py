"""What is known of a customer in a conversation, each with its source.

An agent should ask for none of it again. The sources are the log of the conversation (what the
customer typed or clicked, an order that was looked up, the question behind the case) and what
the shop's site told of a signed-in customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from bot.conversation.events import (
    AskedFor,
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Event,
    FactGiven,
    Identified,
    OrderLookedUp,
)
from bot.journey.journeys import Profile
from bot.journey.touchpoints import NO_QUESTION

How = Literal["typed", "clicked", "looked_up", "verified", "profile"]
KINDS: tuple[AskedFor, ...] = get_args(AskedFor)


class Known(msgspec.Struct, frozen=True):
    """One thing known; ``seq`` and ``at`` are those of the event that gave it, if one did."""

    kind: AskedFor
    value: str
    how: How
    seq: int | None
    at: str | None


def known(
    events: Sequence[Event], *, question_seq: int | None = None, profile: Profile | None = None
) -> list[Known]:
    """All that is known, one entry for each kind and value, the newest of a kind last.

    ``question_seq`` is the message with the question of the case, ``profile`` what the shop's
    site told of the customer who is signed in.
    """
    found: dict[tuple[str, str], Known] = {}

    def add(one: Known) -> None:
        key = one.kind, one.value.casefold()
        # What was proved or given first stays; what is given again moves to the end.
        before = found.pop(key, None)
        found[key] = one if before is None or one.how in ("looked_up", "verified") else before

    if profile is not None:
        proved = next((e for e in events if isinstance(e.payload, Identified)), None)
        for kind, value in (("name", profile.name), ("email", profile.email)):
            if value:
                how: How = "verified" if proved else "profile"
                given = (proved.seq, proved.at) if proved else (None, None)
                add(Known(msgspec.convert(kind, AskedFor), value, how, *given))
    no_question = {
        e.ref
        for e in events
        if isinstance(e.payload, BotMessage) and e.payload.intent in NO_QUESTION
    }
    by_seq = {event.seq: event for event in events}
    for event in events:
        payload = event.payload
        if isinstance(payload, FactGiven):
            given_in = by_seq.get(event.ref or event.seq, event)
            add(Known(payload.fact, payload.value, payload.how, given_in.seq, given_in.at))
        elif isinstance(payload, ButtonPressed):
            for name, value in payload.entities.items():
                if name in KINDS and value:
                    kind = msgspec.convert(name, AskedFor)
                    add(Known(kind, value, "clicked", event.seq, event.at))
        elif isinstance(payload, OrderLookedUp):
            add(Known("order_number", payload.number, "looked_up", event.seq, event.at))
        elif isinstance(payload, CustomerMessage) and event.seq == question_seq:
            if event.seq in no_question:
                continue  # "a person, please" says nothing of the trouble
            add(Known("problem", payload.text, "typed", event.seq, event.at))
    return list(found.values())
