"""Service targets: by when a case should have its first reply and its end.

Time counts while people answer (``OpeningHours``), so a target of five minutes for a case that
comes in at night ends five minutes after opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.handoff.hours import OpeningHours


class TargetState(StrEnum):
    """How a case stands to a target."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"
    MET = "met"


@dataclass(frozen=True)
class Target:
    """One target of one case, in UTC.

    ``warn_at`` is when the state turns from ok to warning, ``due_at`` the last moment at which it
    can be met.
    """

    warn_at: datetime
    due_at: datetime
    state: TargetState


@dataclass(frozen=True)
class Targets:
    """The targets of a shop; times in open seconds.

    From ``warning_share`` of a target's time on, and until it is broken, it is in warning.
    """

    first_reply_seconds: float = 5 * 60
    resolution_seconds: float = 24 * 3600
    warning_share: float = 0.75

    def of(
        self,
        opened_at: datetime,
        first_reply_at: datetime | None,
        ended_at: datetime | None,
        now: datetime,
        hours: OpeningHours,
    ) -> tuple[Target, Target]:
        """First reply and resolution of a case that was opened at ``opened_at``.

        A case that ended without a reply needed none: its end counts as the reply.
        """
        replied_at = first_reply_at or ended_at
        return (
            self._target(self.first_reply_seconds, opened_at, replied_at, now, hours),
            self._target(self.resolution_seconds, opened_at, ended_at, now, hours),
        )

    def _target(
        self,
        seconds: float,
        opened_at: datetime,
        reached_at: datetime | None,
        now: datetime,
        hours: OpeningHours,
    ) -> Target:
        warn_at = hours.after_open(opened_at, seconds * self.warning_share)
        due_at = hours.after_open(opened_at, seconds)
        if (reached_at or now) > due_at:
            state = TargetState.BROKEN
        elif reached_at:
            state = TargetState.MET
        else:
            state = TargetState.WARNING if now >= warn_at else TargetState.OK
        return Target(warn_at, due_at, state)
