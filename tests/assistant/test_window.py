"""The bounded window changes no turn: compared with Rasa's own full replay."""

from __future__ import annotations

import asyncio
import json
import os
import random
import uuid

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from talk import Talk, essence, message, press

from bot.assistant.window import bounded

CONVERSATIONS = int(os.environ.get("FIRSTLINE_WINDOW_CONVERSATIONS", "4"))
TURNS = int(os.environ.get("FIRSTLINE_WINDOW_TURNS", "60"))

POOL = [
    press("greet", "hi"),
    press("thanks", "thanks"),
    press("product_question", "how much is it"),
    press("product_question", "is it waterproof", product="skarn-jacket"),
    press("product_question", "crash"),
    press("product_question", "unreachable"),
    press("product_question", "reject"),
    press("nlu_fallback", "hm"),
    press("out_of_scope", "weather"),
    press("order_status", "where is my order"),
    press("order_status", "where is my order"),
    press("order_status", "order 10233", order_number="10233"),
    press("give_details", "10233", order_number="10233"),
    press("give_details", "10417", order_number="10417"),
    press("give_details", "99999", order_number="99999"),
    press("give_details", "123", odd_number="123"),
    press("give_details", "mail", email="anna.k@example.com"),
    press("give_details", "mail", email="wrong@example.com"),
    press("give_details", "0612345678", phone="0612345678"),
    press("affirm", "yes"),
    press("deny", "no"),
    press("return_order", "return"),
    press("complaint", "broken"),
    press("ask_for_person", "person"),
    press("back", "/back"),
    press("back", "/back"),
    press("restart", "/restart"),
    press("session_start", "/session_start"),
    press("intent_without_rule", "?"),
]
# A rare restart, so that windows do get cut.
WEIGHTS = [0.25 if turn["intent"]["name"] in ("restart", "session_start") else 1 for turn in POOL]


async def _compare(agent: Agent, stock: Agent, seed: int) -> tuple[int, int]:
    chance = random.Random(seed)
    ours, theirs = Talk(agent), uuid.uuid4().hex
    seen = longest = 0
    history: list[str] = []
    for _ in range(TURNS):
        turn = chance.choices(POOL, WEIGHTS)[0]
        history.append(turn["text"])
        await ours.turn(json.loads(json.dumps(turn)))
        await stock.handle_message(message(theirs, json.loads(json.dumps(turn)), turn["text"]))
        full = await stock.tracker_store.retrieve_full_tracker(theirs)
        assert full is not None
        everything = [event.as_dict() for event in full.events]
        expected = [essence(event) for event in everything[seen:]]
        if turn["intent"]["name"] != "session_start":
            assert [essence(event) for event in ours.events] == expected, (seed, history)
        # A new session sets each slot to all values it ever had, one after the other: with fewer
        # events there are fewer of those, and the same values at the end.
        values = ours.tracker(agent.domain).current_slot_values()
        assert values == full.current_slot_values(), (seed, history)
        seen = len(everything)
        longest = max(longest, len(ours.state or []))
    return seen, longest


@pytest.mark.parametrize("seed", range(CONVERSATIONS))
def test_window_gives_the_same_turns_as_full_replay(
    agent: Agent, stock_agent: Agent, seed: int
) -> None:
    seen, longest = asyncio.run(_compare(agent, stock_agent, seed))
    assert longest < 230, f"{longest} of {seen} events travelled"


def test_an_endless_form_is_cut_too_and_goes_on(agent: Agent, domain: Domain) -> None:
    async def run() -> None:
        talk = Talk(agent)
        await talk.turn(press("order_status", "where is my order"))
        sizes = []
        for _ in range(150):
            await talk.turn(press("give_details", "here", odd_number="1"), handed_back=False)
            # The stand-in gives up after three; begin again so that the form stays in the log.
            if not talk.tracker(domain).active_loop_name:
                await talk.turn(press("order_status", "where is my order"))
            sizes.append(len(talk.state or []))
        assert max(sizes[75:]) <= max(sizes[:75]) * 1.2
        assert talk.tracker(domain).active_loop_name == "order_form"
        replies = await talk.turn(
            press("give_details", "all", order_number="10233", email="anna.k@example.com")
        )
        assert replies == ["order 10233 anna.k@example.com"]

    asyncio.run(run())


def test_a_form_that_swallows_its_turns_meets_the_hard_cap(domain: Domain) -> None:
    from rasa.shared.core.events import ActiveLoop

    events = [SessionStarted(), ActionExecuted("action_listen")]
    events += [UserUttered("start", {"name": "order_status"}), ActionExecuted("order_form")]
    events += [ActiveLoop("order_form"), SlotSet("requested_slot", "email")]
    for number in range(300):
        events += [ActionExecuted("action_listen"), UserUttered(str(number), {"name": "deny"})]
        events += [ActionExecuted("order_form"), SlotSet("requested_slot", "email")]
        events = bounded(events, domain.slots, turns=5)
        assert len(events) < 5 * 5 * 4 + 20
    from rasa.shared.core.trackers import DialogueStateTracker

    tracker = DialogueStateTracker.from_events("x", events, domain.slots)
    assert tracker.active_loop_name == "order_form"
    assert tracker.get_slot("requested_slot") == "email"
    assert tracker.active_loop is not None
    assert (tracker.active_loop.trigger_message or {}).get("intent") == {"name": "order_status"}


def test_slots_and_pause_outlive_the_cut(domain: Domain) -> None:
    from rasa.shared.core.events import ConversationPaused
    from rasa.shared.core.trackers import DialogueStateTracker

    events = [SessionStarted(), SlotSet("product", "skarn-jacket"), ConversationPaused()]
    for number in range(30):
        events += [ActionExecuted("action_listen"), UserUttered(str(number), {"name": "greet"})]
        events += [ActionExecuted("utter_greet")]
    kept = bounded(events, domain.slots, turns=5)
    assert len(kept) < 30
    tracker = DialogueStateTracker.from_events("x", kept, domain.slots)
    assert tracker.get_slot("product") == "skarn-jacket"
    assert tracker.is_paused()
    assert len([event for event in kept if isinstance(event, UserUttered)]) in (5, 6)


def test_a_short_conversation_is_left_alone(domain: Domain) -> None:
    events = [SessionStarted(), ActionExecuted("action_listen"), UserUttered("a")]
    assert bounded(events, domain.slots) == events
    with pytest.raises(ValueError, match="at least one"):
        bounded(events, domain.slots, turns=0)
