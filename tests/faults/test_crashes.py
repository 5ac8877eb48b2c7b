"""Killing parts of a running Firstline: nothing is lost, nothing comes twice, pages carry on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import log_in
from tests.browser.test_main_job import Widget, send, take_case
from tests.house import Customer, DeskAgent, House, ensure_model, running, until


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A Firstline of its own for tests that kill its parts."""
    ensure_model()
    with running(tmp_path_factory.mktemp("fragile")) as house:
        yield house


def bot_messages(customer: Customer, place: str) -> list[str]:
    """What the bot said to the message at ``place``."""
    return [m["text"] for m in customer.messages() if m["ref"] == place and m["from"] == "bot"]


def test_the_app_killed_before_the_answer_answers_once_after_the_restart(
    fragile: House, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(fragile.shop_url)
    widget = Widget(page)
    widget.open()
    widget.ask("Hello")
    assistant = fragile.freeze("assistant")  # so that the answer cannot come before the kill
    widget.write("Is the Skarn jacket waterproof?")
    expect(widget.root.locator(".message.customer[data-delivery=sent]")).to_have_count(2)
    fragile.kill("app")
    assistant.resume()
    expect(widget.bots().last).to_contain_text("20,000 mm", timeout=60_000)
    fragile.wait("assistant")
    page.wait_for_timeout(1_000)
    expect(widget.bots()).to_have_count(2)
    expect(widget.customers()).to_have_count(2)
    context.close()


def test_the_assistant_killed_before_the_answer_answers_once_when_it_is_back(
    fragile: House,
) -> None:
    customer = Customer(fragile)
    customer.ask("Hello")
    fragile.freeze("assistant")
    place = customer.say("Is the Skarn jacket waterproof?")
    fragile.kill("assistant")
    answer = customer.answer_to(place, 120)
    assert "20,000 mm" in answer["text"]
    time.sleep(1)
    assert len(bot_messages(customer, place)) == 1


def test_a_silent_assistant_is_owned_up_to_and_a_person_offered(fragile: House) -> None:
    customer = Customer(fragile)
    customer.ask("Hello")
    assistant = fragile.freeze("assistant")
    try:
        started = time.monotonic()
        place = customer.say("Is the Skarn jacket waterproof?")

        def told() -> list[dict[str, object]]:
            return [m for m in customer.messages() if m["from"] == "system"]

        until(told, 20, fragile.tail)
        assert time.monotonic() - started < 15
        (notice,) = told()
        assert "cannot answer" in str(notice["text"])
        assert notice["buttons"]
    finally:
        assistant.resume()
    customer.answer_to(place)
    assert len(bot_messages(customer, place)) == 1
    assert "No answer" in (fragile.folder / "var" / "log" / "app.log").read_text("utf-8")


def test_the_button_below_the_excuse_brings_a_person_while_the_assistant_is_silent(
    fragile: House,
) -> None:
    customer = Customer(fragile)
    customer.ask("Hello")
    agent = DeskAgent(fragile, *fragile.login())
    assistant = fragile.freeze("assistant")
    try:
        customer.say("Is the Skarn jacket waterproof?")

        def offered() -> list[str]:
            return [b["token"] for m in customer.messages() for b in m.get("buttons") or ()]

        until(offered, 20, fragile.tail)
        customer.press(offered()[-1])
        waiting = [c["customer"]["id"] for c in agent.cases() if c["state"] == "waiting"]
        assert customer.session["visitor"] in waiting
    finally:
        assistant.resume()


def test_with_the_assistant_down_people_still_reach_people(
    fragile: House, browser: Browser
) -> None:
    talking = Customer(fragile)
    talking.ask("I want to talk to a person")
    agent = DeskAgent(fragile, *fragile.login())
    case = next(c["id"] for c in agent.cases() if c["customer"]["id"] == talking.session["visitor"])
    agent.act(case, "claim")
    context = browser.new_context()
    customers, desks = context.new_page(), context.new_page()
    customers.goto(fragile.shop_url)
    widget = Widget(customers)
    widget.open()
    assistant = fragile.freeze("assistant")
    try:
        # Who talks with a person already notices nothing.
        agent.act(case, "reply", text="Still here?")
        talking.say("Yes, still here.")
        assert [m["text"] for m in talking.messages()][-2:] == ["Still here?", "Yes, still here."]
        # Who comes now reaches a person.
        widget.write("My tent pole broke on the first night")
        widget.root.locator("header .person").click()
        log_in(desks, fragile)
        take_case(desks, "tent pole")
        send(desks, "That should not happen. I send you a new one.")
        expect(widget.agents().last).to_contain_text("a new one")
    finally:
        assistant.resume()
    fragile.wait("assistant")
    customers.wait_for_timeout(2_000)
    expect(widget.bots()).to_have_count(0)
    context.close()


def test_the_app_killed_while_an_agent_types_keeps_the_draft_and_both_pages_go_on(
    fragile: House, browser: Browser
) -> None:
    context = browser.new_context()
    customers, desks = context.new_page(), context.new_page()
    customers.goto(fragile.shop_url)
    widget = Widget(customers)
    widget.open()
    widget.ask("Is the Velmo jacket warm?")
    widget.root.locator("header .person").click()
    log_in(desks, fragile)
    take_case(desks, "Velmo jacket warm")
    desks.locator("#composer-text").press_sequentially("I am sorry, I will send")
    fragile.kill("app")
    desks.locator("#composer-text").press_sequentially(" you a new one.")
    fragile.wait("app")
    desks.locator("#composer-text").press("Enter")
    expect(widget.agents().last).to_contain_text(
        "I am sorry, I will send you a new one.", timeout=60_000
    )
    widget.write("Thank you!")
    expect(desks.locator(".entry.customer", has_text="Thank you!")).to_have_count(1, timeout=60_000)
    expect(widget.agents()).to_have_count(1)
    context.close()


def holder(agent: DeskAgent, case: str) -> tuple[str, str | None]:
    """State and agent of a case; both as the table has them and as the log tells."""
    shown = agent.show(case)
    row = shown["case"]
    told = [
        e["text"] for e in shown["transcript"] if e["type"] in ("case.claimed", "case.released")
    ]
    last = told[-1] if told else ""
    name = last.removesuffix(" took the case") if last.endswith(" took the case") else None
    assert name == (row["agent"]["name"] if row["agent"] else None), (row, told)
    assert (row["state"] == "claimed") == (name is not None)
    return row["state"], name


def test_the_app_killed_while_claims_are_in_flight_leaves_each_case_whole(fragile: House) -> None:
    customers = [Customer(fragile) for _ in range(6)]
    for customer in customers:
        customer.ask_for_person()
    agent = DeskAgent(fragile, *fragile.login())
    visitors = {customer.session["visitor"] for customer in customers}
    mine = [c["id"] for c in agent.cases() if c["customer"]["id"] in visitors]
    assert len(mine) == 6

    def claim(case: str) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return agent.try_post(f"/cases/{case}/claim").is_success
        return False

    with ThreadPoolExecutor(6) as threads:
        claims = [threads.submit(claim, case) for case in mine]
        wait(claims, return_when=FIRST_COMPLETED)
        fragile.kill("app")
    fragile.wait("app")
    for case, taken in zip(mine, claims, strict=True):
        state, _ = holder(agent, case)
        assert state == "claimed" or not taken.result()
        agent.act(case, "claim")
        agent.act(case, "reply", text="Here I am.")
    for customer in customers:
        said = [m["text"] for m in customer.messages() if m["from"] == "agent"]
        assert said == ["Here I am."]
    for case in mine:
        agent.act(case, "resolve", disposition="solved")


def test_everything_stops_cleanly_and_starts_again_with_its_log(fragile: House) -> None:
    customer = Customer(fragile)
    customer.ask("What does delivery cost?")
    processes = [fragile.process(part) for part in ("app", "assistant")]
    fragile.stop()
    fragile.environment["FIRSTLINE_ASSIGNMENT"] = "automatic"  # for the test after this one
    assert not any(process.is_running() for process in processes)
    fragile.start()
    assert [m["from"] for m in customer.messages()] == ["customer", "bot"]


def test_the_app_killed_while_the_queue_assigns_gives_each_case_once(fragile: House) -> None:
    agent = DeskAgent(fragile, *fragile.login())
    for row in agent.cases():
        if row["state"] == "claimed":
            agent.act(row["id"], "resolve", disposition="solved")
    agent.post("/presence", state="busy")
    customers = [Customer(fragile) for _ in range(3)]
    for customer in customers:
        customer.ask_for_person()
    visitors = {customer.session["visitor"] for customer in customers}
    agent.post("/presence", state="available")
    time.sleep(1)  # the queue is looked at every two seconds: in a moment or just now
    fragile.kill("app")
    fragile.wait("app")

    def mine() -> list[dict[str, Any]]:
        return [c for c in agent.cases() if c["customer"]["id"] in visitors]

    until(lambda: all(c["state"] == "claimed" for c in mine()), 30, fragile.tail)
    for row in mine():
        holder(agent, row["id"])
        shown = agent.show(row["id"])["transcript"]
        assert [e["type"] for e in shown].count("case.claimed") == 1
        agent.act(row["id"], "reply", text="Here I am.")
    for customer in customers:
        said = [m["text"] for m in customer.messages() if m["from"] == "agent"]
        assert said == ["Here I am."]
