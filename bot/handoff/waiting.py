"""How long a customer will wait for a person: an estimate with its spread.

The queue is played forward a few hundred times from where it stands. A seat is room for one case:
an agent has as many as the most cases held at once. The first in the queue is claimed when a seat
is free and somebody reacts; the case then takes its seat for as long as people talk. Both times
are drawn from the cases of the last hours:

- how long a case takes, where those that go on count as "longer than until now" (Kaplan and
  Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958). A case that is
  held already is known to take longer than it has;
- the pause before a claim: since the case came in, since the claim before it, or since a seat
  became free, whichever was last. Where agents in truth hold fewer cases than they may, a seat is
  always free, and these pauses are the gaps between claims while somebody waited.

Each play weighs the cases anew (Rubin, "The Bayesian bootstrap", Annals of Statistics 9, 1981),
so that few cases give a wide spread. That the place in the queue and the times that cases took
tell more than the waits of those before is from Ibrahim and Whitt, "Real-time delay estimation
based on delay history", M&SOM 11, 2009; see docs/decisions/0014-the-wait-is-played-forward.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.handoff.hours import OpeningHours

Floats = NDArray[np.float64]
_Seconds = Callable[[datetime, datetime], float]
ALWAYS = OpeningHours.parse("always")

# Plays of the queue: the ends of the spread then vary by about a twentieth by chance.
_PLAYS = 400
# With fewer claims, or fewer cases ended where their length matters, nothing is said.
_LEAST_CLAIMS = 5
# More teach little and take time.
_MOST_CLAIMS = 300
_LEAST_ENDED = 3
LOW, MEDIAN, HIGH = 0.2, 0.5, 0.8
# What people say of a wait, in minutes; above it whole hours.
_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)


@dataclass(frozen=True)
class Done:
    """A case that a person took: when it was opened, claimed, and ended (None: still held)."""

    opened_at: datetime
    claimed_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Estimate:
    """The wait from now on, in seconds.

    One in five is expected to wait less than ``low_seconds``, one in five more than
    ``high_seconds``. ``from_cases`` is how many claims it was learnt from.
    """

    low_seconds: float
    high_seconds: float
    median_seconds: float
    from_cases: int


def estimate(
    done: Sequence[Done],
    now: datetime,
    place: int,
    held: Sequence[int],
    capacity: int,
    *,
    head_opened_at: datetime | None = None,
    staffing: Sequence[tuple[datetime, int]] = (),
    opening: OpeningHours = ALWAYS,
    hours: float = 4.0,
) -> Estimate | None:
    """The wait of the customer at ``place`` (1 is the next), or None if too little is known.

    Args:
        done: all cases that were claimed or ended in the last ``hours``, and all that are held
            now, in any order; older ones do no harm.
        now: the present moment.
        place: one more than the number of cases that will be claimed before.
        held: for each agent who takes cases now, how many cases they hold. Empty: nobody takes
            cases, so that nothing can be said.
        capacity: how many cases an agent holds at most.
        head_opened_at: when the case was opened that is first in the queue, if known: it may have
            waited for long beside a free seat, which says that nobody looks.
        staffing: how many agents took cases from which moment on, in order, if known. Without it
            they are taken to have been as many as now, which after a change is wrong for hours.
        opening: the opening hours. Only open time counts, so that a night is no long wait; the
            estimate too is in open seconds.
        hours: how far back to learn, in hours of the clock.
    """
    known = estimates(
        done,
        now,
        place,
        held,
        capacity,
        head_opened_at=head_opened_at,
        staffing=staffing,
        opening=opening,
        hours=hours,
    )
    return known[-1] if known else None


def estimates(
    done: Sequence[Done],
    now: datetime,
    places: int,
    held: Sequence[int],
    capacity: int,
    *,
    head_opened_at: datetime | None = None,
    staffing: Sequence[tuple[datetime, int]] = (),
    opening: OpeningHours = ALWAYS,
    hours: float = 4.0,
) -> list[Estimate]:
    """The wait at each of the first ``places`` places, as ``estimate`` has it; empty if unknown.

    Costs as much as that of the last place alone: some 20 ms for a full desk, so ask once for the
    whole queue and keep the answer for some seconds.
    """
    since, seconds = now - timedelta(hours=hours), opening.open_seconds
    seats = len(held) * capacity
    busy = sum(min(cases, capacity) for cases in held)
    taken = sorted((case for case in done if case.claimed_at <= now), key=lambda c: c.claimed_at)
    recent = [case for case in taken if case.claimed_at >= since][-_MOST_CLAIMS:]
    if places < 1 or seats < 1 or len(recent) < _LEAST_CLAIMS:
        return []
    since = recent[0].claimed_at
    ended = np.array([case.ended_at is not None for case in recent])
    if places > seats - busy and ended.sum() < _LEAST_ENDED:
        return []
    lasted = np.array([seconds(case.claimed_at, case.ended_at or now) for case in recent])
    chance = np.random.default_rng(0)  # the same question always has the same answer
    before = [(at, agents * capacity) for at, agents in staffing] or [(since, seats)]
    pauses, ready = _pauses(taken, before, since, now, seconds)
    lengths = _lengths(lasted, ended, chance)
    ages = np.array([seconds(c.claimed_at, now) for c in taken if c.ended_at is None])
    free_at = np.zeros((_PLAYS, seats))
    if busy:
        # Which of the cases without an end these agents hold is not known, nor whether all are
        # given; each play takes some.
        ages = ages if ages.size else np.zeros(1)
        order = np.argsort(chance.random((_PLAYS, max(busy, ages.size))), axis=1)[:, :busy]
        free_at[:, :busy] = lengths.left(np.resize(ages, max(busy, ages.size))[order])
    waited = 0.0  # so long the first could have been claimed, and was not
    if busy < seats and head_opened_at is not None:
        waited = seconds(max(head_opened_at, ready or head_opened_at), now)
    gone = np.zeros((_PLAYS, places))
    talks = lengths.left(gone)
    gone[:, 0] = waited
    pause = _weighed(np.sort(pauses), chance).left(gone)
    claimed, rows, found = np.zeros(_PLAYS), np.arange(_PLAYS), []
    for place in range(places):
        seat = free_at.argmin(axis=1)
        claimed = np.maximum(claimed, free_at[rows, seat]) + pause[:, place]
        free_at[rows, seat] = claimed + talks[:, place]
        low, median, high = np.quantile(claimed, (LOW, MEDIAN, HIGH))
        found.append(Estimate(float(low), float(high), float(median), len(recent)))
    return found


def words(known: Estimate) -> tuple[int, int]:
    """The spread in round minutes: the low end rounded down, the high end up.

    Steps are 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90 and 120, then whole hours. 1 is also what is
    less than a minute; both may be equal.
    """
    low, high = known.low_seconds / 60, known.high_seconds / 60
    hours_down, hours_up = int(low // 60) * 60, int(-(-high // 60)) * 60
    down = hours_down if low >= 180 else max((m for m in _MINUTES if m <= low), default=1)
    up = hours_up if high > 120 else min(m for m in _MINUTES if m >= high)
    return down, up


def _pauses(
    taken: Sequence[Done],
    seats: Sequence[tuple[datetime, int]],
    since: datetime,
    now: datetime,
    seconds: _Seconds,
) -> tuple[Floats, datetime | None]:
    """Seconds before each claim since ``since`` in which it could have come.

    ``seats`` says how many there were from when on. Also the moment since which the first in the
    queue could be claimed, if a seat is free: the last claim, or when a seat became free; None if
    neither has been.
    """
    changes: list[tuple[datetime, int, int, datetime]] = sorted(
        [(at, 0, number, at) for at, number in seats if at <= now]
        + [(c.ended_at, 1, 0, now) for c in taken if c.ended_at is not None and c.ended_at <= now]
        + [(case.claimed_at, 2, 0, case.opened_at) for case in taken]
    )
    pauses: list[float] = []
    there, holding = seats[0][1], 0
    ready: datetime | None = None
    for at, kind, number, opened_at in changes:
        if kind == 2 and at >= since:
            pauses.append(seconds(max(opened_at, ready or opened_at), at))
        full = holding >= there
        there = number if kind == 0 else there
        holding += (0, -1, 1)[kind]
        if kind == 2 or (full and holding < there):
            ready = at
    return np.array(pauses), ready


class _Drawn:
    """Times that are drawn by the weights that each play gives them, with a little noise."""

    def __init__(self, values: Floats, cumulative: Floats, chance: np.random.Generator) -> None:
        """``values`` ascending; ``cumulative`` has a row for each play."""
        self._values, self._cumulative, self._chance = values, cumulative, chance
        logs = np.log(np.maximum(values, 1.0))
        # Silverman's rule, on logarithms: the next value is seldom exactly one that was.
        self._width = 0.9 * float(logs.std()) * len(values) ** -0.2

    def left(self, gone: Floats) -> Floats:
        """How much longer it takes if it has lasted for ``gone`` seconds; a row for each play."""
        plays, count = gone.shape
        rows = np.arange(plays)[:, None]
        # The weight of what takes no longer than that.
        before = np.searchsorted(self._values, gone, side="right") - 1
        below = np.where((gone > 0) & (before >= 0), self._cumulative[rows, before], 0.0)
        chosen = below + self._chance.random((plays, count)) * (1 - below)
        # One search for all rows: each row's weights lie between its number and the next.
        flat = (self._cumulative + rows).ravel()
        index = np.searchsorted(flat, chosen + rows, side="right") - rows * len(self._values)
        index = np.minimum(index, len(self._values) - 1)
        # Noise that leaves the mean as it is.
        shift = self._width * self._chance.standard_normal((plays, count))
        noise = np.exp(shift - self._width**2 / 2)
        rest = (self._values[index] - gone) * noise
        # Longer than all that was seen: what has lasted so long may last as long again.
        beyond = gone * self._chance.standard_exponential((plays, count))
        return np.where(rest > 0, rest, np.where(gone > 0, beyond, 0.0))


def _weighed(values: Floats, chance: np.random.Generator) -> _Drawn:
    """Times that were seen to their end, ascending."""
    weights = chance.standard_exponential((_PLAYS, len(values)))
    cumulative = np.cumsum(weights, axis=1)
    return _Drawn(values, cumulative / cumulative[:, -1:], chance)


def _lengths(lasted: Floats, ended: NDArray[np.bool_], chance: np.random.Generator) -> _Drawn:
    """How long cases take: Kaplan and Meier's estimate, by the weights of each play."""
    # Of equal times, those that ended come first: the others lasted longer.
    order = np.lexsort((~ended, lasted))
    lasted, ended = lasted[order], ended[order]
    weights = chance.standard_exponential((_PLAYS, len(lasted)))
    at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    survival = np.cumprod(1 - np.where(ended, weights, 0.0) / at_risk, axis=1)
    # What is left goes to the longest, ended or not (Efron's rule).
    survival[:, -1] = 0.0
    return _Drawn(lasted, 1 - survival, chance)
