"""A builder in the Rasa shell meets the same log, the same desk, the same journey."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bot.settings import PROJECT
from tests.house import DeskAgent, House, until


class Shell:
    """``firstline shell`` in a terminal."""

    def __init__(self, house: House) -> None:
        self._terminal, inner = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "shell", "--conversation", "builder"],
            cwd=PROJECT,
            env={**house.environment, "TERM": "xterm", "COLUMNS": "200"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self.screen = ""

    def wait_for(self, text: str, seconds: float = 120) -> None:
        """Wait until ``text`` is on the screen."""
        deadline = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < deadline, f"no {text!r} on:\n{self.screen[-3000:]}"
            if select.select([self._terminal], [], [], 0.2)[0]:
                read = os.read(self._terminal, 65536)
                if b"\x1b[6n" in read:  # the terminal is asked where its cursor is
                    os.write(self._terminal, b"\x1b[1;1R")
                self.screen += re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", read).decode(
                    errors="replace"
                )

    def type(self, line: str) -> None:
        """Type a line."""
        self.screen = ""
        os.write(self._terminal, line.encode() + b"\r")

    def close(self) -> None:
        """Leave the shell."""
        with contextlib.suppress(OSError):
            os.write(self._terminal, b"/stop\r")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._terminal)


@pytest.fixture
def shell(house: House) -> Iterator[Shell]:
    """A shell that is ready for input."""
    opened = Shell(house)
    try:
        opened.wait_for("Your input")
        yield opened
    finally:
        opened.close()


def test_a_handoff_from_the_shell_reaches_desk_and_journey(
    shell: Shell, house: House, ana: DeskAgent
) -> None:
    # Nobody on another machine may reach the shell's server.
    assert "Starting Rasa server on http://127.0.0.1:" in shell.screen
    shell.type("Is the Skarn jacket waterproof?")
    shell.wait_for("20,000 mm")
    shell.type("I want to talk to a person")
    shell.wait_for("asked our team for a person")

    def waiting() -> list[str]:
        return [c["id"] for c in ana.cases() if c["channel"] == "shell"]

    until(waiting, 60)
    (case,) = waiting()
    said = [entry["text"] for entry in ana.show(case)["transcript"]]
    assert "Is the Skarn jacket waterproof?" in said
    assert any("20,000 mm" in text for text in said)
    assert ana.show(case)["packet"]["need"]["text"] == "Is the Skarn jacket waterproof?"

    ana.act(case, "claim")
    ana.act(case, "reply", text="Hello builder, Ana here.")
    shell.type("anybody there?")
    shell.wait_for("Hello builder, Ana here.")
    shell.type("still there?")
    until(lambda: "still there?" in [e["text"] for e in ana.show(case)["transcript"]], 60)
    assert shell.screen.count("Hello builder") == 0

    ana.act(case, "resolve", disposition="solved")
    printed = house.firstline("journey", "shell-builder").stdout
    assert " shell " in printed
    assert "handoffs 1" in printed
    assert "persons met 1" in printed
