"""Logs that are written alike, told by those of them that were looked at."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

from sla_audit.commands.audit import Request
from sla_audit.commands.preflight.look import SeenLog, size_of
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.sources.source import Source
from sla_audit.report.check_document import CheckedGroup
from sla_audit.storage.location import location

_MOST_NAMES = 100


def groups_of(sources: Sequence[Source], seen: Sequence[SeenLog], request: Request) -> tuple[CheckedGroup, ...]:
    """Group all logs: those that were not looked at are taken to be as others of their folder and format."""
    like: dict[Hashable, SeenLog] = {}
    for log in reversed(seen):
        for place in _places(log.source):
            like[place] = log
    of = {log.source.path: log for log in seen}
    grouped: dict[Hashable, list[tuple[Source, SeenLog]]] = {}
    for source in sources:
        log = of.get(source.path) or next(like[place] for place in _places(source) if place in like)
        grouped.setdefault(_way(log, source), []).append((source, log))
    return tuple(_group(members, of, request) for members in grouped.values())


def _places(source: Source) -> list[Hashable]:
    """Give where logs are that may be alike, the nearest first."""
    return [(source.group, source.format, source.path.parent), (source.group, source.format), source.format, None]


def _way(log: SeenLog, source: Source) -> Hashable:
    columns = None if log.columns is None else tuple(sorted(log.columns.without(()).items()))
    problems = tuple((problem.what, problem.remedy) for problem in log.problems)
    return source.group, log.format, packing_of(source.path), log.dialects, log.wrapper, columns, log.lacks, problems


def _group(members: Sequence[tuple[Source, SeenLog]], of: Mapping[Path, SeenLog], request: Request) -> CheckedGroup:
    source, log = members[0]
    looked = [of[each.path] for each, _ in members if each.path in of]
    columns = {} if log.columns is None else _named(log.columns, log)
    read = {name for names in columns.values() for name in names}
    zone, because = _zone(log, looked, request)
    return CheckedGroup(
        example=source.shown,
        folders=tuple(dict.fromkeys(location(each.shown).parent.as_posix() for each, _ in members)),
        files=len(members),
        bytes=sum(size_of(each) for each, _ in members),
        looked_at=len(looked),
        format=log.format or source.format,
        packing=packing_of(source.path),
        dialects=log.dialects,
        wrapper=log.wrapper,
        columns=columns,
        lacks=log.lacks,
        unread=tuple(name for name in log.names if name not in read)[:_MOST_NAMES],
        time_zone=zone,
        zone=because,
        rows=sum(each.rows for each in looked),
        rejected=sum(each.rejected + each.unfinished for each in looked),
        one_by_one=sum(each.one_by_one for each in looked),
    )


def _named(columns: LogColumns, log: SeenLog) -> dict[str, tuple[str, ...]]:
    """Name the columns that a log has, as they are mapped: later objects may have others."""
    there = {*log.names, *columns.partitions}
    named = {
        canonical: names
        for canonical, names in columns.without(()).items()
        if canonical not in log.lacks and there.issuperset(names)
    }
    if columns.took is not None and named.pop("took_over", ()):
        named["duration"] = (columns.took.column, columns.took.unit)
    return named


def _zone(log: SeenLog, looked: Sequence[SeenLog], request: Request) -> tuple[str, str]:
    """Tell in which zone times without one are read, and why that is so."""
    said = request.logs.sets[log.source.group].time_zone
    of_logs = None if log.columns is None else log.columns.time_zone
    zone = of_logs or request.contract.time_zone
    if not any(each.rows for each in looked):
        return zone, "unseen"
    if not any(each.local_time for each in looked):
        return zone, "said"
    return zone, "assumed" if of_logs is None else "dialect" if said is None else "given"
