"""Parquet logs: the needed columns only, and none whose value the statistics already give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.intake.canonical import meaning
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.parquet_fields import Field, are_columns, fields_of, rows_of
from sla_audit.intake.sources import Source
from sla_audit.intake.timestamps import epoch_unit, read_instants, within_reach

_ROWS_A_FRAGMENT = 1 << 19  # small row groups are read together, up to so many rows
_ROWS_A_BATCH = 1 << 20
_FEW_BYTES = 1 << 20
_BYTES_A_POSITION = 8  # a position in a dictionary, and its share of the dictionary, take less


def parquet_header(path: Path) -> list[str]:
    """Name the fields, those within structs with dots. Raises `ArrowInvalid` where it is no Parquet file."""
    return [field.name for field in fields_of(pq.read_metadata(path))]


def parquet_fragments(
    source: Source, columns: LogColumns, zone: ZoneInfo, *, statistics: bool
) -> Iterator[LogFragment]:
    """Plan the reading of a file: runs of row groups of which the same is known."""
    metadata = pq.read_metadata(source.path)
    wanted = {field.name: field for field in fields_of(metadata) if field.name in columns.all}
    planned, first_row = [], 1
    for number in range(metadata.num_row_groups):
        planned.append(_RowGroup(metadata, number, first_row, columns, zone))
        first_row += planned[-1].rows
        if statistics:
            planned[-1].learn(wanted)
    for _, alike in groupby(_numbered_runs(planned), key=lambda pair: pair[0]):
        groups = [group for _, group in alike]
        times = [group.times for group in groups if group.times is not None]
        yield ParquetFragment(
            source,
            columns,
            zone,
            bytes=sum(group.bytes for group in groups),
            rows=sum(group.rows for group in groups),
            times=(min(t[0] for t in times), max(t[1] for t in times)) if len(times) == len(groups) else None,
            known=groups[0].known,
            groups=[group.number for group in groups],
            first_row=groups[0].first_row,
            fields=wanted,
            texts=[
                name
                for name, field in wanted.items()
                if pa.types.is_string(field.type) and all(group.repeats(name) for group in groups)
            ],
        )


class ParquetFragment(LogFragment):
    """A run of row groups of one file."""

    def __init__(
        self,
        *args: Any,
        groups: list[int],
        first_row: int,
        fields: Mapping[str, Field],
        texts: list[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._fields = fields
        self._first_row = first_row
        self._texts = texts

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        # A batch without columns would not know its rows.
        wanted = self.columns.without(without) or {"status": self.columns.without(())["status"]}
        for batch in self._raw(self.columns.in_file(wanted) or self.columns.in_file(("timestamp",))):
            read = self._canonical(batch, wanted)
            first = self._first_row + self.read
            yield self._take(read, batch.num_rows, "row", range(first, first + batch.num_rows))

    def _raw(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        fields = [self._fields[name] for name in names]
        utc = self.columns.time_zone is None
        self.assumed_utc |= utc and any(field.int96 for field in fields)
        for batch in self._stored(names):
            yield batch if are_columns(fields) else rows_of(batch, fields, utc=utc)

    def _stored(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        # As nanoseconds, an INT96 far from our days would come as another instant.
        with pq.ParquetFile(
            self.source.path, read_dictionary=self._texts, memory_map=True, coerce_int96_timestamp_unit="us"
        ) as file:
            if (self.rows or 0) > 2 * _ROWS_A_BATCH:  # one huge row group: in slices, so that memory stays small
                yield from file.iter_batches(_ROWS_A_BATCH, self._groups, names, use_threads=False)
                return
            for group in self._groups:
                yield from file.read_row_group(group, names, use_threads=False).to_batches()


class _RowGroup:
    """What the metadata of a file say of one row group."""

    def __init__(self, metadata: Any, number: int, first_row: int, columns: LogColumns, zone: ZoneInfo) -> None:
        group = metadata.row_group(number)
        self.number = number
        self.first_row = first_row
        self.rows: int = group.num_rows
        self.times: tuple[int, int] | None = None
        self.known: dict[str, Any] = {}
        every = [group.column(at) for at in range(group.num_columns)]
        paths = Counter(chunk.path_in_schema for chunk in every)  # a dot may be a part of a name
        chunks = {chunk.path_in_schema: chunk for chunk in every if paths[chunk.path_in_schema] == 1}
        self.bytes = sum(chunks[name].total_compressed_size for name in columns.all if name in chunks)
        self._chunks = chunks
        self._columns = columns
        self._zone = zone

    def repeats(self, name: str) -> bool:
        """Guess from its size whether a column is stored as few values and their positions, as most texts are."""
        chunk = self._chunks.get(name)
        return chunk is None or chunk.total_uncompressed_size <= max(_FEW_BYTES, _BYTES_A_POSITION * self.rows)

    def learn(self, fields: Mapping[str, Field]) -> None:
        """Take from the statistics the bounds of the time, and the columns that have one value throughout."""
        for canonical_name, names in self._columns.without(()).items():
            if len(names) > 1 or canonical_name == "duration":
                continue
            if canonical_name == "status" and self._columns.dialect is not None:
                continue  # it is for the dialect to say what a status means
            if names[0] in self._columns.partitions:
                self._know(canonical_name, self._columns.partitions[names[0]])
                continue
            chunk = self._chunks.get(names[0])
            statistics = chunk.statistics if chunk is not None else None
            if statistics is None or not statistics.has_null_count:
                continue
            kind = fields[names[0]].type
            if canonical_name == "timestamp":
                if self._columns.lasted is None:  # when requests ended says nothing of when they began
                    self.times = _bounds(statistics, kind, self._zone)
                continue
            only = _only_value(statistics, kind, self.rows)
            if canonical_name == "account_id" and pa.types.is_boolean(kind):
                only = None  # the column is refused when it is read
            if only is not None:
                self._know(canonical_name, only[0])

    def _know(self, canonical_name: str, value: Any) -> None:
        with suppress(ValueError):  # a value that cannot be read is read, and told with its row
            self.known[canonical_name] = meaning(canonical_name, value)


def _bounds(statistics: Any, kind: pa.DataType, zone: ZoneInfo) -> tuple[int, int] | None:
    """Give the bounds of a column of instants in microseconds, both inclusive."""
    if statistics.null_count or not statistics.has_min_max or statistics.physical_type not in {"INT32", "INT64"}:
        return None
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return None  # wall-clock times may run backwards
    if pa.types.is_integer(kind) and epoch_unit(statistics.min_raw) != epoch_unit(statistics.max_raw):
        return None  # a larger number need not be a later instant
    try:
        ends = pa.array([statistics.min_raw, statistics.max_raw], pa.int64()).cast(kind)
        instants = within_reach(read_instants(ends, zone).values)
        instants = instants.cast(pa.timestamp("us", "UTC"), safe=False)
    except (TypeError, pa.ArrowException):
        return None
    return None if instants.null_count else tuple(instants.cast(pa.int64()).to_pylist())


def _only_value(statistics: Any, kind: pa.DataType, rows: int) -> tuple[Any] | None:
    """Give the one value of a column, in a tuple; None where it has several, or it cannot be told.

    Bounds may be wider than the values, as when a writer cuts long texts, but never narrower: where both
    are the same, every value is.
    """
    if statistics.null_count == rows:
        return (None,)
    exact = pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind)
    if statistics.null_count or not statistics.has_min_max or not exact or statistics.min != statistics.max:
        return None
    return (statistics.min,)


def _numbered_runs(groups: list[_RowGroup]) -> Iterator[tuple[int, _RowGroup]]:
    """Give each row group the number of the run it is read in: alike in what is known, and not too large."""
    run, rows = 0, 0
    for before, group in zip([None, *groups], groups, strict=False):
        if before is not None and (before.known != group.known or rows + group.rows > _ROWS_A_FRAGMENT):
            run, rows = run + 1, 0
        rows += group.rows
        yield run, group
