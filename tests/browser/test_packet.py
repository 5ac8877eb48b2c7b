"""The packet at the desk: what it says leads to the event that says it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.test_main_job import take_case
from tests.house import Customer, House


def test_each_line_of_the_summary_leads_to_its_event(desk: Page, house: House) -> None:
    customer = Customer(house, page="https://shop.example/products/skarn-jacket")
    rejected = customer.ask("How do I wash the Skarn jacket?")
    customer.feedback(rejected["id"], False)
    customer.ask("I want to talk to a person")
    take_case(desk, "wash the Skarn jacket")
    packet = desk.locator(".packet")
    expect(packet.locator("blockquote")).to_contain_text("How do I wash the Skarn jacket?")

    packet.locator("blockquote a").click()
    expect(desk.locator(".entry.customer.pointed")).to_be_focused()
    expect(desk.locator(".entry.pointed")).to_contain_text("How do I wash the Skarn jacket?")

    packet.locator(".line-told a", has_text="did not help").press("Enter")
    expect(desk.locator(".entry.system.pointed")).to_be_focused()
    expect(desk.locator(".entry.pointed")).to_contain_text("no help")

    packet.locator(".thoughts summary").click()
    expect(packet.locator(".thoughts .shares").first).to_contain_text("%")
