"""Ten recorded conversations: what the log holds is in the packet, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.storage.database import Database
from tests.conversation.world import World, prepare
from tests.handoff.recordings import NAMES, play
from tools.check_packets import check, check_sources, raw

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One world for all: each playing is by a visitor of its own."""
    folder = tmp_path_factory.mktemp("recorded")
    database = Database(f"sqlite:///{folder / 'recorded.db'}")
    await prepare(database)
    made = await World.create(database)
    yield made
    await made.close()


@pytest.mark.parametrize("name", NAMES)
async def test_the_packet_of_a_recorded_conversation_is_complete(world: World, name: str) -> None:
    _, problems = check_sources((await play(world, name)).sources)
    assert problems == []


async def test_a_second_visit_tells_who_helped_at_the_first(world: World) -> None:
    shown, _ = check_sources((await play(world, "04-second-visit")).sources)
    (case,) = shown["cases"]
    assert (case["agent"], case["disposition"]) == ("Ana", "solved")
    assert "the exchange is free until 22 December" in case["last_words"]["text"]
    assert shown["journey"][0]["outcome"] == "resolved_assumed"


async def test_the_queue_shows_the_need_of_the_packet(world: World) -> None:
    sources = (await play(world, "09-notes-and-release")).sources
    shown, _ = check_sources(sources)
    assert shown["need"]["text"].startswith("My Gantor backpack has a torn strap.")
    assert sources.case.question_seq == shown["need"]["seq"]


async def test_orders_are_shown_to_the_agent_for_a_proven_customer_only(world: World) -> None:
    proven, _ = check_sources((await play(world, "10-identified-customer")).sources)
    assert {order["number"] for order in proven["orders"]} >= {"10201", "10237"}
    assert proven["customer"]["phone"] == "+48 100 000 101"
    visitor, _ = check_sources((await play(world, "01-order-by-number-and-email")).sources)
    (order,) = visitor["orders"]
    assert (order["number"], order["proof"], order["state"]) == ("10233", "email", "shipped")
    assert visitor["customer"]["name"] is None


async def test_a_packet_that_lacks_or_invents_something_is_noticed(world: World) -> None:
    sources = (await play(world, "05-rejected-answers")).sources
    whole, log = check_sources(sources)[0], raw(sources.events)

    def problems(**changes: object) -> list[str]:
        return check({**json.loads(json.dumps(whole)), **changes}, log)

    assert problems() == []
    assert problems(answers=whole["answers"][1:])
    assert problems(transcript=whole["transcript"][:-1])
    assert problems(facts=[{"kind": "size", "value": "M", "how": "typed", "seq": 2, "at": "",
                            "sources": [{"how": "typed", "seq": 2, "at": ""}]}])  # fmt: skip
    line = whole["summary"][1]
    assert problems(summary=[{**line, "text": line["text"] + " and a refund"}])
    part = {**line["parts"][0], "value": "a refund", "text": "“a refund”"}
    assert problems(summary=[{**line, "text": "Needs: “a refund”", "parts": [part]}])
