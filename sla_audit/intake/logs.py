"""The logs of a run: what each file has, and the fragments in which it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.csv_log import csv_fragments, csv_header
from sla_audit.intake.fingerprint import fingerprint
from sla_audit.intake.fragment import LogFragment, unreadable
from sla_audit.intake.json_log import json_fragments, json_header
from sla_audit.intake.parquet_log import parquet_fragments, parquet_header
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source

_HEADERS: Mapping[str, Callable[[Path], list[str]]] = {
    "csv": csv_header,
    "json": json_header,
    "parquet": parquet_header,
}


@dataclass(frozen=True)
class LogSummary:
    """An account of a log that has been read: its rows, and what could be told from it.

    `columns` are those of the canonical columns that it has; `fingerprint` is the same for copies of the file.
    """

    path: str
    bytes: int
    rows: int
    rejected: int
    local_time: bool
    columns: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class LogFile:
    """One log and the fragments it is read in; once these are read, an account of all its rows."""

    source: Source
    columns: LogColumns
    fragments: tuple[LogFragment, ...]

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.source.path.stat().st_size

    @property
    def rows(self) -> int:
        """How many rows have been read."""
        return sum(fragment.read for fragment in self.fragments)

    @property
    def rejects(self) -> list[Reject]:
        """The rows that could not be read, in the order of the file."""
        return [reject for fragment in self.fragments for reject in fragment.rejects]

    @property
    def local_time(self) -> bool:
        """Whether some timestamp carried no zone."""
        return any(fragment.local_time for fragment in self.fragments)

    @property
    def fingerprint(self) -> str:
        """What is the same for copies of the file."""
        return fingerprint(self.source.path)

    def summary(self) -> LogSummary:
        """Account for the log, once it has been read."""
        return LogSummary(
            path=self.source.shown,
            bytes=self.bytes,
            rows=self.rows,
            rejected=len(self.rejects),
            local_time=self.local_time,
            columns=tuple(self.columns.without(())),
            fingerprint=self.fingerprint,
        )


def open_logs(
    sources: Sequence[Source],
    mapping: ColumnMap,
    needed: Collection[str],
    zone: ZoneInfo,
    *,
    statistics: bool = True,
) -> tuple[LogFile, ...]:
    """Look at each file's columns and plan its reading; no row is read yet.

    `needed` names optional columns that the run cannot do without. `statistics` says whether those
    of Parquet files are believed. Raises `InputError` with every file that cannot be read and every
    column that is missing.
    """
    logs: list[LogFile] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            header = _HEADERS[source.format](source.path)
            columns = resolve_columns(mapping, header, needed, source.shown)
            if isinstance(columns, LogColumns):
                fragments: Iterable[LogFragment]
                if source.format == "parquet":
                    fragments = parquet_fragments(source, columns, zone, statistics=statistics)
                else:
                    fragments = (csv_fragments if source.format == "csv" else json_fragments)(source, columns, zone)
                logs.append(LogFile(source, columns, tuple(fragments)))
            else:
                problems += columns
        except InputError as error:
            problems += error.problems
        except (pa.ArrowException, OSError, UnicodeEncodeError) as error:
            problems.append(unreadable(source, error))
    refuse(problems)
    return tuple(logs)
