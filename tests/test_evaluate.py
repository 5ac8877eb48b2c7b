"""``firstline evaluate nlu`` on a file of anybody's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from bot import programs
from bot.evaluate.csv_file import FileError
from bot.evaluate.labelled import Line, rasa_names, rasa_yaml, read
from bot.evaluate.nlu import FIGURES, table
from bot.settings import PROJECT, load, with_secrets
from tests.house import House

TRAIN = """\
text,intent
where is my order,faq/order
has my parcel been sent,faq/order
"track my package,
please",faq/order
my order has not come,faq/order
I want my money back,refund
how do I get a refund,refund
refund my payment,refund
"return the [money](amount), ""please"" now",refund
when do you open,opening
opening hours,opening
are you open on Sunday,opening
/open now,opening
when do you open,opening
"""
ASKED = """\
text,intent
when will my order come,faq/order
track my order,faq/order
can I have my money back,refund
refund please,refund
are you open today,opening
/open,opening
who won the election,oos
the mitochondria is the powerhouse of the cell,oos
"""
SHARES = ("accuracy", "in_scope_accuracy", "oos_recall", "oos_precision", "auroc", "macro_f1")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A Firstline that does not run: only its settings and folders."""
    return House(tmp_path)


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_a_file_of_ones_own_is_measured(house: House, tmp_path: Path) -> None:
    train, asked = write(tmp_path, "train.csv", TRAIN), write(tmp_path, "asked.csv", ASKED)
    arguments = ["--train", train, "--validation", asked, "--test", asked, "--json"]
    done = house.firstline("evaluate", "nlu", *arguments)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures) == list(FIGURES)
    assert all(0 <= figures[name] <= 1 for name in SHARES)
    assert figures["accuracy"] >= 0.75
    assert figures["auroc"] >= 0.9
    assert figures["mcc"] <= figures["best_mcc"] <= 1
    assert 0 < figures["threshold"] < 1
    assert figures["train_seconds"] > figures["ms_per_message"] / 1000 > 0
    assert "Training from 13 lines" in done.stderr
    assert not list(PROJECT.glob("results*"))


def test_the_table_shows_every_figure_and_a_dash_for_none() -> None:
    shown = Console(width=200)
    with shown.capture() as captured:
        shown.print(table({**dict.fromkeys(FIGURES, 0.5), "auroc": None}))
    cells = [[c.strip() for c in line.split("│")] for line in captured.get().splitlines()]
    values = {row[1]: row[2] for row in cells if len(row) > 3}
    assert list(values) == list(FIGURES)
    assert values["auroc"] == "–"
    assert values["accuracy"] == "0.5000"


LITERAL = [
    'a [text](entity) [of]{"entity": "x"} [three]{bad json} [[deep]](x) [ ](y)',
    "[]()[",
    '/intent{"x": 1}',
    "/",
    "- a dash",
    "#comment: 'yes' \"no\" \\n \\u0041 %",
    "two\nlines",
    "two\r\nlines and - more",
    "a\u2028separator and a\x85next line and a\x01sign",
    "żółć 😀 ที่ไหน",
    "null",
    "123",
    "very long " * 5_000,
]


def test_rasa_reads_every_text_as_it_stands(tmp_path: Path) -> None:
    lines = [Line(text.strip(), f"intent/{n % 3}") for n, text in enumerate(LITERAL)]
    data = tmp_path / "nlu.yml"
    data.write_text(rasa_yaml([*lines, lines[0]], rasa_names(lines)), "utf-8")
    settings = with_secrets(load(var=str(tmp_path / "var")))
    code = (
        "import sys, json; from rasa.shared.nlu.training_data.loading import load_data\n"
        "found = load_data(sys.argv[1]).intent_examples\n"
        "print(json.dumps([[e.get('text'), e.get('intent')] for e in found]))"
    )
    done = subprocess.run(
        [str(programs.rasa(settings).with_name("python")), "-c", code, str(data)],
        env=dict(programs.rasa_process_environment(settings)),
        capture_output=True,
        text=True,
        check=True,
    )
    found = {(text, intent) for text, intent in json.loads(done.stdout.splitlines()[-1])}
    names = rasa_names(lines)
    wanted = {(line.text, names[line.intent]) for line in lines}
    # As the channel does: what begins with a slash would be a command.
    wanted = {("∕" + t[1:] if t.startswith("/") else t, intent) for t, intent in wanted}
    assert found == wanted


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read (No such file"),
        ("", "has no column 'text'"),
        ("text,intent\n", "has no lines"),
        ("text,label\nhi,greet\n", "has no column 'intent'"),
        ('{"text": "hi", "intent": "greet"}\n', "has no column 'text'"),
        ('text,intent\n"hi,greet\n', "is not CSV"),
        ("text,intent\nhi,greet\n  ,bye\n", "line 3 has no text for the intent 'bye'"),
        ("text,intent\nhi,\n", "line 2 has no intent"),
        ("text,intent\nhi, you,greet\n", "line 2: the number of cells differs"),
        ("text,intent\nhi\n", "line 2: the number of cells differs"),
        (b"text,intent\n\xff\xfe\x00,greet\n", "it is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: str | bytes | None, says: str
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FileError) as error:
        read(path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("\ufeffid,intent,text\n1,greet, hi \n", "utf-8")
    assert read(path) == [Line("hi", "greet")]


@pytest.mark.parametrize("missing", ["train", "validation", "test"])
def test_an_error_is_one_line(house: House, tmp_path: Path, missing: str) -> None:
    good = write(tmp_path, "good.csv", TRAIN)
    files = {"train": good, "validation": good, "test": good, missing: "/nowhere.csv"}
    arguments = [part for name, path in files.items() for part in (f"--{name}", path)]
    done = house.firstline("evaluate", "nlu", *arguments)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line] == [
        "firstline: /nowhere.csv cannot be read (No such file or directory); give a CSV file."
    ]
