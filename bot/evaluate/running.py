"""Runs the programs of an evaluation to their end, tells how far they are, and times them."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bot import programs
from bot.errors import ExpectedError
from bot.settings import Settings

# Our own lines, and the bar that Rasa draws of the epochs of its networks.
_TOLD = re.compile(r"(?:Embedded|Scored) \d+ of \d+ .*|Epochs: [^\r\n]*\d+/\d+[^\r\n]*")
_POLL_SECONDS = 0.5
_TELL_EVERY_SECONDS = 15.0


class EvaluationError(ExpectedError):
    """The evaluation could not be done; says what to do."""


@dataclass(frozen=True)
class Spent:
    """The time that a program took, in seconds: by the clock, and of all processors together."""

    seconds: float
    processor_seconds: float


class Telling:
    """Tells on standard error how far something is: in place, or by a line now and then."""

    def __init__(self, doing: str) -> None:
        self._doing = f"{doing} …"
        self._console = Console(stderr=True)
        self._status = self._console.status(self._doing)
        self._told, self._last = "", time.monotonic()

    def __enter__(self) -> Telling:
        self._status.start()
        self._line(self._doing)
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def now(self, what: str) -> None:
        """Say how far it is; where there is no terminal, only if the last line is old."""
        self._status.update(f"{self._doing} {what}")
        if what and what != self._told and time.monotonic() - self._last > _TELL_EVERY_SECONDS:
            self._told, self._last = what, time.monotonic()
            self._line(what)

    def _line(self, text: str) -> None:
        if not self._console.is_terminal:
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def run(settings: Settings, command: Sequence[str], folder: Path, log: Path, doing: str) -> Spent:
    """Run a command of the assistant's environment in `folder`; what it prints goes to `log`.

    How far it is goes to standard error.

    Raises:
        EvaluationError: it failed; the end of what it printed goes to standard error.
    """
    environment = {
        **programs.rasa_process_environment(settings),
        # Nothing is trained twice here, and a cache of thousands of examples is slow to write.
        "RASA_MAX_CACHE_SIZE": "0",
        "LOG_LEVEL": "INFO",
    }
    begin = log.stat().st_size if log.exists() else 0
    started, processor = time.monotonic(), _processor_seconds()
    with log.open("ab") as output, Telling(doing) as telling:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                time.sleep(_POLL_SECONDS)
                telling.now(_told_last(log, begin))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode != 0:
        print("\n".join(log.read_text("utf-8", "replace").splitlines()[-25:]), file=sys.stderr)
        raise EvaluationError(f"{doing} failed; the lines above, or all of {log}, say why.")
    return Spent(time.monotonic() - started, _processor_seconds() - processor)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told_last(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(max(begin, log.stat().st_size - 4_096))
        found = _TOLD.findall(file.read().decode("utf-8", "replace"))
    return found[-1].strip() if found else ""
