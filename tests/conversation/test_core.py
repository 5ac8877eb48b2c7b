"""The core's promises one by one, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from bot import clock
from bot.conversation import conversations, log, turns
from bot.conversation.events import (
    AgentMessage,
    AssistantFailed,
    BotMessage,
    CustomerMessage,
    Draft,
    Event,
    Notice,
    ReplySuppressed,
    Source,
)
from bot.conversation.lifecycle import IllegalMoveError, Move
from bot.conversation.ownership import BOT, CLOSED, AgentId, Owner, OwnershipError, after, owned_by
from bot.conversation.streams import news
from bot.dialogue import AssistantSlowError
from bot.handoff.cases import CaseError
from bot.storage import tables
from tests.conftest import Databases
from tests.conversation.world import TEXTS, World, visitor

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(databases: Databases) -> AsyncIterator[World]:
    database = databases.prepared()
    made = await World.create(database)
    yield made
    await made.close()


async def case_of(world: World) -> str:
    (case,) = await world.open_cases()
    return case.id


def texts(events: list[Event], kind: type[Any]) -> list[str]:
    return [e.payload.text for e in events if isinstance(e.payload, kind)]


async def test_a_question_is_logged_before_it_is_answered(world: World) -> None:
    await world.say(visitor(), "hello")
    assert texts(await world.events(visitor()), CustomerMessage) == ["hello"]
    await world.answer_all()
    assert texts(await world.events(visitor()), BotMessage) == ["answer to hello"]


async def test_turns_of_one_conversation_go_one_at_a_time_and_in_order(world: World) -> None:
    for text in ("one", "two", "three"):
        await world.say(visitor(), text)
    await world.pause()
    assert [turn.text for turn in world.dialogue.sent] == ["one"]
    await world.answer_all()
    assert texts(await world.events(visitor()), BotMessage) == [
        "answer to one",
        "answer to two",
        "answer to three",
    ]


async def test_conversations_do_not_wait_for_each_other(world: World) -> None:
    await world.say(visitor(0), "slow")
    await world.say(visitor(1), "quick")
    await world.until(lambda: len(world.dialogue.held) == 2)
    assert {turn.text for turn in world.dialogue.sent} == {"slow", "quick"}


async def test_a_reply_that_comes_after_the_claim_is_never_shown(world: World) -> None:
    await world.ask_for_person(visitor())
    await world.say(visitor(), "a question")
    await world.pause()
    await world.work.claim(await case_of(world), world.agents[0])
    await world.answer_all()
    events = await world.events(visitor())
    assert texts(events, BotMessage) == []
    assert texts(events, ReplySuppressed) == ["answer to a question"]


async def test_the_bot_is_not_asked_while_a_person_speaks(world: World) -> None:
    await world.ask_for_person(visitor())
    await world.work.claim(await case_of(world), world.agents[0])
    await world.say(visitor(), "to the person")
    await world.answer_all()
    assert world.dialogue.sent == []


async def test_a_question_left_by_a_crash_goes_to_the_person_who_claimed_meanwhile(
    world: World,
) -> None:
    await world.ask_for_person(visitor())
    await world.say(visitor(), "asked before the crash")
    await world.pause()
    await world.turns.close()
    await world.work.claim(await case_of(world), world.agents[0])
    await world.crash()
    await world.answer_all()
    assert world.dialogue.sent == []
    assert texts(await world.events(visitor()), BotMessage) == []


async def test_of_two_apps_that_answer_the_same_message_one_is_heard(world: World) -> None:
    await world.say(visitor(), "hello")
    await world.pause()
    twin = World(world.database)
    await twin.turns.resume()
    await twin.pause()
    assert len(world.dialogue.sent) == len(twin.dialogue.sent) == 1
    await world.answer_all()
    await twin.answer_all()
    await twin.turns.close()
    await twin.dialogue.close()
    assert texts(await world.events(visitor()), BotMessage) == ["answer to hello"]


async def test_after_a_return_the_bot_knows_what_was_said(world: World) -> None:
    await world.ask_for_person(visitor())
    case = await case_of(world)
    ana = world.agents[0]
    await world.work.claim(case, ana)
    await world.say(visitor(), "my tent leaks")
    await world.work.reply(case, ana, "reply-0001", "I send a new one")
    await world.work.give_back(case, ana, "return-001")
    await world.say(visitor(), "thanks, and the pegs?")
    await world.answer_all()
    await world.say(visitor(), "one more")
    await world.answer_all()
    first, second = world.dialogue.sent
    assert [(h["from"], h["text"]) for h in first.heard or ()] == [
        ("customer", "my tent leaks"),
        ("agent", "I send a new one"),
    ]
    assert second.heard is None


async def test_an_agent_speaks_only_for_a_case_that_is_theirs(world: World) -> None:
    await world.ask_for_person(visitor())
    case = await case_of(world)
    ana, ben = world.agents
    with pytest.raises(CaseError, match="Take this case first"):
        await world.work.reply(case, ben, "reply-0001", "hello")
    await world.work.claim(case, ana)
    for act in (
        world.work.reply(case, ben, "reply-0002", "hello"),
        world.work.release(case, ben, "release-02"),
        world.work.give_back(case, ben, "return-002"),
        world.work.resolve(case, ben, "resolve-02", "solved"),
    ):
        with pytest.raises(CaseError, match="Ana has this case"):
            await act
    assert texts(await world.events(visitor()), AgentMessage) == []


async def test_a_taken_case_is_refused_with_the_name_of_who_has_it(world: World) -> None:
    await world.ask_for_person(visitor())
    case = await case_of(world)
    await world.work.claim(case, world.agents[0])
    with pytest.raises(CaseError, match="Ana has taken this case already"):
        await world.work.claim(case, world.agents[1])
    # The same agent again: two tabs, or a click on a bad line.
    assert (await world.work.claim(case, world.agents[0])).agent == world.agents[0]


async def test_a_reply_sent_again_on_a_bad_line_is_said_once(world: World) -> None:
    await world.ask_for_person(visitor())
    case = await case_of(world)
    await world.work.claim(case, world.agents[0])
    for _ in range(3):
        await world.work.reply(case, world.agents[0], "reply-0001", "hello")
    assert texts(await world.events(visitor()), AgentMessage) == ["hello"]


async def test_what_a_customer_sees_from_us_needs_a_fence(world: World) -> None:
    event = await world.say(visitor(), "hello")
    payloads = (
        BotMessage(text="hi"),
        AgentMessage(text="hi", name="Ana"),
        Notice(key="claimed", text="hi"),
    )
    for payload in payloads:
        draft = Draft(payload=payload, source=Source.BOT)
        async with world.database.write() as connection:
            with pytest.raises(ValueError, match="fence"):
                await log.append(connection, event.conversation, [draft])


async def test_an_append_for_an_earlier_epoch_writes_nothing(world: World) -> None:
    await world.ask_for_person(visitor())
    (before,) = await world.conversations(visitor())
    case = await case_of(world)
    await world.work.claim(case, world.agents[0])
    await world.work.release(case, world.agents[0], "release-01")
    (now,) = await world.conversations(visitor())
    assert now.owner == before.owner == BOT
    draft = Draft(payload=BotMessage(text="from another epoch"), source=Source.BOT)
    with pytest.raises(OwnershipError):
        async with world.database.write() as connection:
            await log.append(connection, now.id, [draft], fence=before.fence)
    assert texts(await world.events(visitor()), BotMessage) == []


async def test_a_failing_assistant_is_owned_up_to_once_and_given_up_on(world: World) -> None:
    await world.say(visitor(), "the message that kills")
    for _ in range(3):
        await world.pause()
        world.dialogue.fail(AssistantSlowError("too slow"))
    await world.answer_all()
    events = await world.events(visitor())
    assert len(texts(events, Notice)) == 1
    assert {e.payload.reason for e in events if isinstance(e.payload, AssistantFailed)} == {"slow"}
    await world.say(visitor(), "the next one")
    await world.answer_all()
    assert texts(await world.events(visitor()), BotMessage) == ["answer to the next one"]


async def test_the_language_of_a_message_is_kept_though_the_assistant_fails(world: World) -> None:
    await world.say(visitor(), "Dzień dobry, kiedy przyjdzie moja paczka?")
    await world.pause()
    world.dialogue.fail(AssistantSlowError("too slow"))
    await world.pause()
    await world.ask_for_person(visitor())
    (conversation,) = await world.conversations(visitor())
    assert conversation.language == "pl"
    said = texts(await world.events(visitor()), Notice)
    expected = [TEXTS.say("pl", f"notices.{k}") for k in ("assistant_unavailable", "queued")]
    assert said[:2] == expected


async def test_a_stream_resumes_where_it_stopped_and_never_in_anothers_conversation(
    world: World,
) -> None:
    for who in (0, 1):
        await world.say(visitor(who), f"text of {who}")
        await world.answer_all()
    (own,) = await world.conversations(visitor(0))
    (other,) = await world.conversations(visitor(1))
    async with world.database.read() as connection:
        everything, place = await news(connection, visitor(0), None)
        rest, _ = await news(connection, visitor(0), (own.id, everything[0].seq))
        nothing, _ = await news(connection, visitor(0), place)
        foreign, _ = await news(connection, visitor(0), (other.id, 1))
    assert rest == everything[1:]
    assert nothing == []
    assert foreign == everything


async def test_a_silent_conversation_closes_and_the_next_message_opens_another(
    world: World,
) -> None:
    await world.say(visitor(), "hello")
    await world.answer_all()
    await conversations.close_idle(world.database, minutes=0)
    await world.say(visitor(), "hello again")
    await world.answer_all()
    first, second = await world.conversations(visitor())
    assert first.owner == CLOSED
    assert second.previous == first.id


async def test_a_conversation_stays_open_for_a_while_after_its_case_has_ended(
    world: World,
) -> None:
    for who in (0, 1):
        await world.ask_for_person(visitor(who))
        async with world.database.write() as connection:
            long_ago = update(tables.conversation).values(last_customer_at=clock.ago(minutes=60))
            await connection.execute(long_ago)
    await world.intake.withdraw(visitor(0), world.next_id())
    (case,) = await world.open_cases()
    await world.work.claim(case.id, world.agents[0])
    await world.work.give_back(case.id, world.agents[0], world.next_id())
    assert await conversations.close_idle(world.database, minutes=30) == []
    assert len(await conversations.close_idle(world.database, minutes=0)) == 2


async def test_nobody_ends_a_case_over_words_that_they_have_not_seen(world: World) -> None:
    await world.ask_for_person(visitor())
    (case,) = await world.open_cases()
    ana = world.agents[0]
    await world.work.claim(case.id, ana)
    seen = (await world.events(visitor()))[-1].seq
    await world.say(visitor(), "wait, it is the other order")
    with pytest.raises(CaseError, match="has written meanwhile"):
        await world.work.resolve(case.id, ana, world.next_id(), "solved", seen)
    with pytest.raises(CaseError, match="has written meanwhile"):
        await world.work.give_back(case.id, ana, world.next_id(), seen)
    seen = (await world.events(visitor()))[-1].seq
    await world.work.resolve(case.id, ana, world.next_id(), "solved", seen)
    assert await world.open_cases() == []


async def test_a_message_that_met_a_fault_of_ours_is_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_PAUSE_SECONDS", 0.0)
    await world.say(visitor(), "hello")
    await world.pause()
    world.dialogue.fail(RuntimeError("the database is away"))  # type: ignore[arg-type]
    await world.until(lambda: len(world.dialogue.sent) == 2)
    await world.answer_all()
    assert texts(await world.events(visitor()), BotMessage) == ["answer to hello"]


async def test_a_conversation_with_an_open_case_or_an_open_question_stays_open(
    world: World,
) -> None:
    await world.say(visitor(0), "still unanswered")
    await world.ask_for_person(visitor(1))
    assert await conversations.close_idle(world.database, minutes=0) == []


async def test_first_messages_at_once_open_one_conversation(world: World) -> None:
    await asyncio.gather(*(world.say(visitor(), f"message {n}") for n in range(5)))
    await world.answer_all()
    assert len(await world.conversations(visitor())) == 1
    assert len(texts(await world.events(visitor()), BotMessage)) == 5


ANA = AgentId("ana")


@pytest.mark.parametrize(
    ("owner", "move"),
    [
        (CLOSED, Move.CLAIM),
        (CLOSED, Move.CLOSE),
        (BOT, Move.RETURN),
        (BOT, Move.RESOLVE),
        (owned_by(ANA), Move.CLAIM),
        (owned_by(ANA), Move.CLOSE),
    ],
)
def test_an_illegal_move_of_ownership_raises(owner: Owner, move: Move) -> None:
    with pytest.raises(IllegalMoveError):
        after(owner, None, move, ANA)


def test_an_owner_survives_the_table() -> None:
    for owner in (BOT, CLOSED, owned_by(ANA)):
        assert Owner.parse(str(owner)) == owner
