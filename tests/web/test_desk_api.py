"""The handoff as an agent meets it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import jsonschema
import pytest

from bot.handoff import contract
from tests.house import Customer, DeskAgent, House, until


def case_of(agent: DeskAgent, customer: Customer) -> str:
    """The newest case of a customer."""

    def found() -> list[str]:
        return [
            c["id"] for c in agent.cases() if c["customer"]["id"] == customer.session["visitor"]
        ]

    until(found, 60)
    return found()[0]


@pytest.fixture
def waiting(house: House, ana: DeskAgent) -> tuple[Customer, str]:
    """A customer who asked two things and then for a person."""
    customer = Customer(house, page="https://shop.example/products/skarn-jacket")
    customer.ask("Is the Skarn jacket waterproof?")
    rejected = customer.ask("What does delivery cost?")
    customer.feedback(rejected["id"], False)
    customer.ask("I want to talk to a person")
    return customer, case_of(ana, customer)


def test_nobody_gets_in_without_the_password(house: House) -> None:
    with httpx.Client(base_url=f"{house.url}/desk/api") as agent:
        agent.get("/me")
        csrf = {"x-csrftoken": agent.cookies["csrftoken"]}
        wrong = agent.post("/login", json={"name": "Ana", "password": "guess"}, headers=csrf)
        assert wrong.status_code == 401
        assert agent.get("/cases").status_code == 401


def test_a_post_without_the_csrf_token_is_refused(house: House, ana: DeskAgent) -> None:
    refused = ana.http.post("/logout", json={})
    assert refused.status_code == 403
    assert ana.http.get("/me").status_code == 200


def test_a_removed_agent_is_out_at_once_and_the_open_stream_ends(house: House) -> None:
    assert house.firstline("agent", "add", "Cleo", input="correct horse\n").returncode == 0
    cleo = DeskAgent(house, "Cleo", "correct horse")
    with cleo.http.stream("GET", "/stream", timeout=60) as stream:
        lines = stream.iter_lines()
        next(lines)
        assert house.firstline("agent", "remove", "Cleo").returncode == 0
        assert cleo.http.get("/cases").status_code == 401
        for _ in lines:
            pass  # until the server ends it


def test_the_sessions_cookie_is_out_of_reach_for_scripts(house: House) -> None:
    name, password = house.login()
    with httpx.Client(base_url=f"{house.url}/desk/api") as agent:
        agent.get("/me")
        response = agent.post(
            "/login",
            json={"name": name, "password": password},
            headers={"x-csrftoken": agent.cookies["csrftoken"]},
        )
    cookie = next(c for c in response.headers.get_list("set-cookie") if "firstline_desk" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_of_two_agents_one_wins_and_the_other_is_told(
    waiting: tuple[Customer, str], ana: DeskAgent, ben: DeskAgent
) -> None:
    _, case = waiting
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(a.try_post, f"/cases/{case}/claim") for a in (ana, ben)]
        answers = [call.result() for call in calls]
    assert sorted(a.status_code for a in answers) == [200, 409]
    lost = next(a for a in answers if a.status_code == 409)
    assert lost.json()["error"]["code"] == "already_claimed"


def test_agent_and_customer_talk_and_the_bot_is_silent(
    waiting: tuple[Customer, str], ana: DeskAgent
) -> None:
    customer, case = waiting
    ana.act(case, "claim")
    ana.act(case, "reply", text="Hello, Ana here. Which size do you need?")
    ana.act(case, "note", text="Seems to be in a hurry")
    place = customer.say("Is the Skarn jacket waterproof?")
    until(lambda: any(m["id"] == place for m in customer.messages()), 60)
    ana.act(case, "reply", text="It is.")
    messages = customer.messages()
    assert [m["from"] for m in messages[-3:]] == ["agent", "customer", "agent"]
    assert not any("hurry" in m["text"] for m in messages)


def test_after_the_return_the_bot_answers_again(
    waiting: tuple[Customer, str], ana: DeskAgent, house: House
) -> None:
    customer, case = waiting
    ana.act(case, "claim")
    ana.act(case, "reply", text="I will hand you back now.")
    ana.act(case, "return")
    assert "20,000 mm" in customer.ask("Is the Skarn jacket waterproof?")["text"]
    assert case not in {c["id"] for c in ana.cases() if c["state"] in ("waiting", "claimed")}


def test_a_second_handoff_of_the_same_conversation_works_like_the_first(
    waiting: tuple[Customer, str], ana: DeskAgent
) -> None:
    customer, first = waiting
    ana.act(first, "claim")
    ana.act(first, "return")
    customer.ask("I want to talk to a person again")
    second = case_of(ana, customer)
    assert second != first
    ana.act(second, "claim")
    ana.act(second, "reply", text="Here I am again.")
    assert customer.messages()[-1]["text"] == "Here I am again."


def test_the_packet_holds_what_the_agent_would_ask(house: House, ana: DeskAgent) -> None:
    customer = Customer(house, page="https://shop.example/cart")
    rejected = customer.ask("What does delivery cost?")
    customer.feedback(rejected["id"], False)
    customer.ask("where is my order 10233")
    customer.ask("budi.santoso@example.org")
    customer.ask("my parcel never came and nobody answers, give me a human being please")
    shown = ana.show(case_of(ana, customer))
    built = shown["packet"]
    jsonschema.validate(built, json.loads(contract.SCHEMA_FILE.read_text("utf-8")))
    facts = {(f["kind"], f["value"]): f for f in built["facts"]}
    by_seq = {e["seq"]: e for e in shown["transcript"]}
    assert "10233" in by_seq[facts["order_number", "10233"]["seq"]]["text"]
    assert "budi" in by_seq[facts["email", "budi.santoso@example.org"]["seq"]]["text"]
    (order,) = built["orders"]
    assert (order["number"], order["shown_as"], order["proof"]) == ("10233", "shipped", "email")
    assert order["lines"][0]["name"] == "Borrin Fleece"
    place = int(rejected["id"].rpartition(".")[2])
    answers = {answer["seq"]: answer for answer in built["answers"]}
    assert answers[place]["reaction"]["helpful"] is False
    assert built["need"]["text"].startswith("my parcel never came")
    assert len(built["thoughts"][0]["intents"]) == 3
    assert built["page"] == "https://shop.example/cart"
    assert not built["customer"]["verified"]


def test_earlier_contacts_come_with_the_packet(
    waiting: tuple[Customer, str], ana: DeskAgent
) -> None:
    customer, case = waiting
    ana.act(case, "claim")
    ana.act(case, "resolve", disposition="solved")
    ana.post("/presence", state="busy")
    customer.ask("I want to talk to a person")
    shown = ana.show(case_of(ana, customer))
    earlier, now = shown["packet"]["journey"]
    assert now["conversation"] == shown["packet"]["conversation"]
    assert earlier["outcome"] == "resolved_assumed"
    assert earlier["handoffs"] == 1
    assert shown["journey"][0]["conversation"] == earlier["conversation"]


def test_only_who_has_the_case_may_speak(
    waiting: tuple[Customer, str], ana: DeskAgent, ben: DeskAgent
) -> None:
    customer, case = waiting
    ana.act(case, "claim")
    refused = ben.try_post(f"/cases/{case}/reply", client_id="not-his-case", text="Me too!")
    assert refused.status_code == 409
    assert "Ana" in refused.json()["error"]["message"]
    assert not any("Me too" in m["text"] for m in customer.messages())


def test_a_released_case_waits_again_and_the_bot_helps_meanwhile(
    waiting: tuple[Customer, str], ana: DeskAgent, ben: DeskAgent
) -> None:
    customer, case = waiting
    ana.act(case, "claim")
    ana.act(case, "release")
    assert "20,000 mm" in customer.ask("Is the Skarn jacket waterproof?")["text"]
    ben.act(case, "claim")
    ben.act(case, "reply", text="Ben here.")
    assert customer.messages()[-1]["name"] == "Ben"
