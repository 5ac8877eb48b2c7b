"""How long a customer will wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bot.handoff.hours import OpeningHours
from bot.handoff.waiting import Done, Estimate, estimate, estimates, words
from tools.check_estimates import DESKS, Desk, run

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def busy_hours(talk: float, look: float, count: int = 12) -> list[Done]:
    """One agent, one case at once, always a queue: each case claimed ``look`` after the last.

    The last of them is still held and was claimed a minute ago. All came in before the first was.
    """
    claimed = [1 + number * (talk + look) for number in range(count)]
    return [
        Done(ago(claimed[-1] + look), ago(minutes), ago(minutes - talk) if minutes > talk else None)
        for minutes in claimed
    ]


def minutes(found: Estimate | None) -> tuple[float, float, float]:
    assert found
    return found.low_seconds / 60, found.median_seconds / 60, found.high_seconds / 60


def test_each_place_waits_for_one_case_more() -> None:
    done = busy_hours(talk=9, look=1)
    found = [minutes(e)[1] for e in estimates(done, NOW, 3, [1], 1)]
    # The case that is held has lasted one minute of nine.
    assert found == pytest.approx([9, 19, 29], abs=1)


def test_the_spread_tells_how_different_cases_are() -> None:
    chance = np.random.default_rng(1)
    done, start = [], 200.0
    while start > 5:
        talk = float(chance.choice([2, 30]))
        done.append(Done(ago(240), ago(start), ago(start - talk) if start > talk else None))
        start -= talk
    low, median, high = minutes(estimate(done, NOW, 3, [1], 1))
    assert low < median < high
    assert high - low > 20


def test_a_free_seat_is_a_short_wait() -> None:
    done = [Done(ago(m + 0.5), ago(m), ago(m - 9)) for m in range(10, 200, 20)]
    assert minutes(estimate(done, NOW, 1, [0], 1))[1] == pytest.approx(0.5, abs=0.1)
    assert minutes(estimate(done, NOW, 2, [0], 1))[1] == pytest.approx(10, abs=1)
    # Two agents: the second customer need not wait for the first.
    assert minutes(estimate(done, NOW, 2, [0, 0], 1))[1] < 2


def test_a_case_beside_a_free_seat_that_nobody_claims_will_wait_on() -> None:
    done = [Done(ago(m + 0.5), ago(m), ago(m - 9)) for m in range(30, 200, 20)]
    usual = minutes(estimate(done, NOW, 1, [0], 1, head_opened_at=NOW))
    nobody_looks = minutes(estimate(done, NOW, 1, [0], 1, head_opened_at=ago(15)))
    assert nobody_looks[1] > 4 * usual[1]


def test_more_agents_are_a_shorter_wait_at_once() -> None:
    done = busy_hours(talk=9, look=1)
    alone = minutes(estimate(done, NOW, 6, [1], 1))[1]
    joined = minutes(estimate(done, NOW, 6, [1, 0, 0], 1, staffing=[(ago(240), 1), (NOW, 3)]))[1]
    assert joined < alone / 2


def test_agents_who_hold_fewer_cases_than_they_may_are_no_free_seats() -> None:
    done = busy_hours(talk=9, look=1)
    assert minutes(estimate(done, NOW, 3, [1], 5))[1] == pytest.approx(30, abs=4)


def test_a_night_is_no_long_wait() -> None:
    hours = OpeningHours.parse("mon-sun 9:00-17:00")
    # Five cases of the evening before, claimed one after the other since nine.
    opened = datetime(2026, 11, 19, 20, tzinfo=UTC)
    nine = datetime(2026, 11, 20, 9, tzinfo=UTC)
    done = [
        Done(opened, nine + timedelta(minutes=m), nine + timedelta(minutes=m + 9))
        for m in range(1, 60, 10)
    ]
    known = estimate(done, nine + timedelta(hours=1), 1, [0], 1, opening=hours)
    assert minutes(known)[2] < 5


@pytest.mark.parametrize(
    ("done", "place", "held"),
    [
        ([], 1, [0]),
        (busy_hours(9, 1, count=4), 1, [1]),
        (busy_hours(9, 1), 1, []),
        ([Done(d.opened_at, d.claimed_at, None) for d in busy_hours(9, 1)], 3, [1]),
        ([Done(ago(900), ago(600 + m), ago(600)) for m in range(20)], 1, [0]),
    ],
    ids=["no cases", "too few", "nobody takes cases", "none ended", "too long ago"],
)
def test_where_too_little_is_known_nothing_is_said(
    done: list[Done], place: int, held: list[int]
) -> None:
    assert estimate(done, NOW, place, held, 1) is None


def test_the_same_question_has_the_same_answer_in_any_order() -> None:
    done = busy_hours(9, 1)
    assert estimate(done, NOW, 4, [1], 1) == estimate(done[::-1], NOW, 4, [1], 1)
    assert estimates(done, NOW, 4, [1], 1)[3] == estimate(done, NOW, 4, [1], 1)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2, 0.9, (1, 1)),
        (1, 2, (1, 2)),
        (2.9, 3.1, (2, 5)),
        (7, 12, (5, 15)),
        (46, 100, (45, 120)),
        (130, 150, (120, 180)),
        (290, 301, (240, 360)),
    ],
)
def test_a_wait_is_said_in_round_minutes(low: float, high: float, said: tuple[int, int]) -> None:
    assert words(Estimate(low * 60, high * 60, high * 60, 10)) == said


@pytest.mark.parametrize("desk", [DESKS[1], DESKS[4]], ids=lambda desk: desk.name)
def test_on_a_simulated_desk_most_waits_are_within_and_nearer_than_the_mean(desk: Desk) -> None:
    told = run(desk, 2, np.random.default_rng(7)).told
    within = np.mean([t.low <= t.wait <= t.high for t in told])
    assert 0.4 < within < 0.8
    ours = np.mean([abs(t.wait - t.median) for t in told])
    assert ours < np.mean([abs(t.wait - t.mean_before) for t in told])
