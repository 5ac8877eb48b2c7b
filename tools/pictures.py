"""The pictures of README and docs, taken from a running Firstline: ``python -m tools.pictures``.

One conversation in two real pages: a customer asks, a person is asked for, an agent takes over.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from bot.settings import PROJECT
from demo.content import Content
from demo.identity import sign
from tests.browser.test_main_job import Widget, send, take_case
from tests.house import Customer, DeskAgent, House, ensure_model, running
from tools.browser import find as find_browser

FOLDER = PROJECT / "docs" / "pictures"
LARGEST_BYTES = 200_000

_WHO = "c-1005"
_PASSWORD = "a colleague's password"
_WINDOW: ViewportSize = {"width": 1280, "height": 800}
_DESK: ViewportSize = {"width": 1280, "height": 720}
_PHONE: ViewportSize = {"width": 390, "height": 844}

# What is asked in a conversation of its own, by the picture's name, on a phone.
_ANSWERS = {
    "answer-attribute-en": ["How heavy is the Skarn jacket?", "and in size XL, do you have it?"],
    "answer-comparison-en": ["What is the difference between the Nolund and the Brunnak?"],
    "answer-two-pl": ["Ile waży kurtka Skarn? I jak ją prać?"],
    "answer-ask-back-pl": ["Czy ta kurtka jest wodoodporna?"],
    "answer-attribute-id": ["Jaket Skarn ada warna apa saja?", "kalau yang Trisk?"],
    "answer-none-id": ["Apakah bisa dibungkus kado dengan kartu ucapan?"],
    "answer-attribute-th": ["เสื้อแจ็คเก็ต Skarn กันน้ำได้ไหมคะ"],
    "answer-comparison-th": ["เต็นท์ Nolund กับ Brunnak ต่างกันยังไง"],
    "answer-article-fil": ["Magkano po ang gift card?"],
    "answer-none-fil": ["May parking po ba sa store ninyo?"],
}


class TooLargeError(Exception):
    """A picture weighs more than a README should carry."""


def main() -> None:
    """Take all pictures into docs/pictures/."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    ensure_model()
    with (
        tempfile.TemporaryDirectory(prefix="firstline-pictures-") as folder,
        running(Path(folder)) as house,
        _chromium() as browser,
    ):
        _earlier_contacts(house)
        _phone(browser, house)
        _answers(browser, house)
        _conversation(browser, house)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def _earlier_contacts(house: House) -> None:
    """An earlier contact of our customer, and two people who wait in the queue."""
    content = Content(PROJECT / "data")
    who = content.customer(_WHO)
    assert who is not None, f"the demo has no customer {_WHO}"
    agent = DeskAgent(house, *house.login())
    before = Customer(house, identity=sign(who, house.secrets["identity_secret"]))
    before.ask("Which boot size should I take between 43 and 44?")
    before.ask("I would like to talk to a person")
    case = agent.cases()[0]["id"]
    agent.act(case, "claim")
    agent.act(case, "reply", text="Take the 44: the Kettra boots are made for thick socks.")
    agent.act(case, "resolve", disposition="solved")
    for words in ("My tent pole broke on the first night", "Can I pay with two gift cards?"):
        waiting = Customer(house)
        waiting.ask(words)
        waiting.ask_for_person()


def _phone(browser: Browser, house: House) -> None:
    context = browser.new_context(viewport=_PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{house.shop_url}/products/skarn-jacket")
    widget = Widget(page)
    widget.open()
    widget.ask("Is the Skarn jacket waterproof?")
    widget.ask("What does delivery in Poland cost?")
    _take(page, "widget-phone")
    context.close()


def _answers(browser: Browser, house: House) -> None:
    for name, asked in _ANSWERS.items():
        language = name.rpartition("-")[2]
        context = browser.new_context(
            viewport=_PHONE, has_touch=True, is_mobile=True, locale=language
        )
        page = context.new_page()
        page.goto(f"{house.shop_url}/")
        widget = Widget(page)
        widget.open()
        for text in asked:
            widget.ask(text)
        _take(page, name)
        context.close()


def _conversation(browser: Browser, house: House) -> None:
    context = browser.new_context(viewport=_WINDOW)
    shop = context.new_page()
    shop.goto(f"{house.shop_url}/account")
    shop.locator(f'form:has(input[value="{_WHO}"]) button').click()
    shop.goto(f"{house.shop_url}/products/skarn-jacket")
    widget = Widget(shop)
    widget.open()
    widget.ask("Is the Skarn jacket waterproof?")
    widget.root.get_by_role("button", name="Yes", exact=True).last.click()
    widget.ask("how do I wash it?")
    _take(shop, "widget")
    widget.ask("What does delivery in Poland cost?")
    widget.ask("Where is my order?")
    widget.ask("I want to talk to a person about a repair")

    _team(house)
    desks = browser.new_context(viewport=_DESK)
    desk = desks.new_page()
    _log_in(desk, house)
    take_case(desk, _last_question(house))
    send(desk, "Hello, Ana here. I have read everything above. Which part needs the repair?")
    expect(widget.agents().last).to_contain_text("Ana here")
    widget.write("The zip of my old jacket is stuck.")
    expect(desk.locator(".entry.customer", has_text="The zip of my old jacket")).to_have_count(1)
    send(desk, "We can mend that. Bring it to any of our shops, or send it to us.")
    expect(widget.agents().last).to_contain_text("mend that")
    _take(shop, "handoff")
    _take(desk, "desk")
    desk.emulate_media(color_scheme="dark")
    _take(desk, "desk-dark")
    desk.emulate_media(color_scheme="light")
    desk.locator("#composer-text").fill("/")
    desk.locator(".canned li").first.wait_for()
    _take(desk, "desk-canned")
    desk.locator("#composer-text").fill("")
    _foreign(desk)
    desks.close()
    _desk_on_phone(browser, house)
    context.close()


def _team(house: House) -> None:
    """Two colleagues: Ben, who has a case, and Ewa, who writes Polish; Ana writes English."""
    for name, languages in (("Ben", "en"), ("Ewa", "en,pl")):
        added = house.firstline(
            "agent", "add", name, "--languages", languages, input=f"{_PASSWORD}\n"
        )
        assert added.returncode == 0, added.stderr
    changed = house.firstline("agent", "set", "Ana", "--languages", "en")
    assert changed.returncode == 0, changed.stderr
    DeskAgent(house, "Ewa", _PASSWORD)
    ben = DeskAgent(house, "Ben", _PASSWORD)
    case = next(c for c in ben.cases() if "tent pole" in (c["question"] or ""))
    ben.act(case["id"], "claim")
    ben.act(case["id"], "reply", text="That should not happen. I am sending you a new pole.")
    customer = Customer(house, language="pl")
    customer.ask("Czy wysyłacie do Norwegii?")
    customer.ask_for_person()


def _foreign(desk: Page) -> None:
    """A customer whose language the agent does not write."""
    take_case(desk, "Norwegii")
    desk.locator(".suggestions li").first.wait_for()
    _take(desk, "desk-language")


def _desk_on_phone(browser: Browser, house: House) -> None:
    context = browser.new_context(viewport=_PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    _log_in(page, house)
    _take(page, "desk-phone-queue")
    page.locator(".queue-mine .row").first.click()
    page.locator("#composer-text").wait_for()
    _take(page, "desk-phone")
    context.close()


def _log_in(desk: Page, house: House) -> None:
    name, password = house.login()
    desk.goto(f"{house.url}/desk/")
    desk.get_by_label("Name", exact=True).fill(name)
    desk.get_by_label("Password", exact=True).fill(password)
    desk.get_by_role("button", name="Log in").click()
    desk.get_by_role("button", name="Log out").wait_for()


def _last_question(house: House) -> str:
    """How the queue shows the case of our customer."""
    agent = DeskAgent(house, *house.login())
    case = next(c for c in agent.cases() if c["customer"]["id"] == _WHO and c["state"] == "waiting")
    return str(case["question"] or case["last_text"])


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(600)  # movements come to rest
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    if size > LARGEST_BYTES:
        raise TooLargeError(f"{file} has {size} bytes; {LARGEST_BYTES} are the limit.")
    print(f"{file.relative_to(PROJECT)}  {size // 1000} kB")


if __name__ == "__main__":
    main()
