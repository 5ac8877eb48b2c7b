"""Cases find the right person, once; whoever leaves strands nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation import lifecycle
from bot.conversation.events import CaseClaimed, Notice, PromiseMade
from bot.conversation.lifecycle import CaseState, Kind
from bot.conversation.ownership import AgentId
from bot.handoff import presence
from bot.handoff.cases import Agent, Case, CaseError
from bot.handoff.outlook import Outlook, Waiting
from bot.handoff.policy import Policy
from bot.handoff.presence import Colleague, Presence
from bot.handoff.promises import Promise, Reason
from bot.handoff.routing import best
from bot.settings import Settings
from tests.conftest import Databases
from tests.conversation import world as worlds
from tests.conversation.world import TEXTS, World, visitor

AUTOMATIC, HASTY = Policy(assigns=True), Policy(claim_minutes=0)
Play = Callable[[Callable[[World], Awaitable[None]]], None]


@pytest.fixture
def play(databases: Databases) -> Play:
    """Runs a scene in a new world with Ana and Ben at the desk."""

    def run(scene: Callable[[World], Awaitable[None]]) -> None:
        async def scenes() -> None:
            world = await World.create(databases.prepared())
            try:
                await scene(world)
            finally:
                await world.close()

        asyncio.run(scenes())

    return run


async def _case(world: World, number: int = 0) -> Case:
    await world.ask_for_person(visitor(number))
    (case,) = [c for c in await world.open_cases() if c.state is CaseState.WAITING]
    return case


async def _notices(world: World, number: int = 0) -> list[str]:
    events = await world.events(visitor(number))
    return [e.payload.key for e in events if isinstance(e.payload, Notice)]


def test_who_takes_a_case_and_does_not_answer_loses_it_to_the_head_of_the_queue(play: Play) -> None:
    async def scene(world: World) -> None:
        first = await _case(world)
        await world.work.claim(first.id, world.agents[0])
        await world.ask_for_person(visitor(1))
        await world.routing_of(HASTY).look()
        head, other = await world.open_cases()
        assert head.id == first.id
        assert head.at_head
        assert not other.at_head
        assert (await _notices(world))[-1] == "expire"
        with pytest.raises(CaseError, match="Take this case first"):
            await world.work.reply(first.id, world.agents[0], world.next_id(), "late")

    play(scene)


def test_who_answers_keeps_the_case(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        await world.work.claim(case.id, world.agents[0])
        await world.work.reply(case.id, world.agents[0], world.next_id(), "hello")
        await world.routing_of(HASTY).look()
        (kept,) = await world.open_cases()
        assert kept.agent == world.agents[0]

    play(scene)


def test_an_agent_who_is_away_keeps_no_customer_waiting(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana = world.agents[0]
        await world.work.claim(case.id, ana)
        await world.work.reply(case.id, ana, world.next_id(), "hello")
        await world.book.choose(ana, Presence.AWAY)
        await world.routing_of(HASTY).look()
        assert [c.agent for c in await world.open_cases()] == [ana]
        await world.say(visitor(), "are you there?")
        await world.routing_of(HASTY).look()
        assert [c.agent for c in await world.open_cases()] == [None]

    play(scene)


def test_the_cases_of_an_agent_who_vanished_go_to_a_colleague(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana, ben = world.agents
        await world.work.claim(case.id, ana)
        await world.work.reply(case.id, ana, world.next_id(), "hello")
        await world.vanish(ana)
        await world.routing_of(AUTOMATIC).look()
        (given,) = await world.open_cases()
        assert given.agent == ben

    play(scene)


@pytest.mark.parametrize("policy", [Policy(assigns=True), Policy()], ids=["automatic", "pull"])
def test_who_puts_a_case_back_is_not_given_it_again_at_once(play: Play, policy: Policy) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana, ben = world.agents
        await world.work.claim(case.id, ana)
        await world.work.give_back(case.id, ana, world.next_id())  # so she knows the customer
        again = await _case(world)
        await world.routing_of(policy).look()
        (given,) = await world.open_cases()
        assert given.agent == ana
        await world.work.release(again.id, ana, world.next_id())
        await world.routing_of(policy).look()
        (moved,) = await world.open_cases()
        assert moved.agent == (ben if policy.assigns else None)

    play(scene)


def test_who_does_not_answer_is_not_given_the_case_again_at_once(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana, ben = world.agents
        await world.book.choose(ben, Presence.AWAY)
        await world.work.claim(case.id, ana)
        await world.routing_of(Policy(assigns=True, claim_minutes=0)).look()
        (waits,) = await world.open_cases()
        assert waits.agent is None
        await world.book.choose(ana, Presence.AVAILABLE)  # she is back
        await world.routing_of(AUTOMATIC).look()
        (given,) = await world.open_cases()
        assert given.agent == ana

    play(scene)


def test_who_was_busy_before_the_line_broke_is_busy_after_it(play: Play) -> None:
    async def scene(world: World) -> None:
        ana, _ = world.agents
        await world.book.choose(ana, Presence.BUSY)
        await world.vanish(ana)
        await world.book.seen(ana)
        async with world.database.read() as connection:
            there = {c.agent: c.state for c in await presence.colleagues(connection)}
        assert there[ana] is Presence.BUSY

    play(scene)


def test_near_closing_time_nobody_is_told_that_the_team_is_gone() -> None:
    settings = Settings()
    outlook = Outlook(settings, TEXTS)
    soon = Promise(Reason.CLOSED, datetime.now(UTC) + timedelta(hours=20))
    key, _ = outlook.words("en", Waiting(1, True, None, soon))
    assert key == "waiting_long_wait"


def test_a_starting_app_gives_agents_time_to_come_back(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        await world.work.claim(case.id, world.agents[0])
        await world.vanish(world.agents[0])
        parts = (world.database, world.work, world.intake, world.book, Policy())
        await worlds.Routing(*parts).look()
        (kept,) = await world.open_cases()
        assert kept.agent == world.agents[0]

    play(scene)


def test_agents_are_given_no_more_than_their_capacity(play: Play) -> None:
    async def scene(world: World) -> None:
        for number in range(10):
            await world.ask_for_person(visitor(number))
        await world.routing_of(AUTOMATIC).look()
        held = [c.agent for c in await world.open_cases() if c.agent]
        assert [held.count(agent) for agent in world.agents] == [4, 4]
        events = await world.events(visitor(0))
        assert any(isinstance(e.payload, CaseClaimed) and e.payload.assigned for e in events)

    play(scene)


def test_a_case_moves_to_a_colleague_only_when_they_accept(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana, ben = world.agents
        await world.work.claim(case.id, ana)
        await world.colleagues.ask(case.id, ana, world.next_id(), ben.id, "take", "your field")
        await world.work.reply(case.id, ana, world.next_id(), "still here")
        moved = await world.colleagues.accept(case.id, ben, world.next_id())
        assert moved.agent == ben
        with pytest.raises(CaseError, match="Ben has this case"):
            await world.work.reply(case.id, ana, world.next_id(), "too late")
        await world.work.reply(case.id, ben, world.next_id(), "hello")
        assert (await _notices(world)).count("transfer") == 1

    play(scene)


def test_a_colleague_who_was_not_asked_cannot_take_a_case_over(play: Play) -> None:
    async def scene(world: World) -> None:
        case = await _case(world)
        ana, ben = world.agents
        await world.work.claim(case.id, ana)
        await world.colleagues.ask(case.id, ana, world.next_id(), ben.id, "look", "")
        with pytest.raises(CaseError, match="not asked to take"):
            await world.colleagues.accept(case.id, ben, world.next_id())
        await world.work.note(case.id, ben, world.next_id(), "looks fine to me")
        (looked,) = await world.open_cases()
        assert looked.asked_agent is None

    play(scene)


def test_who_writes_again_soon_meets_the_same_agent(play: Play) -> None:
    async def scene(world: World) -> None:
        ben = world.agents[1]
        case = await _case(world)
        await world.work.claim(case.id, ben)
        await world.work.resolve(case.id, ben, world.next_id(), "solved")
        await world.say(visitor(), "one more thing")
        (again,) = await world.open_cases()
        assert (again.agent, again.reason) == (ben, "reopened")

    play(scene)


def test_who_writes_again_when_the_agent_is_gone_meets_the_bot(play: Play) -> None:
    async def scene(world: World) -> None:
        ben = world.agents[1]
        case = await _case(world)
        await world.work.claim(case.id, ben)
        await world.work.resolve(case.id, ben, world.next_id(), "solved")
        await world.book.choose(ben, Presence.AWAY)
        await world.say(visitor(), "one more thing")
        assert await world.open_cases() == []

    play(scene)


def test_four_handoffs_of_one_conversation_work_alike(play: Play) -> None:
    async def scene(world: World) -> None:
        for turn in range(4):
            case = await _case(world)
            agent = world.agents[turn % 2]
            await world.work.claim(case.id, agent)
            await world.work.reply(case.id, agent, world.next_id(), f"reply {turn}")
            await world.work.give_back(case.id, agent, world.next_id())
        (conversation,) = await world.conversations(visitor())
        assert conversation.owner.kind is Kind.BOT

    play(scene)


def test_a_customer_who_needs_no_person_leaves_the_queue(play: Play) -> None:
    async def scene(world: World) -> None:
        await _case(world)
        await world.intake.withdraw(visitor(), world.next_id())
        assert await world.open_cases() == []
        assert (await _notices(world))[-1] == "withdrawn"

    play(scene)


def test_outside_opening_hours_a_customer_is_promised_a_time(play: Play) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%a").lower()

    async def scene(world: World) -> None:
        world.outlook = worlds.Outlook(
            Settings(opening_hours=f"{tomorrow} 9:00-17:00"), worlds.TEXTS
        )
        world.intake = worlds.Intake(world.database, worlds.TEXTS, world.outlook)
        case = await _case(world)
        assert case.due_at is not None
        events = await world.events(visitor())
        assert any(
            isinstance(e.payload, PromiseMade) and e.payload.due_at == case.due_at for e in events
        )
        assert (await _notices(world))[-1] == "waiting_closed"

    play(scene)


def _colleague(name: str, **values: object) -> Colleague:
    known: dict[str, object] = {
        "state": Presence.AVAILABLE, "why": "chosen", "since": "", "seen_at": "", "acted_at": "",
        "given_at": None, "topics": frozenset(), "languages": frozenset(), "capacity": 4,
        "holds": 0,
    }  # fmt: skip
    return Colleague(agent=Agent(AgentId(name), name), **(known | values))  # type: ignore[arg-type]


class _Waiting:
    topic = "returns"
    left_agent = left_at = None


@pytest.mark.parametrize(
    ("there", "known", "chosen"),
    [
        ([_colleague("a"), _colleague("b", holds=1)], None, "a"),
        ([_colleague("a", holds=1), _colleague("b", holds=2, capacity=10)], None, "b"),
        ([_colleague("a"), _colleague("b", holds=3)], "b", "b"),
        ([_colleague("a"), _colleague("b", holds=4)], "b", "a"),
        ([_colleague("a", topics={"orders"}), _colleague("b", topics={"returns"})], None, "b"),
        ([_colleague("a", languages={"en"}), _colleague("b", languages={"th"})], None, "b"),
        ([_colleague("a", languages={"en"})], None, "a"),
        (
            [_colleague("a", languages={"en"}), _colleague("b", languages={"th"}, holds=4)],
            None,
            None,
        ),
        ([_colleague("a", given_at="2"), _colleague("b", given_at="1")], None, "b"),
        ([_colleague("a", state=Presence.BUSY)], None, None),
        ([], None, None),
    ],
)
def test_the_best_match_is_given_the_case(
    there: list[Colleague], known: str | None, chosen: str | None
) -> None:
    found = best(_Waiting(), "th", there, AgentId(known) if known else None)  # type: ignore[arg-type]
    assert (found.agent.name if found else None) == chosen


def test_the_diagram_in_the_docs_is_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text("utf-8")
    assert lifecycle.diagram() in text
