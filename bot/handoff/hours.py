"""When people answer: opening hours by weekday, holidays and time zone.

Hours are local wall-clock times; everything that goes in and out is an aware ``datetime``, what
comes out is in UTC. Where the clocks change, a local time that does not exist stands for the
moment of the change, and one that exists twice for the first of the two. So a night from 22:00 to
6:00 has seven hours in spring and nine in autumn.

A span past midnight belongs to the day on which it begins: where Saturday is a holiday, Friday's
hours still run into its first hours.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.errors import ExpectedError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = 24 * 60
# How far ahead the next opening is looked for: the longest time between two 29ths of February,
# so that hours on that day alone are found.
_HORIZON_DAYS = 8 * 366 + 1
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")

# Hours or holidays as text, or as a table: "mon-fri" = "9:00-17:00", or a list of spans.
Given = str | Mapping[str, str | Sequence[str]]


class HoursError(ExpectedError):
    """Opening hours, holidays or time zone cannot be used; the text says what to correct."""


class Span(NamedTuple):
    """Open from ``opens`` to ``closes``: minutes after midnight, beyond 1440 the next day."""

    opens: int
    closes: int


_ALL_DAY = (Span(0, _DAY),)


@dataclass(frozen=True)
class OpeningHours:
    """The hours in which people answer.

    ``week`` has the spans of Monday to Sunday. Other hours hold on the days in ``dates``, and each
    year on those in ``yearly`` (month, day); no spans mean closed.
    """

    week: tuple[tuple[Span, ...], ...]
    zone: ZoneInfo
    dates: Mapping[date, tuple[Span, ...]]
    yearly: Mapping[tuple[int, int], tuple[Span, ...]]

    @classmethod
    def parse(
        cls, given: Given = "always", timezone: str = "UTC", holidays: Given = ""
    ) -> OpeningHours:
        """Read the settings ``opening_hours``, ``opening_timezone`` and ``opening_holidays``.

        Args:
            given: ``always``, or days and their hours: ``mon-fri 9:00-12:00 13:00-17:00, sat
                10:00-14:00``. A day that is not named is closed. ``22:00-6:00`` ends the next day.
            timezone: the name of the time zone in the IANA list, such as ``Europe/Warsaw``.
            holidays: dates separated by commas, ``2026-12-24`` or each year ``12-25``, closed or
                with own hours behind them: ``2026-12-24 9:00-13:00``.

        Raises:
            HoursError: something in them cannot be used.
        """
        dates, yearly = _holidays(_text(holidays))
        return cls(_week(_text(given)), _zone(timezone), dates, yearly)

    @cached_property
    def always(self) -> bool:
        """Whether there is no moment at which it is closed."""
        special = (*self.dates.values(), *self.yearly.values())
        return all(spans == _ALL_DAY for spans in (*self.week, *special))

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on that day, in order; none if closed."""
        spans = self.dates.get(day)
        if spans is None:
            spans = self.yearly.get((day.month, day.day))
        return self.week[day.weekday()] if spans is None else spans

    def is_open(self, at: datetime) -> bool:
        """Whether people answer at that moment. The moment of closing is closed."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open moment from ``at`` on, ``at`` itself if open; None if there is none."""
        at = _utc(at)
        for opens, _ in self._pieces(at):
            return max(opens, at)
        return None

    def next_closing(self, at: datetime) -> datetime | None:
        """The end of the present open time, or of the next one; None if there is no end to find."""
        if self.always:
            return None
        at = _utc(at)
        end: datetime | None = None
        for opens, closes in self._pieces(at):
            if end is not None and opens > end:
                return end
            if closes - at > timedelta(days=_HORIZON_DAYS):
                return None
            end = closes
        return end

    def open_seconds(self, start: datetime, end: datetime) -> float:
        """How many seconds between the two moments are open; 0 where ``end`` is not later."""
        start, end = _utc(start), _utc(end)
        if self.always:
            return max(0.0, (end - start).total_seconds())
        total = timedelta()
        for opens, closes in self._pieces(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total.total_seconds()

    def after_open(self, start: datetime, seconds: float) -> datetime:
        """The moment at which ``seconds`` open seconds have passed since ``start``.

        That is the earliest such moment, so it may be the moment of closing; ``start`` itself
        where ``seconds`` is not above 0.

        Raises:
            HoursError: it is not open for so long in the years to come.
        """
        start, left = _utc(start), timedelta(seconds=seconds)
        if left <= timedelta():
            return start
        if self.always:
            return start + left
        for opens, closes in self._pieces(start):
            since = max(opens, start)
            if closes - since >= left:
                return since + left
            left -= closes - since
        raise HoursError(
            "`opening_hours` and `opening_holidays` leave no open day; correct either of them."
        )

    def _pieces(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open times that end after ``start``, in order and without overlap.

        One may begin where the one before it ends. Without end as long as a day is open.
        """
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last, closed_days = start - timedelta(days=2), 0
        while closed_days < _HORIZON_DAYS:
            closed_days += 1
            for span in self.on(day):
                opens = max(last, self._moment(day, span.opens))
                closes = self._moment(day, span.closes)
                if closes > max(opens, start):
                    yield opens, closes
                    last, closed_days = closes, 0
            day += timedelta(days=1)

    def _moment(self, day: date, minutes: int) -> datetime:
        """The first moment at which the local clock shows that time of ``day``, or a later one."""
        shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
        moment = shown.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == shown:
            return moment
        # The clocks skip it. The change lies between its readings by the old and the new offset.
        before = shown.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        offset = before.astimezone(self.zone).utcoffset()
        while moment - before > timedelta(seconds=1):
            middle = before + (moment - before) // 2
            middle = middle.replace(microsecond=0)
            if middle.astimezone(self.zone).utcoffset() == offset:
                before = middle
            else:
                moment = middle
        return moment


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone: use an aware datetime.")
    return at.astimezone(UTC)


def _text(given: Given) -> str:
    """``given`` in small letters, with plain dashes that stand close."""
    if not isinstance(given, str):
        rows = (
            f"{key} {value if isinstance(value, str) else ' '.join(value)}"
            for key, value in given.items()
        )
        given = ", ".join(rows)
    return re.sub(r"\s*[-–—]\s*", "-", given.strip().lower())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = {zone.lower(): zone for zone in available_timezones()}
        near = difflib.get_close_matches(name.strip().lower(), known, n=1)
        hint = known[near[0]] if near else "Europe/Warsaw or UTC"
        raise HoursError(
            f"`opening_timezone` is {name!r}, which is no time zone; "
            f"write its name in the IANA list, such as {hint}."
        ) from None


def _week(text: str) -> tuple[tuple[Span, ...], ...]:
    if text == "always":
        return (_ALL_DAY,) * 7
    found: dict[int, list[Span] | None] = {}
    days: list[int] = []
    named, complete = "", True
    for word in re.split(r"[\s,;]+", text):
        word = word.rstrip(":")
        if not word:
            continue
        if new := _weekdays(word):
            days = new if complete else days + new
            named, complete = word, False
            for day in new:
                if day in found:
                    raise HoursError(
                        f"`opening_hours` gives {_DAYS[day].title()} twice; name each day once "
                        "and write all its spans behind it."
                    )
                found[day] = []
            continue
        if not days:
            raise HoursError(
                f"`opening_hours` begins with {word!r}; a day must stand before the hours, "
                "such as mon-fri 9:00-17:00. For no limits write always."
            )
        complete = True
        for day in days:
            found[day] = _added(found[day], word, "opening_hours")
    if not complete:
        raise HoursError(
            f"`opening_hours` names {named} without hours; write {named} 9:00-17:00 "
            f"or {named} closed."
        )
    week = tuple(tuple(found.get(day) or ()) for day in range(7))
    if not any(week):
        raise HoursError(
            "`opening_hours` never opens; give a day its hours, such as mon-fri 9:00-17:00, "
            "or write always."
        )
    return week


def _weekdays(word: str) -> list[int]:
    """Monday is 0; nothing if ``word`` is no day and no range of days."""
    first, _, last = word.partition("-")
    ends = [
        number
        for name in (first, last or first)
        for number, day in enumerate(_DAYS)
        if len(name) >= 3 and day.startswith(name)
    ]
    if len(ends) != 2:
        return []
    return [(ends[0] + step) % 7 for step in range((ends[1] - ends[0]) % 7 + 1)]


def _holidays(
    text: str,
) -> tuple[dict[date, tuple[Span, ...]], dict[tuple[int, int], tuple[Span, ...]]]:
    dates: dict[date, tuple[Span, ...]] = {}
    yearly: dict[tuple[int, int], tuple[Span, ...]] = {}
    for entry in re.split(r"[,;\n]+", text):
        words = entry.split()
        if not words:
            continue
        written = words[0].rstrip(":")
        spans: list[Span] | None = None
        for word in words[1:]:
            spans = _added(spans or [], word, "opening_holidays")
        try:
            match = _DATE.fullmatch(written)
            if match is None:
                raise ValueError
            year, month, day = (int(part) if part else None for part in match.groups())
            # 2000 has a 29th of February.
            read = date(year or 2000, month or 0, day or 0)
        except ValueError:
            raise HoursError(
                f"`opening_holidays` has {written!r}, which is no date; write 2026-12-24, or "
                "12-25 for each year, with a comma between holidays and a blank before hours."
            ) from None
        if read in dates if year else (read.month, read.day) in yearly:
            raise HoursError(
                f"`opening_holidays` has {written} twice; write all its spans behind one date."
            )
        if year:
            dates[read] = tuple(spans or ())
        else:
            yearly[read.month, read.day] = tuple(spans or ())
    return dates, yearly


def _added(spans: list[Span] | None, word: str, setting: str) -> list[Span] | None:
    """The spans of a day with one more; None means closed, which nothing can stand beside."""
    if word == "closed" and not spans:
        return None
    span = Span(0, _DAY) if word == "always" else _span(word, setting)
    if spans is None or any(span.opens < s.closes and s.opens < span.closes for s in spans):
        raise HoursError(
            f"`{setting}` has {word} beside other hours of the same day that it overlaps; "
            "write spans that do not."
        )
    return sorted([*spans, span])


def _span(word: str, setting: str) -> Span:
    match = _SPAN.fullmatch(word)
    if match is None:
        raise HoursError(
            f"`{setting}` has {word!r}, which is no span of hours; write hours such as "
            "9:00-17:00, and days such as mon-fri or sat before them."
        )
    numbers = [int(part or 0) for part in match.groups()]
    opens, closes = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if numbers[1] > 59 or numbers[3] > 59 or opens >= _DAY or closes > _DAY:
        raise HoursError(
            f"`{setting}` has {word}, which no clock shows; hours go from 0:00 to 24:00."
        )
    if opens == closes:
        raise HoursError(
            f"`{setting}` has {word}, which ends as it begins; for the whole day write 0:00-24:00."
        )
    return Span(opens, closes if closes > opens else closes + _DAY)
