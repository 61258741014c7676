"""Parquet logs: the needed columns only, and none whose value the statistics already give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Self
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.intake.bytes.compression import kind_of
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.planned import Planned
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.parquet.fields import Field, fields_of, holds_text, of_table
from sla_audit.intake.formats.parquet.fragment import ParquetFragment
from sla_audit.intake.formats.parquet.row_groups import RowGroup, numbered_runs, numbers_of
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source
from sla_audit.parquet.footer import footer_of
from sla_audit.sentence import Sentence, as_phrase

_ROWS_A_FRAGMENT = 1 << 19  # small row groups are read together, up to so many rows
_ROWS_A_BATCH = 1 << 20
_SCHEMAS_REMEMBERED = 64
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
    def _fields(self) -> Sequence[Field]:
        planned = self.source.planned
        try:
            fields = _fields_of(_Schema(footer_of(planned.path).schema, planned))
        except pa.ArrowInvalid:
            kind = kind_of(planned)
            if kind in {None, "Parquet"}:
                raise
            raise pa.ArrowInvalid(Sentence("it holds {kind}", kind=as_phrase(kind or ""))) from None
        live = self.source.live
        return fields if live is None or live.columns is None else of_table(fields, live.columns, self.source.shown)

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: runs of row groups of which the same is known."""
        in_file = {field.name: field for field in self._fields}
        return _runs(self.source, columns, zone, in_file, statistics=options.statistics)


@dataclass(frozen=True)
class _Schema:
    """What a file says of the types of its columns; one of the files that say so is `planned`."""

    text: str
    planned: Planned = field(compare=False)


@lru_cache(_SCHEMAS_REMEMBERED)
def _fields_of(schema: _Schema) -> tuple[Field, ...]:
    """List the fields of a schema: many files have the same."""
    with schema.planned.for_arrow() as file:
        return tuple(fields_of(pq.read_metadata(file)))


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
        planned.append(RowGroup(source.path, footer, number, first_row, columns, zone, read=read))
        first_row += planned[-1].rows
        if statistics:
            planned[-1].learn(fields, values=not many_small)
    for _, alike in groupby(numbered_runs(planned, _ROWS_A_FRAGMENT), key=lambda pair: pair[0]):
        groups = [group for _, group in alike]
        spans = [(*group.times, group.rows) for group in groups if group.times is not None]
        bounded = len(spans) == len(groups)
        statuses = [group.statuses for group in groups if group.statuses is not None]
        yield ParquetFragment(
            source,
            columns,
            zone,
            bytes=sum(group.bytes for group in groups),
            rows=sum(group.rows for group in groups),
            times=(min(span[0] for span in spans), max(span[1] for span in spans)) if bounded else None,
            spans=spans if bounded else (),
            known=groups[0].known,
            statuses=_hull(statuses) if len(statuses) == len(groups) else None,
            groups=groups,
            first_row=groups[0].first_row,
            rows_a_batch=_ROWS_A_BATCH,
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


def _hull(bounds: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(first for first, _ in bounds), max(last for _, last in bounds)
