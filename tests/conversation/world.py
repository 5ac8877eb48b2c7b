"""A small world for tests of the core: customers, agents, and an assistant that answers on call.

The assistant is another process; here a stand-in for that process holds each turn until the
test says what becomes of it. Everything on our side of the wire is the real thing.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import update

from bot import clock
from bot.conversation import conversations, log, reception
from bot.conversation.conversations import Conversation, Visitor, VisitorId
from bot.conversation.events import Event
from bot.conversation.streams import Signals
from bot.conversation.turns import Turns
from bot.conversation.watch import Watch
from bot.dialogue import (
    AssistantDiedError,
    AssistantError,
    Dialogue,
    Reply,
    Turn,
    TurnResult,
)
from bot.embedding import Embedder
from bot.handoff import agents, cases
from bot.handoff.cases import Agent, Case, CaseWork
from bot.handoff.colleagues import Colleagues
from bot.handoff.intake import Intake
from bot.handoff.outlook import Outlook
from bot.handoff.policy import Policy
from bot.handoff.presence import PresenceBook
from bot.handoff.routing import Routing
from bot.language import Languages
from bot.settings import Settings
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

NAMES = ("Ana", "Ben")
LONG_AGO = "2001-01-01T00:00:00.000000Z"
SETTINGS = Settings()
TEXTS = Texts(Path(__file__).parents[2] / "data" / "texts")


class FlatEmbedder:
    """Embeds nothing: these tests are about who speaks, not about what."""

    name = "flat"
    dimensions = 1

    def queries(self, texts: list[str]) -> np.ndarray:
        return np.zeros((len(texts), 1), dtype=np.float32)

    passages = queries


class HeldDialogue(Dialogue):
    """Holds each turn until ``release``, ``fail`` or ``hang`` says what becomes of it."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "secret", timeout_seconds=1)
        self.held: list[tuple[Turn, asyncio.Future[TurnResult]]] = []
        self.sent: list[Turn] = []
        self._ready.set()

    async def turn(self, turn: Turn) -> TurnResult:
        future: asyncio.Future[TurnResult] = asyncio.get_running_loop().create_future()
        self.held.append((turn, future))
        self.sent.append(turn)
        return await future

    def release(self, result: TurnResult | None = None, *, handoff: bool = False) -> bool:
        """Answer the oldest turn that is held, as told or at will; whether there was one."""
        return self._settle(
            lambda turn, future: future.set_result(result or _answer(turn, handoff))
        )

    def fail(self, error: AssistantError | None = None) -> bool:
        """Let the oldest turn that is held fail."""
        return self._settle(
            lambda _, future: future.set_exception(error or AssistantDiedError("died"))
        )

    def _settle(self, settle: Callable[[Turn, asyncio.Future[TurnResult]], None]) -> bool:
        while self.held:
            turn, future = self.held.pop(0)
            if not future.done():
                settle(turn, future)
                return True
        return False


def _answer(turn: Turn, handoff: bool) -> TurnResult:
    notes: dict[str, object] = {"decision": "answer", "confidence": 0.9, "topic": "delivery"}
    if handoff:
        notes = {"decision": "handoff", "handoff": {"reason": "asked_for_person"}}
    said = f"answer to {turn.text}"
    return TurnResult((Reply(said, None, (), notes),), "product_question", 0.9, (), b"[]", "m")


@dataclass(frozen=True)
class Seen:
    """Everything at one moment; ``events`` by visitor, in the order of their windows."""

    events: list[list[Event]]
    conversations: list[Conversation]
    open_cases: list[Case]

    @property
    def all_events(self) -> list[Event]:
        return [event for events in self.events for event in events]


class World:
    """One app with its database; ``crash`` kills the app and starts another on the same log."""

    dialogue_type = HeldDialogue

    def __init__(
        self, database: Database, embedder: Embedder | None = None, watch: Watch | None = None
    ) -> None:
        self.database = database
        self._embedder = embedder or FlatEmbedder()
        self._watch = watch
        self.ids = itertools.count()
        self.outlook = Outlook(SETTINGS, TEXTS)
        self.intake = Intake(database, TEXTS, self.outlook)
        self.work = CaseWork(database, TEXTS)
        self.colleagues = Colleagues(database, TEXTS)
        self.book = PresenceBook(database)
        self.routing = self.routing_of(Policy())
        self.agents: list[Agent] = []
        self._start()

    @classmethod
    async def create(
        cls, database: Database, embedder: Embedder | None = None, watch: Watch | None = None
    ) -> World:
        """A world with two agents, on a database that ``prepare`` filled."""
        world = cls(database, embedder, watch)
        for name in NAMES:
            found = await agents.by_name(database, name)
            assert found is not None
            world.agents.append(found)
            await world.book.seen(found)
        return world

    def routing_of(self, policy: Policy) -> Routing:
        """What moves cases by itself, under the given rules."""
        parts = (self.database, self.work, self.intake, self.book, policy)
        return Routing(*parts, looks_since=LONG_AGO)

    async def vanish(self, agent: Agent) -> None:
        """The agent's page is gone, since long ago."""
        table = tables.presence
        async with self.database.write() as connection:
            await connection.execute(
                update(table)
                .where(table.c.agent_id == agent.id)
                .values(seen_at="2000-01-01T00:00:00.000000Z")
            )
        self.book = PresenceBook(self.database)
        await self.book.send_away(lost_before=clock.ago(seconds=60), idle_before="")

    def _start(self) -> None:
        self.dialogue = self.dialogue_type()
        self.signals = Signals()
        self.turns = Turns(
            self.database,
            self.dialogue,
            self._embedder,  # type: ignore[arg-type]
            self.signals,
            TEXTS,
            Languages(TEXTS.languages),
            self.intake.open_case,
            patience_seconds=30,
            watch=self._watch,
        )

    async def crash(self) -> None:
        await self.turns.close()
        await self.dialogue.close()
        self._start()
        await self.turns.resume()

    async def close(self) -> None:
        await self.turns.close()
        await self.dialogue.close()
        await self.database.close()

    def next_id(self) -> str:
        return f"client-{next(self.ids):08d}"

    async def say(self, visitor: Visitor, text: str, client_id: str | None = None) -> Event:
        event = await reception.receive_message(
            self.database, visitor, client_id or self.next_id(), text, limit=2000
        )
        await self.routing.reopen(event.conversation)
        self.turns.wake(event.conversation)
        return event

    async def ask_for_person(self, visitor: Visitor) -> None:
        await self.intake.ask_for_person(visitor, self.next_id())

    async def pause(self) -> None:
        """Let all that can go on go on."""
        for _ in range(200):
            await asyncio.sleep(0)
            if self.turns.idle():
                return
            if any(not future.done() for _, future in self.dialogue.held):
                return
            await asyncio.sleep(0.001)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds, at most half a minute."""
        for _ in range(3000):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not come to that")

    async def answer_all(self) -> None:
        """Let the assistant answer until nothing awaits it."""
        for _ in range(200):
            await self.pause()
            if not self.dialogue.release() and self.turns.idle():
                return

    async def events(self, visitor: Visitor) -> list[Event]:
        """All events of a visitor, over all conversations, in the order of the window."""
        async with self.database.read() as connection:
            owned = await conversations.of_visitor(connection, visitor.id)
            return [e for c in owned for e in await log.read(connection, c.id)]

    async def look(self, *visitors: Visitor) -> Seen:
        """Everything at one moment."""
        async with self.database.read() as connection:
            owned = [await conversations.of_visitor(connection, each.id) for each in visitors]
            events = [
                [e for c in theirs for e in await log.read(connection, c.id)] for theirs in owned
            ]
            opened = [case for case in await cases.queue(connection) if case.is_open]
        return Seen(events, [c for theirs in owned for c in theirs], opened)

    async def conversations(self, visitor: Visitor) -> list[Conversation]:
        async with self.database.read() as connection:
            return await conversations.of_visitor(connection, visitor.id)

    async def open_cases(self) -> list[Case]:
        async with self.database.read() as connection:
            return [case for case in await cases.queue(connection) if case.is_open]


async def prepare(database: Database) -> None:
    """Make the tables and the agents."""
    await database.migrate()
    for name in NAMES:
        if await agents.by_name(database, name) is None:
            await agents.add(database, name, "correct horse")


def visitor(number: int = 0) -> Visitor:
    return Visitor(VisitorId(f"v-{number}"))
