"""Messages with their intents: read from CSV, written as training data of Rasa."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.evaluate.csv_file import FileError, rows

OUT_OF_SCOPE = "oos"
# Without one of these behind it, no bracket begins an entity.
_ANNOTATION = re.compile(r"\][(\[{]")
# Rasa reads a file of ASCII alone with other rules for backslashes.
_HEADER = "# Every text is taken as it stands – no markup.\n"


@dataclass(frozen=True)
class Line:
    """A message and what it means; `OUT_OF_SCOPE` if it means nothing that is taught."""

    text: str
    intent: str


def read(path: Path) -> list[Line]:
    """Read a CSV file with the columns ``text`` and ``intent``.

    Raises:
        FileError: it is not there, is not CSV, or lacks a column, a text or an intent.
    """
    lines = []
    for where, row in rows(path, ("text", "intent")):
        text, intent = row["text"], row["intent"]
        if not intent:
            raise FileError(
                f"{where} has no intent; write {OUT_OF_SCOPE} for what is out of scope."
            )
        if not text:
            raise FileError(f"{where} has no text for the intent {intent!r}; add or remove it.")
        lines.append(Line(text, intent))
    return lines


def rasa_names(lines: Sequence[Line]) -> dict[str, str]:
    """Return for each intent the name it gets in Rasa, which reads a meaning into some."""
    intents = sorted({line.intent for line in lines} - {OUT_OF_SCOPE})
    names = {intent: f"intent_{number}" for number, intent in enumerate(intents)}
    return {**names, OUT_OF_SCOPE: OUT_OF_SCOPE}


def different(lines: Sequence[Line]) -> int:
    """Return how many examples Rasa makes of `lines`: equal ones are one."""
    return len({(_plain(line.text), line.intent) for line in lines})


def rasa_yaml(lines: Sequence[Line], names: Mapping[str, str]) -> str:
    """Return Rasa's training data for `lines`, each text once for an intent.

    Every text is read as it stands: one that looks like an annotated entity, too, and one of
    several lines.
    """
    by_intent: dict[str, dict[str, None]] = {}
    for line in lines:
        by_intent.setdefault(names[line.intent], {})[_plain(line.text)] = None
    parts = [_HEADER, 'version: "3.1"\nnlu:\n']
    for intent, texts in by_intent.items():
        single = [text for text in texts if len(text.splitlines()) == 1]
        several = [text for text in texts if len(text.splitlines()) > 1]
        # Rasa reads thousands of texts quickly only as one string, a line each.
        if single:
            examples = _quoted("".join(f"- {text}\n" for text in single))
            parts.append(f"- intent: {intent}\n  examples: {examples}\n")
        if several:
            parts.append(f"- intent: {intent}\n  examples:\n")
            parts += [f"  - text: {_quoted(text)}\n" for text in several]
    return "".join(parts)


def _quoted(text: str) -> str:
    dumped: str = yaml.safe_dump(text, allow_unicode=True, default_style='"', width=float("inf"))
    return dumped.rstrip("\n")


def _plain(text: str) -> str:
    """Return what Rasa reads as `text`.

    Rasa has no escape for `[text](entity)`. But what it has replaced it does not read again, so
    each bracket is written as an annotation of itself.
    """
    if text.startswith("/"):
        # As in bot/assistant/channel.py: a slash begins a command, this sign only looks like it.
        text = "\N{DIVISION SLASH}" + text[1:]
    return text.replace("[", "[[](sign)") if _ANNOTATION.search(text) else text
