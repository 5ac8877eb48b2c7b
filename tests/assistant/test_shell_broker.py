"""The shell's broker: in order, once, never in the way."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rasa.utils.endpoints import EndpointConfig

from bot.assistant.shell_broker import ShellBroker


class App:
    """An app that can be down, refuse, or fail."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[int] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/assistant/events"

    def start(self) -> None:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = app.answers.pop(0) if app.answers else 200
                if status == 200:
                    app.received.append(body)
                app.secrets.append(self.headers.get("X-Firstline-Secret"))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()


@pytest.fixture
def app() -> Iterator[App]:
    app = App()
    yield app
    app.stop()


def test_events_arrive_in_order_with_the_secret(app: App) -> None:
    app.start()
    broker = ShellBroker(app.url, "key=s")
    for number in range(50):
        broker.publish({"sender_id": "shell", "event": "user", "text": str(number)})
    assert broker.flush()
    assert [item["event"]["text"] for item in app.received] == [str(n) for n in range(50)]
    assert {item["sender_id"] for item in app.received} == {"shell"}
    assert "sender_id" not in app.received[0]["event"]
    assert len({item["id"] for item in app.received}) == 50
    assert set(app.secrets) == {"key=s"}


def test_an_app_that_is_down_gets_them_later_once(app: App) -> None:
    broker = ShellBroker(app.url)
    for number in range(5):
        broker.publish({"sender_id": "shell", "event": "user", "text": str(number)})
    time.sleep(0.5)
    app.start()
    assert broker.flush()
    assert [item["event"]["text"] for item in app.received] == list("01234")


def test_a_failing_app_is_tried_again_a_refusing_one_is_not(app: App) -> None:
    app.answers = [500, 200, 401, 200]
    app.start()
    broker = ShellBroker(app.url)
    for number in range(3):
        broker.publish({"sender_id": "shell", "event": "user", "text": str(number)})
    assert broker.flush()
    assert [item["event"]["text"] for item in app.received] == ["0", "2"]


def test_publish_never_raises_and_never_waits(app: App) -> None:
    # If it raised, Rasa would store the turn nowhere; if it waited, the shell would hang.
    broker = ShellBroker(app.url, queue_size=2)
    start = time.perf_counter()
    for event in ({"sender_id": "x", "bad": object()}, {}, None, *[{"sender_id": "x"}] * 20):
        broker.publish(event)  # type: ignore[arg-type]
    assert time.perf_counter() - start < 0.2
    assert broker.flush(timeout=0.3) is False


def test_rasa_makes_it_from_endpoints_and_closes_it(app: App) -> None:
    app.start()

    async def run() -> None:
        config = EndpointConfig(url=app.url, type="x", secret="key=s")
        broker = await ShellBroker.from_endpoint_config(config)
        assert broker is not None
        assert await ShellBroker.from_endpoint_config(None) is None
        broker.publish({"sender_id": "shell", "event": "bot"})
        await broker.close()

    asyncio.run(run())
    assert len(app.received) == 1
