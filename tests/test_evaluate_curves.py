"""How sure and how right answers are: the error, its interval and the pictures."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluate.curves import (
    COVERAGE,
    RELIABILITY,
    Floats,
    calibration_error,
    coverage,
    interval,
    reliability,
    write,
)
from bot.evaluate.retrieval import CURVES, FIGURES, Found, Query, figures, sureness, table
from bot.knowledge.calibrate import draw
from tests.house import House
from tests.test_evaluate_retrieval import files

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A Firstline that does not run: only its settings and folders."""
    return House(tmp_path)


def arrays(pairs: list[tuple[float, bool]]) -> tuple[Floats, Floats]:
    p, y = zip(*pairs, strict=True)
    return np.asarray(p, dtype=float), np.asarray(y, dtype=float)


def questions(count: int, seed: int, over: float = 0.0) -> tuple[Floats, Floats]:
    """Questions that are right as often as their confidence says, or less often by `over`."""
    random = np.random.default_rng(seed)
    p = random.uniform(over, 1, count)
    return p, (random.random(count) < p - over).astype(float)


def words(picture: Path) -> set[str]:
    """All texts of a picture; it is well-formed or this fails."""
    return {text for element in ET.parse(picture).iter() if (text := element.text)}


@pytest.mark.parametrize("seed", range(2))
def test_true_confidences_have_a_small_error_and_an_interval_around_it(seed: int) -> None:
    p, y = questions(1500, seed)
    low, high = interval(p, y)
    assert 0 < low <= calibration_error(p, y) <= high < 0.06


def test_the_error_is_how_much_too_sure_the_answers_are() -> None:
    p, y = questions(500, 1, over=0.3)
    low, high = interval(p, y)
    assert low < 0.3 < high
    assert calibration_error(p, y) == pytest.approx(0.3, abs=0.05)
    assert (low, high) == interval(p, y), "the same questions have the same interval"


@settings(deadline=None)
@given(PAIRS, st.randoms())
def test_the_order_of_the_questions_does_not_matter(
    pairs: list[tuple[float, bool]], random: Random
) -> None:
    # Many of the same confidence.
    rough = [(round(p, 1), right) for p, right in pairs]
    turned = sorted(rough, key=lambda _: random.random())
    assert calibration_error(*arrays(rough)) == pytest.approx(calibration_error(*arrays(turned)))
    assert coverage(*arrays(rough)) == coverage(*arrays(turned))


@settings(deadline=None)
@given(PAIRS)
def test_the_dots_hold_every_question_and_the_curve_ends_with_all_answered(
    pairs: list[tuple[float, bool]],
) -> None:
    p, y = arrays(pairs)
    dots = reliability(p, y)
    assert sum(dot.count for dot in dots) == len(pairs)
    assert max(dot.count for dot in dots) - min(dot.count for dot in dots) <= 1
    points = coverage(p, y)
    assert [point.answered for point in points] == sorted({point.answered for point in points})
    assert points[-1].answered == 1
    assert points[-1].wrong == pytest.approx(1 - y.mean())
    assert points[-1].confidence == p.min()


def test_the_surest_are_answered_first() -> None:
    points = coverage(*arrays([(0.2, False), (0.9, True), (0.5, True), (0.5, False)]))
    assert [(p.confidence, p.answered, p.wrong) for p in points] == [
        (0.9, 0.25, 0.0),
        (0.5, 0.75, pytest.approx(1 / 3)),
        (0.2, 1.0, 0.5),
    ]


@pytest.mark.parametrize("count", [1, 7, 1200])
def test_both_pictures_say_what_they_show(tmp_path: Path, count: int) -> None:
    p, y = questions(count, 3)
    made = write(tmp_path / "new", "Search in <a> & \x00b.csv", list(zip(p, y > 0, strict=True)))
    title = {
        "Search in <a> &  b.csv",
        f"{count:,} questions · expected calibration error (ECE) {made['calibration_error']:.3f}, "
        f"95 % interval {made['calibration_error_low']:.3f} "
        f"to {made['calibration_error_high']:.3f}",
    }
    assert {"how sure", "how often right", "0 %", "100 %"} | title <= words(
        tmp_path / "new" / RELIABILITY
    )
    assert {"share answered", "share of answers wrong", "all", "100 %"} | title <= words(
        tmp_path / "new" / COVERAGE
    )


@pytest.mark.parametrize("right", [True, False])
def test_pictures_of_answers_that_are_all_right_or_all_wrong(tmp_path: Path, right: bool) -> None:
    made = write(tmp_path, "all alike", [(1.0, right)] * 30)
    assert made == dict.fromkeys(made, 0.0 if right else 1.0)
    assert {"all", "0 %"} <= words(tmp_path / COVERAGE)


def test_only_the_entry_found_first_is_right() -> None:
    asked = [Query("when", "a"), Query("where", "b"), Query("who", ""), Query("when", "c")]
    found = {
        "when": Found(("c", "a"), True, 0.01, 0.9),
        "where": Found(("a", "b"), False, 0.01, 0.4),
        "who": Found(("a",), True, 0.01, 0.7),
    }
    assert sureness(asked, found) == [(0.9, True), (0.4, False), (0.7, False), (0.9, True)]
    shown = table({**figures(asked, found), **dict.fromkeys(CURVES, 0.25)})
    assert list(shown.columns[0].cells) == [*FIGURES, *CURVES]


def test_the_held_out_questions_are_drawn_and_their_error_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    p, y = questions(200, 5)
    draw(list(zip(p, y > 0, strict=True)), tmp_path)
    assert "200 held-out questions: calibration error 0." in capsys.readouterr().out
    assert "Held-out questions in 5 languages" in words(tmp_path / RELIABILITY)


def test_a_faq_of_ones_own_is_drawn(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    done = house.firstline(
        "evaluate", "retrieval", *files(tmp_path), "--curves", str(folder), "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == [*FIGURES, *CURVES]
    assert all(0 <= found[name] <= 1 for name in CURVES)
    assert "Search in faq.csv" in words(folder / RELIABILITY)
    assert "Search in faq.csv" in words(folder / COVERAGE)


def test_a_folder_that_cannot_be_is_one_clear_line(house: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    where = tmp_path / "file" / "pictures"
    done = house.firstline("evaluate", "retrieval", *files(tmp_path), "--curves", str(where))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"firstline: {where} cannot be written (Not a directory); "
        f"give a folder for the pictures that you may write to."
    ]
