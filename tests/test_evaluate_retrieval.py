"""``firstline evaluate retrieval`` on a FAQ of anybody's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import ExpectedError
from bot.evaluate.retrieval import FIGURES, Found, Query, evaluate, figures, table
from bot.settings import load
from tests.house import House

FAQ = """\
id,question,answer
opening,When are you open?,"We are open from Monday to Friday, from 9 to 17."
send back/1,How do I return something?,Send it back within 30 days. We pay the postage.
"a, b",Do you ship to other countries?,"---
# Yes

We ship to all of Europe."
500,How can I pay?,"By card, by bank transfer, or on invoice."
Zahlung,Can I change my address?,"Yes, as long as the parcel has not left."
"""
QUERIES = """\
text,id
what are your opening hours,opening
can I send it back,send back/1
who pays the postage when I return it,send back/1
do you deliver to France,"a, b"
can I pay by invoice,500
I have moved,Zahlung
I have moved,opening
who won the election,
what is the mitochondria of a cell,
???,
"""
SHARES = [name for name in FIGURES if name != "ms_per_query"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A Firstline that does not run: only its settings and folders."""
    return House(tmp_path)


def files(folder: Path, **texts: str) -> list[str]:
    """Write the files; return the arguments that name them."""
    arguments = []
    for name, text in {"faq": FAQ, "queries": QUERIES, **texts}.items():
        path = folder / f"{name}.csv"
        path.write_text(text, "utf-8")
        arguments += [f"--{name}", str(path)]
    return arguments


def test_a_faq_of_ones_own_is_measured(house: House, tmp_path: Path) -> None:
    before = sorted(path.name for path in (tmp_path / "var").rglob("*.vectors"))
    done = house.firstline("evaluate", "retrieval", *files(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == list(FIGURES)
    assert all(0 <= found[name] <= 1 for name in SHARES)
    assert found["p_at_1"] >= 5 / 7
    assert found["p_at_1"] <= found["p_at_3"] <= found["p_at_5"] == 1
    assert found["p_at_1"] <= found["mrr"]
    assert found["abstain_recall"] >= 2 / 3
    assert found["false_abstention"] <= 3 / 7
    assert found["ms_per_query"] > 0
    assert "Embedding 5 entries" in done.stderr
    assert "Asking 9 different questions" in done.stderr
    # Nothing of it is kept.
    assert sorted(path.name for path in (tmp_path / "var").rglob("*.vectors")) == before


def test_a_faq_in_another_language(house: House, tmp_path: Path) -> None:
    arguments = files(
        tmp_path,
        faq="id,question,answer\n1,Wann haben Sie offen?,Von 9 bis 17 Uhr.\n"
        "2,Wie zahle ich?,Mit Karte oder auf Rechnung.\n",
        queries="text,id\nIhre Öffnungszeiten bitte,1\nkann ich mit Karte zahlen,2\n",
    )
    done = house.firstline("evaluate", "retrieval", *arguments, "--language", "de", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["p_at_1"] == 1
    assert found["abstain_recall"] is None


def test_a_text_with_several_ids_is_right_with_any_of_them() -> None:
    queries = [Query("where", "a"), Query("where", "b"), Query("when", "c"), Query("who", "")]
    found = {
        "where": Found(("x", "b", "a", "c"), True, 0.01, 0.9),
        "when": Found(("a", "b", "x", "y", "z", "c"), False, 0.02, 0.2),
        "who": Found(("a", "b", "c"), True, 0.03, 0.8),
    }
    result = figures(queries, found)
    assert result["p_at_1"] == 0
    assert result["p_at_3"] == result["p_at_5"] == pytest.approx(2 / 3)
    assert result["mrr"] == pytest.approx((1 / 2 + 1 / 2 + 1 / 6) / 3)
    assert result["abstain_recall"] == 0
    assert result["false_abstention"] == pytest.approx(1 / 3)
    assert result["ms_per_query"] == pytest.approx(20)
    # A line without an id adds nothing to what the same text's other lines say.
    assert figures([*queries, Query("when", "")], found)["abstain_recall"] == 0


def test_the_table_shows_every_figure_and_a_dash_for_none() -> None:
    none = figures([Query("who", "")], {"who": Found(("a",), False, 0.01, 0.1)})
    shown = Console(width=200)
    with shown.capture() as captured:
        shown.print(table(none))
    cells = [[c.strip() for c in line.split("│")] for line in captured.get().splitlines()]
    values = {row[1]: row[2] for row in cells if len(row) > 3}
    assert list(values) == list(FIGURES)
    assert values["mrr"] == values["false_abstention"] == "–"
    assert values["abstain_recall"] == "1.0000"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("faq", "", "has no column 'id'"),
        ("faq", "id,question,answer\n", "has no lines"),
        ("faq", "id,question,answer\n1,When?,\n", "line 2 has no answer"),
        ("faq", "id,question,answer\n1,When?,Now.\n1,Who?,We.\n", "line 3: the id '1' stands"),
        (
            "faq",
            "id,question,answer\nopening,When?,# Now\n",
            "'opening' is nothing but headings",
        ),
        ("queries", "text,answer\nwhen,1\n", "has no column 'id'"),
        ("queries", "text,id\n ,opening\n", "line 2 has no text"),
        ("queries", "text,id\nwhen,opening hours\n", "no entry of the FAQ has the id"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    queries = "text,id\nwhen,opening\n"
    _, faq, _, asked = files(tmp_path, **{"queries": queries, name: content})
    with pytest.raises(ExpectedError) as error:
        evaluate(load(), Path(faq), Path(asked), "en")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_an_error_is_one_line(house: House, tmp_path: Path) -> None:
    done = house.firstline("evaluate", "retrieval", *files(tmp_path), "--language", "English")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "firstline: 'English' is no code of a language; give one such as en or pl."
    ]
