"""What a reader of the report should know about the logs that were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sla_audit.contract.notice import Notice, Value, in_a_row
from sla_audit.intake.logs import LogSummary
from sla_audit.intake.sources import LOG_SUFFIXES, Found


def notices(logs: Sequence[LogSummary], found: Found, copied: Mapping[Path, Path], time_zone: str) -> list[Notice]:
    """Say, in a fixed order, what was assumed about the logs once they are read."""
    return [
        *_repeated(found.repeated),
        *_copied(copied),
        *_left_out(found.left_out),
        *_dialects(logs),
        *_local_time(logs, time_zone),
        *_assumed_utc(logs),
        *_without_flag(logs),
        *_without_ids(logs),
        *_rejected(logs),
    ]


def _repeated(repeated: Sequence[Path]) -> Iterator[Notice]:
    for path in repeated:
        yield Notice("{path} was named more than once; it is counted once", path=path.as_posix())


def _copied(copied: Mapping[Path, Path]) -> Iterator[Notice]:
    for path, first in sorted(copied.items()):
        yield Notice("{path} is a copy of {first}; it is counted once", path=path.as_posix(), first=first.as_posix())


def _left_out(left_out: Sequence[Path]) -> Iterator[Notice]:
    if left_out:
        names = _some([path.as_posix() for path in left_out])
        yield Notice(
            "left out, because their suffix is none of {suffixes}: {names}", suffixes=LOG_SUFFIXES, names=names
        )


def _dialects(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say which dialects were read, and what to know of them."""
    said = sorted({(log.dialect, log.notes) for log in logs if log.dialect is not None})
    for name, notes in said:
        paths = _some([log.path for log in logs if (log.dialect, log.notes) == (name, notes)])
        notice = Notice("read in the dialect {name}: {paths}", name=name, paths=paths)
        for note in notes:
            notice = Notice("{notice}; {note}", notice=notice, note=Notice(note))
        yield notice


def _local_time(logs: Sequence[LogSummary], time_zone: str) -> Iterator[Notice]:
    local = [log.path for log in logs if log.local_time]
    if local:
        yield Notice(
            "timestamps without a zone are read in {time_zone}: {paths}", time_zone=time_zone, paths=_some(local)
        )


def _assumed_utc(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    assumed = [log.path for log in logs if log.assumed_utc]
    if assumed:
        yield Notice(
            "timestamps kept as INT96 are read as UTC, which is what Spark and Hive write: {paths}",
            paths=_some(assumed),
        )


def _without_flag(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    without = [log.path for log in logs if "content_flag" not in log.columns]
    if without:
        yield Notice(
            "no content_flag column, so illegal content (clause 2.7.1 (5)) cannot be seen: {paths}",
            paths=_some(without),
        )


def _without_ids(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say which logs have no request ids where others do: whose logs never have any knows."""
    without = [log.path for log in logs if "request_id" not in log.columns]
    if 0 < len(without) < len(logs):
        yield Notice("no request_id column, so duplicates cannot be told: {paths}", paths=_some(without))


def _rejected(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    rejected = sum(log.rejected for log in logs)
    if rejected:
        yield Notice("{rejected} rows could not be read and are not counted", rejected=rejected)


def _some(paths: Sequence[str], most: int = 3) -> Value:
    named = in_a_row(paths[:most])
    more = len(paths) - most
    return Notice("{paths} and {more} more", paths=named, more=more) if more > 0 else named
