"""A card number that a customer types leaves both pages, the browser's storage and the disk."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_main_job import Widget, take_case
from tests.house import House, until

WHOLE = "4539 5787 6362 1486"
FIRST, SECOND = "4916 3385", "0608 2832"
IN_DESK = "5105 1051 0510 5100"
# A busy machine takes its time over the first message, which opens the stream.
expect.set_options(timeout=60_000)

NUMBERS = (WHOLE, FIRST, SECOND, f"{FIRST} {SECOND}", IN_DESK)
ALL = (*NUMBERS, *(number.replace(" ", "") for number in NUMBERS))

# All that the page shows and keeps, what the widget's shadow root hides included.
EVERYTHING = """() => [
  document.documentElement.outerHTML,
  ...[...document.querySelectorAll('*')].map((node) => node.shadowRoot?.innerHTML ?? ''),
  JSON.stringify(localStorage), JSON.stringify(sessionStorage),
].join('\\n')"""


def numbers_on(page: Page) -> list[str]:
    """The numbers that are anywhere in the page or the browser's storage."""
    everything = page.evaluate(EVERYTHING)
    return [number for number in ALL if number in everything]


def expect_no_number_on(page: Page) -> None:
    """A page is told of a redaction after the message that brought it about."""
    until(lambda: numbers_on(page) == [], 30, lambda: numbers_on(page))


def send(widget: Widget, text: str) -> None:
    """Write a message without waiting for its words: they may not stay."""
    widget.root.locator("textarea").fill(text)
    widget.root.locator("textarea").press("Enter")


def test_a_card_number_leaves_both_pages_and_the_disk(shop: Page, desk: Page, house: House) -> None:
    widget = Widget(shop)
    widget.open()
    send(widget, f"Can I pay with my card {WHOLE}?")
    said = widget.customers().last
    expect(said).to_contain_text("pay with my card [card number ending 1486]?")
    expect(said).to_contain_text("We removed a card number: we never need it here.")
    expect(widget.bots()).to_have_count(1)
    send(widget, f"or with this {FIRST}")
    expect(widget.bots()).to_have_count(2)
    send(widget, f"{SECOND} please")
    expect(widget.customers().nth(1)).to_contain_text("or with this [part of a card number]")
    expect(widget.customers().nth(1)).to_contain_text("We removed a card number")
    expect(widget.customers().last).to_contain_text("[card number ending 2832] please")
    expect(widget.bots()).to_have_count(3)
    send(widget, "I want to talk to a person please")

    take_case(desk, "card number")
    entries = desk.locator(".entry.customer")
    expect(entries.nth(0)).to_contain_text("Removed before it was stored: card number.")
    expect(entries.nth(1)).to_contain_text("[part of a card number]")
    expect(entries.nth(1)).to_contain_text("Removed before it was stored")
    desk.locator("#composer-text").fill(f"We do not need {IN_DESK}.")
    desk.locator("#composer-text").press("Enter")
    expect(desk.locator(".entry.agent").last).to_contain_text("[card number ending 5100]")
    expect(widget.agents().last).to_contain_text("We do not need [card number ending 5100].")
    # While both look on, the agent's desk is told of a redaction, too.
    send(widget, FIRST)
    expect(desk.locator(".entry.customer").last).to_contain_text(FIRST)
    send(widget, SECOND)
    expect(desk.locator(".entry.customer").last).to_contain_text("[card number ending 2832]")
    expect(desk.locator(".entry.customer", has_text="[part of a card number]")).to_have_count(2)
    expect(widget.customers().last).to_contain_text("[card number ending 2832]")

    for page in (shop, desk):
        expect_no_number_on(page)
    shop.reload()
    expect(widget.customers().first).to_contain_text("[card number ending 1486]")
    assert numbers_on(shop) == []
    assert holding(house.folder) == []


def holding(folder: Path) -> list[str]:
    """Files of the house that hold one of the numbers: database, its log, log files."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.name}: {number}" for number in ALL if number.encode() in content]
    return found
