"""Measure which numbers are masked: ``make evaluate-masking``.

Puts every line of ``tests/questions/masking.jsonl``, written by somebody who did not see the code,
through what the reception of messages does: each message is masked, and a card number that it
completes is taken out of the earlier ones. A number counts as found if exactly its digits and
letters were taken out of the right message, and as the right kind. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.conversation import masking
from bot.conversation.sensitive import find
from bot.settings import PROJECT

QUESTIONS = PROJECT / "tests" / "questions" / "masking.jsonl"
# As many earlier messages as the reception looks at (bot/conversation/redaction.py).
_EARLIER = 3


class Number(NamedTuple):
    """A sensitive number, or a part of one, in one message."""

    message: int
    signs: str
    kind: str


def signs(text: str) -> str:
    """The letters and digits of a number in one form, however it was written."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(str(unicodedata.digit(c, c)) for c in plain if c.isalnum())


def found(messages: Sequence[str]) -> list[Number]:
    """What is taken out of ``messages``, sent one after the other."""
    numbers: list[Number] = []
    kept: list[str] = []
    for index, message in enumerate(messages):
        numbers += [Number(index, signs(message[s.start : s.end]), s.kind) for s in find(message)]
        kept.append(masking.mask(message).text)
        first = max(0, index - _EARLIER)
        parts = masking.split(kept[first:index], kept[index])
        for at, part in enumerate(parts, first):
            if part is not None:
                numbers.append(Number(at, signs(kept[at][part.start : part.end]), "card"))
                kept[at] = masking.cover(kept[at], part, is_last=at == index)
    return numbers


def expected(line: dict[str, Any]) -> list[Number]:
    """What should be taken out of the messages of a line."""
    return [Number(m["message"], signs(m["text"]), m["kind"]) for m in line["masked"]]


def main() -> None:
    """Print what was wrong as a table, and precision and recall as JSON."""
    parser = argparse.ArgumentParser(description="Measure which numbers are masked.")
    parser.add_argument("--file", type=Path, default=QUESTIONS, help="the cases, as JSON lines")
    lines = [json.loads(x) for x in parser.parse_args().file.read_text("utf-8").splitlines() if x]
    right = wanted = given = 0
    wrong: list[str] = []
    for line in lines:
        should, did = expected(line), found(line["messages"])
        right += len(set(should) & set(did))
        wanted, given = wanted + len(should), given + len(did)
        for name, numbers in (
            ("missed", [n for n in should if n not in did]),
            ("too much", [n for n in did if n not in should]),
        ):
            wrong += [f"{line['id']:<14} {name:<9} {n.kind:<8} {n.signs}" for n in numbers]
            if numbers:
                wrong.append(f"{'':<14} {' / '.join(line['messages'])}  ({line.get('note', '')})")
    print("\n".join(wrong) or "Nothing was wrong.")
    figures = {
        "cases": len(lines),
        "numbers": wanted,
        "precision": round(right / max(given, 1), 3),
        "recall": round(right / max(wanted, 1), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
