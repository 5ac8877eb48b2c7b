"""Nothing is asked twice: what a draft asks for though it is known, and how it is counted."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from bot.embedding import sentence_embedder
from bot.handoff.asking import Asking
from bot.settings import PROJECT
from tests.house import Customer, DeskAgent, House, until


class Told:
    """A customer who told order, e-mail and trouble, and whose case is the agent's."""

    def __init__(self, house: House, agent: DeskAgent) -> None:
        self.agent = agent
        self.customer = Customer(house)
        self.customer.ask("where is my order 10233")
        self.customer.ask("budi.santoso@example.org")
        self.customer.ask("my parcel never came, give me a human being please")
        until(self._cases, 60)
        self.case = self._cases()[0]
        agent.act(self.case, "claim")

    def _cases(self) -> list[str]:
        visitor = self.customer.session["visitor"]
        return [c["id"] for c in self.agent.cases() if c["customer"]["id"] == visitor]

    def check(self, text: str) -> dict[str, dict[str, Any]]:
        """What a draft asks for again, by fact."""
        answer = self.agent.post(f"/cases/{self.case}/check", text=text)
        return {one["fact"]: one for one in answer["asked"]}

    def asked_again(self) -> int:
        """How often the journey says that something was asked again."""
        journey = self.agent.show(self.case)["journey"]
        return int(journey[-1]["asked_again"])


@pytest.fixture(scope="module")
def told(house: House) -> Told:
    return Told(house, DeskAgent(house, *house.login()))


def test_the_source_of_what_is_known_stands_beside_it(told: Told) -> None:
    asked = told.check("Hello, could you give me your order number and your e-mail address?")
    assert set(asked) == {"order_number", "email"}
    order, email = asked["order_number"], asked["email"]
    assert (order["value"], order["source"]) == ("10233", "customer")
    assert (email["value"], email["how"]) == ("budi.santoso@example.org", "typed")
    lines = {entry["seq"]: entry for entry in told.agent.show(told.case)["transcript"]}
    assert lines[email["seq"]]["text"] == "budi.santoso@example.org"
    assert lines[email["seq"]]["at"] == email["at"]
    assert order["seq"] in lines


@pytest.mark.parametrize(
    "draft",
    [
        "Proszę podać numer zamówienia.",
        "Boleh minta nomor pesanannya, Kak?",
        "รบกวนขอเลขคำสั่งซื้อด้วยค่ะ",
        "Pakibigay po ang order number ninyo.",
        "Sir, can I get your order number po?",
        "Bez numeru zamówienia niestety nic nie zrobię.",
        "Without your order number I can't open the file.",
        "Tinggal kode transaksinya saja yang kurang.",
        "Just need the booking number na lang po.",
        "เหลือแค่เลขที่บิลค่ะ",
        "Sorry to hear that.\nPlease send me:\n- your order number\n- a photo of the box",
    ],
)
def test_a_draft_may_be_in_any_of_the_languages(told: Told, draft: str) -> None:
    assert set(told.check(draft)) == {"order_number"}


@pytest.mark.parametrize(
    "draft",
    [
        "Is 10233 the right order number?",
        "I have your order number and look into it now.",
        "What is your new e-mail address?",
        "Please write the order number on the parcel.",
        "There is no need to send the order number again.",
        "Could you give me the neighbour's e-mail address?",
        "Which size do you wear?",  # nobody said yet
        "May I have your phone number?",  # nor this
        "",
    ],
)
def test_what_is_no_asking_again_passes(told: Told, draft: str) -> None:
    assert told.check(draft) == {}


def test_the_problem_is_known_from_the_customers_own_words(told: Told) -> None:
    asked = told.check("Could you describe what happened?")
    assert set(asked) == {"problem"}
    assert asked["problem"]["value"]


def test_each_one_sent_anyway_is_counted_once(house: House, ana: DeskAgent) -> None:
    told = Told(house, ana)
    text = "Could you send me your order number and your e-mail address?"
    ana.post(f"/cases/{told.case}/reply", client_id="sent-twice-over", text=text)
    ana.post(f"/cases/{told.case}/reply", client_id="sent-twice-over", text=text)
    assert told.asked_again() == 2
    ana.act(told.case, "reply", text="Thank you, your parcel arrives tomorrow.")
    ana.act(told.case, "note", text="Ask for the order number? No, it is there.")
    assert told.asked_again() == 2
    printed = house.firstline("journey", told.customer.session["visitor"])
    assert "asked again 2" in printed.stdout


def test_a_signed_in_customer_is_not_asked_for_the_name(house: House, ana: DeskAgent) -> None:
    told = Told(house, ana)
    assert told.check("May I have your name?") == {}
    claims = {"sub": "c-1002", "name": "Budi Santoso", "exp": 4102444800}
    token = jwt.encode(claims, house.secrets["identity_secret"], "HS256")
    signed = Customer(house, identity=token)
    signed.ask("I want to talk to a person")
    until(lambda: any(c["customer"]["id"] == "c-1002" for c in ana.cases()), 60)
    case = next(c["id"] for c in ana.cases() if c["customer"]["id"] == "c-1002")
    asked = ana.post(f"/cases/{case}/check", text="May I have your name?")["asked"]
    assert [(one["value"], one["source"]) for one in asked] == [("Budi Santoso", "shop")]


def test_a_case_that_is_not_there_is_told(ana: DeskAgent) -> None:
    refused = ana.try_post("/cases/none/check", text="Your order number?")
    assert refused.status_code == 404


def test_the_weights_that_ship_fit_the_embedder_and_the_signs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Asking(PROJECT / "data" / "requests", sentence_embedder())
    assert not caplog.records
