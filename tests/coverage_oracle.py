"""What is missing from a log, told by looking at every row again and again. Slow, obvious, apart from the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
Stretch = tuple[datetime, datetime]


def gaps_and_thin_days(
    rows: list[datetime],
    cycles: list[tuple[date, date]],
    zone: ZoneInfo,
    is_working_day: Callable[[date], bool],
) -> tuple[list[Stretch], list[tuple[date, int, int]]]:
    """Give the empty stretches and the thin days of cycles (days, both inclusive); instants are in UTC."""

    def midnight(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

    def between(since: datetime, until: datetime) -> int:
        return sum(since <= row < until for row in rows)

    def days_of(first: date, last: date) -> list[date]:
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    audited = [day for first, last in cycles for day in days_of(first, last)]
    reached = [day for day in audited if rows and min(rows) < midnight(day + timedelta(days=1))]
    reached = [day for day in reached if midnight(day) <= max(rows)]

    def same_hours(day: date, since: datetime, until: datetime, other: date) -> tuple[datetime, datetime]:
        morning = since - midnight(day) < midnight(day + timedelta(days=1)) - since
        of_day, of_other = (midnight(each if morning else each + timedelta(days=1)) for each in (day, other))
        start, end = of_other + (since - of_day), of_other + (until - of_day)
        return max(start, midnight(other)), min(end, midnight(other + timedelta(days=1)))

    def usual_on(day: date, since: datetime, until: datetime) -> int:
        like = [other for other in reached if is_working_day(other) == is_working_day(day) and other != day]
        near = [other for other in like if other < day][-5:] + [other for other in like if other > day][:5]
        found = [between(*same_hours(day, since, until, each)) for each in near]
        # The largest number that at least half of them reach.
        return max((n for n in found if 2 * sum(other >= n for other in found) >= len(found)), default=0)

    def usual(since: datetime, until: datetime) -> int:
        found = 0
        for day in audited:
            start, end = max(since, midnight(day)), min(until, midnight(day + timedelta(days=1)))
            if start < end:
                found += usual_on(day, start, end)
        return found

    gaps = []
    for first, last in cycles:
        begin, finish = midnight(first), midnight(last + timedelta(days=1))
        at, empty_since = begin, None
        while at <= finish:
            empty = at < finish and between(at, at + QUARTER) == 0
            if empty and empty_since is None:
                empty_since = at
            if not empty and empty_since is not None:
                long_enough = at - empty_since >= timedelta(hours=1)
                nothing_at_all = (empty_since, at) == (begin, finish)
                if nothing_at_all or (long_enough and len(rows) >= 50 and usual(empty_since, at) >= 50):
                    gaps.append((empty_since, at))
                empty_since = None
            at += QUARTER

    thin = []
    for day in audited:
        start, end = midnight(day), midnight(day + timedelta(days=1))
        has, like = between(start, end), usual(start, end)
        told = any(since < end and until > start for since, until in gaps)
        if not told and 4 * has < like and like - has >= 50:
            thin.append((day, has, like))
    return gaps, thin
