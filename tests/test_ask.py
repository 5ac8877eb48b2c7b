"""``firstline ask``: the widget's assistant on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house import House, ensure_model

QUESTIONS = Path(__file__).parent / "questions" / "shop_pages.jsonl"


def ask(house: House, lines: list[dict[str, str]], *more: str) -> list[dict[str, object]]:
    """Ask a batch and return what came."""
    source, target = house.folder / "in.jsonl", house.folder / "out.jsonl"
    source.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    done = house.firstline("ask", "--batch", str(source), "--out", str(target), *more)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in target.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def answers(house: House) -> dict[str, dict[str, object]]:
    """The questions of somebody who saw only the shop's pages, and some of ours."""
    ensure_model()
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    asked = [{"id": line["id"], "text": line["text"]} for line in lines]
    asked += [
        {"id": "first", "text": "Is the Skarn jacket waterproof?", "conversation": "a"},
        {"id": "second", "text": "how do I wash it?", "conversation": "a"},
        {"id": "alone", "text": "I want to talk to a person"},
        {"id": "hello", "text": "hello"},
        {"id": "unknown", "text": "Do you sell grand pianos?"},
    ]
    return {str(answer["id"]): answer for answer in ask(house, asked)}


def is_right(expected: dict[str, object], answer: dict[str, object]) -> bool:
    """Whether an answer names an acceptable source and contains what it must."""
    wanted = expected["expect"]
    given = answer["answers"]
    assert isinstance(wanted, list)
    assert isinstance(given, list)
    named = any(
        all(source.get(key) == value for key, value in page.items())
        for page in wanted
        for source in given
    )
    contained = str(expected["must_contain"] or "") in str(answer["text"])
    return answer["decision"] == "answer" and named and contained


def test_three_of_four_questions_of_a_stranger_are_answered_right(
    answers: dict[str, dict[str, object]],
) -> None:
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert len(lines) == 60
    wrong = [line["text"] for line in lines if not is_right(line, answers[line["id"]])]
    assert len(wrong) <= 15, wrong


def test_lines_of_one_conversation_are_one_dialogue(
    answers: dict[str, dict[str, object]],
) -> None:
    assert "20,000" in str(answers["first"]["text"])
    assert "30 °C" in str(answers["second"]["text"])


def test_each_decision_has_its_name(answers: dict[str, dict[str, object]]) -> None:
    assert answers["alone"]["decision"] == "handoff"
    assert answers["hello"]["decision"] == "smalltalk"
    assert answers["unknown"]["decision"] == "decline"
    for answer in answers.values():
        assert 0 <= float(str(answer["confidence"])) <= 1
        assert answer["text"]
        assert answer["language"] == "en"
        assert float(str(answer["ms"])) > 0


def test_another_folder_of_articles_needs_no_training(house: House, tmp_path: Path) -> None:
    (tmp_path / "opening.md").write_text(
        "---\nid: opening\ntitle: When is the library open?\ntopic: stores\n---\n"
        "The library is open from noon to eight, but never on Mondays.\n",
        "utf-8",
    )
    (answer,) = ask(
        house, [{"id": "1", "text": "when does the library open"}], "--knowledge", str(tmp_path)
    )
    assert "never on Mondays" in str(answer["text"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask"], "Give either a question"),
        (["ask", "--batch", "in.jsonl"], "go together"),
        (["ask", "--batch", "/nowhere.jsonl", "--out", "/tmp/o"], "cannot be read"),
        (["ask", "hello", "--knowledge", "/nowhere"], "is no folder"),
        (["journey", "nobody"], "No conversation of 'nobody'"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(
    house: House, arguments: list[str], says: str
) -> None:
    done = house.firstline(*arguments)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("firstline: ")]
    assert says in line
    assert "Traceback" not in done.stderr


def test_a_damaged_line_is_named(house: House, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "1", "text": "hello"}\n{"id": "2"}\n', "utf-8")
    done = house.firstline("ask", "--batch", str(source), "--out", str(tmp_path / "out.jsonl"))
    assert done.returncode == 1
    assert "line 2" in done.stderr
