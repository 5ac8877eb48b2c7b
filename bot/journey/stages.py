"""The stage of a journey that a contact belongs to: one table of topic and state of orders.

Five stages: awareness (I have a problem), search (who can solve it), purchase (I want to buy,
doubts remain), care (bought, what now), advocacy (overall feeling, opinion given).
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The five stages, in the order in which a customer passes them."""

    AWARENESS = "awareness"
    SEARCH = "search"
    PURCHASE = "purchase"
    CARE = "care"
    ADVOCACY = "advocacy"


# Topic of the contact -> stage while no order is known, stage once one is.
TABLE: dict[str, tuple[Stage, Stage]] = {
    "products": (Stage.PURCHASE, Stage.CARE),
    "sizes": (Stage.PURCHASE, Stage.CARE),
    "payment": (Stage.PURCHASE, Stage.CARE),
    "delivery": (Stage.PURCHASE, Stage.CARE),
    "gift-cards": (Stage.PURCHASE, Stage.PURCHASE),
    "stores": (Stage.SEARCH, Stage.SEARCH),
    "membership": (Stage.ADVOCACY, Stage.ADVOCACY),
    "orders": (Stage.CARE, Stage.CARE),
    "returns": (Stage.PURCHASE, Stage.CARE),
    "care": (Stage.CARE, Stage.CARE),
    "warranty": (Stage.CARE, Stage.CARE),
    "repairs": (Stage.CARE, Stage.CARE),
    "complaint": (Stage.CARE, Stage.CARE),
    "privacy": (Stage.CARE, Stage.CARE),
}


def stage_of(topic: str | None, *, order_known: bool) -> Stage:
    """The stage of a contact about ``topic``; without a topic of the table, search or care."""
    before, bought = TABLE.get(topic or "", (Stage.SEARCH, Stage.CARE))
    return bought if order_known else before
