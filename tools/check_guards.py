"""Removes each guard in a copy of the project and sees whether the tests notice.

A guard that can be taken away without a test failing is a promise that nobody keeps. Each one is
named here with the change that removes it and the tests that must fail then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot import programs
from bot.settings import PROJECT, load, with_secrets

_INTERLEAVINGS = "tests/conversation/test_interleavings.py"
_ROUTING = "tests/handoff/test_routing.py"
_CORE = "tests/conversation/test_core.py"
_COMMANDS = "tests/assistant/test_channel.py"
_MASKING = "tests/conversation/test_masking.py"


@dataclass(frozen=True)
class Guard:
    """One guard: where it stands, what removes it, which tests must fail without it."""

    name: str
    file: str
    text: str
    without: str
    tests: str
    in_assistant: bool = False


GUARDS = (
    Guard(
        "masked everywhere: a message is masked before it is logged",
        "bot/conversation/reception.py",
        "masked = masking.mask(draft.payload.text)",
        "masked = masking.Masked(draft.payload.text, [])",
        _MASKING,
    ),
    Guard(
        "masked everywhere: SQLite overwrites what was replaced",
        "bot/storage/database.py",
        '            "secure_delete=ON",\n',
        "",
        _MASKING,
    ),
    Guard(
        "masked everywhere: the files forget what was redacted",
        "bot/conversation/reception.py",
        "        await database.purge()\n",
        "        pass\n",
        _MASKING,
    ),
    Guard(
        "masked everywhere: a turn with a part that was redacted is not stored",
        "bot/conversation/turns.py",
        "    return any(isinstance(event.payload, Redacted) for event in news)",
        "    return False and bool(news)",
        _MASKING,
    ),
    Guard(
        "one speaker: an append holds only for the owner and epoch it was made for",
        "bot/conversation/log.py",
        "            _conversation.c.owner == str(fence.owner), "
        "_conversation.c.epoch == fence.epoch\n",
        "            _conversation.c.id == conversation\n",
        _INTERLEAVINGS,
    ),
    Guard(
        "one speaker: what a customer sees from our side is refused without a fence",
        "bot/conversation/log.py",
        "if fence is None and (owner or",
        "if False and (owner or",
        _CORE,
    ),
    Guard(
        "one speaker: the bot is not asked while a person speaks",
        "bot/conversation/turns.py",
        "while asked.conversation.owner.kind is Kind.BOT:",
        "while True:",
        _CORE,
    ),
    Guard(
        "one speaker: only who has the case may act on it",
        "bot/handoff/cases.py",
        "    if conversation.owner != Owner(Kind.AGENT, agent.id) or found.agent is None:",
        "    if False:",
        _CORE,
    ),
    Guard(
        "one claim: a case that somebody has is refused",
        "bot/handoff/cases.py",
        "        _refuse_taken(found)\n",
        "",
        _CORE,
    ),
    Guard(
        "one move: only a move that is in the table is made",
        "bot/conversation/lifecycle.py",
        "    if found is None:\n        raise IllegalMoveError",
        "    if found is None:\n        return TRANSITIONS[0]\n        raise IllegalMoveError",
        _CORE,
    ),
    Guard(
        "nobody stranded: a case goes back from who is gone",
        "bot/handoff/routing.py",
        '            return "gone"\n',
        "            return None\n",
        _ROUTING,
    ),
    Guard(
        "nobody stranded: a case goes back from who does not answer",
        "bot/handoff/routing.py",
        '            return "unanswered"\n',
        "            return None\n",
        _ROUTING,
    ),
    Guard(
        "nobody stranded: an app that starts takes nobody for gone at once",
        "bot/handoff/routing.py",
        'return lost if self._looks_since < lost else ""',
        "return lost",
        _ROUTING,
    ),
    Guard(
        "one speaker: a case moves to a colleague only if asked to take it",
        "bot/handoff/colleagues.py",
        'found.asked_agent == agent.id and found.asked_for == "take"',
        "found.asked_agent == agent.id",
        _ROUTING,
    ),
    Guard(
        "fair: nobody is given more than their capacity",
        "bot/handoff/presence.py",
        "self.state is Presence.AVAILABLE and self.holds < self.capacity",
        "self.state is Presence.AVAILABLE",
        _ROUTING,
    ),
    Guard(
        "nothing twice: a client's id is logged once",
        "bot/conversation/reception.py",
        "        if known := await _known(connection, visitor, draft.client_id):\n"
        "            return known\n"
        "        conversation =",
        "        conversation =",
        _INTERLEAVINGS,
    ),
    Guard(
        "nothing twice: a message is answered only while it awaits an answer",
        "bot/conversation/turns.py",
        "    if now.answered_seq != asked.conversation.answered_seq:\n"
        "        raise AnsweredMeanwhileError\n",
        "",
        _CORE,
    ),
    Guard(
        "nothing lost: what awaited the bot is taken up after a crash",
        "bot/conversation/turns.py",
        "        for conversation in waiting:\n            self.wake(conversation)\n",
        "",
        _INTERLEAVINGS,
    ),
    Guard(
        "nothing lost: the message that awaits the bot is marked in the same statement",
        "bot/conversation/reception.py",
        '        columns["asked_seq"] = tables.conversation.c.last_seq + 1\n',
        "        pass\n",
        _INTERLEAVINGS,
    ),
    Guard(
        "nothing lost: a case is not ended over words that the agent has not seen",
        "bot/handoff/cases.py",
        "            if seen is not None:\n",
        "            if seen is not None and seen < 0:\n",
        _CORE,
    ),
    Guard(
        "one stream: a place in somebody else's conversation is no place",
        "bot/conversation/streams.py",
        "if place and place[0] in ids else 0",
        "if place and place[0] in ids else len(ids)",
        _CORE,
    ),
    Guard(
        "typed text is only text: a slash is not read as a command",
        "bot/assistant/channel.py",
        "        return text[:start] + HARMLESS_SLASH + content[1:]\n",
        "        return text\n",
        _COMMANDS,
        in_assistant=True,
    ),
)


def main() -> None:
    """Check all guards; the status tells whether each is noticed when it is gone."""
    wanted = sys.argv[1:]
    missed = []
    settings = with_secrets(load())
    if not programs.is_trained(settings):
        programs.train(settings)
    with tempfile.TemporaryDirectory(prefix="firstline-guards-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        chosen = [g for g in GUARDS if not wanted or any(word in g.name for word in wanted)]
        for tests, in_assistant in dict.fromkeys((g.tests, g.in_assistant) for g in chosen):
            if _fail(tests, copy, in_assistant=in_assistant):
                raise SystemExit(f"{tests} fails with all guards in place; mend that first.")
        for guard in chosen:
            noticed = _is_noticed(guard, copy)
            print(f"{'noticed' if noticed else 'MISSED '}  {guard.name}", flush=True)
            if not noticed:
                missed.append(guard.name)
    checked = "all guards are" if not missed else f"{len(missed)} of {len(GUARDS)} are NOT"
    print(f"Removed one at a time: {checked} noticed.")
    raise SystemExit(bool(missed))


_LEFT_OUT = (".git", ".venv*", ".uv", "var", ".rasa", "__pycache__", ".hypothesis", "*.egg-info")


def _is_noticed(guard: Guard, copy: Path) -> bool:
    original = (PROJECT / guard.file).read_text("utf-8")
    if original.count(guard.text) != 1:
        raise SystemExit(f"The guard {guard.name!r} does not stand in {guard.file} as expected.")
    target = copy / guard.file
    target.write_text(original.replace(guard.text, guard.without), "utf-8")
    try:
        return _fail(guard.tests, copy, in_assistant=guard.in_assistant)
    finally:
        target.write_text(original, "utf-8")


def _fail(tests: str, copy: Path, *, in_assistant: bool) -> bool:
    """Whether the tests fail in the copy as it is now."""
    python = PROJECT / (".venv-assistant" if in_assistant else ".venv") / "bin" / "python"
    done = subprocess.run(
        [str(python), "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", tests],
        cwd=copy,
        env={
            **os.environ,
            "PYTHONPATH": str(copy),
            "FIRSTLINE_ONLY_WHETHER_IT_FAILS": "1",
            "FIRSTLINE_TEST_MODEL": str(PROJECT / "models" / "firstline.tar.gz"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 is "tests failed"; anything else means that the tests did not run.
    if done.returncode not in (0, 1):
        raise SystemExit(f"{tests} did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.returncode == 1


if __name__ == "__main__":
    main()
