"""Whatever a customer types, even what Rasa would read as a command, is text and nothing else."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.conversation.events import CustomerMessage, Source
from bot.conversation.ownership import BOT
from tests.conftest import Databases
from tests.conversation.world import World, visitor

COMMANDS = st.sampled_from(
    ["restart", "back", "session_start", "ask_for_person", "give_details", "greet@0.9", "stop"]
)
PAYLOADS = st.sampled_from(["", '{"order_number":"1"}', '{"signed_in": true}', "{", "[]"])
BLANKS = st.text(" \t\n\r\u00a0\u2003\u200b\ufeff", max_size=3)


def typed() -> st.SearchStrategy[str]:
    """What customers type: any text, and often something that looks like a command."""
    command = st.builds(
        lambda *parts: "".join(parts), BLANKS, st.sampled_from(["/", "//"]), COMMANDS, PAYLOADS
    )
    anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
    return st.one_of(command, command.map(lambda text: f"{text} now"), anything).filter(
        lambda text: bool(text.strip().replace("\x00", ""))
    )


def test_what_is_typed_reaches_log_and_assistant_as_text_and_moves_nothing(
    databases: Databases,
) -> None:
    with asyncio.Runner() as runner:
        world = runner.run(_world(databases))
        visitors = iter(range(1_000_000))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(text=typed())
        @example(text="/restart")
        @example(text=' /give_details{"order_number":"1"}')
        @example(text="/session_start")
        def check(text: str) -> None:
            runner.run(_is_only_text(world, next(visitors), text))

        check()
        runner.run(world.close())


async def _world(databases: Databases) -> World:
    database = databases.prepared()
    return await World.create(database)


async def _is_only_text(world: World, number: int, text: str) -> None:
    customer = visitor(number)
    await world.say(customer, text)
    await world.answer_all()
    stored = text.replace("\x00", "")
    (turn,) = [t for t in world.dialogue.sent if t.text == stored]
    world.dialogue.sent.clear()
    assert turn.button is None
    events = await world.events(customer)
    (message,) = [e for e in events if e.source is Source.CUSTOMER]
    assert isinstance(message.payload, CustomerMessage)
    assert message.payload.text == stored
    (conversation,) = await world.conversations(customer)
    assert conversation.owner == BOT
    assert await world.open_cases() == []
