"""The composer says what is known before it is asked again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.house import Customer, DeskAgent, House, until

ASKING = "Could you send me your order number?"


def open_case(desk: Page, house: House, ana: DeskAgent, *messages: str) -> None:
    """Show Ana's claimed case of a customer who has written this."""
    customer = Customer(house)
    for message in messages:
        customer.ask(message)
    visitor = customer.session["visitor"]

    def cases() -> list[str]:
        return [c["id"] for c in ana.cases() if c["customer"]["id"] == visitor]

    until(cases, 60)
    ana.act(cases()[0], "claim")
    desk.goto(f"{house.url}/desk/#/case/{cases()[0]}")


@pytest.fixture
def composer(desk: Page, house: House, ana: DeskAgent) -> Locator:
    """The text box of a case whose customer has told the order's number."""
    open_case(desk, house, ana, "where is my order 10233", "a human being please, it is urgent")
    return desk.locator("#composer-text")


def sent(desk: Page) -> Locator:
    return desk.locator(".entry.agent", has_text=ASKING)


def test_the_first_enter_shows_the_source_and_the_second_sends(
    desk: Page, composer: Locator
) -> None:
    composer.fill(ASKING)
    composer.press("Enter")
    warning = desk.locator("#asked-again")
    expect(warning).to_contain_text("10233")
    expect(warning.get_by_role("link")).to_have_text(
        re.compile(r"the customer typed it at \d\d:\d\d")
    )
    expect(composer).to_be_focused()
    expect(composer).to_have_value(ASKING)
    expect(sent(desk)).to_have_count(0)
    composer.press("Enter")
    expect(sent(desk)).to_have_count(1)
    expect(composer).to_have_value("")
    expect(warning).to_be_empty()


def test_the_known_value_is_put_into_the_draft_instead(desk: Page, composer: Locator) -> None:
    composer.fill("Your order number?")
    composer.press("Enter")
    warning = desk.locator("#asked-again")
    warning.get_by_role("button", name="Insert").click()
    expect(composer).to_have_value(re.compile("10233"))
    expect(composer).to_be_focused()
    expect(warning).to_be_empty()
    composer.fill("I look into order 10233 now.")
    composer.press("Enter")
    expect(desk.locator(".entry.agent", has_text="look into order 10233")).to_have_count(1)


def test_the_source_leads_to_the_line_that_said_it(desk: Page, composer: Locator) -> None:
    composer.fill(ASKING)
    composer.press("Enter")
    desk.locator("#asked-again").get_by_role("link").press("Enter")
    expect(desk.locator(".entry.pointed")).to_contain_text("where is my order 10233")
    expect(composer).to_have_value(ASKING)
    composer.focus()
    composer.press("Escape")
    expect(desk.locator("#asked-again")).to_be_empty()
    expect(composer).to_have_value(ASKING)


def test_a_check_that_fails_or_hangs_holds_nothing_back(desk: Page, composer: Locator) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=500, body="{}")

    desk.route("**/check", fail)
    composer.fill(ASKING)
    composer.press("Enter")
    expect(sent(desk)).to_have_count(1)
    desk.unroute("**/check")
    desk.route("**/check", lambda route: None)
    composer.fill(f"{ASKING} And the second one?")
    composer.press("Enter")
    expect(sent(desk)).to_have_count(2)
    expect(composer).to_have_value("")


def test_a_suggestion_that_asks_for_what_is_known_is_not_sent_at_once(
    desk: Page, house: House, ana: DeskAgent
) -> None:
    asked = "how do I claim the warranty?"
    open_case(desk, house, ana, "where is my order 10233", asked, "a human being please")
    # "Send us the order number, two or three photos ..."
    suggestion = desk.locator(".suggestions li", has_text="Send us the order number").first
    suggestion.get_by_role("button", name="Send").click()
    expect(desk.locator("#asked-again")).to_contain_text("10233")
    composer = desk.locator("#composer-text")
    expect(composer).to_have_value(re.compile("Send us the order number"))
    expect(composer).to_be_focused()
    expect(desk.locator(".entry.agent")).to_have_count(0)
    composer.press("Enter")
    expect(desk.locator(".entry.agent", has_text="Send us the order number")).to_have_count(1)
    expect(composer).to_have_value("")


def test_a_note_begun_during_the_check_stays_a_note(
    desk: Page, house: House, ana: DeskAgent
) -> None:
    asked = "how do I claim the warranty?"
    open_case(desk, house, ana, "where is my order 10233", asked, "a human being please")
    composer, note = desk.locator("#composer-text"), desk.locator("#tab-note")
    notice, warning = desk.locator(".notice"), desk.locator("#asked-again")
    held_back = "was not sent: it asks for what is known already"

    # both at once: no answer of the server is faster than the second
    suggestion = desk.locator(".suggestions li", has_text="Send us the order number").first
    suggestion.get_by_role("button", name="Send").evaluate(
        "button => { button.click(); document.getElementById('tab-note').click(); }"
    )
    expect(notice).to_contain_text(held_back)
    expect(note).to_have_attribute("aria-selected", "true")
    expect(warning).to_be_empty()
    composer.fill("Hm, he has told it")
    composer.press("Enter")
    expect(desk.locator(".entry.note", has_text="Hm, he has told it")).to_have_count(1)
    expect(composer).to_have_value(re.compile("Send us the order number"))

    notice.get_by_role("button", name="Close").click()
    composer.fill(ASKING)
    composer.evaluate(
        """field => {
            for (const key of [{key: "Enter"}, {key: ".", ctrlKey: true}])
                field.dispatchEvent(new KeyboardEvent("keydown", {...key, bubbles: true}));
        }"""
    )
    expect(notice).to_contain_text(held_back)
    expect(note).to_have_attribute("aria-selected", "true")
    expect(warning).to_be_empty()
    desk.locator("#tab-reply").click()
    expect(composer).to_have_value(ASKING)
    expect(desk.locator(".entry.agent:not(.note)")).to_have_count(0)
