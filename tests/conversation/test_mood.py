"""The customer's mood: read from each message, kept in the log once, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.conversation.events import (
    BotMessage,
    CustomerMessage,
    Event,
    MoodRead,
    ReplySuppressed,
)
from bot.conversation.mood import NEGATIVE, Mood
from bot.embedding import sentence_embedder
from bot.handoff.policies import Policies
from bot.handoff.rules import Rules
from bot.settings import PROJECT, Settings
from tests.conftest import Databases
from tests.conversation.world import World, visitor

ANGRY = "This is the worst shop ever, nobody answers and I am furious!!"
CALM = "Is the blue jacket waterproof?"


def rules(settings: Settings | None = None) -> Rules:
    embed = sentence_embedder().queries
    policies = Policies(PROJECT / "data" / "policies", PROJECT / "data" / "mood", embed)
    policies.refresh()
    return Rules(Mood(PROJECT / "data" / "mood"), policies, settings or Settings())


@pytest.fixture
async def world(databases: Databases) -> AsyncIterator[World]:
    database = databases.prepared()
    made = await World.create(database, sentence_embedder(), rules())
    yield made
    await made.close()


def moods(events: list[Event]) -> dict[str, list[float]]:
    """The values that were read of each message, by its words."""
    words = {e.seq: e.payload.text for e in events if isinstance(e.payload, CustomerMessage)}
    read: dict[str, list[float]] = {text: [] for text in words.values()}
    for event in events:
        if isinstance(event.payload, MoodRead):
            assert event.ref is not None
            read[words[event.ref]].append(event.payload.value)
    return read


@pytest.mark.anyio
async def test_each_message_is_followed_by_its_mood_and_then_the_reply(world: World) -> None:
    for text in (CALM, ANGRY):
        await world.say(visitor(), text)
        await world.answer_all()
    events = await world.events(visitor())
    read = moods(events)
    assert read[CALM][0] < NEGATIVE < read[ANGRY][0]
    kinds = [e.payload for e in events if isinstance(e.payload, MoodRead | BotMessage)]
    assert [type(payload) for payload in kinds[:2]] == [MoodRead, BotMessage]


@pytest.mark.anyio
async def test_a_crash_between_message_and_reply_reads_a_mood_once(world: World) -> None:
    await world.say(visitor(), CALM)
    await world.pause()
    await world.crash()
    await world.answer_all()
    await world.crash()
    await world.answer_all()
    assert [len(values) for values in moods(await world.events(visitor())).values()] == [1]


@pytest.mark.anyio
async def test_of_two_apps_one_reads_the_mood(world: World) -> None:
    await world.say(visitor(), CALM)
    await world.pause()
    twin = World(world.database, sentence_embedder(), rules())
    await twin.turns.resume()
    await twin.pause()
    await world.answer_all()
    await twin.answer_all()
    await twin.turns.close()
    await twin.dialogue.close()
    assert [len(values) for values in moods(await world.events(visitor())).values()] == [1]


@pytest.mark.anyio
async def test_the_mood_is_read_while_a_person_speaks(world: World) -> None:
    await world.say(visitor(), CALM)
    await world.pause()
    await world.ask_for_person(visitor())
    (case,) = await world.open_cases()
    await world.work.claim(case.id, world.agents[0])
    await world.answer_all()
    said = "Thank you Ana, that is kind"
    for text in (ANGRY, said):
        event = await world.say(visitor(), text)
        await world.turns.settled(event.conversation)
    events = await world.events(visitor())
    assert any(isinstance(e.payload, ReplySuppressed) for e in events)
    read = moods(events)
    assert {text: len(values) for text, values in read.items()} == {CALM: 1, ANGRY: 1, said: 1}
    assert read[said][0] < NEGATIVE < read[ANGRY][0]


@pytest.mark.anyio
async def test_what_was_said_to_a_person_before_a_crash_is_read_after_it(world: World) -> None:
    await world.ask_for_person(visitor())
    (case,) = await world.open_cases()
    await world.work.claim(case.id, world.agents[0])
    event = await world.say(visitor(), ANGRY)
    await world.crash()
    await world.turns.settled(event.conversation)
    assert len(moods(await world.events(visitor()))[ANGRY]) == 1


# Not among the messages that the weights were fitted on.
PAIRS = {
    "en": ("You are all hopeless, this is the fifth mail I send!", "Which tent fits three people?"),
    "pl": ("Jestem wściekły, znowu przyszła zepsuta lampa!", "Jaki namiot zmieści trzy osoby?"),
    "id": ("Parah, barangnya rusak lagi, saya kecewa sekali!", "Tenda mana yang muat tiga orang?"),
    "th": ("แย่มาก ของพังอีกแล้ว โมโหจริง ๆ", "เต็นท์รุ่นไหนนอนได้สามคน"),
    "fil": ("Nakakainis na talaga, sira na naman ang dumating!", "Aling tent ang kasya sa tatlo?"),
}


@pytest.mark.parametrize("language", PAIRS)
def test_anger_is_told_from_a_question_in_each_language(language: str) -> None:
    mood, embedder = Mood(PROJECT / "data" / "mood"), sentence_embedder()
    angry, calm = (mood.of(text, embedder.queries([text])[0]) for text in PAIRS[language])
    assert calm < NEGATIVE < angry


def test_capitals_alone_are_no_anger() -> None:
    mood, text = Mood(PROJECT / "data" / "mood"), "DO YOU DELIVER TO CYPRUS"
    assert mood.of(text, sentence_embedder().queries([text])[0]) < NEGATIVE
