"""Messages with their intents: read from CSV, written as training data of Rasa."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.errors import ExpectedError

OUT_OF_SCOPE = "oos"
_COLUMNS = ("text", "intent")
# Texts of a hundred thousand characters and more do occur.
_LONGEST_CELL = 2**31 - 1
# Without one of these behind it, no bracket begins an entity.
_ANNOTATION = re.compile(r"\][(\[{]")
# Rasa reads a file of ASCII alone with other rules for backslashes.
_HEADER = "# Every text is taken as it stands – no markup.\n"


class LabelledError(ExpectedError):
    """A file of labelled messages that cannot be used; says which line and what to do."""


@dataclass(frozen=True)
class Line:
    """A message and what it means; `OUT_OF_SCOPE` if it means nothing that is taught."""

    text: str
    intent: str


def read(path: Path) -> list[Line]:
    """Read a CSV file with the columns ``text`` and ``intent``.

    Raises:
        LabelledError: it is not there, is not CSV, or lacks a column, a text or an intent.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(_lines(path, file))
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise LabelledError(f"{path} cannot be read ({reason}); give a CSV file.") from None
    except csv.Error as error:
        raise LabelledError(f"{path} is not CSV ({error}); save it as CSV in UTF-8.") from None
    if not lines:
        raise LabelledError(f"{path} has no lines; it needs the columns text,intent and a line.")
    return lines


def _lines(path: Path, file: Iterator[str]) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.DictReader(file, strict=True)
    for column in _COLUMNS:
        if column not in (rows.fieldnames or ()):
            raise LabelledError(
                f"{path} has no column {column!r}; its first line must be: text,intent"
            )
    for row in rows:
        where = f"{path}, line {rows.line_num}"
        if None in row or None in row.values():
            raise LabelledError(
                f"{where}: the number of cells differs from the first line's; "
                f"put texts with commas into quotes."
            )
        text, intent = row["text"].replace("\0", " ").strip(), row["intent"].strip()
        if not intent:
            raise LabelledError(
                f"{where} has no intent; write {OUT_OF_SCOPE} for what is out of scope."
            )
        if not text:
            raise LabelledError(f"{where} has no text for the intent {intent!r}; add or remove it.")
        yield Line(text, intent)


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
