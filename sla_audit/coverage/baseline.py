"""How many rows are usual: what like days have at the same hours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sla_audit.coverage.observed import Observed
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.instant import microseconds, midnight, moment

_NEIGHBOURS = 5  # a week of working days, two weekends and a half

Stretch = tuple[int, int]
"""A half-open stretch of time, in microseconds since 1970."""


class Baseline:
    """The rows that are usual in a stretch of time.

    A day is compared with the five before it and the five after it that are of its kind (working days, or days off),
    of those that are audited and that the logs reach. Usual is what at least half of them have between the same hours,
    counted from the nearer midnight. Where rows are known only roughly, less may be called usual, never more.
    """

    def __init__(self, seen: Observed, days: Iterable[date], working_days: WorkingDays, zone: ZoneInfo) -> None:
        self._seen = seen
        self._zone = zone
        self._working_days = working_days
        self._alike: dict[bool, list[date]] = {True: [], False: []}
        if seen.bounds is not None:
            first, end = seen.bounds
            for day in days:
                since, until = self.hours(day)
                if until > first and since < end:
                    self._alike[working_days.is_working_day(day)].append(day)

    def hours(self, day: date) -> Stretch:
        """Give the stretch of a day: 23 or 25 hours where the clock is changed."""
        since, until = (microseconds(midnight(each, self._zone)) for each in (day, day + timedelta(days=1)))
        return since, until

    def rows(self, since: int, until: int) -> int:
        """Give the rows that are usual in a stretch, of one day or of several."""
        return sum(self._rows_of_day(*part) for part in self._by_day(since, until))

    def _by_day(self, since: int, until: int) -> Iterator[tuple[date, int, int]]:
        """Cut a stretch at midnights."""
        day = moment(since, self._zone).date()
        while (hours := self.hours(day))[0] < until:
            yield day, max(since, hours[0]), min(until, hours[1])
            day += timedelta(days=1)

    def _rows_of_day(self, day: date, since: int, until: int) -> int:
        hours = self.hours(day)
        nearer = 0 if since - hours[0] < hours[1] - since else 1
        rows = []
        for like in self._neighbours(day):
            same = self.hours(like)
            shift = same[nearer] - hours[nearer]
            rows.append(self._seen.at_least(max(since + shift, same[0]), min(until + shift, same[1])))
        rows.sort(reverse=True)
        return rows[(len(rows) - 1) // 2] if rows else 0

    def _neighbours(self, day: date) -> list[date]:
        alike = self._alike[self._working_days.is_working_day(day)]
        before, after = bisect_left(alike, day), bisect_right(alike, day)
        return [*alike[max(before - _NEIGHBOURS, 0) : before], *alike[after : after + _NEIGHBOURS]]
