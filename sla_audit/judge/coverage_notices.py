"""What a reader should know of rows that seem to be missing from the logs, or to be in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sla_audit.contract.instant import moment
from sla_audit.judge.coverage import Coverage, Gap, ThinDay
from sla_audit.judge.strays import Stray

_MOST = 3
_HOUR = 60 * 60 * 10**6
_DAY = 24 * _HOUR


def coverage_notices(coverage: Coverage, as_of: date, zone: ZoneInfo) -> Iterator[str]:
    """Say what was found, the worst of each kind, what it means and what to do; nothing where the logs are whole."""
    gaps = sorted(coverage.gaps, key=lambda gap: gap.starts_at - gap.ends_at)
    thin = sorted(coverage.thin_days, key=lambda day: day.rows - day.usual)
    strays = sorted(coverage.strays, key=lambda stray: -stray.rows)
    yield from (_cut_short(each, as_of, zone) for each in coverage.cut_short)
    yield from (_gap(each, zone) for each in gaps[:_MOST])
    yield from _more(gaps, "stretch without rows", "stretches without rows")
    yield from map(_thin_day, thin[:_MOST])
    yield from _more(thin, "thin day", "thin days")
    if coverage.gaps or coverage.cut_short or coverage.thin_days:
        yield (
            "rows seem to be missing from the logs: what is not in them is in no success rate (clause 2.7), which may "
            "be too high or too low for it; get the missing logs and run again"
        )
    yield from (_stray(each, zone) for each in strays[:_MOST])
    yield from _more(strays, "group of stray rows", "groups of stray rows")


def _cut_short(gap: Gap, as_of: date, zone: ZoneInfo) -> str:
    none = f"no row {_from_to(gap.starts_at, gap.ends_at, zone)}"
    if gap.edge == "whole":
        return f"the logs have nothing of {gap.cycle}: {none}"
    if gap.edge == "beginning":
        return f"the logs of {gap.cycle} begin {_length(gap)} late: {none}"
    running = moment(gap.ends_at, zone).date() == as_of
    when = "before the day of the audit" if running else "early"
    return f"the logs of {gap.cycle} end {_length(gap)} {when}: {none}"


def _gap(gap: Gap, zone: ZoneInfo) -> str:
    return f"no row {_from_to(gap.starts_at, gap.ends_at, zone)}, {_length(gap)} in which rows are usual"


def _thin_day(day: ThinDay) -> str:
    return f"{day.day} has {day.rows} rows; days like it have {day.usual}"


def _stray(stray: Stray, zone: ZoneInfo) -> str:
    rows = "1 stray row" if stray.rows == 1 else f"{stray.rows} stray rows"
    return (
        f"{stray.path}: {rows} {_from_to(stray.starts_at, stray.ends_at, zone)}, far from the others, which are "
        f"{_from_to(stray.rest_starts_at, stray.rest_ends_at, zone)}; check the clock of the gateway, and whether "
        "these rows belong there"
    )


def _more(found: Sequence[object], one: str, several: str) -> Iterator[str]:
    more = len(found) - _MOST
    if more > 0:
        yield f"and {more} more {one if more == 1 else several}; a JSON report lists all"


def _from_to(starts_at: int, ends_at: int, zone: ZoneInfo) -> str:
    starts, ends = (f"{moment(instant, zone):%Y-%m-%d %H:%M}" for instant in (starts_at, ends_at))
    return f"from {starts} to {ends}"


def _length(gap: Gap) -> str:
    """Write how long a gap is, cut to whole hours or days."""
    length = gap.ends_at - gap.starts_at
    number, unit = (length // _HOUR, "hour") if length < 2 * _DAY else (length // _DAY, "day")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
