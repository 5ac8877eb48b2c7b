"""What helps an agent to write: suggested answers and canned replies."""

from __future__ import annotations

from bot.web.markdown import to_plain
from tests.house import Customer, DeskAgent, House
from tests.web.test_desk_api import case_of


def test_suggestions_answer_the_last_words_and_say_what_was_told(
    house: House, ana: DeskAgent
) -> None:
    customer = Customer(house)
    customer.ask("What does delivery in Poland cost?")
    customer.ask_for_person()
    case = case_of(ana, customer)
    found = ana.http.get(f"/cases/{case}/suggestions").raise_for_status().json()
    assert found["question"] == "What does delivery in Poland cost?"
    assert 1 <= len(found["suggestions"]) <= 3
    told = [s for s in found["suggestions"] if s["told"]]
    assert any("€3.50" in s["text"] and s["url"] in s["text"] for s in told)
    assert all("**" not in s["text"] and s["meaning"] is None for s in found["suggestions"])

    ana.act(case, "claim")
    customer.say("How heavy is the Skarn jacket?")
    found = ana.http.get(f"/cases/{case}/suggestions").raise_for_status().json()
    assert found["question"] == "How heavy is the Skarn jacket?"
    assert "412" in found["suggestions"][0]["text"]
    assert found["suggestions"][0]["product"] == "skarn-jacket"
    ana.act(case, "resolve", disposition="solved")


def test_canned_replies_name_the_order_that_the_customer_named(
    house: House, ana: DeskAgent
) -> None:
    customer = Customer(house)
    customer.say("It is about order 10233")
    customer.ask_for_person()
    case = case_of(ana, customer)
    replies = ana.http.get(f"/cases/{case}/canned").raise_for_status().json()["replies"]
    by_id = {reply["id"]: reply for reply in replies}
    assert "10233" in by_id["order"]["text"]
    assert by_id["order"]["missing"] == []
    assert by_id["hello"]["missing"] == ["[customer name]"]
    assert "this is Ana from Marrowfell Outfitters" in by_id["hello"]["text"]


def test_an_answer_as_plain_words_keeps_its_form() -> None:
    markdown = (
        "**Costs**\n\nSee [the page](https://shop.example/help).\n\n- one\n- *two*\n\n"
        "1. first\n2. second\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert to_plain(markdown) == (
        "Costs\n\nSee the page (https://shop.example/help).\n\n- one\n- two\n\n"
        "1. first\n2. second\n\na | b\n1 | 2"
    )
