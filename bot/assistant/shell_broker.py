"""Sends what happens in `rasa shell` to the app, so that it lands in the same log.

Rasa calls `publish` on its event loop, after the replies are out, and stores the turn only if it
returns. So `publish` only puts the event into a queue and never raises; a thread posts the events
in order and tries again while the app is down. The builder's shell works without the app, too.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import time
import urllib.error
import urllib.request
import uuid
from asyncio import AbstractEventLoop
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

QUEUE_SIZE = 5_000
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
POST_TIMEOUT_SECONDS = 5.0
CLOSE_TIMEOUT_SECONDS = 5.0


class ShellBroker(EventBroker):
    """Posts {"id", "sender_id", "event"} for each event, one after the other.

    `id` is the same when an event is sent again because the answer got lost.
    """

    def __init__(self, url: str, secret: str = "", queue_size: int = QUEUE_SIZE) -> None:
        self.url = url
        self._secret = secret
        self._run = uuid.uuid4().hex
        self._number = 0
        self._queue: queue.Queue[dict[str, Any]] = queue.Queue(maxsize=queue_size)
        self._closing = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._send_all, name="shell-broker", daemon=True)
        self._thread.start()

    @classmethod
    async def from_endpoint_config(
        cls,
        broker_config: EndpointConfig | None,
        event_loop: AbstractEventLoop | None = None,
    ) -> ShellBroker | None:
        """Create the broker from `event_broker` in endpoints.yml (url, secret)."""
        if broker_config is None:
            return None
        return cls(str(broker_config.url), str(broker_config.kwargs.get("secret") or ""))

    def publish(self, event: dict[str, Any]) -> None:
        """Queue one event. Never raises: a full queue loses the event with a warning."""
        try:
            body = dict(event)
            sender = body.pop("sender_id", "default")
            self._number += 1
            number = f"{self._run}-{self._number}"
            self._queue.put_nowait({"id": number, "sender_id": sender, "event": body})
        except Exception as error:
            self._tell(f"An event of the shell was lost: {error!r}")

    async def close(self) -> None:
        """Send what is queued, for at most five seconds, and stop."""
        await asyncio.get_running_loop().run_in_executor(None, self.flush)

    def flush(self, timeout: float = CLOSE_TIMEOUT_SECONDS) -> bool:
        """Stop taking time: send the rest within `timeout` seconds; return whether all went."""
        self._closing.set()
        self._thread.join(timeout)
        if self._thread.is_alive() or not self._queue.empty():
            self._tell(f"{self._queue.qsize()} events of the shell did not reach {self.url}")
            return False
        return True

    def _send_all(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=0.05)
            except queue.Empty:
                if self._closing.is_set():
                    return
                continue
            attempt = 0
            while not self._post(item):
                time.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1

    def _post(self, item: dict[str, Any]) -> bool:
        """Return False if it should be tried again."""
        try:
            request = urllib.request.Request(
                self.url,
                data=json.dumps(item, default=str).encode(),
                headers={"Content-Type": "application/json", "X-Firstline-Secret": self._secret},
                method="POST",
            )
            with urllib.request.urlopen(request, timeout=POST_TIMEOUT_SECONDS):
                return True
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in (408, 429):
                return False
            # Refused for good (a wrong secret, say): trying again would hold up the rest.
            self._tell(f"{self.url} refused the shell's events: {error.code} {error.reason}")
            return True
        except OSError:
            return False
        except Exception as error:
            self._tell(f"An event of the shell cannot be sent: {error!r}")
            return True

    def _tell(self, message: str) -> None:
        if not self._told:
            self._told = True
            logger.warning("%s (told once)", message)
