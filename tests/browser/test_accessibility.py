"""No page breaks a rule of WCAG 2.2 AA that a program can check (axe-core)."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.test_main_job import Widget, take_case
from tests.house import House

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds on the page, or in the part of it that ``within`` selects."""
    found = Axe().run(page, context=within, options=RULES)
    assert len(found.response["passes"]) > 5, "axe saw next to nothing: is the part on the page?"
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each test is run on each of the screens."""
    return SCREENS[request.param]


def test_the_widget_in_every_state_of_a_conversation(
    browser: Browser, house: House, screen: dict[str, Any]
) -> None:
    context = browser.new_context(**screen)
    page = context.new_page()
    page.goto(house.shop_url)
    widget = Widget(page)
    assert violations(page, "firstline-widget") == []
    widget.open()
    widget.ask("Is the Skarn jacket waterproof?")
    widget.ask("Do you also rent out zeppelins?")
    assert violations(page, "firstline-widget") == []
    widget.root.locator(".chip", has_text="Talk to a person").last.click()
    expect(widget.bots().last).to_contain_text("asked our team for a person")
    assert violations(page, "firstline-widget") == []
    context.close()


def test_the_desk_from_login_to_a_taken_case(
    browser: Browser, house: House, shop: Page, screen: dict[str, Any]
) -> None:
    widget = Widget(shop)
    widget.open()
    words = f"How warm is the Velmo jacket on a screen of {screen['viewport']['width']}?"
    widget.ask(words)
    widget.ask("I want to talk to a person please")
    context = browser.new_context(**screen)
    page = context.new_page()
    page.goto(f"{house.url}/desk/")
    page.locator("#login-name").wait_for()
    assert violations(page) == []
    log_in(page, house)
    page.locator(".queue-waiting .row").first.wait_for()
    assert violations(page) == []
    take_case(page, words)
    assert violations(page) == []
    context.close()
