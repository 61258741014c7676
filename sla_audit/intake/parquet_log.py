"""Parquet logs: the needed columns only, and none whose value the statistics already give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.intake.canonical import meaning
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.content_flags import FLAG_VALUE
from sla_audit.intake.epochs import epoch_unit
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.packed import kind_of
from sla_audit.intake.parquet_fields import Field, are_columns, fields_of, rows_of
from sla_audit.intake.planned import Planned
from sla_audit.intake.sources import Source
from sla_audit.intake.text import is_sound
from sla_audit.intake.timestamps import read_instants, within_reach

_ROWS_A_FRAGMENT = 1 << 19  # small row groups are read together, up to so many rows
_ROWS_A_BATCH = 1 << 20
_FEW_BYTES = 1 << 20
_BYTES_A_POSITION = 8  # a position in a dictionary, and its share of the dictionary, take less


def parquet_header(planned: Planned) -> list[str]:
    """Name the fields, those within structs with dots. Raises `ArrowInvalid` where it is no Parquet file."""
    try:
        with planned.for_arrow() as file:
            return [field.name for field in fields_of(pq.read_metadata(file))]
    except pa.ArrowInvalid:
        kind = kind_of(planned)
        if kind in {None, "Parquet"}:
            raise
        raise pa.ArrowInvalid(f"it holds {kind}") from None


def parquet_fragments(
    source: Source, columns: LogColumns, zone: ZoneInfo, *, statistics: bool
) -> Iterator[LogFragment]:
    """Plan the reading of a file: runs of row groups of which the same is known."""
    with source.planned.for_arrow() as file:
        metadata = pq.read_metadata(file)
    in_file = {field.name: field for field in fields_of(metadata)}
    fields = {name: field for name, field in in_file.items() if name in columns.all}
    chunks = _chunks(metadata, fields)
    planned, first_row = [], 1
    for number in range(metadata.num_row_groups):
        planned.append(_RowGroup(metadata.row_group(number), number, first_row, columns, zone, chunks))
        first_row += planned[-1].rows
        if statistics:
            planned[-1].learn(fields)
    if first_row - 1 != metadata.num_rows:
        raise pa.ArrowInvalid(f"its footer says {metadata.num_rows} rows, and {first_row - 1} in its row groups")
    for _, alike in groupby(_numbered_runs(planned), key=lambda pair: pair[0]):
        groups = [group for _, group in alike]
        spans = [(*group.times, group.rows) for group in groups if group.times is not None]
        bounded = len(spans) == len(groups)
        yield ParquetFragment(
            source,
            columns,
            zone,
            bytes=sum(group.bytes for group in groups),
            rows=sum(group.rows for group in groups),
            times=(min(span[0] for span in spans), max(span[1] for span in spans)) if bounded else None,
            spans=spans if bounded else (),
            known=groups[0].known,
            groups=[group.number for group in groups],
            first_row=groups[0].first_row,
            fields={name: field for name, field in in_file.items() if name in {*fields, *columns.besides}},
            nulls={
                name: sum(group.nulls[name] for group in groups)
                for name in groups[0].nulls
                if all(name in group.nulls for group in groups)
            },
            texts=[
                name
                for name, field in fields.items()
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
        nulls: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._fields = fields
        self._first_row = first_row
        self._texts = texts
        self._nulls = nulls

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        # A batch without columns would not know its rows.
        wanted = self.columns.without(without) or {"status": self.columns.without(())["status"]}
        nulls: Counter[str] = Counter()
        for batch in self._raw(self.columns.in_file(wanted) or self.columns.in_file(("timestamp",))):
            nulls.update({name: batch.column(name).null_count for name in batch.schema.names})
            damaged = [name for name in batch.schema.names if not self._is_sound(name, batch.column(name))]
            if damaged:
                raise pa.ArrowInvalid(f"column {damaged[0]!r} holds text that is not UTF-8")
            read = self._canonical(batch, wanted)
            first = self._first_row + self.read
            yield self._take(read, batch.num_rows, "row", range(first, first + batch.num_rows))
        if self.read != self.rows:
            raise pa.ArrowInvalid(f"{self.read} rows where its footer says {self.rows}")
        for name, found in nulls.items():
            if found != self._nulls.get(name, found):  # damage to a page most often makes its values none
                said = f"column {name!r} has no value in {found} rows where its statistics say {self._nulls[name]}"
                raise pa.ArrowInvalid(f"{said} (--no-statistics does not believe them)")

    def _is_sound(self, name: str, column: pa.Array) -> bool:
        """Tell whether a column may be read; plain text that is merely compared may be any bytes."""
        merely = self.columns.compared and name not in replace(self.columns, compared=False).all
        return is_sound(column) or (merely and not pa.types.is_dictionary(column.type))

    def _raw(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        fields = [self._fields[name] for name in names]
        utc = self.columns.time_zone is None
        self.assumed_utc |= utc and any(field.int96 for field in fields)
        for batch in self._stored(names):
            yield batch if are_columns(fields) else rows_of(batch, fields, utc=utc)

    def _stored(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        # As nanoseconds, an INT96 far from our days would come as another instant.
        with (
            self.source.planned.for_arrow() as opened,
            pq.ParquetFile(
                opened,
                read_dictionary=self._texts,
                coerce_int96_timestamp_unit="us",
                page_checksum_verification=True,
            ) as file,
        ):
            if (self.rows or 0) > 2 * _ROWS_A_BATCH:  # one huge row group: in slices, so that memory stays small
                yield from file.iter_batches(_ROWS_A_BATCH, self._groups, names, use_threads=False)
                return
            for group in self._groups:
                yield from file.read_row_group(group, names, use_threads=False).to_batches()


class _RowGroup:
    """What the metadata of a file say of one row group."""

    def __init__(
        self,
        group: Any,
        number: int,
        first_row: int,
        columns: LogColumns,
        zone: ZoneInfo,
        chunks: Mapping[str, tuple[int, str]],
    ) -> None:
        self.number = number
        self.first_row = first_row
        self.rows: int = group.num_rows
        self.times: tuple[int, int] | None = None
        self.known: dict[str, Any] = {}
        self.nulls: dict[str, int] = {}
        self._chunks = {name: group.column(at) for name, (at, _) in chunks.items()}
        self._columns = columns
        self._zone = zone
        for name, (_, kind) in chunks.items():
            if self._chunks[name].physical_type != kind:  # to ask for its statistics would end the process
                raise pa.ArrowInvalid(f"its footer contradicts itself about the type of {name!r}")
        self.bytes = sum(chunk.total_compressed_size for chunk in self._chunks.values())

    def repeats(self, name: str) -> bool:
        """Guess from its size whether a column is stored as few values and their positions, as most texts are."""
        chunk = self._chunks.get(name)
        return chunk is None or chunk.total_uncompressed_size <= max(_FEW_BYTES, _BYTES_A_POSITION * self.rows)

    def learn(self, fields: Mapping[str, Field]) -> None:
        """Take from the statistics the bounds of the time, and the columns that have one value throughout."""
        for canonical_name, names in self._columns.without(()).items():
            if len(names) > 1 or canonical_name in {"duration", "request_id"}:
                continue
            statistics = self._statistics(names[0])
            if statistics is not None:
                self.nulls[names[0]] = statistics.null_count
            if canonical_name in {"status", "client_aborted"} and self._columns.dialect is not None:
                continue  # it is for the dialect to say what a status means, and whether the client left as well
            if names[0] in self._columns.partitions:
                self._know(canonical_name, self._columns.partitions[names[0]])
            elif statistics is not None:
                self._learn_values(canonical_name, statistics, fields[names[0]].type)

    def _learn_values(self, canonical_name: str, statistics: Any, kind: pa.DataType) -> None:
        if canonical_name == "timestamp":
            if self._columns.lasted is None:  # when requests ended says nothing of when they began
                self.times = _bounds(statistics, kind, self._zone)
            return
        if canonical_name == "account_id" and pa.types.is_boolean(kind):
            return  # the column is refused when it is read
        with suppress(ValueError):  # bounds that cannot be read are not known
            only = _only_value(statistics, kind, self.rows)
            if only is not None:
                self._know(canonical_name, only[0])

    def _statistics(self, name: str) -> Any | None:
        """Give the statistics of a column; None where there are none, or not whole."""
        statistics = self._chunks[name].statistics if name in self._chunks else None
        return statistics if statistics is not None and statistics.has_null_count else None

    def _know(self, canonical_name: str, value: Any) -> None:
        with suppress(ValueError):  # a value that cannot be read is read, and told with its row
            self.known[canonical_name] = meaning(canonical_name, value, self._columns.flags)
            if canonical_name == "content_flag" and (flag := self._columns.flags.spelt(value)) is not None:
                self.known[FLAG_VALUE] = flag


def _chunks(metadata: Any, names: Collection[str]) -> dict[str, tuple[int, str]]:
    """Give the number and the physical type of each column that is read, as the schema of the file has it.

    A dot may be a part of a name, so that two columns have the same path: nothing is known of either.
    """
    leaves = [(column.path, at, column.physical_type) for at, column in enumerate(metadata.schema)]
    times = Counter(path for path, _, _ in leaves)
    return {path: (at, kind) for path, at, kind in leaves if path in names and times[path] == 1}


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
        return None if statistics.has_min_max else (None,)  # a value, and none: the footer contradicts itself
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
