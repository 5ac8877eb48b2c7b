"""What a customer's page is told while its customer waits for a person."""

from __future__ import annotations

import uuid
from typing import Any

import jwt
import pytest

from tests.house import Customer, DeskAgent, House, until


def notice(customer: Customer) -> dict[str, Any]:
    """The last message of the house itself."""
    return [m for m in customer.messages() if m["from"] == "system"][-1]


def expected(customer: Customer) -> dict[str, Any]:
    """What the page was told last of the wait."""
    return [each for each in customer.window() if each["event"] == "queue"][-1]


@pytest.mark.usefixtures("empty_desk")
def test_a_visitor_is_asked_where_to_reach_them(house: House) -> None:
    customer = Customer(house)
    customer.ask_for_person()
    assert notice(customer)["form"] == "contact"
    assert "leave an e-mail address" in notice(customer)["text"]


def test_who_is_left_alone_while_waiting_is_asked_too(house: House, empty_desk: DeskAgent) -> None:
    empty_desk.post("/presence", state="available")
    customer = Customer(house)
    customer.ask_for_person()
    assert notice(customer)["form"] is None
    assert expected(customer)["asks_contact"] is False
    empty_desk.post("/presence", state="away")
    until(lambda: expected(customer)["asks_contact"], 60)
    customer.give_contact(kind="email", value="ida@example.org")
    until(lambda: not expected(customer)["asks_contact"], 60)


@pytest.mark.usefixtures("empty_desk")
def test_a_signed_in_customer_is_told_the_address_that_we_know(house: House) -> None:
    claims = {"sub": "c-77", "name": "Ida", "email": "ida@example.org", "exp": 4102444800}
    identity = jwt.encode(claims, house.secrets["identity_secret"], "HS256")
    customer = Customer(house, identity=identity)
    customer.ask_for_person()
    assert notice(customer)["form"] is None
    assert "write to ida@example.org" in notice(customer)["text"]
    assert expected(customer)["asks_contact"] is False


@pytest.mark.usefixtures("empty_desk")
def test_what_is_no_address_is_refused_in_the_customers_language(house: House) -> None:
    customer = Customer(house)
    customer.http.headers["accept-language"] = "pl"
    customer.ask_for_person()
    body = {"client_id": uuid.uuid4().hex, "kind": "email", "value": "nobody at home"}
    refused = customer.http.post("/customer/contact", json=body)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error == {"code": "email_wrong", "message": "To nie wygląda na adres e-mail."}


def test_a_page_with_other_labels_is_sent_those_of_the_conversation(house: House) -> None:
    customer = Customer(house)
    customer.ask("Czy kurtka Skarn jest wodoodporna?")
    with customer.http.stream("GET", "/customer/stream?labels=en") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line == "event: language")
        assert "Porozmawiaj z człowiekiem" in next(lines)
    again = Customer(house, visitor=customer.session["token"], language="en")
    assert again.session["language"] == "pl"
