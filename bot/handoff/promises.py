"""What a customer is promised where nobody can be expected to answer in time, and how it is said.

A promise is a time by which a person will have answered. It is kept as a case with a due date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.handoff.hours import OpeningHours
from bot.handoff.waiting import Estimate
from bot.texts import Texts

_STEP_MINUTES = 30
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


class Reason(StrEnum):
    """Why nobody can be expected to answer in time."""

    CLOSED = "closed"
    LONG_WAIT = "long_wait"


@dataclass(frozen=True)
class Promise:
    """A person will have answered by ``due_at`` (UTC, a full or half hour of the shop's clock)."""

    reason: Reason
    due_at: datetime


def promise(
    now: datetime,
    hours: OpeningHours,
    estimate: Estimate | None,
    longest_wait_seconds: float,
    promise_seconds: float = 2 * 3600,
) -> Promise | None:
    """What to promise a customer who would wait from ``now`` on; None if waiting will do.

    It is ``closed`` outside opening hours, and where the queue probably (the high end of
    ``estimate``) reaches beyond the next closing; ``long_wait`` where the median wait is above
    ``longest_wait_seconds``. Without an estimate nothing is known of the wait, so that only the
    hours count. The answer is due after ``promise_seconds`` of open time, or at the high end of
    ``estimate`` if that is later.

    Raises:
        HoursError: it is not open for so long in the years to come.
    """
    high = estimate.high_seconds if estimate else 0.0
    if not hours.is_open(now):
        reason = Reason.CLOSED
    elif estimate and estimate.median_seconds > longest_wait_seconds:
        reason = Reason.LONG_WAIT
    elif (closing := hours.next_closing(now)) and (closing - now).total_seconds() < high:
        reason = Reason.CLOSED
    else:
        return None
    due_at = hours.after_open(now, max(promise_seconds, high))
    return Promise(reason, _rounded_up(due_at, hours.zone))


def _rounded_up(moment: datetime, zone: ZoneInfo) -> datetime:
    """The next full or half hour of the local clock; zones may be off by quarters of an hour."""
    local = moment.astimezone(zone)
    past = timedelta(
        minutes=local.minute % _STEP_MINUTES, seconds=local.second, microseconds=local.microsecond
    )
    if past:
        moment += timedelta(minutes=_STEP_MINUTES) - past
    return moment.astimezone(UTC)


def spoken_time(
    due_at: datetime,
    timezone: str,
    language: str,
    now: datetime,
    texts: Texts,
    customer_timezone: str | None = None,
) -> str:
    """``due_at`` as people say it: today at 16:30, tomorrow at 10:00, Monday 23 November at 10:00.

    The clock and the day are those of ``timezone``. Its name stands behind, as in ``tomorrow at
    10:00 (Warsaw, UTC+1)``, unless the customer's time zone is known and has the same time then.

    Raises:
        ZoneInfoNotFoundError: a time zone is not in the IANA list.
    """
    zone = ZoneInfo(timezone)
    local, today = due_at.astimezone(zone), now.astimezone(zone).date()
    clock = texts.say(
        language,
        "times.clock",
        hour=local.hour,
        hour12=local.hour % 12 or 12,
        half="AM" if local.hour < 12 else "PM",
        minute=local.minute,
    )
    days = (local.date() - today).days
    if days in (0, 1):
        said = texts.say(language, "times.tomorrow" if days else "times.today", time=clock)
    else:
        said = texts.say(
            language,
            "times.day",
            weekday=texts.say(language, f"times.weekdays.{_WEEKDAYS[local.weekday()]}"),
            day=local.day,
            month=texts.say(language, f"times.months.{_MONTHS[local.month - 1]}"),
            time=clock,
        )
    if customer_timezone is not None:
        theirs = due_at.astimezone(ZoneInfo(customer_timezone))
        if theirs.utcoffset() == local.utcoffset():
            return said
    return f"{said} ({_zone_name(local, timezone)})"


def _zone_name(local: datetime, timezone: str) -> str:
    """Place and offset, such as ``Warsaw, UTC+1``: short names as PST mean several zones."""
    offset = local.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    whole, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    written = f"UTC{sign}{whole}" + (f":{minutes:02}" if minutes else "") if offset else "UTC"
    place = timezone.rpartition("/")[2].replace("_", " ")
    named = "/" in timezone and not timezone.startswith("Etc/")
    return f"{place}, {written}" if named else written
