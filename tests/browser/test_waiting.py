"""A customer waits for a person, honestly told what to expect, and then talks to one."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import violations
from tests.browser.test_main_job import Widget
from tests.house import Customer, DeskAgent, House, until


class Waiting(Widget):
    """The widget of somebody who asks for a person."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.header = self.root.locator("header")
        self.strip = self.root.locator(".status")
        self.told = self.root.locator(".status-text")
        self.form = self.root.locator("form.contact")

    def begin(self, text: str) -> None:
        """Open the widget and write something that tells this customer from all others."""
        self.open()
        self.write(text)

    def ask_for_person(self) -> None:
        """Press the control in the header."""
        self.header.get_by_role("button", name="Talk to a person").click()

    def come_back(self) -> None:
        """Load the page again."""
        self.page.reload()
        expect(self.root.locator(".panel")).to_be_visible()


def case_of(agent: DeskAgent, words: str) -> str:
    """The open case of the customer who wrote these words."""

    def found() -> list[str]:
        return [
            str(case["id"])
            for case in agent.cases()
            if case["state"] in ("waiting", "claimed") and words in str(case["question"])
        ]

    until(found, 60)
    return found()[0]


def in_queue(agent: DeskAgent) -> int:
    """How many cases wait."""
    return sum(case["state"] == "waiting" for case in agent.cases())


@pytest.fixture
def present(ana: DeskAgent) -> DeskAgent:
    """Ana is at the desk, and is given no case by itself."""
    ana.post("/presence", state="busy")
    return ana


def test_place_and_estimate_follow_the_queue_until_the_customer_leaves_it(
    shop: Page, house: House, ana: DeskAgent
) -> None:
    ana.post("/presence", state="available")
    for _ in range(5):  # from so few claims something is known of the wait
        served = Customer(house)
        served.ask_for_person()
        case = next(c for c in ana.cases() if c["customer"]["id"] == served.session["visitor"])
        ana.act(case["id"], "claim")
        ana.act(case["id"], "return")
    before = Customer(house)
    before.say("Somebody who came earlier")
    before.ask_for_person()
    first = case_of(ana, "came earlier")

    widget = Waiting(shop)
    widget.begin("Do you mend zips of strangers?")
    place = in_queue(ana) + 1
    widget.ask_for_person()
    expect(widget.strip).to_contain_text(f"Your place in the queue: {place}.")
    expect(widget.strip).to_contain_text(re.compile("probably take .* min"))
    expect(widget.ask("Is the Skarn jacket waterproof?")).to_contain_text("20,000 mm")
    widget.come_back()
    expect(widget.strip).to_contain_text(f"Your place in the queue: {place}.")

    ana.act(first, "claim")
    expect(widget.strip).to_contain_text(f"Your place in the queue: {place - 1}.")
    spoken = widget.root.locator(".status + [role=status]")
    expect(spoken).to_contain_text(f"queue: {place - 1}.")

    widget.strip.get_by_role("button", name="I no longer need a person").press("Enter")
    expect(widget.strip).to_be_hidden()
    expect(widget.root.locator("textarea")).to_be_focused()
    expect(widget.root.locator(".message.system").last).to_contain_text("no person then")
    assert in_queue(ana) == place - 2
    ana.act(first, "return")


def test_where_nobody_is_there_an_address_is_asked_for_once(
    phone: Page, empty_desk: DeskAgent
) -> None:
    widget = Waiting(phone)
    widget.begin("My tent has no poles")
    widget.ask_for_person()
    expect(widget.strip).to_contain_text("Nobody from our team is at the desk")
    widget.form.get_by_label("Telephone", exact=True).check()
    address = widget.form.get_by_label("Your telephone number")
    address.fill("12 ab")
    address.press("Enter")
    expect(widget.form.get_by_role("alert")).to_contain_text("not look like a telephone number")
    assert violations(phone, "firstline-widget") == []

    widget.come_back()
    widget.form.get_by_label("Your e-mail address").fill("poles@example.org")
    widget.form.get_by_role("button", name="Save").click()
    expect(widget.form).to_have_count(0)
    notice = widget.root.locator(".message.system").last
    expect(notice).to_contain_text("write to poles@example.org")
    widget.come_back()
    expect(notice).to_contain_text("write to poles@example.org")
    expect(widget.form).to_have_count(0)

    widget.strip.get_by_role("button", name="I no longer need a person").click()
    expect(widget.strip).to_be_hidden()
    widget.ask_for_person()
    expect(widget.strip).to_be_visible()
    expect(notice).to_contain_text("write to poles@example.org")
    expect(widget.form).to_have_count(0)
    widget.strip.get_by_role("button", name="I no longer need a person").click()
    expect(widget.strip).to_be_hidden()


def test_who_waits_while_the_desk_empties_is_asked_for_an_address(
    shop: Page, empty_desk: DeskAgent
) -> None:
    empty_desk.post("/presence", state="available")
    widget = Waiting(shop)
    widget.begin("Who sews on buttons?")
    widget.ask_for_person()
    expect(widget.strip).to_contain_text("Your place in the queue")
    expect(widget.form).to_have_count(0)
    empty_desk.post("/presence", state="away")
    expect(widget.strip).to_contain_text("Nobody from our team is at the desk")
    address = widget.form.get_by_label("Your e-mail address")
    address.fill("buttons@example.org")
    empty_desk.post("/presence", state="available")
    expect(widget.strip).to_contain_text("Your place in the queue")
    expect(address).to_have_value("buttons@example.org")
    expect(address).to_be_focused()
    widget.form.get_by_role("button", name="Save").click()
    notice = widget.root.locator(".message.system").last
    expect(notice).to_contain_text("write to buttons@example.org")
    expect(widget.form).to_have_count(0)
    widget.strip.get_by_role("button", name="I no longer need a person").click()
    expect(widget.strip).to_be_hidden()


def test_each_side_sees_the_other_write_and_read(
    shop: Page, house: House, present: DeskAgent
) -> None:
    words = "Which glue mends a sole?"
    widget = Waiting(shop)
    widget.begin(words)
    widget.ask_for_person()
    case = case_of(present, words)
    present.act(case, "claim")
    expect(widget.header).to_contain_text("Ana")
    present.post(f"/cases/{case}/typing", on=True)
    expect(widget.root.locator(".typist")).to_have_text("Ana is typing…")
    entry = present.act(case, "reply", text="Contact glue does.")["entry"]
    expect(widget.agents().last).to_contain_text("Contact glue")
    expect(widget.root.locator(".typist")).to_be_hidden()
    until(lambda: read_by_customer(present, case) >= entry["seq"], 60)

    with present.http.stream("GET", "/stream", timeout=30) as desk:
        said = (json.loads(line[5:]) for line in desk.iter_lines() if line.startswith("data:"))
        next(said)  # the desk listens
        signs = (each["on"] for each in said if set(each) == {"conversation", "on"})
        widget.root.locator("textarea").press_sequentially("Thank you")
        assert next(signs) is True
        widget.root.locator("textarea").press("Enter")
        assert next(signs) is False

    own = widget.customers().last
    expect(own.locator(".delivery")).to_have_text("Sent")
    last = present.show(case)["transcript"][-1]
    present.post(f"/cases/{case}/read", seq=last["seq"])
    expect(own.locator(".delivery")).to_have_text("Seen")
    widget.come_back()
    expect(own.locator(".delivery")).to_have_text("Seen")
    present.act(case, "return")


def read_by_customer(agent: DeskAgent, case: str) -> int:
    """How far the customer has read, as the desk shows it."""
    return int(next(c["read_by_customer"] for c in agent.cases() if c["id"] == case))


def test_every_handoff_is_like_the_first(phone: Page, present: DeskAgent, ben: DeskAgent) -> None:
    words = "Who mends my rucksack?"
    widget = Waiting(phone)
    widget.begin(words)
    for _ in range(3):
        widget.ask_for_person()
        expect(widget.strip).to_contain_text("Your place in the queue")
        case = case_of(present, words)
        present.act(case, "claim")
        expect(widget.header).to_contain_text("Ana")
        expect(widget.told).to_have_text("Ana is with you now.")
        present.act(case, "release")
        expect(widget.header).not_to_contain_text("Ana")
        expect(widget.strip).to_contain_text("Your place in the queue")
        present.act(case, "claim")
        expect(widget.told).to_have_text("Ana is with you now.")
        present.act(case, "return")
        expect(widget.strip).to_be_hidden()
        expect(widget.header).not_to_contain_text("Ana")
    widget.ask_for_person()
    expect(widget.strip).to_contain_text("Your place in the queue")
    case = case_of(present, words)
    present.act(case, "claim")
    colleague = next(
        a["id"] for a in present.http.get("/agents").json()["agents"] if a["name"] == "Ben"
    )
    present.act(case, "ask", colleague=colleague, wants="take")
    ben.post(f"/cases/{case}/accept", client_id=uuid.uuid4().hex)
    expect(widget.header).to_contain_text("Ben")
    expect(widget.told).to_have_text("Ben is with you now.")
    ben.act(case, "resolve", disposition="solved")
    expect(widget.strip).to_be_hidden()
    expect(widget.header).not_to_contain_text("Ben")


def test_labels_speak_the_language_of_the_conversation(shop: Page) -> None:
    widget = Waiting(shop)
    widget.open()
    expect(widget.root.locator("textarea")).to_have_attribute("placeholder", "Write your question…")
    widget.ask("Czy kurtka Skarn jest wodoodporna?")
    expect(widget.root.locator(".person")).to_have_text("Porozmawiaj z człowiekiem")
    expect(widget.customers().first.locator(".delivery")).to_have_text("Wysłano")
    widget.come_back()
    expect(widget.root.locator(".person")).to_have_text("Porozmawiaj z człowiekiem")
