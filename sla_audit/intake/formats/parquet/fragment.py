"""Some row groups of a Parquet log, and their reading: what is not decoded is borne out by the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.errors import InputError
from sla_audit.intake.formats.parquet.fields import Field, are_columns, rows_of
from sla_audit.intake.formats.parquet.row_groups import RowGroup
from sla_audit.intake.formats.parquet.statistics import TrustedStatistics
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.fragments.fragment import LogFragment, LogReading, unreadable
from sla_audit.intake.values.text import first_longer_than, is_sound
from sla_audit.limits import MOST_ID_BYTES
from sla_audit.parquet.bounds import rows_at_once
from sla_audit.parquet.pages import Pages
from sla_audit.sentence import Sentence

_FEW_BYTES = 1 << 20
_ROWS_TOGETHER = 1 << 17


@dataclass(frozen=True, eq=False, kw_only=True)
class ParquetFragment(LogFragment):
    """A run of row groups of one file, the first row of which is `first_row`, from 1.

    `fields` are those that may be decoded, `texts` those of them whose values repeat; `nulls` says how many rows have
    none. What its `known` and `times` say of columns that are not decoded, the pages bear out: see `statistics`.
    """

    groups: Sequence[RowGroup]
    first_row: int
    fields: Mapping[str, Field]
    texts: list[str]
    nulls: Mapping[str, int]
    rows_a_batch: int

    def read(self, without: Collection[str] = ()) -> ParquetReading:
        """Begin to read its rows: see `LogFragment.read`."""
        return ParquetReading(self, without)

    def skip(self) -> ReadAccount:
        """Account for all rows as read: see `ParquetReading.passed_over`."""
        return ParquetReading(self).passed_over()


class _Opened(NamedTuple):
    """A file, for its bytes to be looked at, and for Arrow to decode."""

    bytes: BinaryIO
    for_arrow: pa.NativeFile


class ParquetReading(LogReading[ParquetFragment]):
    """One reading of some row groups."""

    def __init__(self, plan: ParquetFragment, without: Collection[str] = ()) -> None:
        super().__init__(plan, without)
        self._claims = TrustedStatistics(plan.columns, plan.known, plan.groups)

    def passed_over(self) -> ReadAccount:
        """Account for all rows as read; of the file, so much is read as bears out when they were."""
        source = self.source
        try:
            with self._opened() as opened:
                if not self._claims.times_are_borne_out(opened.bytes):
                    for _ in self._looked_through(self.columns.in_file(("timestamp",)), opened):
                        pass
        except (pa.ArrowException, OSError) as error:
            raise InputError(unreadable(source, error)) from error
        self.rows = self.plan.rows or 0
        return self.account()

    def _batches(self) -> Iterator[pa.RecordBatch]:
        # A batch without columns would not know its rows.
        wanted = self.columns.without(self.without) or {"status": self.columns.without(())["status"]}
        names = self.columns.in_file(wanted) or self.columns.in_file(("timestamp",))
        with self._opened() as opened:
            besides = self._claims.to_decode(names, opened.bytes)
            for batch in self._looked_through([*names, *besides], opened):
                read = self._canonical(batch, wanted)
                first = self.plan.first_row + self.rows
                yield self._take(batch, read, "row", range(first, first + batch.num_rows))
        if self.rows != self.plan.rows:
            raise pa.ArrowInvalid(
                Sentence("{rows} rows where its footer says {said}", rows=self.rows, said=self.plan.rows)
            )

    @contextmanager
    def _opened(self) -> Iterator[_Opened]:
        """Open the file: once, where it is small enough to be held."""
        planned = self.source.planned
        if planned.size <= _FEW_BYTES:
            file = pa.BufferReader(planned.whole())
            yield _Opened(file, file)
            return
        with planned.unbuffered() as file, planned.for_arrow() as for_arrow:
            yield _Opened(file, for_arrow)

    def _looked_through(self, names: list[str], opened: _Opened) -> Iterator[pa.RecordBatch]:
        """Decode columns, and find them sound, and what statistics say of them borne out."""
        rows, coded = self._rows_at_once(names, opened.bytes)
        nulls: Counter[str] = Counter()
        first = self.plan.first_row
        for batch in self._raw(names, rows, coded, opened.for_arrow):
            nulls.update({name: batch.column(name).null_count for name in batch.schema.names})
            damaged = [name for name in batch.schema.names if not self._is_sound(name, batch.column(name))]
            if damaged:
                raise pa.ArrowInvalid(Sentence("column {damaged!r} holds text that is not UTF-8", damaged=damaged[0]))
            for name in self._short.intersection(batch.schema.names):
                if (at := first_longer_than(batch.column(name), MOST_ID_BYTES)) is not None:
                    raise pa.ArrowInvalid(
                        Sentence(
                            "column {name!r} has in row {first} a value of more than {most} bytes, "
                            "which no id or name has",
                            name=name,
                            first=first + at,
                            most=MOST_ID_BYTES,
                        )
                    )
            for name in self._claims.contradicted(batch):
                raise pa.ArrowInvalid(
                    Sentence(
                        "column {name!r} holds other values than its statistics say "
                        "(--no-statistics does not believe them)",
                        name=name,
                    )
                )
            first += batch.num_rows
            yield batch
        for name, found in nulls.items():
            if found != self.plan.nulls.get(name, found):  # damage to a page most often makes its values none
                raise pa.ArrowInvalid(
                    Sentence(
                        "column {name!r} has no value in {found} rows where its statistics say {nulls} "
                        "(--no-statistics does not believe them)",
                        name=name,
                        found=found,
                        nulls=self.plan.nulls[name],
                    )
                )

    @property
    def _short(self) -> set[str]:
        columns = self.columns
        texts = (columns.region, columns.api, columns.error_code, columns.client)
        names = (columns.account_id, columns.request_id, *texts)
        return {name for name in names if name is not None}

    def _rows_at_once(self, names: Sequence[str], file: BinaryIO) -> tuple[int, list[str]]:
        """Say how many rows may be read at once, and which texts come as dictionaries.

        Raises `UnsoundError` where few rows would take too much memory.
        """
        columns: dict[str, list[Pages]] = {}
        for name in names:
            for group in self.plan.groups:
                for pages in group.pages(name, file):
                    columns.setdefault(pages.chunk.leaf.name, []).append(pages)
        coded = [name for name in self.plan.texts if all(pages.is_usual for pages in columns.get(name, ()))]
        return rows_at_once(file, columns, coded, dict.fromkeys(self._short, MOST_ID_BYTES)), coded

    def _is_sound(self, name: str, column: pa.Array) -> bool:
        """Tell whether a column may be read; plain text that is merely compared may be any bytes."""
        merely = self.columns.compared and name not in replace(self.columns, compared=False).all
        return is_sound(column) or (merely and not pa.types.is_dictionary(column.type))

    def _raw(self, names: list[str], rows: int, coded: list[str], file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        fields = [self.plan.fields[name] for name in names]
        utc = self.columns.time_zone is None
        self.assumed_utc |= utc and any(field.int96 for field in fields)
        for batch in self._stored(names, rows, coded, file):
            yield batch if are_columns(fields) else rows_of(batch, fields, utc=utc)

    def _stored(self, names: list[str], rows: int, coded: list[str], opened: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        # As nanoseconds, an INT96 far from our days would come as another instant.
        with pq.ParquetFile(
            opened, read_dictionary=coded, coerce_int96_timestamp_unit="us", page_checksum_verification=True
        ) as file:
            groups = [group.number for group in self.plan.groups]
            if max(group.rows for group in self.plan.groups) > min(2 * self.plan.rows_a_batch, rows):
                # One huge row group, or large values: in slices, so that memory stays small.
                yield from file.iter_batches(min(self.plan.rows_a_batch, rows), groups, names, use_threads=False)
                return
            # Arrow cannot make one of dictionaries within structs.
            flat = all(len(self.plan.fields[name].path) == 1 for name in names)
            for together in self._together(min(rows, _ROWS_TOGETHER) if flat else 0):
                table = file.read_row_groups(together, names, use_threads=False)
                if len(together) > 1:
                    table = table.unify_dictionaries().combine_chunks()
                yield from table.to_batches()

    def _together(self, rows: int) -> Iterator[list[int]]:
        """Collect row groups that are read together, up to so many rows: each batch takes a while of its own."""
        groups, held = list[int](), 0
        for group in self.plan.groups:
            if groups and held + group.rows > rows:
                yield groups
                groups, held = [], 0
            groups.append(group.number)
            held += group.rows
        yield groups
