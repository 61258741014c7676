"""The intervals of a contract as numbers in a row: which one a slot lies in, and how many a cycle has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.instant import microseconds, midnight


class NumberedSteps:
    """The intervals of some cycles and of all between, numbered from the first.

    Each begins so many `step`s after a local midnight, in real time: a day of 23 hours has 23 of an hour, and the last
    of a day is shorter where the day is no multiple of the step.
    """

    def __init__(self, cycles: Sequence[ServiceCycle], zone: ZoneInfo, step: timedelta) -> None:
        self._step = step // timedelta(microseconds=1)
        first, end = (min(cycles).first_day, max(cycles).plus(1).first_day) if cycles else (date.max, date.max)
        self._days = [first + timedelta(days=at) for at in range((end - first).days + 1)]
        self._midnights = [microseconds(midnight(day, zone)) for day in self._days]
        lengths = [later - earlier for earlier, later in zip(self._midnights, self._midnights[1:], strict=False)]
        self._before = [0, *accumulate(-(-length // self._step) for length in lengths)]

    @property
    def number(self) -> int:
        """How many there are."""
        return self._before[-1]

    def of_slots(self, slots: pl.DataFrame) -> pl.Series:
        """Give the number of the interval that each slot lies in; null for those that are longer than one, or outside.

        `slots` has `starts_at` and `ends_at`.
        """
        return pl.Series([self._of(*slot) for slot in slots.select("starts_at", "ends_at").iter_rows()], dtype=pl.Int64)

    def bounds(self, number: int) -> tuple[int, int]:
        """Give where an interval begins and ends, half-open in microseconds since 1970."""
        day = bisect_right(self._before, number) - 1
        starts_at = self._midnights[day] + (number - self._before[day]) * self._step
        return starts_at, min(starts_at + self._step, self._midnights[day + 1])

    def between(self, first_day: date, last_day: date) -> int:
        """Count the intervals of days, both inclusive."""
        first, last = (self._days.index(day) for day in (first_day, last_day))
        return self._before[last + 1] - self._before[first]

    def _of(self, starts_at: int, ends_at: int) -> int | None:
        if ends_at - starts_at > self._step or not self._midnights[0] <= starts_at < self._midnights[-1]:
            return None
        day = bisect_right(self._midnights, starts_at) - 1
        return self._before[day] + (starts_at - self._midnights[day]) // self._step
