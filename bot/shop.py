"""The one interface to the shop's customers and orders; the demo's files are one implementation.

A real shop implements `Shop` over its own system. Nothing here changes an order.
"""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import yaml

log = logging.getLogger(__name__)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAYMENT_FAILED = "payment-failed"
    PACKED = "packed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out-for-delivery"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    CANCELLED = "cancelled"
    RETURN_REQUESTED = "return-requested"
    RETURNED = "returned"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Customer:
    """A person with an account. `member_since` is None for who is in no club."""

    id: str
    name: str
    email: str
    phone: str | None
    language: str
    member_since: date | None


@dataclass(frozen=True)
class OrderLine:
    """Some pieces of one product; `price` is for one piece."""

    product: str
    size: str | None
    colour: str | None
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class Delivery:
    """How an order travels, and when it is meant to be or was there."""

    method: str
    carrier: str | None
    tracking: str | None
    expected: date | None
    delivered: date | None


@dataclass(frozen=True)
class Payment:
    """How an order is paid, and whether it is."""

    method: str
    state: str


@dataclass(frozen=True)
class Return:
    """A return that the customer asked for."""

    requested: date | None
    reason: str | None
    state: str


@dataclass(frozen=True)
class Order:
    """One order. `customer` is None for a guest's."""

    number: str
    customer: str | None
    email: str
    placed: date
    state: OrderState
    lines: tuple[OrderLine, ...]
    total: Decimal
    delivery: Delivery
    payment: Payment
    returned: Return | None


class Shop(Protocol):
    """What the assistant asks the shop."""

    def customer(self, customer_id: str) -> Customer | None:
        """The customer with that id, or None."""

    def order(self, number: str) -> Order | None:
        """An order by its number, for our own use: show it only through `order_for`."""

    def orders_of(self, customer_id: str) -> list[Order]:
        """All orders of a customer, the newest first."""

    def order_for(
        self, number: str, *, customer_id: str | None = None, email: str | None = None
    ) -> Order | None:
        """The order if it may be shown to who asks; None is the one answer to all else."""


def may_see(order: Order | None, customer_id: str | None, email: str | None) -> bool:
    """Whether an order is its signed-in customer's, or the e-mail given is the order's.

    Case and blanks in the e-mail do not count. Takes the same steps without an order, so that
    a wrong e-mail and an unknown number look alike.
    """
    owner = (order.customer if order else None) or ""
    known = _plain(order.email) if order else ""
    by_identity = _same(owner, customer_id or "")
    by_email = _same(known, _plain(email or ""))
    return order is not None and (by_identity or by_email)


def _same(known: str, given: str) -> bool:
    # An empty text is no proof, even against an order that has none.
    equal = hmac.compare_digest(known.encode(), given.encode())
    return equal and bool(known)


def _plain(email: str) -> str:
    return "".join(email.split()).casefold()


class NoShop:
    """Knows no customer and no order: what a live assistant has until the shop's own is joined."""

    def customer(self, customer_id: str) -> Customer | None:
        """Nobody."""
        return None

    def order(self, number: str) -> Order | None:
        """No order."""
        return None

    def orders_of(self, customer_id: str) -> list[Order]:
        """No orders."""
        return []

    def order_for(
        self, number: str, *, customer_id: str | None = None, email: str | None = None
    ) -> Order | None:
        """No order."""
        return None


class DemoShop:
    """`customers.yml` and `orders.yml` of a folder, read again when they change.

    A broken file is logged and its last good version stays; a broken entry is left out. Safe to
    share between threads.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._customers = _LiveFile(folder / "customers.yml", "id", _customer)
        self._orders = _LiveFile(folder / "orders.yml", "number", _order)

    def customer(self, customer_id: str) -> Customer | None:
        """The customer with that id, or None."""
        with self._lock:
            return self._customers.read().get(customer_id)

    def customers(self) -> list[Customer]:
        """All customers, for the demo page's switch."""
        with self._lock:
            return list(self._customers.read().values())

    def order(self, number: str) -> Order | None:
        """An order by its number, for our own use: show it only through `order_for`."""
        with self._lock:
            return self._orders.read().get(number.strip().removeprefix("#"))

    def orders_of(self, customer_id: str) -> list[Order]:
        """All orders of a customer, the newest first."""
        with self._lock:
            orders = [o for o in self._orders.read().values() if o.customer == customer_id]
        return sorted(orders, key=lambda o: (o.placed, o.number), reverse=True)

    def order_for(
        self, number: str, *, customer_id: str | None = None, email: str | None = None
    ) -> Order | None:
        """The order if it may be shown to who asks; None is the one answer to all else."""
        order = self.order(number)
        return order if may_see(order, customer_id, email) else None


class _LiveFile[T]:
    """A YAML list of entries by key, parsed again when time or size of the file changed."""

    def __init__(self, path: Path, key: str, make: Callable[[dict[str, Any]], T]) -> None:
        self._path = path
        self._key = key
        self._make = make
        self._seen: tuple[int, int, int] | None = None
        self._good: dict[str, T] = {}

    def read(self) -> dict[str, T]:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen, self._good = None, {}
            return self._good
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if seen != self._seen:
            self._seen = seen
            try:
                entries = yaml.load(self._path.read_text(encoding="utf-8"), Loader=_LOADER) or []
                if not isinstance(entries, list):
                    raise ValueError("it must be a list; begin each entry with '- '")
                self._good = self._parse(entries)
            except (yaml.YAMLError, OSError, ValueError) as error:
                log.warning("%s: %s (its last good version stays)", self._path, error)
        return self._good

    def _parse(self, entries: list[Any]) -> dict[str, T]:
        result: dict[str, T] = {}
        for place, entry in enumerate(entries, start=1):
            try:
                result[str(entry[self._key])] = self._make(entry)
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                log.warning("%s: entry %d is left out: %r", self._path, place, error)
        return result


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _customer(entry: dict[str, Any]) -> Customer:
    return Customer(
        id=str(entry["id"]),
        name=str(entry["name"]),
        email=str(entry["email"]),
        phone=_text(entry.get("phone")),
        language=str(entry.get("language") or "en"),
        member_since=_day(entry.get("member_since")),
    )


def _order(entry: dict[str, Any]) -> Order:
    placed = _day(entry["placed"])
    if placed is None:
        raise ValueError("'placed' has no date")
    delivery = entry.get("delivery") or {}
    payment = entry.get("payment") or {}
    back = entry.get("return")
    return Order(
        number=str(entry["number"]),
        customer=_text(entry.get("customer")),
        email=str(entry.get("email") or ""),
        placed=placed,
        state=OrderState(entry["state"]),
        lines=tuple(
            OrderLine(
                product=str(line["product"]),
                size=_text(line.get("size")),
                colour=_text(line.get("colour")),
                quantity=int(line.get("quantity", 1)),
                price=Decimal(str(line.get("price", 0))),
            )
            for line in entry.get("lines") or ()
        ),
        total=Decimal(str(entry.get("total", 0))),
        delivery=Delivery(
            method=str(delivery.get("method") or ""),
            carrier=_text(delivery.get("carrier")),
            tracking=_text(delivery.get("tracking")),
            expected=_day(delivery.get("expected")),
            delivered=_day(delivery.get("delivered")),
        ),
        payment=Payment(str(payment.get("method") or ""), str(payment.get("state") or "")),
        returned=None
        if not back
        else Return(_day(back.get("requested")), _text(back.get("reason")), str(back["state"])),
    )
