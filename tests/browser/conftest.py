"""Real pages in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.house import House

_SECONDS = 60_000


def _context(browser: Browser, **options: object) -> BrowserContext:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(_SECONDS)
    return context


@pytest.fixture
def shop(browser: Browser, house: House) -> Iterator[Page]:
    """The demo shop's page in a customer's browser."""
    context = _context(browser, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(house.shop_url)
    yield page
    context.close()


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Page]:
    """The same on a phone."""
    context = _context(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(house.shop_url)
    yield page
    context.close()


@pytest.fixture
def desk(browser: Browser, house: House) -> Iterator[Page]:
    """The desk, logged in as the demo's agent."""
    context = _context(browser, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    log_in(page, house)
    yield page
    context.close()


def log_in(page: Page, house: House) -> None:
    """Log in at the desk as an agent does."""
    name, password = house.login()
    page.goto(f"{house.url}/desk/")
    page.locator("#login-name").fill(name)
    page.locator("#login-password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
