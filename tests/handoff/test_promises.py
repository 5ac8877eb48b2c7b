"""What is promised where nobody can be expected to answer in time, and how it is said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.handoff.hours import OpeningHours
from bot.handoff.promises import Promise, Reason, promise, spoken_time
from bot.handoff.waiting import Estimate
from bot.settings import PROJECT
from bot.texts import Texts

TEXTS = Texts(PROJECT / "data" / "texts")
OFFICE = OpeningHours.parse("mon-fri 9:00-17:00", "Europe/Warsaw", "2026-11-23")
MINUTE = 60.0


def wait(low: float, median: float, high: float) -> Estimate:
    return Estimate(low * MINUTE, high * MINUTE, median * MINUTE, 20)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In UTC; Warsaw is an hour ahead."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def promised(now: datetime, estimate: Estimate | None) -> Promise | None:
    return promise(now, OFFICE, estimate, 15 * MINUTE, 2 * 3600)


def test_who_will_be_answered_soon_waits() -> None:
    assert promised(at(20, 10), wait(2, 5, 30)) is None
    # Nothing is known of the wait: that is said, and no time is invented.
    assert promised(at(20, 10), None) is None


def test_outside_opening_hours_the_answer_is_due_after_the_next_opening() -> None:
    # Friday evening; Monday is a holiday, so it opens on Tuesday at nine in Warsaw.
    assert promised(at(20, 19), None) == Promise(Reason.CLOSED, at(24, 10))


def test_who_would_wait_too_long_gets_a_time_rounded_up_to_the_half_hour() -> None:
    assert promised(at(20, 10, 5), wait(10, 16, 40)) == Promise(Reason.LONG_WAIT, at(20, 12, 30))
    # The queue is longer than that: the time is one that it will keep.
    assert promised(at(20, 10, 5), wait(100, 130, 170)) == Promise(Reason.LONG_WAIT, at(20, 13))


def test_a_queue_that_reaches_beyond_closing_is_told_so() -> None:
    # A quarter of an hour before closing at 17:00 (16:00 UTC).
    assert promised(at(20, 15, 45), wait(2, 5, 10)) is None
    assert promised(at(20, 15, 45), wait(2, 5, 20)) == Promise(Reason.CLOSED, at(24, 10))


@settings(deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.floats(0, 20_000),
    st.sampled_from(["Asia/Kathmandu", "Europe/Warsaw", "Australia/Lord_Howe"]),
)
def test_a_promise_leaves_the_time_it_takes(now: datetime, high: float, zone: str) -> None:
    hours = OpeningHours.parse("mon-sat 9:00-17:00 22:00-2:00", zone)
    found = promise(now, hours, Estimate(0, high, high / 2, 9), 900, 3600)
    if found:
        assert hours.open_seconds(now, found.due_at) >= max(3600, high) - 1e-3
        local = found.due_at.astimezone(hours.zone)
        assert (local.minute % 30, local.second, local.microsecond) == (0, 0, 0)
    else:
        assert hours.is_open(now)


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "day"),
    [
        ("en", "today at 16:30", "tomorrow at 9:00", "Monday 23 November at 10:00"),
        ("pl", "dziś o 16:30", "jutro o 9:00", "w poniedziałek 23 listopada o 10:00"),
        ("id", "hari ini pukul 16.30", "besok pukul 09.00", "Senin, 23 November pukul 10.00"),
        (
            "th",
            "วันนี้ เวลา 16:30 น.",
            "พรุ่งนี้ เวลา 09:00 น.",
            "วันจันทร์ที่ 23 พฤศจิกายน เวลา 10:00 น.",
        ),
        ("fil", "ngayong araw, 4:30 PM", "bukas, 9:00 AM", "Lunes, Nobyembre 23, 10:00 AM"),
    ],
)
def test_a_time_is_said_as_people_say_it(
    language: str, today: str, tomorrow: str, day: str
) -> None:
    now = at(20, 14)

    def said(due_at: datetime) -> str:
        return spoken_time(due_at, "Europe/Warsaw", language, now, TEXTS, "Europe/Berlin")

    assert [said(at(20, 15, 30)), said(at(21, 8)), said(at(23, 9))] == [today, tomorrow, day]


@pytest.mark.parametrize(
    ("zone", "theirs", "behind"),
    [
        ("Europe/Warsaw", None, " (Warsaw, UTC+1)"),
        ("Europe/Warsaw", "Europe/London", " (Warsaw, UTC+1)"),
        ("Europe/Warsaw", "Europe/Madrid", ""),
        ("America/New_York", None, " (New York, UTC-5)"),
        ("Asia/Kathmandu", None, " (Kathmandu, UTC+5:45)"),
        ("America/St_Johns", None, " (St Johns, UTC-3:30)"),
        ("UTC", None, " (UTC)"),
        ("Etc/GMT-3", None, " (UTC+3)"),
    ],
)
def test_the_time_zone_stands_behind_unless_it_is_the_customers(
    zone: str, theirs: str | None, behind: str
) -> None:
    said = spoken_time(at(21, 12), zone, "en", at(21, 6), TEXTS, theirs)
    assert said.partition(" (")[1] + said.partition(" (")[2] == behind
    assert said.startswith("today at ")


def test_today_is_that_of_the_time_zone() -> None:
    # Nearly midnight in UTC is the next morning in Manila.
    assert spoken_time(at(21, 23), "Asia/Manila", "en", at(21, 17), TEXTS).startswith(
        "today at 7:00"
    )


@pytest.mark.parametrize("language", TEXTS.languages)
def test_every_language_has_each_day_and_month_of_its_own(language: str) -> None:
    said = {
        spoken_time(datetime(2026, month, day, 12, tzinfo=UTC), "UTC", language, at(1, 1), TEXTS)
        for month in range(1, 13)
        for day in range(1, 8)
        if (month, day) not in ((11, 1), (11, 2))
    }
    assert len(said) == 12 * 7 - 2
