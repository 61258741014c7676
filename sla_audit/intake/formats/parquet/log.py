"""Parquet logs: the needed columns only, and none whose value the statistics already give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import BinaryIO, Self
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.errors import InputError
from sla_audit.intake.bytes.compression import kind_of
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.parquet.fields import Field, are_columns, fields_of, holds_text, rows_of
from sla_audit.intake.formats.parquet.row_groups import RowGroup, numbered_runs, numbers_of
from sla_audit.intake.formats.parquet.statistics import TrustedStatistics
from sla_audit.intake.fragment import LogFragment, unreadable
from sla_audit.intake.sources.find import Source
from sla_audit.intake.values.text import first_longer_than, is_sound
from sla_audit.limits import MOST_ID_BYTES
from sla_audit.parquet.bounds import rows_at_once
from sla_audit.parquet.footer import footer_of
from sla_audit.parquet.pages import Pages

_ROWS_A_FRAGMENT = 1 << 19  # small row groups are read together, up to so many rows
_ROWS_A_BATCH = 1 << 20
_MANY_GROUPS, _ROWS_OF_A_SMALL_GROUP = 64, 1 << 14


class ParquetLog(OpenedLog):
    """A log in Parquet; fields within structs are named with dots."""

    @classmethod
    def open(cls, source: Source, head: Head, written: Written) -> Self:
        """Open a file: see `interface.Opener`."""
        del head  # what tells of a file stands at its end
        return cls(source, written.dialect)

    @property
    def names(self) -> list[str]:
        """The names of its fields. Raises `ArrowInvalid` where it is no Parquet file."""
        return [field.name for field in self._fields]

    @cached_property
    def _fields(self) -> list[Field]:
        planned = self.source.planned
        try:
            footer_of(planned.path)
            with planned.for_arrow() as file:
                return fields_of(pq.read_metadata(file))
        except pa.ArrowInvalid:
            kind = kind_of(planned)
            if kind in {None, "Parquet"}:
                raise
            raise pa.ArrowInvalid(f"it holds {kind}") from None

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: runs of row groups of which the same is known."""
        in_file = {field.name: field for field in self._fields}
        return _runs(self.source, columns, zone, in_file, statistics=options.statistics)


def _runs(
    source: Source, columns: LogColumns, zone: ZoneInfo, in_file: Mapping[str, Field], *, statistics: bool
) -> Iterator[LogFragment]:
    footer = footer_of(source.path)
    fields = {name: field for name, field in in_file.items() if name in columns.all}
    read = numbers_of(footer, fields)
    # Each run opens the file anew. Where many small row groups have values of their own, runs would be as many.
    many_small = len(footer.groups) > max(_MANY_GROUPS, footer.rows // _ROWS_OF_A_SMALL_GROUP)
    planned, first_row = [], 1
    for number in range(len(footer.groups)):
        planned.append(RowGroup(footer, number, first_row, columns, zone, read))
        first_row += planned[-1].rows
        if statistics:
            planned[-1].learn(fields, values=not many_small)
    for _, alike in groupby(numbered_runs(planned, _ROWS_A_FRAGMENT), key=lambda pair: pair[0]):
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
            groups=groups,
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
                if name != columns.request_id  # an id of its own for each row, mostly
                and holds_text(field.type)
                and all(group.repeats(name) for group in groups)
            ],
        )


@dataclass(eq=False, kw_only=True)
class ParquetFragment(LogFragment):
    """A run of row groups of one file.

    What its `known` and `times` say of columns that are not decoded, the pages bear out: see `parquet_claims`.
    """

    groups: Sequence[RowGroup]
    first_row: int
    fields: Mapping[str, Field]
    texts: list[str]
    nulls: Mapping[str, int]
    _claims: TrustedStatistics = field(init=False)

    def __post_init__(self) -> None:
        """Say which statistics have to be borne out."""
        self._claims = TrustedStatistics(self.columns, self.known, self.groups)

    def skip(self) -> int:
        """Account for all rows as read; of the file, so much is read as bears out when they were."""
        try:
            with self.source.planned.unbuffered() as file:
                proven = self._claims.times_are_borne_out(file)
            if not proven:
                for _ in self._looked_through(self.columns.in_file(("timestamp",))):
                    pass
        except (pa.ArrowException, OSError) as error:
            raise InputError(unreadable(self.source, error)) from error
        return super().skip()

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        # A batch without columns would not know its rows.
        wanted = self.columns.without(without) or {"status": self.columns.without(())["status"]}
        names = self.columns.in_file(wanted) or self.columns.in_file(("timestamp",))
        with self.source.planned.unbuffered() as file:
            besides = self._claims.to_decode(names, file)
        for batch in self._looked_through([*names, *besides]):
            read = self._canonical(batch, wanted)
            first = self.first_row + self.read
            yield self._take(read, batch.num_rows, "row", range(first, first + batch.num_rows))
        if self.read != self.rows:
            raise pa.ArrowInvalid(f"{self.read} rows where its footer says {self.rows}")

    def _looked_through(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        """Decode columns, and find them sound, and what statistics say of them borne out."""
        with self.source.planned.unbuffered() as file:
            rows, coded = self._rows_at_once(names, file)
        nulls: Counter[str] = Counter()
        first = self.first_row
        for batch in self._raw(names, rows, coded):
            nulls.update({name: batch.column(name).null_count for name in batch.schema.names})
            damaged = [name for name in batch.schema.names if not self._is_sound(name, batch.column(name))]
            if damaged:
                raise pa.ArrowInvalid(f"column {damaged[0]!r} holds text that is not UTF-8")
            for name in self._short.intersection(batch.schema.names):
                if (at := first_longer_than(batch.column(name), MOST_ID_BYTES)) is not None:
                    most = f"more than {MOST_ID_BYTES} bytes, which no id or name has"
                    raise pa.ArrowInvalid(f"column {name!r} has in row {first + at} a value of {most}")
            for name in self._claims.contradicted(batch):
                said = f"column {name!r} holds other values than its statistics say"
                raise pa.ArrowInvalid(f"{said} (--no-statistics does not believe them)")
            first += batch.num_rows
            yield batch
        for name, found in nulls.items():
            if found != self.nulls.get(name, found):  # damage to a page most often makes its values none
                said = f"column {name!r} has no value in {found} rows where its statistics say {self.nulls[name]}"
                raise pa.ArrowInvalid(f"{said} (--no-statistics does not believe them)")

    @property
    def _short(self) -> set[str]:
        columns = self.columns
        names = (columns.account_id, columns.request_id, columns.region, columns.api)
        return {name for name in names if name is not None}

    def _rows_at_once(self, names: Sequence[str], file: BinaryIO) -> tuple[int, list[str]]:
        """Say how many rows may be read at once, and which texts come as dictionaries.

        Raises `UnsoundError` where few rows would take too much memory.
        """
        columns: dict[str, list[Pages]] = {}
        for name in names:
            for group in self.groups:
                for pages in group.pages(name, file):
                    columns.setdefault(pages.chunk.leaf.name, []).append(pages)
        coded = [name for name in self.texts if all(pages.is_usual for pages in columns.get(name, ()))]
        return rows_at_once(file, columns, coded, dict.fromkeys(self._short, MOST_ID_BYTES)), coded

    def _is_sound(self, name: str, column: pa.Array) -> bool:
        """Tell whether a column may be read; plain text that is merely compared may be any bytes."""
        merely = self.columns.compared and name not in replace(self.columns, compared=False).all
        return is_sound(column) or (merely and not pa.types.is_dictionary(column.type))

    def _raw(self, names: list[str], rows: int, coded: list[str]) -> Iterator[pa.RecordBatch]:
        fields = [self.fields[name] for name in names]
        utc = self.columns.time_zone is None
        self.assumed_utc |= utc and any(field.int96 for field in fields)
        for batch in self._stored(names, rows, coded):
            yield batch if are_columns(fields) else rows_of(batch, fields, utc=utc)

    def _stored(self, names: list[str], rows: int, coded: list[str]) -> Iterator[pa.RecordBatch]:
        # As nanoseconds, an INT96 far from our days would come as another instant.
        with (
            self.source.planned.for_arrow() as opened,
            pq.ParquetFile(
                opened,
                read_dictionary=coded,
                coerce_int96_timestamp_unit="us",
                page_checksum_verification=True,
            ) as file,
        ):
            groups = [group.number for group in self.groups]
            if max(group.rows for group in self.groups) > min(2 * _ROWS_A_BATCH, rows):
                # One huge row group, or large values: in slices, so that memory stays small.
                yield from file.iter_batches(min(_ROWS_A_BATCH, rows), groups, names, use_threads=False)
                return
            for group in groups:
                yield from file.read_row_group(group, names, use_threads=False).to_batches()
