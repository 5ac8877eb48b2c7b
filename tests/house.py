"""The whole of Firstline as a user starts it: ``firstline run`` on free ports, all new."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot import programs
from bot.settings import PROJECT, load, with_secrets

READY_SECONDS = 300


class House:
    """A running Firstline; its parts can be killed."""

    def __init__(self, folder: Path, *, database: str | None = None, **settings: Any) -> None:
        self.folder = folder
        self.port, self.assistant_port, self.demo_port = (programs.free_port() for _ in range(3))
        self.url = f"http://127.0.0.1:{self.port}"
        self.shop_url = f"http://127.0.0.1:{self.demo_port}"
        self.database = database or f"sqlite:///{folder / 'house.db'}"
        shared = {
            "host": "127.0.0.1",
            "port": self.port,
            "assistant_port": self.assistant_port,
            "demo_port": self.demo_port,
            "database": self.database,
            "var": str(folder / "var"),
            **settings,
        }
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FIRSTLINE_")},
            **{f"FIRSTLINE_{name.upper()}": str(value) for name, value in shared.items()},
        }
        # Embedding the shop's texts takes half a minute: what an earlier run embedded is reused.
        known = PROJECT / "var" / "embeddings"
        if known.is_dir():
            shutil.copytree(known, folder / "var" / "embeddings", dirs_exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.output = folder / "run.log"

    def start(self, *, assistant: bool = True) -> None:
        """Start, and wait until people are served, and until the assistant is ready."""
        with self.output.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait("app")
        if assistant:
            self.wait("assistant")

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def health(self) -> dict[str, Any]:
        """What the app says of itself; empty while it is down."""
        with contextlib.suppress(httpx.HTTPError, ValueError):
            body: dict[str, Any] = httpx.get(f"{self.url}/health", timeout=2).json()
            return body
        return {}

    def wait(self, part: str, *, ready: bool = True) -> None:
        """Wait until ``app`` or ``assistant`` is ready, or is not."""
        until(lambda: (self.health().get(part) == "ready") is ready, READY_SECONDS, self.tail)

    def tail(self) -> str:
        """The end of all logs, for a failure's message."""
        logs = [self.output, *sorted((self.folder / "var" / "log").glob("*.log"))]
        return "\n".join(f"--- {f.name}\n{f.read_text()[-2000:]}" for f in logs if f.exists())

    def process(self, part: str) -> psutil.Process:
        """The process of ``app`` or ``assistant``."""
        assert self._process is not None
        mark = {"app": "serve", "assistant": "--credentials"}[part]
        for child in psutil.Process(self._process.pid).children(recursive=True):
            if mark in child.cmdline():
                return child
        raise AssertionError(f"no process of {part}:\n{self.tail()}")

    def kill(self, part: str) -> None:
        """``kill -9``."""
        process = self.process(part)
        process.kill()
        with contextlib.suppress(psutil.Error):
            process.wait(10)

    def freeze(self, part: str) -> psutil.Process:
        """Stop a process in its tracks; ``resume()`` on the result lets it go on."""
        process = self.process(part)
        process.suspend()
        return process

    def login(self) -> tuple[str, str]:
        """Name and password of the demo's agent."""
        return "Ana", (self.folder / "var" / "demo-agent.txt").read_text("utf-8")

    def firstline(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command line on this house's settings."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **options,
        )

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that the house made at its first start."""
        stored: dict[str, str] = json.loads((self.folder / "var" / "secrets.json").read_text())
        return stored


class Customer:
    """A customer's page without the page: the same API that the widget uses."""

    def __init__(self, house: House, **session: Any) -> None:
        self.house = house
        self.http = httpx.Client(base_url=house.url, timeout=30)
        weakref.finalize(self, self.http.close)
        self.page = session.get("page")
        self.session = self.http.post("/customer/session", json=session).raise_for_status().json()
        self.http.headers["authorization"] = f"Bearer {self.session['token']}"

    def say(self, text: str) -> str:
        """Send a message; its place in the stream."""
        return str(self._post("messages", text=text)["id"])

    def press(self, token: str) -> str:
        """Press a button."""
        return str(self._post("buttons", token=token)["id"])

    def feedback(self, message: str, helpful: bool) -> None:
        """Say whether an answer helped."""
        self._post("feedback", message=message, helpful=helpful)

    def ask_for_person(self) -> None:
        """Press the control that asks for a person."""
        self._post("handoff")

    def give_contact(self, kind: str, value: str) -> None:
        """Say where we can be reached."""
        self._post("contact", kind=kind, value=value)

    def _post(self, what: str, **body: Any) -> dict[str, Any]:
        response = self.http.post(
            f"/customer/{what}", json={"client_id": uuid.uuid4().hex, "page": self.page, **body}
        )
        answer: dict[str, Any] = response.raise_for_status().json()
        return answer

    def window(self, after: str | None = None) -> list[dict[str, Any]]:
        """All that the widget's stream has for us now, messages and other events."""
        headers = {"last-event-id": after} if after else {}
        shown = []
        with self.http.stream("GET", "/customer/stream", headers=headers) as stream:
            name = ""
            for line in stream.iter_lines():
                if line.startswith("event:"):
                    name = line[6:].strip()
                    if name == "ready":
                        break
                elif line.startswith("data:"):
                    shown.append({"event": name, **json.loads(line[5:])})
        return shown

    def messages(self) -> list[dict[str, Any]]:
        """The messages in the window."""
        return [entry for entry in self.window() if entry["event"] == "message"]

    def answer_to(self, place: str, seconds: float = 60) -> dict[str, Any]:
        """The first message of ours that answers ``place``."""

        def answers() -> list[dict[str, Any]]:
            return [m for m in self.messages() if m["ref"] == place and m["from"] == "bot"]

        until(answers, seconds, self.house.tail)
        return answers()[0]

    def ask(self, text: str) -> dict[str, Any]:
        """Say something and wait for the answer."""
        return self.answer_to(self.say(text))


class DeskAgent:
    """An agent's desk without the page: the same API that the desk uses."""

    def __init__(self, house: House, name: str, password: str) -> None:
        self.http = httpx.Client(base_url=f"{house.url}/desk/api", timeout=30)
        weakref.finalize(self, self.http.close)
        self.http.get("/me")
        self.post("/login", name=name, password=password)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """POST with the CSRF token, as the page does."""
        response = self.try_post(path, **body)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def try_post(self, path: str, **body: Any) -> httpx.Response:
        """POST and return whatever comes."""
        headers = {"x-csrftoken": self.http.cookies.get("csrftoken") or ""}
        return self.http.post(path, json=body, headers=headers)

    def cases(self) -> list[dict[str, Any]]:
        """The queue."""
        found: list[dict[str, Any]] = self.http.get("/cases").raise_for_status().json()["cases"]
        return found

    def show(self, case: str) -> dict[str, Any]:
        """One case with packet and transcript."""
        shown: dict[str, Any] = self.http.get(f"/cases/{case}").raise_for_status().json()
        return shown

    def act(self, case: str, what: str, **body: Any) -> dict[str, Any]:
        """Claim, reply, note, return, release or resolve."""
        return self.post(f"/cases/{case}/{what}", client_id=uuid.uuid4().hex, **body)


def everybody_leaves(*agents: DeskAgent) -> None:
    """Nobody is at the desk: the agents choose to be away, and whose page is gone is missed."""
    for agent in agents:
        agent.post("/presence", state="away")

    def is_empty() -> bool:
        team = agents[0].http.get("/agents").raise_for_status().json()["agents"]
        return all(each["state"] == "away" for each in team)

    until(is_empty, 120)


def until(condition: Any, seconds: float, explain: Any = str) -> None:
    """Wait until ``condition`` holds; fail with an explanation after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {seconds} s\n{explain()}")
        time.sleep(0.1)


@contextlib.contextmanager
def running(folder: Path, **options: Any) -> Iterator[House]:
    """A house that is stopped at the end."""
    house = House(folder, **options)
    try:
        house.start()
        yield house
    finally:
        house.stop()


def ensure_model() -> None:
    """Train the model that all houses use, if it is not there."""
    settings = with_secrets(load())
    if not programs.is_trained(settings):
        programs.train(settings)
