"""What is missing from a log, told by looking at every row again and again. Slow, obvious, apart from the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Oracle:
    """Some rows (instants, in UTC), and the cycles in which there should be some (days, both inclusive)."""

    rows: list[datetime]
    cycles: list[tuple[date, date]]
    zone: ZoneInfo
    is_working_day: Callable[[date], bool]

    def gaps(self) -> list[Stretch]:
        """Give the empty stretches that are told."""
        return [gap for cycle in self.cycles for gap in self.empty(cycle) if self.is_told(gap, cycle)]

    def thin_days(self) -> list[tuple[date, int, int]]:
        """Give the thin days that are told: the day, its rows, and what is usual."""
        gaps, thin = self.gaps(), []
        for day in self.days():
            has, usual = self.between(*self.hours(day)), self.usual(self.hours(day))
            start, end = self.hours(day)
            told = any(since < end and until > start for since, until in gaps)
            if not told and 4 * has < usual and usual - has >= 50:
                thin.append((day, has, usual))
        return thin

    def empty(self, cycle: tuple[date, date]) -> list[Stretch]:
        begin, finish = self.stretch(cycle)
        at, empty_since, found = begin, None, []
        while at <= finish:
            empty = at < finish and self.between(at, at + QUARTER) == 0
            if empty and empty_since is None:
                empty_since = at
            if not empty and empty_since is not None:
                found.append((empty_since, at))
                empty_since = None
            at += QUARTER
        return found

    def is_told(self, gap: Stretch, cycle: tuple[date, date]) -> bool:
        if gap == self.stretch(cycle):
            return True
        return gap[1] - gap[0] >= timedelta(hours=1) and len(self.rows) >= 50 and self.usual(gap) >= 50

    def usual(self, stretch: Stretch) -> int:
        found = 0
        for day in self.days():
            start, end = max(stretch[0], self.hours(day)[0]), min(stretch[1], self.hours(day)[1])
            if start < end:
                found += self.usual_on(day, start, end)
        return found

    def usual_on(self, day: date, since: datetime, until: datetime) -> int:
        like = [other for other in self.reached() if self.is_working_day(other) == self.is_working_day(day)]
        near = [other for other in like if other < day][-5:] + [other for other in like if other > day][:5]
        found = [self.between(*self.same_hours(day, since, until, each)) for each in near]
        # The largest number that at least half of them reach.
        return max((n for n in found if 2 * sum(other >= n for other in found) >= len(found)), default=0)

    def same_hours(self, day: date, since: datetime, until: datetime, other: date) -> Stretch:
        (begin, finish), of_other = self.hours(day), self.hours(other)
        shift = of_other[0] - begin if since - begin < finish - since else of_other[1] - finish
        return max(since + shift, of_other[0]), min(until + shift, of_other[1])

    def reached(self) -> list[date]:
        if not self.rows:
            return []
        first, last = min(self.rows), max(self.rows)
        return [day for day in self.days() if first < self.hours(day)[1] and self.hours(day)[0] <= last]

    def days(self) -> list[date]:
        return [
            first + timedelta(days=number) for first, last in self.cycles for number in range((last - first).days + 1)
        ]

    def stretch(self, cycle: tuple[date, date]) -> Stretch:
        return self.hours(cycle[0])[0], self.hours(cycle[1])[1]

    def hours(self, day: date) -> Stretch:
        begin, finish = (
            datetime(each.year, each.month, each.day, tzinfo=self.zone) for each in (day, day + timedelta(1))
        )
        return begin.astimezone(UTC), finish.astimezone(UTC)

    def between(self, since: datetime, until: datetime) -> int:
        return sum(since <= row < until for row in self.rows)
