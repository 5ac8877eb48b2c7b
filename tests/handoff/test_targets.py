"""By when a case should have its first reply and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.handoff.hours import OpeningHours
from bot.handoff.targets import Targets, TargetState

TARGETS = Targets(first_reply_seconds=300, resolution_seconds=24 * 3600, warning_share=0.75)
ALWAYS = OpeningHours.parse()
OFFICE = OpeningHours.parse("mon-fri 9:00-17:00")
OPENED = datetime(2026, 11, 20, 16, 57, tzinfo=UTC)  # a Friday, three minutes before closing


def minutes(number: float) -> datetime:
    return OPENED + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("now", "state"),
    [(0, "ok"), (3.7, "ok"), (3.75, "warning"), (5, "warning"), (5.1, "broken")],
)
def test_a_case_without_a_reply_warns_before_the_target_is_broken(now: float, state: str) -> None:
    first, resolution = TARGETS.of(OPENED, None, None, minutes(now), ALWAYS)
    assert (first.state, first.warn_at, first.due_at) == (state, minutes(3.75), minutes(5))
    assert resolution.state is TargetState.OK


@pytest.mark.parametrize(("replied", "state"), [(4.9, "met"), (5, "met"), (5.1, "broken")])
def test_a_reply_settles_the_target_for_good(replied: float, state: str) -> None:
    later = minutes(100_000)
    first, resolution = TARGETS.of(OPENED, minutes(replied), None, later, ALWAYS)
    assert first.state == state
    assert resolution.state is TargetState.BROKEN


def test_a_case_that_ended_without_a_reply_needed_none() -> None:
    first, resolution = TARGETS.of(OPENED, None, minutes(2), minutes(600), ALWAYS)
    assert (first.state, resolution.state) == (TargetState.MET, TargetState.MET)


def test_only_open_hours_count() -> None:
    saturday = OPENED + timedelta(days=1)
    first, resolution = TARGETS.of(OPENED, None, None, saturday, OFFICE)
    assert first.state is TargetState.OK
    assert first.warn_at == datetime(2026, 11, 23, 9, 0, 45, tzinfo=UTC)
    assert first.due_at == datetime(2026, 11, 23, 9, 2, tzinfo=UTC)
    # Three minutes on Friday, eight hours on Monday and Tuesday, the rest on Wednesday.
    assert resolution.due_at == datetime(2026, 11, 25, 16, 57, tzinfo=UTC)
