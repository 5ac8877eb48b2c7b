"""Reads what a packet is made of: the log, the person's other conversations and cases, the shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log
from bot.conversation.events import OrderLookedUp
from bot.handoff import cases
from bot.handoff.cases import CaseError
from bot.handoff.packet import Sources
from bot.journey import journeys
from bot.shop import Shop

# Older orders of one customer are in the shop's own system.
MOST_ORDERS = 10


async def read(connection: AsyncConnection, case_id: str) -> Sources:
    """What the database has for the packet of a case.

    Raises:
        CaseError: there is no such case.
    """
    case = await cases.find(connection, case_id)
    conversation = await conversations.load(connection, case.conversation)
    if conversation is None:
        raise CaseError("case_unknown", "There is no such case.")
    who = conversation.customer or conversation.visitor
    owned = await journeys.conversations_of(connection, who)
    others = [await log.read(connection, c) for c in owned if c != conversation.id]
    return Sources(
        case=case,
        conversation=conversation,
        events=await log.read(connection, conversation.id),
        others=[events for events in others if events],
        cases=[c for c in await cases.of(connection, owned) if c.id != case.id],
        profile=await journeys.profile(connection, conversation.customer),
    )


def with_shop(sources: Sources, shop: Shop, name_of: Callable[[str], str | None]) -> Sources:
    """``sources`` with what the shop knows of a proven customer and of the orders shown.

    ``name_of`` gives the name of the product with an id. May wait for the shop.
    """
    customer = sources.conversation.customer
    orders = shop.orders_of(customer)[:MOST_ORDERS] if customer else []
    shown = {e.payload.number for e in sources.events if isinstance(e.payload, OrderLookedUp)}
    missing = shown - {order.number for order in orders}
    orders += [order for number in sorted(missing) if (order := shop.order(number)) is not None]
    products = {line.product for order in orders for line in order.lines}
    return replace(
        sources,
        account=shop.customer(customer) if customer else None,
        orders=orders,
        product_names={product: name_of(product) or product for product in products},
    )
