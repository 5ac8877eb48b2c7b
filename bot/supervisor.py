"""Starts the processes of Firstline, waits until they are ready, restarts them, stops them.

Each process is restarted when it ends, after a pause that doubles from half a second to half a
minute and begins anew once the process has run for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """A process to keep running; its output goes to ``log``."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)


class Supervisor:
    """Keeps programs running until ``stop``."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._stopping = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    def start(self) -> None:
        """Start all programs; returns at once."""
        self._keepers = [asyncio.create_task(self._keep(program)) for program in self._programs]

    def pid(self, name: str) -> int | None:
        """Process id of a running program, else None."""
        process = self._processes.get(name)
        return process.pid if process and process.returncode is None else None

    async def stop(self) -> None:
        """Ask all programs to end, and end them if they do not within ten seconds."""
        self._stopping.set()
        running = [p for p in self._processes.values() if p.returncode is None]
        for process in running:
            _signal_group(process.pid, signal.SIGTERM)
        if running:
            waits = [asyncio.create_task(process.wait()) for process in running]
            await asyncio.wait(waits, timeout=_STOP_SECONDS)
        for process in running:
            if process.returncode is None:
                _signal_group(process.pid, signal.SIGKILL)
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _keep(self, program: Program) -> None:
        pause = _FIRST_PAUSE
        clock = asyncio.get_running_loop()
        while not self._stopping.is_set():
            started = clock.time()
            code = await self._run(program)
            if self._stopping.is_set():
                return
            if clock.time() - started > _STEADY_SECONDS:
                pause = _FIRST_PAUSE
            _log.warning(
                "The %s ended (status %s); starting it again in %.1f s. Its log: %s",
                program.name,
                code,
                pause,
                program.log,
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _run(self, program: Program) -> int:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                cwd=program.folder,
                env={**os.environ, **program.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: Ctrl-C reaches the supervisor, which stops all in order.
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        self._processes[program.name] = process
        if self._stopping.is_set():
            _signal_group(process.pid, signal.SIGTERM)
        return await process.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Have the kernel end the child if the supervisor is killed, so that no port stays taken."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
