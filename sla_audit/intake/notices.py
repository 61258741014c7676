"""What a reader of the report should know about the logs that were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sla_audit.intake.logs import LogSummary
from sla_audit.intake.sources import LOG_SUFFIXES, Found


def notices(logs: Sequence[LogSummary], found: Found, copied: Mapping[Path, Path], time_zone: str) -> list[str]:
    """Say, in a fixed order, what was assumed about the logs once they are read."""
    return [
        *_repeated(found.repeated),
        *_copied(copied),
        *_left_out(found.left_out),
        *_dialects(logs),
        *_local_time(logs, time_zone),
        *_assumed_utc(logs),
        *_without_flag(logs),
        *_rejected(logs),
    ]


def _repeated(repeated: Sequence[Path]) -> Iterator[str]:
    for path in repeated:
        yield f"{path.as_posix()} was named more than once; it is counted once"


def _copied(copied: Mapping[Path, Path]) -> Iterator[str]:
    for path, first in sorted(copied.items()):
        yield f"{path.as_posix()} is a copy of {first.as_posix()}; it is counted once"


def _left_out(left_out: Sequence[Path]) -> Iterator[str]:
    if left_out:
        names = _some([path.as_posix() for path in left_out])
        yield f"left out, because their suffix is none of {LOG_SUFFIXES}: {names}"


def _dialects(logs: Sequence[LogSummary]) -> Iterator[str]:
    """Say which dialects were read, and what to know of them."""
    said = sorted({(log.dialect, log.notes) for log in logs if log.dialect is not None})
    for name, notes in said:
        paths = _some([log.path for log in logs if (log.dialect, log.notes) == (name, notes)])
        yield "; ".join([f"read in the dialect {name}: {paths}", *notes])


def _local_time(logs: Sequence[LogSummary], time_zone: str) -> Iterator[str]:
    local = [log.path for log in logs if log.local_time]
    if local:
        yield f"timestamps without a zone are read in {time_zone}: {_some(local)}"


def _assumed_utc(logs: Sequence[LogSummary]) -> Iterator[str]:
    assumed = [log.path for log in logs if log.assumed_utc]
    if assumed:
        yield f"timestamps kept as INT96 are read as UTC, which is what Spark and Hive write: {_some(assumed)}"


def _without_flag(logs: Sequence[LogSummary]) -> Iterator[str]:
    without = [log.path for log in logs if "content_flag" not in log.columns]
    if without:
        yield f"no content_flag column, so illegal content (clause 2.7.1 (5)) cannot be seen: {_some(without)}"


def _rejected(logs: Sequence[LogSummary]) -> Iterator[str]:
    rejected = sum(log.rejected for log in logs)
    if rejected:
        yield f"{rejected} rows could not be read and are not counted"


def _some(paths: Sequence[str], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
