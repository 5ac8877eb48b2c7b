"""Orders: shown to who proves that they are theirs; changes are prepared for a person."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import Talk
from bot.shop import Order

_NUMBER = re.compile(r"\d{5}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# Wrong pairs of number and e-mail before a person is offered instead of another try.
MAX_FAILURES = 3


class ValidateOrderForm(Action):
    """Checks what the form collects; a signed-in customer needs to prove nothing."""

    def name(self) -> str:
        return "validate_order_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        talk = Talk(dispatcher, tracker)
        if talk.customer:
            return [SlotSet("requested_slot", None)]
        given = {"order_number", "email"} & set(tracker.slots_to_validate())
        if not given:
            # Any slot set here would tell Rasa that the message fitted what the form asked for.
            return []
        number = _clean_number(talk.slot("order_number"))
        email = _clean_email(talk.slot("email"))
        requested = talk.slot("requested_slot")
        failures = int(talk.slot("order_failures") or 0)
        if requested == "order_number" and number is None and "order_number" in given:
            talk.reply(talk.words("order_number_wrong"), decision="clarify")
        if requested == "email" and email is None and "email" in given:
            talk.reply(talk.words("email_wrong"), decision="clarify")
        if number and email and talk.services.shop.order_for(number, email=email) is None:
            failures += 1
            number = email = None
            if failures < MAX_FAILURES:
                talk.reply(talk.words("order_not_found"), decision="clarify")
        slots = [
            SlotSet("order_number", number),
            SlotSet("email", email),
            SlotSet("order_failures", float(failures)),
        ]
        if failures >= MAX_FAILURES:
            slots.append(SlotSet("requested_slot", None))
        return slots


class ActionOrderStatus(Action):
    """Says where an order is."""

    def name(self) -> str:
        return "action_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        talk = Talk(dispatcher, tracker)
        order = _proven_order(talk)
        if order is None:
            return _no_order(talk)
        talk.reply(
            _describe(talk, order),
            buttons=[talk.person_button()] if order.state in _NEEDS_HELP else None,
            decision="answer",
            topic="orders",
            order=_order_notes(talk, order),
        )
        return [
            SlotSet("order_failures", 0.0),
            SlotSet("unanswered", 0.0),
            SlotSet("topic", "orders"),
            SlotSet("offered", "person" if order.state in _NEEDS_HELP else "nothing"),
            SlotSet("order_number", order.number),
        ]


class _Prepare:
    """Explains how a change works and offers the person who makes it; changes nothing."""

    key = ""
    topic = ""
    article = ""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        talk = Talk(dispatcher, tracker)
        article = talk.services.knowledge.article(self.article, talk.language)
        order = _proven_order(talk)
        parts = [talk.words(self.key)]
        if article:
            parts.append(article.opening)
        if order:
            parts.append(talk.words("order_known", number=order.number))
        sources = []
        if article:
            page = {"title": article.title, "url": article.url, "article": article.id}
            sources = [{"probability": 1.0, **page}]
        talk.reply(
            "\n\n".join(parts),
            buttons=[talk.person_button()],
            decision="answer",
            topic=self.topic,
            answers=sources,
            order=_order_notes(talk, order) if order else None,
        )
        return [
            SlotSet("offered", "person"),
            SlotSet("topic", self.topic),
            SlotSet("unanswered", 0.0),
        ]


class ActionPrepareCancel(_Prepare, Action):
    """Cancelling an order."""

    key, topic, article = "prepare_cancel", "orders", "change-or-cancel-order"

    def name(self) -> str:
        return "action_prepare_cancel"


class ActionPrepareReturn(_Prepare, Action):
    """Sending something back."""

    key, topic, article = "prepare_return", "returns", "return-an-order"

    def name(self) -> str:
        return "action_prepare_return"


# States in which a customer will want more than a date.
_NEEDS_HELP = frozenset({"delayed", "payment-failed", "return-requested", "returned"})


def _proven_order(talk: Talk) -> Order | None:
    """The order that the customer may see: their own, or the one whose number and e-mail fit."""
    number = _clean_number(talk.slot("order_number"))
    shop = talk.services.shop
    if talk.customer:
        if number and (order := shop.order_for(number, customer_id=talk.customer)):
            return order
        if not number:
            orders = sorted(shop.orders_of(talk.customer), key=lambda o: o.placed, reverse=True)
            return orders[0] if orders else None
    email = _clean_email(talk.slot("email"))
    return shop.order_for(number, email=email) if number and email else None


def _no_order(talk: Talk) -> list[dict[str, Any]]:
    key = "order_none_of_yours" if talk.customer else "order_gave_up"
    talk.reply(talk.words(key), buttons=[talk.person_button()], decision="decline", topic="orders")
    return [
        SlotSet("order_failures", 0.0),
        SlotSet("order_number", None),
        SlotSet("email", None),
        SlotSet("offered", "person"),
        SlotSet("topic", "orders"),
    ]


def _order_notes(talk: Talk, order: Order) -> dict[str, str]:
    by_identity = talk.customer is not None and order.customer == talk.customer
    return {
        "number": order.number,
        "state": order.state,
        "verified_by": "identity" if by_identity else "email",
    }


def _describe(talk: Talk, order: Order) -> str:
    lines = [talk.words(f"order_states.{order.state}", number=order.number)]
    delivery = order.delivery
    if order.state in ("delivered",) and delivery.delivered:
        lines.append(talk.words("order_delivered_on", date=_date(delivery.delivered)))
    elif delivery.expected and order.state in _UNDER_WAY:
        lines.append(talk.words("order_expected_on", date=_date(delivery.expected)))
    if delivery.tracking and order.state in (*_UNDER_WAY, "delivered"):
        lines.append(
            talk.words("order_tracking", carrier=delivery.carrier or "", tracking=delivery.tracking)
        )
    products = talk.services.knowledge
    named = [
        (product.name if (product := products.product(line.product)) else line.product)
        + (f" ({line.size})" if line.size else "")
        + (f" × {line.quantity}" if line.quantity > 1 else "")
        for line in order.lines
    ]
    lines.append(talk.words("order_lines", lines=", ".join(named)))
    return "\n\n".join(lines)


_UNDER_WAY = ("placed", "packed", "shipped", "out-for-delivery", "delayed")


def _date(day: Any) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def _clean_number(value: Any) -> str | None:
    found = _NUMBER.search(str(value or ""))
    return found.group() if found else None


def _clean_email(value: Any) -> str | None:
    found = _EMAIL.search(str(value or ""))
    return found.group().strip(".,;:<>()").lower() if found else None
