"""Which days of the year before an audit are among the logs: raw logs are to be kept that long (clause 2.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.model.coverage import LogsKept
from sla_audit.model.instant import moment
from sla_audit.model.month import Month

_MONTHS = 12
_DAY = timedelta(days=1)


def logs_kept(times: pl.DataFrame, as_of: date, zone: ZoneInfo) -> LogsKept:
    """Compare the times of rows (`timeline.PIECE`) with the year before the month of a day."""
    stretches = sorted(
        (moment(starts_at, zone).date(), moment(ends_at - 1, zone).date())
        for starts_at, ends_at in times.select("starts_at", "ends_at").unique().iter_rows()
    )
    of_audit = Month.of(as_of)
    first, end = of_audit.plus(-_MONTHS).first_day, of_audit.first_day
    return LogsKept(
        stretches[0][0] if stretches else None,
        max((last for _, last in stretches), default=None),
        tuple(_between(stretches, first, end)),
    )


def _between(stretches: list[tuple[date, date]], first: date, end: date) -> Iterator[tuple[date, date]]:
    """Give the days of `[first, end)` that no stretch has; stretches are in order."""
    next_day = first
    for begins, last in stretches:
        if begins >= end:
            break
        if begins > next_day:
            yield next_day, begins - _DAY
        next_day = max(next_day, last + _DAY)
    if next_day < end:
        yield next_day, end - _DAY
