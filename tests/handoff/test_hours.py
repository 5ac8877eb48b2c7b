"""When people answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.handoff.hours import HoursError, OpeningHours

SHOP = OpeningHours.parse(
    "mon-fri 9:00-12:00, 13:00–17:00; Saturday: 10-14",
    "Europe/Warsaw",
    "2026-12-24 9:00-13:00, 12-25, 12-26",
)
NIGHT = OpeningHours.parse("mon-sun 22:00-6:00", "Europe/Warsaw")
ALL = [
    SHOP,
    NIGHT,
    OpeningHours.parse(),
    OpeningHours.parse("always", "Asia/Manila", "01-01, 2026-11-26 8-12"),
    OpeningHours.parse("sun 1:30-2:30, wed 23:30-0:30", "Europe/Warsaw"),
    OpeningHours.parse("sat,sun 0:00-1:30 1:30-24:00", "America/Havana"),
    OpeningHours.parse({"mon-wed": "22:00-21:00", "fri": ["0-1", "2-3"]}, "Australia/Lord_Howe"),
]

# The year 2026, with the days around every change of the clocks more often than others.
CHANGES = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 4))]
moments = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
        lambda at: at.replace(tzinfo=UTC)
    ),
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-2880, 2880),
    ),
)
seconds = st.integers(1, 5 * 86400)
some_hours = st.sampled_from(ALL)


def warsaw(text: str, fold: int = 0) -> datetime:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Warsaw"), fold=fold)
    return local.astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T16:59:59", True),
        ("2026-11-28T13:00", True),
        ("2026-11-29T11:00", False),
        ("2026-12-24T10:00", True),
        ("2026-12-24T14:00", False),
        ("2026-12-25T10:00", False),
        ("2027-12-24T14:00", True),
        ("2030-12-25T10:00", False),
    ],
)
def test_weekdays_and_holidays(at: str, is_open: bool) -> None:
    assert SHOP.is_open(warsaw(at)) is is_open


def test_when_it_opens_and_closes_next() -> None:
    friday = warsaw("2026-11-27T16:30")
    assert SHOP.next_opening(friday) == friday
    assert SHOP.next_closing(friday) == warsaw("2026-11-27T17:00")
    assert SHOP.next_opening(warsaw("2026-11-27T17:00")) == warsaw("2026-11-28T10:00")
    assert SHOP.next_closing(warsaw("2026-11-27T18:00")) == warsaw("2026-11-28T14:00")
    assert SHOP.next_opening(warsaw("2026-12-24T20:00")) == warsaw("2026-12-28T09:00")


def test_the_default_is_always_open() -> None:
    always, at = OpeningHours.parse(), warsaw("2026-11-22T03:00")
    assert always.is_open(at)
    assert always.next_opening(at) == at
    assert always.next_closing(at) is None
    assert always.after_open(at, 60) == at + timedelta(minutes=1)
    assert always.open_seconds(at, at + timedelta(days=7)) == 7 * 86400
    assert always.open_seconds(at, at - timedelta(days=7)) == 0


def test_always_but_on_holidays() -> None:
    hours = OpeningHours.parse("always", "Europe/Warsaw", "12-25")
    at = warsaw("2026-11-22T03:00")
    assert hours.next_closing(at) == warsaw("2026-12-25T00:00")
    assert hours.next_opening(warsaw("2026-12-25T00:00")) == warsaw("2026-12-26T00:00")
    over = OpeningHours.parse("always", "Europe/Warsaw", "2020-12-25")
    assert over.next_closing(at) is None


def test_a_span_past_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    hours = OpeningHours.parse("fri 20:00-2:00", "Europe/Warsaw", "2026-11-28")
    assert hours.is_open(warsaw("2026-11-28T01:59"))
    assert not hours.is_open(warsaw("2026-11-27T01:00"))
    assert not OpeningHours.parse("fri 20-2", holidays="2026-11-27").is_open(
        datetime(2026, 11, 28, 1, tzinfo=UTC)
    )


def test_open_time_is_counted_without_the_closed_time() -> None:
    friday, monday = warsaw("2026-11-27T16:30"), warsaw("2026-11-30T09:15")
    assert SHOP.open_seconds(friday, monday) == (30 + 4 * 60 + 15) * 60
    assert SHOP.after_open(friday, (30 + 4 * 60 + 15) * 60) == monday
    # The earliest moment: the close of Friday, not the opening of Saturday.
    assert SHOP.after_open(friday, 30 * 60) == warsaw("2026-11-27T17:00")
    assert SHOP.after_open(warsaw("2026-11-29T00:00"), 0) == warsaw("2026-11-29T00:00")


def test_where_the_clocks_change() -> None:
    day = timedelta(days=1)
    for evening, length in (
        ("2026-03-28T20:00", 7),
        ("2026-10-24T20:00", 9),
        ("2026-06-01T20:00", 8),
    ):
        at = warsaw(evening)
        assert NIGHT.open_seconds(at, at + day - timedelta(hours=2)) == length * 3600
    spring = OpeningHours.parse("sun 2:30-4:00", "Europe/Warsaw")
    # 2:30 does not exist: the clock springs from 2:00 to 3:00.
    assert spring.next_opening(warsaw("2026-03-29T00:00")) == warsaw("2026-03-29T03:00")
    # 2:30 comes twice: the first time counts.
    assert spring.next_opening(warsaw("2026-10-25T00:00")) == warsaw("2026-10-25T02:30", fold=0)
    assert spring.open_seconds(warsaw("2026-10-25T00:00"), warsaw("2026-10-25T12:00")) == 2.5 * 3600


def test_a_day_that_comes_every_four_years_is_found() -> None:
    closed = ", ".join(
        (datetime(2028, 1, 1) + timedelta(days=day)).strftime("%m-%d")
        for day in range(366)
        if day != 59
    )
    hours = OpeningHours.parse("mon-sun 9-17", holidays=closed)
    assert hours.next_opening(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(
        2028, 2, 29, 9, tzinfo=UTC
    )
    never = OpeningHours.parse("mon-sun 9-17", holidays=closed + ", 02-29")
    assert never.next_opening(datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert never.next_closing(datetime(2026, 1, 1, tzinfo=UTC)) is None
    with pytest.raises(HoursError, match="no open day"):
        never.after_open(datetime(2026, 1, 1, tzinfo=UTC), 1)


@settings(deadline=None)
@given(some_hours, moments, seconds, seconds)
def test_open_time_adds_up(hours: OpeningHours, start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    parts = hours.open_seconds(start, middle) + hours.open_seconds(middle, end)
    assert hours.open_seconds(start, end) == pytest.approx(parts)
    assert 0 <= hours.open_seconds(start, end) <= first + second


@settings(deadline=None)
@given(some_hours, moments, seconds)
def test_after_open_is_the_first_moment_with_so_much_open_time(
    hours: OpeningHours, start: datetime, needed: int
) -> None:
    reached = hours.after_open(start, needed)
    assert hours.open_seconds(start, reached) == needed
    assert hours.open_seconds(start, reached - timedelta(seconds=1)) < needed


@settings(deadline=None)
@given(some_hours, moments)
def test_opening_and_closing_bound_the_open_time(hours: OpeningHours, at: datetime) -> None:
    opening, closing = hours.next_opening(at), hours.next_closing(at)
    assert opening is not None
    assert hours.is_open(opening)
    assert hours.is_open(at) == (opening == at)
    assert hours.open_seconds(at, opening) == 0
    if closing is not None:
        assert opening < closing
        assert not hours.is_open(closing)
        assert hours.open_seconds(opening, closing) == (closing - opening).total_seconds()


@settings(deadline=None)
@given(some_hours, moments)
def test_it_is_open_when_the_wall_clock_says_so(hours: OpeningHours, at: datetime) -> None:
    local = at.astimezone(hours.zone)
    # Near a change of the clocks a reading may not exist, or twice.
    near = [at + timedelta(hours=h) for h in (-26, 26)]
    assume(len({moment.astimezone(hours.zone).utcoffset() for moment in near}) == 1)
    minute = local.hour * 60 + local.minute + local.second / 60
    today, before = hours.on(local.date()), hours.on(local.date() - timedelta(days=1))
    expected = any(s.opens <= minute < s.closes for s in today) or any(
        s.opens <= minute + 1440 < s.closes for s in before
    )
    # Microseconds stand below what ``minute`` tells apart.
    assume(local.microsecond == 0)
    assert hours.is_open(at) is expected


@pytest.mark.parametrize(
    ("week", "says"),
    [
        ("", "never opens"),
        ("mon closed", "never opens"),
        ("mo 9-17", "'mo'; a day must stand before"),
        ("mon 9-17 noon", "'noon', which is no span"),
        ("9:00-17:00", "a day must stand before"),
        ("mon 9-17, sat", "names sat without hours"),
        ("mon-fri 9-17, wed 9-12", "Wednesday twice"),
        ("mon 9-25", "no clock shows"),
        ("mon 9:60-10", "no clock shows"),
        ("mon 9-9", "0:00-24:00"),
        ("mon 9-12 11-13", "overlaps"),
        ("mon closed 9-12", "overlaps"),
    ],
)
def test_wrong_hours_say_what_to_correct(week: str, says: str) -> None:
    with pytest.raises(HoursError, match=f"`opening_hours`.*{says}"):
        OpeningHours.parse(week)


@pytest.mark.parametrize(
    ("holidays", "says"),
    [
        ("christmas", "'christmas', which is no date"),
        ("02-30", "'02-30', which is no date"),
        ("2026-02-29", "which is no date"),
        ("12-24 9-12, 13-17", "'13-17', which is no date"),
        ("12-25, 12-25", "12-25 twice"),
        ("12-25 9", "'9', which is no span"),
    ],
)
def test_wrong_holidays_say_what_to_correct(holidays: str, says: str) -> None:
    with pytest.raises(HoursError, match=f"`opening_holidays`.*{says}"):
        OpeningHours.parse("always", "UTC", holidays)


@pytest.mark.parametrize(
    ("zone", "says"),
    [("Europa/Warsaw", "such as Europe/Warsaw"), ("Europe", "no time zone"), ("", "UTC")],
)
def test_a_wrong_time_zone_says_what_to_correct(zone: str, says: str) -> None:
    with pytest.raises(HoursError, match=f"`opening_timezone`.*{says}"):
        OpeningHours.parse("always", zone)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SHOP.is_open(datetime(2026, 1, 1))
