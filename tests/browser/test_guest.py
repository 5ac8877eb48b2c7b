"""The widget is a guest: on a shop's page with styles and keys of its own, at a shared browser."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.browser.test_main_job import Widget
from tests.browser.test_waiting import Waiting
from tests.house import House, until

# What shops write for all their elements, and what moves or hides what is fixed.
RULES = """
* { font: italic 9px/3 serif; letter-spacing: 4px; text-transform: uppercase; color: red;
    visibility: visible; cursor: crosshair; text-align: right; color-scheme: dark; }
body { display: grid; gap: 50px; }
body > * { margin: 40px; padding: 20px; border: 9px solid red; width: 70%;
           transform: translateX(9px); opacity: .5; filter: blur(1px); overflow: hidden; }
"""

# Adopted, as the demo shop's Content-Security-Policy forbids style tags.
SET_RULES = """(rules) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
}"""

# How each part of the widget looks, and where it is.
LOOKS = """() => [...document.querySelector('firstline-widget').shadowRoot.querySelectorAll('*')]
  .map((node) => {
    const style = getComputedStyle(node);
    const { x, y, width, height } = node.getBoundingClientRect();
    const values = [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`);
    const place = `at ${[x, y, width, height]}`;
    return [`${node.localName} ${node.getAttribute('class')}`, place, ...values];
  })"""


def differences(before: list[list[str]], after: list[list[str]]) -> list[tuple[str, list[str]]]:
    """What has changed between two looks, node by node."""
    return [
        (one[0], [value for value in other if value not in one])
        for one, other in zip(before, after, strict=True)
        if one != other
    ]


def test_the_pages_styles_do_not_reach_the_widget(shop: Page) -> None:
    widget = Widget(shop)
    shop.emulate_media(reduced_motion="reduce")
    expect(widget.root.locator(".launcher")).to_be_visible()
    until(lambda: kept(shop, "session") is not None, 30)
    shop.evaluate(SET_RULES, RULES)
    closed = shop.evaluate(LOOKS)
    shop.evaluate(SET_RULES, "")
    assert differences(closed, shop.evaluate(LOOKS)) == []
    widget.open()
    expect(widget.root.locator(".log")).to_have_attribute("aria-live", "polite")  # all is drawn
    opened = shop.evaluate(LOOKS)
    shop.evaluate(SET_RULES, RULES)
    assert differences(opened, shop.evaluate(LOOKS)) == []
    shop.evaluate(SET_RULES, "firstline-widget { display: none }")
    expect(widget.root.locator(".panel")).to_be_hidden()


def test_keys_typed_in_the_chat_are_no_shortcuts_of_the_page(shop: Page) -> None:
    shop.evaluate(
        """() => {
          window.heard = [];
          for (const type of ['keydown', 'keypress', 'keyup'])
            document.addEventListener(type, (event) => window.heard.push(event.key));
        }"""
    )
    widget = Widget(shop)
    widget.open()
    widget.root.locator("textarea").press_sequentially("s/")
    expect(widget.root.locator("textarea")).to_have_value("s/")
    shop.keyboard.press("Tab")
    expect(widget.root.locator(".send")).to_be_focused()
    shop.keyboard.press("Escape")
    expect(widget.root.locator(".panel")).to_be_hidden()
    assert shop.evaluate("window.heard") == []
    shop.evaluate("document.activeElement.blur()")
    shop.keyboard.press("s")
    assert shop.evaluate("window.heard") == ["s", "s", "s"]


def kept(page: Page, name: str) -> Any:
    """What the widget keeps under ``name`` for the pages to come."""
    every = page.evaluate("() => ({ ...localStorage })")
    return next((json.loads(text) for key, text in every.items() if key.endswith(name)), None)


def test_a_request_for_a_person_is_kept_once_and_not_for_long(shop: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/customer/handoff") and request.post_data_json:
            asked.append(request.post_data_json["client_id"])

    shop.on("request", note)
    shop.route("**/customer/handoff", lambda route: route.abort())
    widget = Waiting(shop)
    widget.begin("Is there anybody out there?")
    widget.ask_for_person()
    expect(widget.strip).to_contain_text("Asking for a person")
    widget.come_back()
    widget.ask_for_person()
    expect(widget.strip).to_contain_text("Asking for a person")
    until(lambda: len(asked) > 2, 30)
    assert len(set(asked)) == 1
    assert [item["kind"] for item in kept(shop, "outbox")] == ["handoff"]

    shop.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((each) => each.endsWith('outbox'));
          const [item] = JSON.parse(localStorage.getItem(key));
          const at = new Date(Date.now() - 11 * 60_000).toISOString();
          localStorage.setItem(key, JSON.stringify([{ ...item, at }]));
        }"""
    )
    widget.come_back()
    until(lambda: kept(shop, "outbox") is None, 30)
    shop.unroute("**/customer/handoff")
    widget.ask_for_person()
    expect(widget.strip.get_by_role("button", name="I no longer need a person")).to_be_visible()
    assert len(set(asked)) == 2
    widget.strip.get_by_role("button", name="I no longer need a person").click()
    expect(widget.strip).to_be_hidden()


def sign_in(page: Page, house: House, customer: str) -> None:
    """Sign in at the shop."""
    page.goto(f"{house.shop_url}/account")
    # By the keyboard: the open panel may lie above it.
    page.locator("button.person", has_text=customer).press("Enter")
    page.wait_for_load_state()


def sign_out(page: Page, house: House) -> None:
    """Sign out at the shop, and wait until the widget has noticed."""
    page.goto(f"{house.shop_url}/account")
    page.locator("form[action$='sign-out'] button").press("Enter")
    until(lambda: kept(page, "session")["subject"] is None, 30)


def test_a_draft_is_shown_to_its_writer_only(shop: Page, house: House) -> None:
    widget = Widget(shop)
    box = widget.root.locator("textarea")
    sign_in(shop, house, "budi.santoso@")
    widget.open()
    box.fill("My own address is")
    shop.reload()
    expect(box).to_have_value("My own address is")
    sign_out(shop, house)
    expect(box).to_have_value("")
    sign_in(shop, house, "hannah.vogel@")
    expect(box).to_have_value("")
    sign_in(shop, house, "budi.santoso@")
    until(lambda: kept(shop, "session")["subject"] is not None, 30)
    expect(box).to_have_value("")


def test_unsent_messages_wait_for_their_writer(shop: Page, house: House) -> None:
    shop.route("**/customer/messages", lambda route: route.abort())
    widget = Widget(shop)
    sign_in(shop, house, "budi.santoso@")
    widget.open()
    widget.write("Is the Skarn jacket waterproof?")
    sign_out(shop, house)
    expect(widget.root.locator(".welcome")).to_be_visible()
    expect(widget.customers()).to_have_count(0)
    sign_in(shop, house, "budi.santoso@")
    expect(widget.customers()).to_have_count(1)
    shop.evaluate("Firstline.identify(null)")
    expect(widget.customers()).to_have_count(0)
    assert kept(shop, "outbox") is None


def test_a_page_out_of_the_browsers_cache_forgets_who_signed_out(shop: Page, house: House) -> None:
    widget = Widget(shop)
    sign_in(shop, house, "budi.santoso@")
    widget.open()
    widget.write("This is between us")
    other = shop.context.new_page()
    sign_out(other, house)
    # Chromium under test keeps no page in its cache: told as if it did.
    shop.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    shop.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(widget.customers()).to_have_count(0)
    expect(widget.root.locator(".welcome")).to_be_visible()
    expect(widget.root.locator(".signed-in")).to_have_count(0)
    assert kept(shop, "session")["subject"] is None
