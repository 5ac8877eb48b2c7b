"""Processes are kept running, and all of them end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from bot.supervisor import Program, Supervisor

pytestmark = pytest.mark.anyio


async def _until(condition: object) -> None:
    for _ in range(200):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to that")


async def test_a_process_that_dies_is_started_again_and_none_outlives_the_supervisor(
    tmp_path: Path,
) -> None:
    sleeper = Program(
        "sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "a.log"
    )
    supervisor = Supervisor([sleeper])
    supervisor.start()
    await _until(lambda: supervisor.pid("sleeper"))
    first = supervisor.pid("sleeper")
    assert first
    psutil.Process(first).kill()
    await _until(lambda: supervisor.pid("sleeper") not in (None, first))
    second = supervisor.pid("sleeper")
    assert second
    await supervisor.stop()
    assert not psutil.pid_exists(second)


async def test_what_a_process_prints_is_in_its_log(tmp_path: Path) -> None:
    speaker = Program("speaker", [sys.executable, "-c", "print('said')"], tmp_path / "b.log")
    supervisor = Supervisor([speaker])
    supervisor.start()
    await _until(
        lambda: (tmp_path / "b.log").exists() and "said" in (tmp_path / "b.log").read_text()
    )
    await supervisor.stop()
