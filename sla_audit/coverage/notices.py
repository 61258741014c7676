"""What a reader should know of rows that seem to be missing from the logs, or to be in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sla_audit.model.coverage import Coverage, Gap, Outlier, ThinDay
from sla_audit.model.instant import moment
from sla_audit.model.notice import Notice, Value

_MOST = 3
_HOUR = 60 * 60 * 10**6
_DAY = 24 * _HOUR


def coverage_notices(coverage: Coverage, as_of: date, zone: ZoneInfo) -> Iterator[Notice]:
    """Say what was found, the worst of each kind, what it means and what to do; nothing where the logs are whole."""
    gaps = sorted(coverage.gaps, key=lambda gap: gap.starts_at - gap.ends_at)
    thin = sorted(coverage.thin_days, key=lambda day: day.rows - day.usual)
    strays = sorted(coverage.strays, key=lambda stray: -stray.rows)
    yield from (_cut_short(each, as_of, zone) for each in coverage.cut_short)
    yield from (_gap(each, zone) for each in gaps[:_MOST])
    yield from _more(
        gaps,
        Notice("and 1 more stretch without rows; a JSON report lists all", "money"),
        Notice("and {more} more stretches without rows; a JSON report lists all", "money"),
    )
    yield from map(_thin_day, thin[:_MOST])
    yield from _more(
        thin,
        Notice("and 1 more thin day; a JSON report lists all", "money"),
        Notice("and {more} more thin days; a JSON report lists all", "money"),
    )
    if coverage.gaps or coverage.cut_short or coverage.thin_days:
        yield Notice(
            "rows seem to be missing from the logs: what is not in them is in no success rate (clause 2.7), which may "
            "be too high or too low for it; get the missing logs and run again",
            "money",
        )
    yield from (_stray(each, zone) for each in strays[:_MOST])
    yield from _more(
        strays,
        Notice("and 1 more group of stray rows; a JSON report lists all", "money"),
        Notice("and {more} more groups of stray rows; a JSON report lists all", "money"),
    )


def _cut_short(gap: Gap, as_of: date, zone: ZoneInfo) -> Notice:
    none = Notice("no row {stretch}", stretch=_from_to(gap.starts_at, gap.ends_at, zone))
    values: dict[str, Value] = {"cycle": gap.cycle, "length": _length(gap), "none": none}
    if gap.edge == "whole":
        return Notice("the logs have nothing of {cycle}: {none}", "money", cycle=gap.cycle, none=none)
    if gap.edge == "beginning":
        return Notice("the logs of {cycle} begin {length} late: {none}", "money", **values)
    if moment(gap.ends_at, zone).date() == as_of:
        return Notice("the logs of {cycle} end {length} before the day of the audit: {none}", "money", **values)
    return Notice("the logs of {cycle} end {length} early: {none}", "money", **values)


def _gap(gap: Gap, zone: ZoneInfo) -> Notice:
    stretch = _from_to(gap.starts_at, gap.ends_at, zone)
    return Notice("no row {stretch}, {length} in which rows are usual", "money", stretch=stretch, length=_length(gap))


def _thin_day(day: ThinDay) -> Notice:
    return Notice(
        "{day} has {rows} rows; days like it have {usual}",
        "money",
        day=day.day.isoformat(),
        rows=day.rows,
        usual=day.usual,
    )


def _stray(stray: Outlier, zone: ZoneInfo) -> Notice:
    rows = Notice("1 stray row") if stray.rows == 1 else Notice("{number} stray rows", number=stray.rows)
    return Notice(
        "{path}: {rows} {stretch}, far from the others, which are {rest}; check the clock of the gateway, and whether "
        "these rows belong there",
        "money",
        path=stray.path,
        rows=rows,
        stretch=_from_to(stray.starts_at, stray.ends_at, zone),
        rest=_from_to(stray.rest_starts_at, stray.rest_ends_at, zone),
    )


def _more(found: Sequence[object], one: Notice, several: Notice) -> Iterator[Notice]:
    more = len(found) - _MOST
    if more == 1:
        yield one
    elif more > 1:
        yield several.having(more=more)


def _from_to(starts_at: int, ends_at: int, zone: ZoneInfo) -> Notice:
    starts, ends = (f"{moment(instant, zone):%Y-%m-%d %H:%M}" for instant in (starts_at, ends_at))
    return Notice("from {starts} to {ends}", starts=starts, ends=ends)


def _length(gap: Gap) -> Notice:
    """Write how long a gap is, cut to whole hours or days."""
    length = gap.ends_at - gap.starts_at
    if length < 2 * _DAY:
        hours = length // _HOUR
        return Notice("1 hour") if hours == 1 else Notice("{hours} hours", hours=hours)
    return Notice("{days} days", days=length // _DAY)
