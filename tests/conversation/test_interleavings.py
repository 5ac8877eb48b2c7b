"""Whatever order things happen in: one speaker, nothing lost, nothing twice.

A state machine lets customers, agents and a slow assistant act in random order, kills the app
in between, and checks the log and what the customer's stream would show after each step.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections import Counter, defaultdict
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.conversation import conversations
from bot.conversation.events import (
    AgentMessage,
    AssistantFailed,
    BotMessage,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseTransferred,
    Closed,
    CustomerMessage,
    Event,
    Notice,
    ReplySuppressed,
    Source,
)
from bot.conversation.lifecycle import CLOSED, TRANSITIONS, IllegalMoveError, State
from bot.conversation.ownership import OwnershipError
from bot.conversation.streams import news
from bot.handoff.cases import CaseError
from bot.handoff.policy import Policy
from bot.handoff.presence import Presence
from tests.conftest import Databases
from tests.conversation.world import Seen, World, visitor

# Set by tools/check_guards.py, which only wants to know whether it fails: it looks further and
# does not wait for the shortest way to fail.
ONLY_WHETHER = "FIRSTLINE_ONLY_WHETHER_IT_FAILS" in os.environ
# Set by tools/check_ownership.py: how many histories to run.
INTERLEAVINGS = os.environ.get("FIRSTLINE_INTERLEAVINGS")
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
STATES = {t.before for t in TRANSITIONS} | {CLOSED}
REFUSALS = (CaseError, OwnershipError, IllegalMoveError)
# Which of the things that there are just then. A choice among these themselves would make what is
# drawn depend on how fast the app was, and a history could not be played again.
WHICH = st.integers(0, 11)


class Interleavings(RuleBasedStateMachine):
    """Two customers, two agents, one assistant that answers when it is told to."""

    databases: Databases
    ran = steps = 0

    def __init__(self) -> None:
        super().__init__()
        # The loop that the app has in its server, too.
        self.runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self.sent: dict[str, tuple[int, str]] = {}
        self.cursors: dict[int, tuple[str, int] | None] = {0: None, 1: None}
        self.seen: dict[int, list[Event]] = {0: [], 1: []}

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def start(self) -> None:
        self.world: World = self.run(World.create(self.databases.prepared()))
        type(self).ran += 1

    @rule(who=st.sampled_from([0, 1]), burst=st.integers(1, 3))
    def customer_writes(self, who: int, burst: int) -> None:
        async def write() -> None:
            ids = [self.world.next_id() for _ in range(burst)]
            for client_id in ids:
                self.sent[client_id] = (who, f"text of {client_id}")
            await asyncio.gather(*(self.world.say(visitor(who), f"text of {i}", i) for i in ids))
            await self.world.pause()

        self.run(write())

    @rule(which=WHICH)
    def customer_sends_again(self, which: int) -> None:
        if self.sent:
            client_id = sorted(self.sent)[which % len(self.sent)]
            who, text = self.sent[client_id]
            self.run(self.world.say(visitor(who), text, client_id))

    @rule(who=st.sampled_from([0, 1]))
    def customer_asks_for_a_person(self, who: int) -> None:
        self.run(self.world.ask_for_person(visitor(who)))

    @rule(handoff=st.booleans())
    def assistant_answers(self, handoff: bool) -> None:
        self._settle(lambda: self.world.dialogue.release(handoff=handoff))

    @rule()
    def assistant_dies(self) -> None:
        self._settle(self.world.dialogue.fail)

    def _settle(self, act: Any) -> None:
        async def settle() -> None:
            act()
            await self.world.pause()

        self.run(settle())

    @rule(which=WHICH, first=st.sampled_from([0, 1]))
    def two_agents_claim_at_once(self, which: int, first: int) -> None:
        case = self._case(which)
        if case is None:
            return
        one, other = self.world.agents[first], self.world.agents[1 - first]

        async def claim() -> list[Any]:
            return await asyncio.gather(
                self.world.work.claim(case, one),
                self.world.work.claim(case, other),
                return_exceptions=True,
            )

        results = self.run(claim())
        winners = [r for r in results if not isinstance(r, BaseException)]
        losers = [r for r in results if isinstance(r, BaseException)]
        assert len(winners) <= 1
        assert all(isinstance(loser, CaseError) for loser in losers), losers

    @rule(
        which=WHICH,
        who=st.sampled_from([0, 1]),
        act=st.sampled_from(
            ["reply", "note", "release", "return", "resolve", "ask", "accept", "decline"]
        ),
        wants=st.sampled_from(["look", "take", "take"]),
    )
    def agent_acts(self, which: int, who: int, act: str, wants: Any) -> None:
        case = self._case(which)
        if case is None:
            return
        work, team, client_id = self.world.work, self.world.colleagues, self.world.next_id()
        agent, colleague = self.world.agents[who], self.world.agents[1 - who]
        calls = {
            "reply": lambda: work.reply(case, agent, client_id, "an agent's words"),
            "note": lambda: work.note(case, agent, client_id, "a note"),
            "release": lambda: work.release(case, agent, client_id),
            "return": lambda: work.give_back(case, agent, client_id),
            "resolve": lambda: work.resolve(case, agent, client_id, "solved"),
            "ask": lambda: team.ask(case, agent, client_id, colleague.id, wants, "please"),
            "accept": lambda: team.accept(case, agent, client_id),
            "decline": lambda: team.decline(case, agent, client_id),
        }
        try:
            self.run(calls[act]())
        except REFUSALS:
            return

    @rule(who=st.sampled_from([0, 1]), agent=st.sampled_from([0, 1]))
    def a_person_is_faster_than_the_assistant(self, who: int, agent: int) -> None:
        """The order that is hardest to get right, and rare by chance: ask, claim, then answer."""
        self.customer_writes(who, 1)
        self.customer_asks_for_a_person(who)

        async def claim() -> None:
            for case in await self.world.open_cases():
                with contextlib.suppress(*REFUSALS):
                    await self.world.work.claim(case.id, self.world.agents[agent])

        self.run(claim())
        self.assistant_answers(handoff=False)

    @rule(which=WHICH, who=st.sampled_from([0, 1]), reply=st.booleans())
    def a_case_changes_hands(self, which: int, who: int, reply: bool) -> None:
        """A colleague accepts while the agent still writes: rare by chance, and worth a look."""
        case = self._case(which)
        if case is None:
            return
        world, agent, colleague = self.world, self.world.agents[who], self.world.agents[1 - who]

        async def change() -> None:
            with contextlib.suppress(*REFUSALS):
                await world.work.claim(case, agent)
                await world.colleagues.ask(
                    case, agent, world.next_id(), colleague.id, "take", "please"
                )
            acts = [world.colleagues.accept(case, colleague, world.next_id())]
            if reply:
                acts.append(world.work.reply(case, agent, world.next_id(), "an agent's words"))
            for result in await asyncio.gather(*acts, return_exceptions=True):
                assert not isinstance(result, BaseException) or isinstance(result, REFUSALS)

        self.run(change())

    @rule(who=st.sampled_from([0, 1]))
    def customer_needs_no_person_any_more(self, who: int) -> None:
        self.run(self.world.intake.withdraw(visitor(who), self.world.next_id()))

    @rule(who=st.sampled_from([0, 1]), state=st.sampled_from(list(Presence)))
    def agent_says_whether_they_are_there(self, who: int, state: Presence) -> None:
        self.run(self.world.book.choose(self.world.agents[who], state))

    @rule(who=st.sampled_from([0, 1]), back=st.booleans())
    def agent_vanishes(self, who: int, back: bool) -> None:
        self.run(self.world.vanish(self.world.agents[who]))
        if back:
            self.run(self.world.book.seen(self.world.agents[who]))

    @rule(assigns=st.booleans(), hasty=st.booleans())
    def cases_are_moved_by_themselves(self, assigns: bool, hasty: bool) -> None:
        policy = Policy(assigns=assigns, claim_minutes=0 if hasty else 3)
        changes = self.run(self.world.routing_of(policy).look())
        for conversation in changes.conversations:
            self._settle(functools.partial(self.world.turns.wake, conversation))

    @rule(assigns=st.booleans())
    def an_agent_claims_what_is_being_assigned(self, assigns: bool) -> None:
        async def race() -> None:
            acts: list[Any] = [self.world.routing_of(Policy(assigns=assigns)).assign()]
            for case in await self.world.open_cases():
                acts.append(self.world.work.claim(case.id, self.world.agents[0]))
            for result in await asyncio.gather(*acts, return_exceptions=True):
                assert not isinstance(result, BaseException) or isinstance(result, REFUSALS)

        self.run(race())

    def _case(self, which: int) -> str | None:
        opened = self.run(self.world.open_cases())
        return opened[which % len(opened)].id if opened else None

    @rule()
    def app_is_killed_and_starts_again(self) -> None:
        self.run(self.world.crash())

    @rule()
    def time_passes(self) -> None:
        self.run(conversations.close_idle(self.world.database, minutes=0))

    @rule(who=st.sampled_from([0, 1]))
    def page_looks(self, who: int) -> None:
        """The customer's page asks for what is new since the last event that it has."""

        async def look() -> list[Event]:
            async with self.world.database.read() as connection:
                fresh, self.cursors[who] = await news(connection, visitor(who), self.cursors[who])
            return fresh

        self.seen[who] += self.run(look())

    @invariant()
    def promises_hold(self) -> None:
        type(self).steps += 1
        if not hasattr(self, "world"):
            return
        seen = self.run(self.world.look(visitor(0), visitor(1)))
        _one_speaker(seen)
        _nothing_twice(seen)
        _a_claimed_case_has_its_owner(seen)

    def teardown(self) -> None:
        with self.runner:
            if not hasattr(self, "world"):
                return
            try:
                self._nothing_lost()
                self._nobody_stranded()
            finally:
                self.run(self.world.close())

    def _nobody_stranded(self) -> None:
        """Whoever is left: once all agents are gone every open case waits, first in the queue if
        somebody had it; and once an agent is back every one of them comes to its end.
        """
        world = self.world
        for agent in world.agents:
            self.run(world.vanish(agent))
        self.run(world.routing.look())
        for case in self.run(world.open_cases()):
            assert case.agent is None, "a case is left with an agent who is gone"
        self.run(world.book.choose(world.agents[0], Presence.AVAILABLE))
        routing = world.routing_of(Policy(assigns=True))
        for _ in range(4):
            self.run(routing.look())
            for case in self.run(world.open_cases()):
                if case.agent is not None:
                    done = world.work.resolve(case.id, case.agent, world.next_id(), "solved")
                    self.run(done)
        assert not self.run(world.open_cases()), "a case waits though somebody is there"

    def _nothing_lost(self) -> None:
        """In the end each message was answered, left to a person, or given up with a reason."""
        self.run(self.world.crash())
        self.run(self.world.answer_all())
        for who in (0, 1):
            events = self.run(self.world.events(visitor(who)))
            logged = {e.client_id for e in events if e.source is Source.CUSTOMER}
            assert logged >= {i for i, (sender, _) in self.sent.items() if sender == who}
            seen_to = {
                (e.conversation, e.ref)
                for e in events
                if isinstance(e.payload, BotMessage | ReplySuppressed | AssistantFailed)
            }
            persons, persons_alone = _said_to_person(events)
            answered = {
                (e.conversation, e.ref) for e in events if isinstance(e.payload, BotMessage)
            }
            assert not answered & persons_alone, "the bot answered what was said to a person"
            for event in events:
                if isinstance(event.payload, CustomerMessage):
                    key = (event.conversation, event.seq)
                    assert key in seen_to or key in persons, f"{event} was left without an answer"
            for conversation in self.run(self.world.conversations(visitor(who))):
                assert conversation.asked_seq <= conversation.answered_seq
            self.page_looks(who)
            shown = [(e.conversation, e.seq) for e in self.seen[who]]
            assert shown == [(e.conversation, e.seq) for e in events]


def _one_speaker(seen: Seen) -> None:
    owner: dict[str, str] = {}
    for event in seen.all_events:
        speaks = owner.setdefault(event.conversation, "bot")
        match event.payload:
            case BotMessage():
                assert speaks == "bot", "the bot spoke while somebody else did"
            case AgentMessage():
                assert speaks == event.actor, "an agent spoke who does not own it"
            case CaseClaimed():
                assert speaks == "bot", "a claim from another agent"
                owner[event.conversation] = event.actor or ""
            case CaseTransferred(before=before):
                assert speaks == before, "a transfer from who does not own it"
                owner[event.conversation] = event.actor or ""
            case CaseReleased() | CaseReturned():
                owner[event.conversation] = "bot"
            case CaseResolved() | Closed():
                owner[event.conversation] = "closed"
            case CustomerMessage() | Notice(key="assistant_unavailable"):
                assert speaks != "closed" or isinstance(event.payload, Notice)


def _nothing_twice(seen: Seen) -> None:
    for events in seen.events:
        texts = Counter(e.payload.text for e in events if isinstance(e.payload, CustomerMessage))
        assert all(count == 1 for count in texts.values()), texts
    answered = Counter(
        (e.conversation, e.ref) for e in seen.all_events if isinstance(e.payload, BotMessage)
    )
    assert all(count == 1 for count in answered.values()), answered
    numbers = defaultdict(list)
    for event in seen.all_events:
        numbers[event.conversation].append(event.seq)
    for found in numbers.values():
        assert found == list(range(1, len(found) + 1))


def _a_claimed_case_has_its_owner(seen: Seen) -> None:
    """Case and conversation agree: who has the case speaks, and nobody else."""
    opened = {case.conversation: case for case in seen.open_cases}
    for conversation in seen.conversations:
        case = opened.get(conversation.id)
        holder = case.agent.id if case and case.agent else None
        assert conversation.owner.agent == holder
        state = State(conversation.owner.kind, case.state if case else None)
        assert state in STATES


def _said_to_person(events: list[Event]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Messages that a person saw, and those of them that were sent while a person spoke."""
    told: set[tuple[str, int]] = set()
    alone: set[tuple[str, int]] = set()
    open_messages: dict[str, list[int]] = {}
    with_person: dict[str, bool] = {}
    for event in events:
        match event.payload:
            case CustomerMessage():
                if with_person.get(event.conversation):
                    told.add((event.conversation, event.seq))
                    alone.add((event.conversation, event.seq))
                else:
                    open_messages.setdefault(event.conversation, []).append(event.seq)
            case CaseClaimed():
                with_person[event.conversation] = True
                told |= {(event.conversation, s) for s in open_messages.pop(event.conversation, [])}
            case CaseReleased() | CaseReturned() | CaseResolved():
                with_person[event.conversation] = False
    return told, alone


def _count(kind: str) -> int:
    if INTERLEAVINGS:
        return int(INTERLEAVINGS)
    return (25 if kind == "sqlite" else 15) * (4 if ONLY_WHETHER else 1)


@pytest.mark.timeout(3600 if INTERLEAVINGS else 600)
def test_one_speaker_and_nothing_lost_or_twice(databases: Databases) -> None:
    machine = type("Machine", (Interleavings,), {"databases": databases})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=_count(databases.kind),
            stateful_step_count=25,
            deadline=None,
            phases=WITHOUT_SHRINKING if ONLY_WHETHER else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"interleavings: {machine.ran}, steps: {machine.steps}")
