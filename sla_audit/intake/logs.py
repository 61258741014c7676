"""Log files to canonical batches, with an account of every row of every file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake import csv_log, parquet_log
from sla_audit.intake.canonical import Canonical, canonical
from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source


@dataclass
class LogFile:
    """One log, ready to be read. What `batches()` has read so far is accounted for beside it."""

    source: Source
    columns: LogColumns
    zone: ZoneInfo
    rows: int = 0
    rejects: list[Reject] = field(default_factory=list)
    local_time: bool = False

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.source.path.stat().st_size

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the readable rows in canonical columns (see `canonical.Canonical.rows`).

        Raises `InputError` where the file cannot be read at all.
        """
        try:
            yield from self._parquet() if self.source.format == "parquet" else self._csv()
        except (pa.ArrowException, OSError, TypeError) as error:
            raise InputError(_unreadable(self.source, error)) from error

    def _parquet(self) -> Iterator[pa.RecordBatch]:
        for batch in parquet_log.parquet_batches(self.source.path, self.columns):
            read = canonical(batch, self.columns, self.zone)
            places = range(self.rows + 1, self.rows + 1 + batch.num_rows)
            yield self._take(read, batch.num_rows, "row", places)

    def _csv(self) -> Iterator[pa.RecordBatch]:
        """Read fast until a block that holds a fault; that one, and what follows, row by row."""
        try:
            for batch in csv_log.fast_batches(self.source.path, self.columns):
                read = canonical(batch, self.columns, self.zone)
                if read.faults:
                    break
                yield self._take(read, batch.num_rows, "line", ())
            else:
                return
        except pa.ArrowInvalid:
            pass  # the slow path names the row, and why
        for batch, lines, ragged in csv_log.slow_batches(self.source.path, self.columns, skip=self.rows):
            self.rows += len(ragged)
            self.rejects += [
                Reject(
                    self.source.shown,
                    f"line {row.line}",
                    "row",
                    f"{row.fields} fields",
                    f"{row.expected}, as in the header",
                )
                for row in ragged
            ]
            yield self._take(canonical(batch, self.columns, self.zone), batch.num_rows, "line", lines)

    def _take(self, read: Canonical, rows: int, unit: str, places: Sequence[int]) -> pa.RecordBatch:
        self.rows += rows
        self.local_time |= read.local_time
        self.rejects += [
            Reject(
                self.source.shown,
                f"{unit} {places[fault.position]}",
                fault.column,
                fault.found,
                fault.expected,
            )
            for fault in read.faults
        ]
        return read.rows


def open_logs(
    sources: Sequence[Source], mapping: ColumnMap, needed: Collection[str], zone: ZoneInfo
) -> tuple[LogFile, ...]:
    """Look at each file's columns; nothing is counted yet.

    `needed` names optional columns that the run cannot do without. Raises `InputError` with every
    file that cannot be read and every column that is missing.
    """
    logs: list[LogFile] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            header = csv_log.csv_header if source.format == "csv" else parquet_log.parquet_header
            columns = resolve_columns(mapping, header(source.path), needed, source.shown)
        except InputError as error:
            problems += error.problems
        except (pa.ArrowException, OSError) as error:
            problems.append(_unreadable(source, error))
        else:
            if isinstance(columns, LogColumns):
                logs.append(LogFile(source, columns, zone))
            else:
                problems += columns
    refuse(problems)
    return tuple(logs)


def _unreadable(source: Source, error: Exception) -> Problem:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
    kind = {"csv": "CSV", "parquet": "Parquet"}[source.format]
    return Problem(source.shown, f"cannot be read as {kind}: {reason}", "Check the file, or leave it out.")
