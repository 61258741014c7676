"""Whether the logs are whole: hours without rows, thin days, a beginning or an end that is missing, strays.

A row that is missing is in no success rate (clause 2.7), which may then be wrong in either direction. Gateways deliver
logs at best effort and up to a day late, so a report must say where rows seem to be missing. What is surprising depends
on the log: see `usual`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.coverage.baseline import Baseline, Stretch
from sla_audit.coverage.observed import Observed
from sla_audit.coverage.outliers import Times, outliers_of
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.coverage import Coverage, CycleEnd, Gap, ThinDay
from sla_audit.model.cycle import ServiceCycle

_HOUR = 60 * 60 * 10**6
_MISSING = 50  # fewer may be missing by chance: requests come in sessions, and five of ten requests each are soon away
_THIN = 4  # a day is far below its neighbours where it has less than a quarter of their rows


_EDGES: dict[tuple[bool, bool], CycleEnd | None] = {
    (False, False): None,
    (True, False): "beginning",
    (False, True): "end",
    (True, True): "whole",
}


@dataclass(frozen=True)
class AuditedCycle:
    """The days of a cycle, both inclusive, whose logs should be there: days of service that are over."""

    cycle: str
    first_day: date
    last_day: date

    @property
    def days(self) -> list[date]:
        """All of its days."""
        return [self.first_day + timedelta(days=number) for number in range((self.last_day - self.first_day).days + 1)]


def audited_cycles(cycles: pl.DataFrame, asked: Sequence[ServiceCycle], as_of: date) -> list[AuditedCycle]:
    """Give the days of each cycle on which some account was in service and which ended before the day of the audit.

    `cycles` are those of `cycles.service_cycles`; one that has none is taken whole.
    """
    service = cycles.group_by("cycle").agg(pl.col("cycle_start").min(), pl.col("cycle_end").max())
    days = {cycle: (first, last) for cycle, first, last in service.iter_rows()}
    audited = []
    for each in asked:
        first, last = days.get(str(each), (each.first_day, each.last_day))
        last = min(last, as_of - timedelta(days=1))
        if first <= last:
            audited.append(AuditedCycle(str(each), first, last))
    return audited


def examine_coverage(
    times: pl.DataFrame,
    times_of_logs: Mapping[str, Times],
    cycles: Sequence[AuditedCycle],
    working_days: WorkingDays,
    zone: ZoneInfo,
) -> Coverage:
    """Find where rows seem to be missing in some cycles, and rows that are far from the rest of their log.

    `times` says when the rows of all logs were, `times_of_logs` when those of each log were; see
    `observed.Observed`. An empty stretch of an hour or more, and a day with less than a quarter of the usual rows,
    are told where 50 rows or more are missing from what is usual.
    """
    seen = Observed(times)
    usual = Baseline(seen, (day for cycle in cycles for day in cycle.days), working_days, zone)
    empty = [gap for cycle in cycles for gap in _empty(cycle, seen, usual)]
    return Coverage(
        resolution="rows" if all(seen.exactly(*_stretch(cycle, usual)) for cycle in cycles) else "stretches",
        gaps=tuple(gap for gap in empty if gap.edge is None),
        cut_short=tuple(gap for gap in empty if gap.edge is not None),
        thin_days=tuple(day for cycle in cycles for day in _thin(cycle, seen, usual, empty)),
        strays=tuple(stray for path, of_log in sorted(times_of_logs.items()) for stray in outliers_of(path, of_log)),
    )


def _stretch(cycle: AuditedCycle, usual: Baseline) -> Stretch:
    return usual.hours(cycle.first_day)[0], usual.hours(cycle.last_day)[1]


def _empty(cycle: AuditedCycle, seen: Observed, usual: Baseline) -> Iterator[Gap]:
    since, until = _stretch(cycle, usual)
    in_all = seen.at_least(*(seen.bounds or (0, 0)))
    for starts_at, ends_at in seen.empty(since, until):
        edge = _EDGES[starts_at == since, ends_at == until]
        # A stretch of any length misses no more than the logs have in all: those of a few requests miss nothing.
        some = ends_at - starts_at >= _HOUR and in_all >= _MISSING
        if edge == "whole" or (some and usual.rows(starts_at, ends_at) >= _MISSING):
            yield Gap(cycle.cycle, starts_at, ends_at, edge)


def _thin(cycle: AuditedCycle, seen: Observed, usual: Baseline, empty: Sequence[Gap]) -> Iterator[ThinDay]:
    """Find thin days, but for those that an empty stretch already tells of."""
    for day in cycle.days:
        since, until = usual.hours(day)
        rows, like = seen.at_most(since, until), usual.rows(since, until)
        told = any(gap.starts_at < until and gap.ends_at > since for gap in empty)
        if rows * _THIN < like and like - rows >= _MISSING and not told:
            yield ThinDay(cycle.cycle, day, rows, like)
