"""``firstline ask``: the same assistant and search as the widget, on a throw-away database."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import programs, serve
from bot.conversation import conversations, log, reception
from bot.conversation.conversations import Visitor, VisitorId
from bot.conversation.events import (
    AnswerRef,
    AssistantFailed,
    BotMessage,
    Decision,
    Event,
    HandoffRequested,
)
from bot.errors import ExpectedError
from bot.services import Services
from bot.settings import Settings
from bot.supervisor import Supervisor

_READY_SECONDS = 180.0
_error = Console(stderr=True)


class AskError(ExpectedError):
    """The questions cannot be asked; the text says what to do."""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One question of a batch; lines of one ``conversation`` are one dialogue, in order."""

    id: str
    text: str
    language: str | None = None
    conversation: str | None = None


class Page(msgspec.Struct, omit_defaults=True):
    """An article or a product, and the probability that it is the right one."""

    probability: float
    article: str | None = None
    product: str | None = None
    attribute: str | None = None


class Result(msgspec.Struct):
    """What came of one question; ``confidence`` is that the whole decision is right."""

    id: str
    decision: Decision
    confidence: float
    intent: str | None
    answers: list[Page]
    candidates: list[Page]
    text: str
    language: str
    ms: float


async def ask_one(settings: Settings, question: str) -> None:
    """Ask one question and print the result as a JSON line."""
    line = Line(id="1", text=question)
    _check([line], settings)
    async with assistant_for(settings) as services:
        result = await _ask(services, line, "ask-1")
    print(msgspec.json.encode(result).decode())


async def ask_batch(settings: Settings, source: Path, target: Path) -> None:
    """Ask all lines of ``source`` and write a line for each to ``target``, with progress.

    Raises:
        AskError: a line cannot be read, or ``target`` cannot be written.
    """
    lines = _read(source)
    _check(lines, settings)
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        output = target.open("wb")
    except OSError as error:
        raise AskError(f"{target} cannot be written: {error.strerror}.") from None
    with output:
        async with assistant_for(settings) as services:
            with _error.status("Reading the knowledge in each language …"):
                for language in services.texts.languages:
                    await asyncio.to_thread(services.knowledge.refresh, language)
            with Progress(*columns, console=_error) as progress:
                for number, line in enumerate(progress.track(lines)):
                    dialogue = line.conversation or f"line {number}"
                    result = await _ask(services, line, f"ask-{dialogue}")
                    output.write(msgspec.json.encode(result) + b"\n")
                    output.flush()


def _read(source: Path) -> list[Line]:
    try:
        raw = source.read_bytes().splitlines()
    except OSError as error:
        raise AskError(f"{source} cannot be read: {error.strerror}.") from None
    lines = []
    for number, content in enumerate(raw, 1):
        if not content.strip():
            continue
        try:
            lines.append(msgspec.json.decode(content, type=Line))
        except msgspec.MsgspecError as error:
            raise AskError(
                f"{source}, line {number}: {error}. A line is "
                '{"id", "text", "language"?, "conversation"?}.'
            ) from None
    if not lines:
        raise AskError(f"{source} holds no questions.")
    return lines


def _check(lines: list[Line], settings: Settings) -> None:
    for line in lines:
        if not line.text.strip():
            raise AskError(f"The question {line.id!r} is empty; write one.")
        if len(line.text) > settings.max_message_characters:
            raise AskError(
                f"The question {line.id!r} has {len(line.text)} characters; "
                f"{settings.max_message_characters} are the limit (max_message_characters)."
            )


@asynccontextmanager
async def assistant_for(settings: Settings) -> AsyncIterator[Services]:
    """App and assistant on free ports and a database that is thrown away."""
    if not programs.is_trained(settings):
        await asyncio.to_thread(programs.train, settings)
    with tempfile.TemporaryDirectory(prefix="firstline-ask-") as folder:
        own = replace(
            settings,
            host="127.0.0.1",
            shop_url=settings.shop_base_url,
            port=programs.free_port(),
            assistant_port=programs.free_port(),
            database=f"sqlite:///{folder}/ask.db",
        )
        program = replace(programs.assistant(own), log=Path(folder) / "assistant.log")
        supervisor = Supervisor([program])
        server = serve.server(own, log_level="warning")
        serving = asyncio.create_task(server.serve())
        supervisor.start()
        try:
            while not server.started:
                if serving.done():
                    raise AskError("The app did not start; the lines above say why.")
                await asyncio.sleep(0.05)
            services: Services = server.config.app.state.services  # type: ignore[union-attr]
            with _error.status("The assistant is loading …") as status:
                deadline = time.monotonic() + _READY_SECONDS
                while not await services.dialogue.wait_ready(1.0):
                    if (progress := services.knowledge.progress) is not None:
                        status.update(str(progress))
                        deadline = time.monotonic() + _READY_SECONDS
                    if time.monotonic() > deadline:
                        raise AskError(f"The assistant did not start: {services.dialogue.fault}")
            yield services
        finally:
            server.should_exit = True
            await asyncio.gather(supervisor.stop(), serving, return_exceptions=True)


async def _ask(services: Services, line: Line, visitor_id: str) -> Result:
    language = services.texts.supported(line.language)
    visitor = Visitor(VisitorId(visitor_id), channel="ask", language=language)
    started = time.perf_counter()
    question = await reception.receive_message(
        services.database,
        visitor,
        f"ask-{line.id}-{started}",
        line.text,
        limit=services.settings.max_message_characters,
    )
    services.turns.wake(question.conversation)
    await services.turns.settled(question.conversation)
    ms = (time.perf_counter() - started) * 1000
    async with services.database.read() as connection:
        events = await log.read(connection, question.conversation, after=question.seq)
        conversation = await conversations.load(connection, question.conversation)
    return _result(line, events, conversation.language if conversation else language, ms)


def _result(line: Line, events: list[Event], language: str, ms: float) -> Result:
    said = [event.payload for event in events if isinstance(event.payload, BotMessage)]
    failed = [event.payload for event in events if isinstance(event.payload, AssistantFailed)]
    if not said:
        why = f"{failed[-1].reason}: {failed[-1].detail}" if failed else "no reply"
        print(f"firstline: question {line.id!r} got no answer ({why}).", file=sys.stderr)
    main = next((message for message in said if message.decision), None)
    handed_over = any(isinstance(event.payload, HandoffRequested) for event in events)
    decision: Decision = "decline" if main is None or main.decision is None else main.decision
    return Result(
        id=line.id,
        decision="handoff" if handed_over else decision,
        confidence=main.confidence if main else 0.0,
        intent=main.intent if main else None,
        answers=_pages(a for message in said for a in message.answers),
        candidates=_pages(c for message in said for c in message.candidates),
        text="\n\n".join(message.text for message in said),
        language=language,
        ms=round(ms, 1),
    )


def _pages(references: Any) -> list[Page]:
    found: list[AnswerRef] = list(references)
    return [Page(r.probability, r.article, r.product, r.attribute) for r in found]
