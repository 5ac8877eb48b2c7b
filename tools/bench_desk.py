"""Many customers and agents at once through the HTTP API: who waits how long, and is all kept.

`python -m tools.bench_desk [--conversations 200] [--agents 20] [--seconds 60] [--database URL]`
starts Firstline, lets the customers come in at random times, and agents who each hold up to two
cases take one of the oldest, talk, and resolve. Customers keep their stream open as the widget
does, and agents theirs. In the end every message must stand once in its customer's window and once
in the desk's transcript, every case must have ended, and no case may have been claimed by two.

The last line of standard output is JSON. Times are in seconds of this machine; a talk here lasts
seconds where people take minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.handoff import agents
from bot.storage.database import Database
from tests.house import House, ensure_model, running

PASSWORD = "a long enough one"
CAPACITY = 2
# How long agents think before they write, in seconds: median and spread of a lognormal.
THINKS, SPREAD = 1.0, 0.6
# Agents take one of the oldest cases: a few of them go for the same.
LOOKED_AT = 10
TURNS = 2  # how often the agent writes before resolving
PATIENCE = 240.0

_console = Console(stderr=True)


@dataclass
class Customer:
    """One customer: what was sent, what the window showed, what was told of the wait."""

    number: int
    said: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    asked_at: float = 0.0
    met_at: float | None = None
    expected: tuple[float, float] | None = None
    conversation: str = ""
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    spoken_to: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


@dataclass
class Tally:
    """What the agents saw."""

    claims: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    broken: list[str] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)


async def _events(
    http: httpx.AsyncClient, path: str, after: str | None = None
) -> AsyncIterator[tuple[str, dict[str, Any], str | None]]:
    """The events of a stream: name, data, place."""
    headers = {"last-event-id": after} if after else {}
    async with http.stream("GET", path, headers=headers, timeout=None) as stream:
        name, place = "", None
        async for line in stream.aiter_lines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("id:"):
                place = line[3:].strip()
            elif line.startswith("data:"):
                yield name, json.loads(line[5:]), place
                place = None


async def customer_comes(url: str, who: Customer, delay: float) -> None:
    """Ask for a person, answer what the person says, until the case is closed.

    Nothing is asked of the bot: its answers would take most of the machine.
    """
    await asyncio.sleep(delay)
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        session = (await http.post("/customer/session", json={"language": "en"})).json()
        http.headers["authorization"] = f"Bearer {session['token']}"

        async def say(text: str) -> None:
            who.said.append(text)
            body = {"client_id": uuid.uuid4().hex, "text": text}
            (await http.post("/customer/messages", json=body)).raise_for_status()

        who.asked_at = time.monotonic()
        body = {"client_id": uuid.uuid4().hex}
        asked = (await http.post("/customer/handoff", json=body)).raise_for_status().json()
        who.conversation = asked["conversation"]
        watching = asyncio.create_task(_watch(http, who))
        watching.add_done_callback(_report)
        try:
            for turn in range(TURNS):
                await asyncio.wait_for(who.spoken_to.get(), PATIENCE)
                await say(f"Customer {who.number}: answer {turn}")
            await asyncio.wait_for(who.closed.wait(), PATIENCE)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(http: httpx.AsyncClient, who: Customer) -> None:
    place = None
    while True:
        with contextlib.suppress(httpx.HTTPError):
            async for name, data, at in _events(http, "/customer/stream", place):
                place = at or place
                if name == "message":
                    who.shown.append(data["text"])
                    if data["from"] == "agent":
                        who.spoken_to.put_nowait(data["text"])
                elif name == "status" and data["owner"] == "agent" and who.met_at is None:
                    who.met_at = time.monotonic()
                elif name == "status" and not data["conversation_open"]:
                    who.closed.set()
                elif name == "queue" and data.get("estimate") and who.expected is None:
                    told = data["estimate"]
                    who.expected = (told["low_seconds"], told["high_seconds"])
        await asyncio.sleep(0.2)


class Agent:
    """One agent: takes the oldest waiting case while there is room, and talks."""

    def __init__(self, url: str, name: str, tally: Tally) -> None:
        self.http = httpx.AsyncClient(base_url=f"{url}/desk/api", timeout=60)
        self.name = name
        self.tally = tally
        self.rows: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.changed = asyncio.Condition()
        self.talks: set[asyncio.Task[None]] = set()
        self.taken: set[str] = set()

    async def work(self) -> None:
        """Until cancelled."""
        await self.http.get("/me")
        body = {"name": self.name, "password": PASSWORD}
        (await self._post("/login", body)).raise_for_status()
        watching = asyncio.create_task(self._watch())
        watching.add_done_callback(_report)
        try:
            while True:
                await self._take()
                self.news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), 2)
        finally:
            for task in (watching, *self.talks):
                task.cancel()
            await asyncio.gather(watching, *self.talks, return_exceptions=True)
            await self.http.aclose()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                async for name, data, _ in _events(self.http, "/stream"):
                    if name == "cases":
                        self.rows = data["cases"]
                        self.news.set()
                        async with self.changed:
                            self.changed.notify_all()
            await asyncio.sleep(0.2)

    async def _take(self) -> None:
        # A row may still say "waiting" for a moment after the claim.
        waiting = [
            row for row in self.rows if row["state"] == "waiting" and row["id"] not in self.taken
        ][:LOOKED_AT]
        for row in random.sample(waiting, len(waiting)):
            if len(self.talks) >= CAPACITY:
                return
            taken = await self._post(f"/cases/{row['id']}/claim", {})
            if not taken.is_success:
                self.tally.refused += 1
                continue
            self.taken.add(row["id"])
            self.tally.claims.append((row["id"], self.name))
            self.tally.cases[row["id"]] = row["conversation"]
            task = asyncio.create_task(self._talk(row["id"]))
            self.talks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.talks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.tally.broken.append(str(error))
        self.news.set()

    async def _talk(self, case: str) -> None:
        said = self.tally.said.setdefault(case, [])
        for turn in range(TURNS):
            await asyncio.sleep(random.lognormvariate(0, SPREAD) * THINKS)
            text = f"{self.name}: reply {turn} to {case}"
            said.append(text)
            body = {"client_id": uuid.uuid4().hex, "text": text}
            _must(await self._post(f"/cases/{case}/reply", body))
            await self._answered(case, f"answer {turn}")
        body = {"client_id": uuid.uuid4().hex, "disposition": "solved"}
        _must(await self._post(f"/cases/{case}/resolve", body))

    async def _answered(self, case: str, words: str) -> None:
        def has_come() -> bool:
            return any(row["id"] == case and words in row["last_text"] for row in self.rows)

        async with self.changed:
            await self.changed.wait_for(has_come)

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"x-csrftoken": self.http.cookies.get("csrftoken") or ""}
        return await self.http.post(path, json=body, headers=headers)


def _report(task: asyncio.Task[None]) -> None:
    """Nobody waits for these tasks: one that breaks must not break in silence."""
    if not task.cancelled() and (error := task.exception()):
        _console.print(f"broke off: {error!r}")


def _must(response: httpx.Response) -> None:
    if not response.is_success:
        raise RuntimeError(f"{response.request.url}: {response.text}")


async def hire(house: House, count: int) -> None:
    """Add the agents."""
    database = Database(house.database)
    for number in range(count):
        await agents.add(database, f"Agent {number}", PASSWORD)
    await database.close()


async def run(house: House, customers: list[Customer], count: int, seconds: float) -> Tally:
    """Let everybody come and go."""
    tally = Tally()
    chance = random.Random(1)
    team = [Agent(house.url, f"Agent {n}", tally) for n in range(count)]
    working = [asyncio.create_task(agent.work()) for agent in team]
    for task in working:
        task.add_done_callback(_report)
    with Progress(console=_console) as progress:
        bar = progress.add_task("Customers served", total=len(customers))

        async def serve(who: Customer) -> None:
            await customer_comes(house.url, who, chance.uniform(0, seconds))
            progress.advance(bar)

        results = await asyncio.gather(*map(serve, customers), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            _console.print(f"a customer was left: {result!r}")
    for task in working:
        task.cancel()
    for words in tally.broken:
        _console.print(f"a talk broke off: {words}")
    await asyncio.gather(*working, return_exceptions=True)
    return tally


def check(house: House, customers: list[Customer], tally: Tally) -> dict[str, Any]:
    """What was lost or doubled, counted in windows and transcripts."""
    by_conversation = {who.conversation: who for who in customers}
    lost = doubled = 0
    with httpx.Client(base_url=f"{house.url}/desk/api", timeout=60) as desk:
        desk.get("/me")
        token = desk.cookies.get("csrftoken") or ""
        login = {"name": "Agent 0", "password": PASSWORD}
        desk.post("/login", json=login, headers={"x-csrftoken": token}).raise_for_status()
        for case, conversation in tally.cases.items():
            who = by_conversation[conversation]
            shown = desk.get(f"/cases/{case}").raise_for_status().json()["transcript"]
            lines = Counter(entry["text"] for entry in shown)
            window = Counter(who.shown)
            for text in (*who.said, *tally.said.get(case, [])):
                for place in (lines, window):
                    lost += place[text] == 0
                    doubled += place[text] > 1
    claimed = Counter(case for case, _ in tally.claims)
    waits = sorted(who.met_at - who.asked_at for who in customers if who.met_at)
    told = [
        (who.expected, who.met_at - who.asked_at)
        for who in customers
        if who.expected and who.met_at
    ]
    within = sum(low <= wait <= high for (low, high), wait in told)
    return {
        "conversations": len(customers),
        "agents": len({name for _, name in tally.claims}),
        "lost": lost,
        "doubled": doubled,
        "double_claims": sum(count > 1 for count in claimed.values()),
        "refused_claims": tally.refused,
        "stranded": sum(not who.closed.is_set() for who in customers),
        "wait_p50_s": round(statistics.median(waits), 2) if waits else None,
        "wait_p95_s": round(waits[int(0.95 * (len(waits) - 1))], 2) if waits else None,
        "told_an_estimate": len(told),
        "wait_within_estimate": round(within / len(told), 3) if told else None,
    }


def table(customers: list[Customer]) -> Table:
    """Waits, and estimates against the truth, by the order in which customers came."""
    shown = Table("customers", "median wait, s", "longest wait, s", "told", "estimate, s", "within")
    ordered = sorted((who for who in customers if who.met_at), key=lambda who: who.asked_at)
    size = max(1, len(ordered) // 5)
    for start in range(0, len(ordered), size):
        part = ordered[start : start + size]
        waits = [who.met_at - who.asked_at for who in part if who.met_at]
        told = [(who.expected, wait) for who, wait in zip(part, waits, strict=True) if who.expected]
        low = statistics.median(e[0] for e, _ in told) if told else 0
        high = statistics.median(e[1] for e, _ in told) if told else 0
        within = sum(e[0] <= wait <= e[1] for e, wait in told)
        shown.add_row(
            f"{start + 1} to {start + len(part)}",
            f"{statistics.median(waits):.1f}",
            f"{max(waits):.1f}",
            str(len(told)),
            f"{low:.1f} to {high:.1f}" if told else "",
            f"{within}" if told else "",
        )
    return shown


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Customers and agents at once, through HTTP.")
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60, help="customers come within these")
    parser.add_argument("--database", help="postgresql://…; a new SQLite file if left out")
    given = parser.parse_args()
    ensure_model()
    customers = [Customer(number) for number in range(given.conversations)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), database=given.database, demo_shop=False) as house,
    ):
        asyncio.run(hire(house, given.agents))
        tally = asyncio.run(run(house, customers, given.agents, given.seconds))
        result = check(house, customers, tally)
    Console().print(table(customers))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
