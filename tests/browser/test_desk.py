"""The agents' desk as agents use it all day: by keyboard, in several conversations, with others."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_accessibility import SCREENS, violations
from tests.house import Customer, DeskAgent, House

PASSWORD = "a long enough password"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_SECONDS = 60_000


@pytest.fixture(scope="module")
def team(house: House) -> dict[str, str]:
    """Nils, who writes English only, and Ewa, who writes Polish too: names and passwords."""
    people = {"Nils": "en", "Ewa": "en,pl"}
    for name, languages in people.items():
        added = house.firstline(
            "agent", "add", name, "--languages", languages, input=f"{PASSWORD}\n"
        )
        assert added.returncode == 0, added.stderr
    changed = house.firstline("agent", "set", "Nils", "--capacity", "6")
    assert changed.returncode == 0, changed.stderr
    return dict.fromkeys(people, PASSWORD)


@contextmanager
def at_desk(browser: Browser, house: House, name: str, **screen: Any) -> Iterator[Page]:
    """The desk's page with that agent logged in, by keyboard alone."""
    screen.setdefault("viewport", {"width": 1280, "height": 800})
    context = browser.new_context(**screen)
    context.set_default_timeout(_SECONDS)
    page = context.new_page()
    page.goto(f"{house.url}/desk/")
    expect(page.locator("#login-name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".queue-list section").first.wait_for()
    yield page
    context.close()


def waiting(house: House, question: str, **session: Any) -> Customer:
    """A customer who asked something and now waits for a person."""
    customer = Customer(house, **session)
    customer.say(question)
    customer.ask_for_person()
    return customer


def row(page: Page, words: str) -> Locator:
    """A row of the queue by the words in it."""
    return page.locator(".queue .row", has_text=words)


def composer(page: Page) -> Locator:
    """Where the agent writes."""
    return page.locator("#composer-text")


def take(page: Page, words: str) -> None:
    """Open the case and take it with the key."""
    row(page, words).click()
    page.locator("#take-case").wait_for()
    page.keyboard.press("Alt+t")
    expect(composer(page)).to_be_focused()


def test_a_handoff_by_keyboard_alone(browser: Browser, house: House, team: dict[str, str]) -> None:
    words = f"How do I wash the down jacket {uuid.uuid4().hex[:6]}"
    customer = waiting(house, words)
    with at_desk(browser, house, "Ewa"), at_desk(browser, house, "Nils") as page:
        keys = page.keyboard
        keys.press("Alt+p")
        expect(page.locator("#presence")).to_be_focused()
        keys.press("ArrowDown")
        expect(page.locator(".presence .light")).to_have_class("light busy")
        keys.press("ArrowUp")
        expect(page.locator(".presence .light")).to_have_class("light available")

        expect(row(page, words)).to_be_visible()
        keys.press("F2")
        for _ in range(60):
            if words in page.evaluate("document.activeElement.textContent"):
                break
            keys.press("ArrowDown")
        keys.press("Enter")
        page.locator("#take-case").wait_for()
        keys.press("Alt+t")
        expect(composer(page)).to_be_focused()

        page.locator(".suggestions li").first.wait_for()
        keys.press("Alt+1")
        expect(composer(page)).not_to_have_value("")
        suggested = composer(page).input_value()
        keys.press("Enter")
        sent = page.locator(".entry.agent", has_text=suggested.splitlines()[0])
        expect(sent.first).to_be_visible()

        keys.type("/hel")
        page.locator(".canned li").first.wait_for()
        keys.press("Enter")
        expect(composer(page)).to_have_value(re.compile("Hello .customer name., this is Nils"))
        keys.press("Enter")  # a gap is not sent
        assert "[customer name]" in composer(page).input_value()
        keys.type("Kim")
        keys.press("Enter")
        expect(page.locator(".entry.agent", has_text="Hello Kim, this is Nils")).to_have_count(1)

        keys.press("Alt+i")
        expect(page.locator("#tab-note")).to_have_attribute("aria-selected", "true")
        keys.type("Kim is new here")
        keys.press("Enter")
        expect(page.locator(".entry.note", has_text="Kim is new here")).to_have_count(1)

        keys.press("Alt+k")
        expect(page.locator("dialog.ask input:checked").first).to_be_focused()
        keys.press("Tab")
        keys.press("Tab")
        keys.type("Is this right?")
        keys.press("Tab")
        keys.press("Enter")
        expect(page.locator(".banner")).to_contain_text("to look at this case")
        expect(page.locator("dialog.ask")).to_have_count(0)
        assert page.evaluate("document.activeElement !== document.body")

        keys.press("Alt+d")
        expect(page.get_by_role("button", name="Solved", exact=True)).to_be_focused()
        keys.press("Alt+d")
        expect(composer(page)).to_be_focused()
        keys.press("Alt+d")
        keys.press("Enter")
        expect(page.locator(".case-foot")).to_contain_text("resolved")
        expect(page.locator("#case-heading")).to_be_focused()
    said = [message["text"] for message in customer.messages() if message["from"] == "agent"]
    assert said[0] == suggested
    assert said[1].startswith("Hello Kim, this is Nils from Marrowfell")
    assert not any("Kim is new here" in message["text"] for message in customer.messages())


def test_unread_messages_and_drafts_of_several_conversations(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    mark = uuid.uuid4().hex[:6]
    first = waiting(house, f"What is the Skarn made of {mark}a")
    second = waiting(house, f"How heavy is the Velmo {mark}b")
    with at_desk(browser, house, "Nils") as page:
        take(page, f"{mark}a")
        page.keyboard.type("Half an answer")
        take(page, f"{mark}b")
        first.say("Are you there?")
        first.say("Hello?")
        mine = page.locator(".queue-mine .row")
        expect(mine.first).to_contain_text("2 new messages")
        expect(mine.first).to_contain_text("Awaits your answer")
        expect(page).to_have_title(re.compile(r"^\(2\) "))
        page.reload()
        expect(page).to_have_title(re.compile(r"^\(2\) "))
        mine.first.click()
        expect(composer(page)).to_have_value("Half an answer")
        expect(page).to_have_title(re.compile(r"^[^(]"))
        expect(mine.first.locator(".count")).to_have_count(0)
        second.say("And in blue?")
        expect(mine.nth(1)).to_contain_text("1 new message")


def _hear(customer: Customer, heard: list[str], done: threading.Event) -> None:
    """Note what the customer's page is told of the agent's writing, up to the end of it."""
    with customer.http.stream("GET", "/customer/stream", timeout=30) as stream:
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
                if name == "ready":
                    done.set()
            elif line.startswith("data:") and name == "typing":
                heard.append(line)
                if '"on":false' in line.replace(" ", ""):
                    return


def test_each_sees_the_other_write_and_what_was_read(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Do the Kettra boots run small {uuid.uuid4().hex[:6]}"
    customer = waiting(house, words)
    with at_desk(browser, house, "Nils") as page:
        take(page, words)
        customer.http.post("/customer/typing", json={"on": True}).raise_for_status()
        expect(page.locator(".typing-sign")).to_contain_text("is writing")
        customer.http.post("/customer/typing", json={"on": False}).raise_for_status()
        expect(page.locator(".typing-sign")).to_have_count(0)

        heard: list[str] = []
        ready = threading.Event()
        listener = threading.Thread(target=_hear, args=(customer, heard, ready))
        listener.start()
        assert ready.wait(20)
        page.keyboard.type("They fit as marked.")
        page.wait_for_timeout(500)
        page.keyboard.press("Enter")
        listener.join(20)
        assert len(heard) == 2, heard

        entry = page.locator(".entry.agent:not(.outgoing)", has_text="They fit as marked")
        expect(entry).to_have_count(1)
        expect(entry.locator(".receipt")).to_have_count(0)
        said = [message for message in customer.messages() if message["from"] == "agent"][-1]
        customer.http.post("/customer/read", json={"message": said["id"]}).raise_for_status()
        expect(entry.locator(".receipt")).to_have_text("Read")


def test_a_customer_whose_language_the_agent_does_not_write(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Ile kosztuje wysyłka do Czech? {uuid.uuid4().hex[:6]}"
    waiting(house, words, language="pl")
    with at_desk(browser, house, "Ewa") as other, at_desk(browser, house, "Nils") as page:
        take(page, words)
        banner = page.locator(".tongue-banner")
        expect(banner).to_contain_text("writes Polish, which you do not")
        expect(page.locator(".suggestion-text.meaning").first).to_contain_text("We deliver to")
        page.keyboard.type("/more")
        expect(page.locator(".canned li")).to_contain_text(["Czy mogę pomóc w czymś jeszcze?"])
        page.keyboard.press("Escape")
        composer(page).fill("")
        banner.get_by_role("button", name="Ask Ewa to take it").click()
        expect(page.locator(".banner", has_text="You asked Ewa to take this case")).to_be_visible()

        asked = other.locator(".queue-asked li", has_text=words)
        expect(asked).to_contain_text("Nils asks you to take it")
        asked.get_by_role("button", name="Accept").click()
        expect(composer(other)).to_be_focused()
        expect(other.locator(".tongue-banner")).to_have_count(0)
        expect(page.locator(".case-foot")).to_contain_text("Ewa is talking with this customer")
        expect(page.locator(".team summary")).to_contain_text("available")


def test_keys_neither_send_nor_insert_a_suggestion_that_is_not_seen(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"How do I wash the down jacket {uuid.uuid4().hex[:6]}"
    customer = waiting(house, words)
    with at_desk(browser, house, "Nils") as page:
        keys = page.keyboard
        take(page, words)
        page.locator(".suggestions li").first.wait_for()
        heading = page.locator(".suggestions h3 button")
        heading.click()
        expect(page.locator(".suggestions ol")).to_have_count(0)
        composer(page).focus()
        keys.press("Alt+Shift+1")
        keys.press("Alt+1")
        keys.type("Only this")
        expect(composer(page)).to_have_value("Only this")
        keys.press("Enter")
        expect(page.locator(".entry.agent:not(.outgoing)", has_text="Only this")).to_have_count(1)
        heading.click()

        # on a Mac, Alt with a digit writes a character, and with an arrow moves in the text
        page.add_init_script("Object.defineProperty(navigator, 'platform', {value: 'MacIntel'})")
        page.reload()
        page.locator(".suggestions li").first.wait_for()
        composer(page).focus()
        address = page.url
        keys.press("Alt+Shift+1")
        keys.press("Alt+ArrowDown")
        keys.type("Mine")
        expect(composer(page)).to_have_value("Mine")
        assert page.url == address
        page.locator("#case-heading").focus()
        keys.press("Alt+1")
        expect(composer(page)).to_have_value(re.compile("^Mine\n.+"))
    said = [message["text"] for message in customer.messages() if message["from"] == "agent"]
    assert said == ["Only this"]


def test_the_focus_stays_on_a_case_that_a_colleague_takes(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Do you ship to Iceland {uuid.uuid4().hex[:6]}"
    waiting(house, words)
    with at_desk(browser, house, "Ewa") as page:
        page.locator(".queue-waiting .row", has_text=words).focus()
        nils = DeskAgent(house, "Nils", PASSWORD)
        nils.act(next(one["id"] for one in nils.cases() if one["question"] == words), "claim")
        expect(page.locator(".queue-others .row", has_text=words)).to_be_focused()


def test_who_accepts_a_case_after_a_note_writes_to_the_customer(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Is the Kettra boot waterproof {uuid.uuid4().hex[:6]}"
    waiting(house, words)
    with at_desk(browser, house, "Ewa") as page:
        row(page, words).wait_for()
        nils = DeskAgent(house, "Nils", PASSWORD)
        case = next(one["id"] for one in nils.cases() if one["question"] == words)
        nils.act(case, "claim")
        agents = nils.http.get("/agents").raise_for_status().json()["agents"]
        ewa = next(agent["id"] for agent in agents if agent["name"] == "Ewa")
        nils.act(case, "ask", colleague=ewa, wants="take", text="")
        page.locator(".queue-asked .row", has_text=words).click()
        expect(composer(page)).to_be_focused()
        page.keyboard.type("I know this one")
        page.keyboard.press("Alt+t")
        expect(page.locator("#tab-reply")).to_have_attribute("aria-selected", "true")
        expect(composer(page)).to_be_focused()
        expect(composer(page)).to_have_value("")
        page.keyboard.press("Alt+i")
        expect(composer(page)).to_have_value("I know this one")


def test_a_message_that_was_not_sent_shows_in_the_queue(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    mark = uuid.uuid4().hex[:6]
    waiting(house, f"What is the Skarn made of {mark}a")
    waiting(house, f"How heavy is the Velmo {mark}b")
    with at_desk(browser, house, "Nils") as page:
        take(page, f"{mark}a")
        case = page.url.rpartition("/")[2]
        page.context.set_offline(True)
        page.keyboard.type("It is made of wool.")
        page.keyboard.press("Enter")
        notice = page.locator(".notice")
        page.get_by_role("button", name="Log out").click()
        expect(notice).to_contain_text("1 message is not sent yet")
        page.get_by_role("button", name="Log out").click()
        expect(notice).to_contain_text("You are still logged in; try again.")
        notice.get_by_role("button", name="Close").click()
        row(page, f"{mark}b").click()
        expect(notice).to_have_count(0)

        DeskAgent(house, "Nils", PASSWORD).act(case, "release")
        page.context.set_offline(False)
        unsent = page.locator(".queue-waiting .row", has_text=f"{mark}a")
        expect(unsent).to_contain_text("Not sent")
        expect(notice).to_contain_text("Not sent, in the case of")
        unsent.click()
        refused = page.locator(".outgoing", has_text="It is made of wool.")
        expect(refused).to_contain_text("Not sent.")
        expect(refused.get_by_role("button", name="Put back into the draft")).to_have_count(0)
        page.locator("#take-case").click()
        refused.get_by_role("button", name="Put back into the draft").click()
        expect(composer(page)).to_have_value("It is made of wool.")
        expect(page.locator(f".queue .row[href$='{case}']")).not_to_contain_text("Not sent")


def test_new_messages_out_of_sight_are_announced_after_a_link_was_followed(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Do you ship to Malta {uuid.uuid4().hex[:6]}"
    customer = waiting(house, words)
    with at_desk(browser, house, "Nils", viewport={"width": 1280, "height": 1400}) as page:
        row(page, words).click()
        page.locator(".packet a.part").first.click()
        expect(page.locator(".entry.pointed")).to_be_focused()
        page.keyboard.press("Alt+t")
        expect(composer(page)).to_be_focused()
        page.locator(".packet a.part").first.click()
        assert page.locator(".transcript").evaluate("box => box.scrollTop === 0")
        customer.say("And another thing.\n" * 60)
        button = page.get_by_role("button", name="New messages")
        button.click()
        expect(button).to_have_count(0)


def test_what_comes_while_the_phone_shows_the_queue_is_unread(
    browser: Browser, house: House, team: dict[str, str]
) -> None:
    words = f"Do you ship to Cyprus {uuid.uuid4().hex[:6]}"
    customer = waiting(house, words)
    with at_desk(browser, house, "Nils", **PHONE) as page:
        row(page, words).click()
        page.locator("#take-case").click()
        composer(page).wait_for()
        page.locator(".panes [data-to=queue]").click()
        customer.say("Are you still there?")
        mine = page.locator(".queue-mine .row", has_text="Are you still there?")
        expect(mine).to_contain_text("1 new message")
        mine.click()
        expect(page.locator(".entry.customer", has_text="Are you still there?")).to_be_visible()
        page.locator(".panes [data-to=queue]").click()
        expect(mine.locator(".count")).to_have_count(0)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_view_breaks_a_rule_of_accessibility(
    browser: Browser, house: House, team: dict[str, str], screen: str
) -> None:
    words = f"Ile kosztuje paczka do Berlina? {screen}"
    waiting(house, words, language="pl")
    with at_desk(browser, house, "Nils", **SCREENS[screen]) as page:
        row(page, words).wait_for()
        page.locator(".team summary").click()
        assert violations(page) == []
        row(page, words).click()
        page.locator("#take-case").click()
        composer(page).wait_for()
        page.locator(".suggestions").wait_for()
        composer(page).fill("/")
        page.locator(".canned li").first.wait_for()
        assert violations(page) == []
        composer(page).fill("")
        page.locator("#tab-note").click()
        page.locator("#ask-colleague").click()
        assert violations(page, "dialog.ask") == []
        page.keyboard.press("Escape")
        page.keyboard.press("Control+/")
        assert violations(page, "dialog.keys") == []
        page.keyboard.press("Escape")
        page.locator(".theme").click()
        assert violations(page) == []
        page.locator("#ending-resolve").click()
        page.get_by_role("button", name="Spam").click()
        expect(page.locator(".case-foot")).to_contain_text("resolved")
