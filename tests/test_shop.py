"""The demo shop: who may see which order, and files that change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import shop_of
from bot.settings import Settings
from bot.shop import DemoShop, OrderState

DEMO = Path(__file__).parents[1] / "data" / "demo"

ORDERS = """
- number: "10001"
  customer: c-1
  email: Ana@Example.com
  placed: 2026-10-01
  state: shipped
  lines: [{product: skarn-jacket, size: M, quantity: 1, price: 289.00}]
  total: 289.00
  delivery: {method: courier, expected: 2026-10-05}
  payment: {method: card, state: paid}
- number: "10002"
  customer: c-2
  email: ben@example.com
  placed: 2026-10-02
  state: placed
- number: "10003"
  email: ""
  placed: 2026-10-02
  state: placed
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.yml").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "customers.yml").write_text(
        "- {id: c-1, name: Ana, email: ana@example.com, language: pl, member_since: 2024-01-01}\n",
        encoding="utf-8",
    )
    return tmp_path


def test_an_order_is_shown_to_its_signed_in_customer(folder: Path) -> None:
    order = DemoShop(folder).order_for("10001", customer_id="c-1")
    assert order is not None
    assert order.state is OrderState.SHIPPED
    assert f"{order.state}" == "shipped"


@pytest.mark.parametrize("email", ["ana@example.com", " ANA@example.com ", "ana @ example.com"])
def test_an_order_is_shown_for_number_and_email(folder: Path, email: str) -> None:
    assert DemoShop(folder).order_for("10001", email=email) is not None


@pytest.mark.parametrize(
    ("number", "proof"),
    [
        ("10001", {}),
        ("10001", {"email": ""}),
        ("10001", {"customer_id": ""}),
        ("10001", {"email": "ben@example.com"}),
        ("10001", {"customer_id": "c-2"}),
        ("10003", {"email": ""}),
        ("10003", {"email": " ", "customer_id": ""}),
        ("99999", {"email": "ana@example.com"}),
        ("", {"email": "ana@example.com", "customer_id": "c-1"}),
    ],
)
def test_nothing_else_opens_an_order(folder: Path, number: str, proof: dict[str, str]) -> None:
    assert DemoShop(folder).order_for(number, **proof) is None


def test_orders_of_a_customer_come_newest_first() -> None:
    shop = DemoShop(DEMO)
    for customer in shop.customers():
        orders = shop.orders_of(customer.id)
        assert [o.placed for o in orders] == sorted((o.placed for o in orders), reverse=True)


def test_the_demos_orders_are_gone_with_the_demo(tmp_path: Path) -> None:
    live = shop_of(Settings(demo_shop=False))
    assert live.order("10233") is None
    assert live.order_for("10233", customer_id="c-1002") is None
    assert live.customer("c-1002") is None
    assert live.orders_of("c-1002") == []
    assert shop_of(Settings()).order("10233") is not None
    own = tmp_path / "orders.yml"
    own.write_text((DEMO / "orders.yml").read_text("utf-8"), "utf-8")
    assert shop_of(Settings(demo_shop=False, shop_data=str(tmp_path))).order("10233") is not None


def test_the_demo_shop_has_every_state_and_consistent_orders() -> None:
    shop = DemoShop(DEMO)
    orders = [order for customer in shop.customers() for order in shop.orders_of(customer.id)]
    assert {order.state for order in orders} == set(OrderState)
    for order in orders:
        assert order.total == sum(line.price * line.quantity for line in order.lines)
        owner = shop.customer(order.customer or "")
        assert owner is not None
        assert shop.order_for(order.number, email=owner.email) == order


@given(number=st.text(max_size=8), email=st.text(max_size=20), customer=st.text(max_size=8))
def test_guesses_open_nothing(number: str, email: str, customer: str) -> None:
    assert DemoShop(DEMO).order_for(number, email=email, customer_id=customer) is None


def test_an_edited_file_is_seen_and_a_broken_one_changes_nothing(folder: Path) -> None:
    shop = DemoShop(folder)
    path = folder / "orders.yml"
    assert shop.order("10001") is not None
    path.write_text(ORDERS.replace("state: shipped", "state: delivered"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    order = shop.order("10001")
    assert order is not None
    assert order.state is OrderState.DELIVERED
    path.write_text("- number: [", encoding="utf-8")
    assert shop.order("10001") == order
    path.write_text(ORDERS.replace("state: shipped", "state: lost"), encoding="utf-8")
    assert shop.order("10001") is None
    assert shop.order("10002") is not None


def test_a_folder_without_files_is_an_empty_shop(tmp_path: Path) -> None:
    shop = DemoShop(tmp_path)
    assert shop.customers() == []
    assert shop.order_for("10001", email="ana@example.com") is None
