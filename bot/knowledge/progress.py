"""How far a work of many texts is, told in the log and to who asks."""

from __future__ import annotations

import logging
import threading
import time

log = logging.getLogger(__name__)

_TELL_EVERY_SECONDS = 10.0


class StoppedError(Exception):
    """The work was broken off at the app's end; what is done is kept."""


class Progress:
    """Counts texts that are embedded. Time goes by characters: a section costs more than a title.

    For one work in one thread; read by any thread.
    """

    def __init__(self, texts: int, characters: int) -> None:
        self.total = texts
        self.done = 0
        self._characters = max(characters, 1)
        self._embedded = 0
        self._began = self._told = time.monotonic()
        self._stopped = False
        self._guard = threading.Lock()

    def stop(self) -> None:
        """Let the work end at once, between two of its batches."""
        with self._guard:
            self._stopped = True

    def advance(self, texts: int, characters: int) -> None:
        """Count what is done now, and log it now and then; raises StoppedError after `stop`."""
        with self._guard:
            if self._stopped:
                raise StoppedError
            self.done += texts
            self._embedded += characters
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY_SECONDS:
            self._told = now
            log.info("%s", self)

    @property
    def seconds_left(self) -> float:
        """An estimate from the time so far."""
        with self._guard:
            share = self._embedded / self._characters
            spent = time.monotonic() - self._began
            return spent * (1 - share) / share if share else 0.0

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds_left), 60)
        left = f"{minutes} min" if minutes else f"{seconds} s"
        return f"Embedded {self.done:,} of {self.total:,} texts of the knowledge, {left} left"
