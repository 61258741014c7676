"""Whether the logs are whole: what a report says of it must be possible, and fit its months, files and days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sla_audit.model.coverage import Coverage, Gap, Outlier, ThinDay
from sla_audit.model.instant import microseconds
from sla_audit.model.notice import Notice
from sla_audit.report.saved.whole import SavedCoverage, SavedGap
from sla_audit.sentence import Message, Sentence, as_phrase, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order

_HOUR = timedelta(hours=1)
_STRETCH = ("starts_at", "ends_at")
_TIMES = Unverifiable(
    (
        "coverage.resolution",
        *(f"coverage.{name}[].{each}" for name in ("gaps", "cut_short") for each in ("cycle", *_STRETCH)),
        "coverage.cut_short[].edge",
        *(f"coverage.thin_days[].{each}" for each in ("cycle", "day", "rows", "usual")),
        *(f"coverage.strays[].{each}" for each in ("path", "rows", *_STRETCH, "rest_starts_at", "rest_ends_at")),
    ),
    Notice("when the rows of the logs are"),
)


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which stretches, days and strays cannot be what was found."""
    coverage = context.report.coverage
    if coverage is not None:
        yield from (
            ("", Sentence("coverage.{what}", what=as_phrase(what))) for what in _of_stretches(coverage, context)
        )
        yield from (
            ("", Sentence("coverage.{what}", what=as_phrase(what))) for what in _of_thin_days(coverage, context)
        )
        yield from (("", Sentence("coverage.{what}", what=as_phrase(what))) for what in _of_strays(coverage, context))


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what only the logs show."""
    if context.report.coverage is not None:
        yield _TIMES


def coverage_of(saved: SavedCoverage) -> Coverage:
    """Give what was found as it was when it was judged."""
    return Coverage(
        resolution=saved.resolution or "rows",
        gaps=tuple(Gap(gap.cycle, *_edges(gap), None) for gap in saved.gaps),
        cut_short=tuple(Gap(gap.cycle, *_edges(gap), gap.edge) for gap in saved.cut_short),
        thin_days=tuple(ThinDay(day.cycle, day.day, day.rows, day.usual) for day in saved.thin_days),
        strays=tuple(
            Outlier(
                stray.path,
                stray.rows,
                microseconds(stray.starts_at),
                microseconds(stray.ends_at),
                microseconds(stray.rest_starts_at),
                microseconds(stray.rest_ends_at),
            )
            for stray in saved.strays
        ),
    )


def _edges(gap: SavedGap) -> tuple[int, int]:
    return microseconds(gap.starts_at), microseconds(gap.ends_at)


def _of_stretches(coverage: SavedCoverage, context: CheckContext) -> Iterator[Message]:
    zone, kind = context.contract.zone, context.contract.cycles
    for name, gaps in (("gaps", coverage.gaps), ("cut_short", coverage.cut_short)):
        if not in_order((gap.starts_at, gap.ends_at) for gap in gaps):
            yield Sentence("{name} are not in the order of time", name=name)
        for gap in gaps:
            since, until = (each.astimezone(zone) for each in (gap.starts_at, gap.ends_at))
            last = (until - timedelta(microseconds=1)).date()
            if not gap.starts_at < gap.ends_at:
                yield Sentence(
                    "{name} has a stretch that ends before it starts, at {starts_at}",
                    name=name,
                    starts_at=gap.starts_at.isoformat(),
                )
            elif {str(kind.of(since.date())), str(kind.of(last))} != {gap.cycle}:
                yield Sentence(
                    "{name} has a stretch of another cycle than {cycle}, at {starts_at}",
                    name=name,
                    cycle=gap.cycle,
                    starts_at=gap.starts_at.isoformat(),
                )
            elif last >= context.report.as_of:
                yield Sentence(
                    "{name} has a stretch after the day of the audit, at {starts_at}",
                    name=name,
                    starts_at=gap.starts_at.isoformat(),
                )
            elif name == "gaps" and gap.ends_at - gap.starts_at < _HOUR:
                yield Sentence(
                    "{name} has a stretch of less than an hour, at {starts_at}",
                    name=name,
                    starts_at=gap.starts_at.isoformat(),
                )
            else:
                yield from (
                    Sentence("{name}: {what}", name=name, what=as_phrase(what))
                    for what in _of_days(since, until, context)
                )


def _of_days(since: datetime, until: datetime, context: CheckContext) -> Iterator[Message]:
    """Say where requests were counted on a day of which no row is said to be."""
    for day in context.report.daily or ():
        begins = datetime(day.date.year, day.date.month, day.date.day, tzinfo=context.contract.zone)
        after = day.date + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=context.contract.zone)
        if since <= begins and ends <= until:
            yield Sentence("no row is of {date}, of which daily has requests", date=day.date)


def _of_thin_days(coverage: SavedCoverage, context: CheckContext) -> Iterator[Message]:
    requests = {day.date: day.success + day.explicit_failure + day.excluded.total for day in context.report.daily or ()}
    if not in_order(day.day for day in coverage.thin_days):
        yield to_say("thin_days are not in the order of time")
    for day in coverage.thin_days:
        if str(context.contract.cycles.of(day.day)) != day.cycle or day.day >= context.report.as_of:
            yield Sentence(
                "thin_days has {day}, which is no day of {cycle} before that of the audit", day=day.day, cycle=day.cycle
            )
        if day.rows * 4 >= day.usual or day.usual - day.rows < 50:
            yield Sentence(
                "thin_days has {day} with {rows} rows of {usual}, which is not thin",
                day=day.day,
                rows=day.rows,
                usual=day.usual,
            )
        if day.rows < requests.get(day.day, 0):
            yield Sentence(
                "thin_days has {day} with {rows} rows, of which daily has {requests} requests",
                day=day.day,
                rows=day.rows,
                requests=requests[day.day],
            )


def _of_strays(coverage: SavedCoverage, context: CheckContext) -> Iterator[Message]:
    files = {file.path: file.rows for file in context.report.inputs}
    for stray in coverage.strays:
        if stray.rows > files.get(stray.path, 0):
            yield Sentence(
                "strays has {rows} rows of {path}, which has {had}",
                rows=stray.rows,
                path=stray.path,
                had=files.get(stray.path, 0),
            )
        apart = stray.ends_at <= stray.rest_starts_at or stray.rest_ends_at <= stray.starts_at
        if not (stray.starts_at < stray.ends_at and stray.rest_starts_at < stray.rest_ends_at and apart):
            yield Sentence("strays has rows of {path} that are not apart from the rest", path=stray.path)
