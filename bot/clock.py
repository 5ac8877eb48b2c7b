"""Times as the log writes them: ISO 8601 text in UTC, with microseconds, so that they sort."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> str:
    """The present moment."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """``moment`` as the log writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stamped: str) -> datetime:
    """The time that ``stamped`` stands for."""
    return datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def ago(*, seconds: float = 0, minutes: float = 0) -> str:
    """The moment that long before now."""
    return stamp(datetime.now(UTC) - timedelta(seconds=seconds, minutes=minutes))


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from ``earlier`` to ``later``."""
    return (moment(later) - moment(earlier)).total_seconds()
