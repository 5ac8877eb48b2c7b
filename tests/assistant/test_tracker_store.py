"""The travelling state: nothing stored, nothing lost, nothing stale."""

from __future__ import annotations

import asyncio
import json

import pytest
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from talk import Talk, press

from bot.assistant.state import Turn, current_turn, dump_events, load_events
from bot.assistant.tracker_store import TravellingTrackerStore


def test_outside_a_turn_nothing_is_known_or_kept(domain: Domain) -> None:
    async def run() -> None:
        store = TravellingTrackerStore(domain)
        tracker = DialogueStateTracker.from_events("a", [UserUttered("hi")], domain.slots)
        await store.save(tracker)
        assert await store.retrieve("a") is None
        assert list(await store.keys()) == []

    asyncio.run(run())


def test_create_tracker_saves_without_events_and_that_is_no_turn(domain: Domain) -> None:
    async def run() -> None:
        turn = Turn("a", None)
        token = current_turn.set(turn)
        await TravellingTrackerStore(domain).get_or_create_tracker("a", append_action_listen=False)
        current_turn.reset(token)
        assert turn.new_events == []

    asyncio.run(run())


def test_a_turn_of_another_conversation_reads_nothing(domain: Domain) -> None:
    async def run() -> None:
        turn = Turn("a", dump_events([UserUttered("secret")]))
        token = current_turn.set(turn)
        store = TravellingTrackerStore(domain)
        assert await store.retrieve("b") is None
        await store.save(DialogueStateTracker.from_events("b", [UserUttered("x")], domain.slots))
        current_turn.reset(token)
        assert turn.new_state is None
        assert turn.new_events == []

    asyncio.run(run())


def test_a_store_that_fails_is_swallowed_so_no_events_come(agent: Agent) -> None:
    # FailSafeTrackerStore answers the customer and stores nothing: the channel sees no events.
    async def run() -> None:
        class Broken(TravellingTrackerStore):
            async def save(self, tracker: DialogueStateTracker) -> None:
                raise RuntimeError("disk full")

        store = FailSafeTrackerStore(Broken(agent.domain))
        turn = Turn("a", None)
        token = current_turn.set(turn)
        await store.save(DialogueStateTracker.from_events("a", [UserUttered("hi")]))
        current_turn.reset(token)
        assert turn.new_events == []
        assert turn.new_state is None

    asyncio.run(run())


def test_an_unreadable_state_is_told_and_not_begun_anew(domain: Domain) -> None:
    async def run() -> None:
        turn = Turn("a", [{"event": "no_such_event"}])
        token = current_turn.set(turn)
        store = FailSafeTrackerStore(TravellingTrackerStore(domain))
        assert await store.retrieve("a") is None
        current_turn.reset(token)
        assert "no_such_event" in turn.unreadable

    asyncio.run(run())


def test_the_state_survives_the_wire_and_is_slim(agent: Agent) -> None:
    async def run() -> None:
        talk = Talk(agent, customer=None)
        await talk.turn(text="where is order 10233?")
        dumped = json.dumps(talk.state)
        assert dump_events(load_events(json.loads(dumped))) == talk.state
        assert "model_id" not in dumped
        assert "text_tokens" not in dumped
        # The trace keeps all of it: the app logs it.
        assert "text_tokens" in json.dumps(talk.events)
        assert await talk.turn(press("give_details", "x", email="anna.k@example.com")) == [
            "order 10233 anna.k@example.com"
        ]

    asyncio.run(run())


def test_a_long_conversation_has_a_state_as_small_as_a_short_one(agent: Agent) -> None:
    async def run() -> None:
        talk = Talk(agent)
        sizes = []
        for _ in range(80):
            await talk.turn(press("product_question", "how much is it"))
            sizes.append(len(json.dumps(talk.state)))
        assert max(sizes) <= max(sizes[:14]) * 1.05
        assert max(sizes) < 30_000

    asyncio.run(run())


def test_new_events_are_only_what_the_turn_added(agent: Agent) -> None:
    async def run() -> None:
        talk = Talk(agent)
        await talk.turn(press("greet", "hi"))
        assert talk.events[0]["name"] == "action_session_start"
        await talk.turn(press("thanks", "thanks"))
        assert [event["event"] for event in talk.events].count("user") == 1
        assert talk.events[-1]["name"] == "action_listen"

    asyncio.run(run())


def test_after_a_person_no_form_is_open_and_nothing_is_offered(
    agent: Agent, domain: Domain
) -> None:
    async def run() -> None:
        talk = Talk(agent)
        await talk.turn(press("order_status", "where is my order"))
        await talk.turn(text="PERSON")
        assert talk.tracker(domain).active_loop_name == "order_form"
        assert await talk.turn(press("greet", "hi")) == []
        replies = await talk.turn(press("greet", "hi"), handed_back=True)
        assert len(replies) == 1
        assert replies[0].startswith("Hello")
        tracker = talk.tracker(domain)
        assert tracker.active_loop_name is None
        assert tracker.get_slot("requested_slot") is None
        assert tracker.get_slot("person_speaks") is False
        # "yes" to what the person said is no yes to the bot.
        await talk.turn(press("return_order", "return"))
        replies = await talk.turn(press("affirm", "yes"), handed_back=True)
        assert replies[0].startswith("What can I help you with")

    asyncio.run(run())


def test_a_handed_back_turn_shows_only_its_own_events(agent: Agent) -> None:
    async def run() -> None:
        talk = Talk(agent)
        await talk.turn(press("order_status", "where is my order"))
        await talk.turn(press("greet", "hi"), handed_back=True)
        assert talk.events[0]["event"] == "user"

    asyncio.run(run())


def test_a_window_shorter_than_the_rules_is_refused(domain: Domain) -> None:
    with pytest.raises(ValueError, match="at least 5"):
        TravellingTrackerStore(domain, turns=4)


def test_known_events_are_read_without_rasas_walk_through_classes() -> None:
    events = [ActionExecuted("action_listen"), SlotSet("product", "x"), UserUttered("hi")]
    again = load_events(json.loads(json.dumps(dump_events(events))))
    assert again == events
