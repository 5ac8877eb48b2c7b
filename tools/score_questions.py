"""Score the demo shop's questions in five languages: ``make evaluate-shop``.

Asks every line of ``tests/questions/shop.jsonl`` as a customer would (``firstline ask --batch``)
and compares with what its writer expects. An answer is right if it names an acceptable source
for each question of the message and contains the numbers and names that it must. The last line
is JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bot.settings import PROJECT

QUESTIONS = PROJECT / "tests" / "questions" / "shop.jsonl"
WRONG = PROJECT / "docs" / "wrong-answers.md"


def plain(text: str) -> str:
    """The text in lower case, with numbers as 20000 and 5.90."""
    text = text.casefold().replace("\N{NO-BREAK SPACE}", " ")
    text = re.sub(r"(?<=\d)[ ,.](?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def says(text: str, wanted: str) -> bool:
    """Whether the text has a number or a name; 5.9 and 5.90 are one number."""
    wanted = plain(wanted)
    if re.fullmatch(r"-?\d+(?:\.\d+)?", wanted):
        numbers = re.findall(r"\d+(?:\.\d+)?", text)
        return any(float(number) == abs(float(wanted)) for number in numbers)
    return wanted in text


def is_right(line: dict[str, Any], result: dict[str, Any]) -> bool:
    """Whether an answer has a source and what must be said for each question of the message."""
    text = plain(result["text"])
    given = result["answers"]
    return all(
        any(answer.get(kind) == page for answer in given for way in part["any"]
            for kind, page in way.items())
        and all(says(text, wanted) for wanted in part["says"])
        for part in line["parts"]
    )  # fmt: skip


def ask(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the assistant makes of all lines."""
    asked = [
        {key: line[key] for key in ("id", "text", "language", "conversation") if key in line}
        for line in lines
    ]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        source.write_text("\n".join(json.dumps(line) for line in asked), "utf-8")
        command = [sys.executable, "-m", "bot", "ask", "--batch", str(source), "--out", str(target)]
        subprocess.run(command, check=True, cwd=PROJECT)
        return [json.loads(line) for line in target.read_text("utf-8").splitlines()]


def figures(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """What share was answered, and how much of it right."""
    answered = [(line, r) for line, r in pairs if r["decision"] in ("answer", "smalltalk")]
    known = [line for line, _ in pairs if line["expect"] == "answer"]
    right = [line for line, r in answered if line["expect"] == "answer" and is_right(line, r)]
    return {
        "questions": len(pairs),
        "answerable": len(known),
        "answered": len(answered),
        "right": len(right),
        "right_of_answerable": round(len(right) / max(len(known), 1), 3),
        "wrong_of_answered": round(1 - len(right) / max(len(answered), 1), 3),
        "decisions": dict(Counter(r["decision"] for _, r in pairs)),
    }


def _source(found: dict[str, Any]) -> str:
    """The page of an answer or of what was wanted."""
    return str(found.get("article") or found.get("product") or "–")


def cause(line: dict[str, Any], result: dict[str, Any]) -> str:
    """Why an answer is wrong, as far as a program can tell."""
    if not line["parts"]:
        return "no page states it; this one is near its subject"
    given = {_source(answer) for answer in result["answers"]}
    known = [bool(given & {_source(way) for way in part["any"]}) for part in line["parts"]]
    if all(known):
        return "the right page, but not the part of it, or not the value, that answers"
    if any(known):
        return "only one of the two questions is answered"
    if line["kind"] == "follow_up":
        return "the message before it was not understood with it"
    return "another page seemed nearer"


def wrong_answers(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    """A page of all answers that were wrong, with their causes."""
    rows, causes = [], Counter[str]()
    for line, result in pairs:
        answered = result["decision"] in ("answer", "smalltalk")
        if not answered or (line["parts"] and is_right(line, result)):
            continue
        why = cause(line, result) if result["decision"] == "answer" else "taken for small talk"
        causes[why] += 1
        given = ", ".join(dict.fromkeys(map(_source, result["answers"]))) or "–"
        wanted = "; ".join(
            " or ".join(_source(way) for way in part["any"]) for part in line["parts"]
        )
        text = line["text"].replace("|", "/").replace("\n", " ")
        rows.append(f"| {line['id']} | {text} | {given} | {wanted or 'no answer'} | {why} |")
    counted = "\n".join(f"- {count} × {why}" for why, count in causes.most_common())
    return f"{_HEAD}\n{counted}\n\n{_TABLE}\n" + "\n".join(rows) + "\n"


_HEAD = """# Wrong answers to the demo shop's questions

Written by `python -m tools.score_questions --wrong`: each answer that was given to a question of
`tests/questions/shop.jsonl` and was not right. What was asked back or declined is not in it. What
the figures mean is told in [evaluation.md](evaluation.md).
"""
_TABLE = "| id | question | answered from | right would be | cause |\n|---|---|---|---|---|"


def main() -> None:
    """Ask, score, print; with ``--wrong`` also write docs/wrong-answers.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="ask another file's")
    parser.add_argument("--wrong", action="store_true", help="write docs/wrong-answers.md")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.questions.read_text("utf-8").splitlines()]
    pairs = list(zip(lines, ask(lines), strict=True))
    groups: dict[str, list[Any]] = defaultdict(list)
    for line, result in pairs:
        for group in (line["language"], line["kind"]):
            groups[group].append((line, result))
    for group, own in groups.items():
        print(f"{group:11}", json.dumps(figures(own)))
    if options.wrong:
        WRONG.write_text(wrong_answers(pairs), "utf-8")
    print(json.dumps(figures(pairs)))


if __name__ == "__main__":
    main()
