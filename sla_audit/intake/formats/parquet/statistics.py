"""What is taken from a Parquet file's statistics, and whether the file itself bears it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.parquet.row_groups import RowGroup, known_by
from sla_audit.intake.values.content_flags import FLAG_VALUE
from sla_audit.parquet.evidence import borne_out

_FEW_ROWS = 1 << 17  # these are decoded in less than a millisecond
_MOST_VALUES = 1000


class TrustedStatistics:
    """The claims of statistics on some row groups: columns with one value in all rows, and the bounds of the times.

    Times are within the bounds of `groups`, where each has some.
    """

    def __init__(self, columns: LogColumns, known: Mapping[str, Any], groups: Sequence[RowGroup]) -> None:
        names = columns.without(())
        claimed = [name for name in known if name != FLAG_VALUE and names[name][0] not in columns.partitions]
        self._known = known
        self._columns = columns
        self._groups = groups
        self._times: tuple[int, int] | None = None
        bounds = [group.ticks for group in groups if group.ticks is not None]
        if len(bounds) == len(groups):
            self._times = min(first for first, _ in bounds), max(last for _, last in bounds)
            claimed.append("timestamp")
        self._names = {name: names[name][0] for name in claimed}
        self._few = sum(group.rows for group in groups) <= _FEW_ROWS

    def to_decode(self, decoded: Sequence[str], file: BinaryIO) -> list[str]:
        """Name the columns, as the file does, that are to be decoded besides: nothing bears out what is claimed.

        Of few rows, that is each with one value.
        """
        return [
            name
            for canonical_name, name in self._names.items()
            if name not in decoded
            and ((self._few and canonical_name != "timestamp") or not self._are_borne_out(name, file))
        ]

    def times_are_borne_out(self, file: BinaryIO) -> bool:
        """Tell whether something apart from the footer says when the rows were."""
        return self._times is not None and self._are_borne_out(self._names["timestamp"], file)

    def contradicted(self, batch: pa.RecordBatch) -> Iterator[str]:
        """Name the columns of a batch whose values are not what is claimed of them."""
        for canonical_name, name in self._names.items():
            if name in batch.schema.names and batch.num_rows:
                column = batch.column(name)
                holds = (
                    self._holds_times(column) if canonical_name == "timestamp" else self._holds(canonical_name, column)
                )
                if not holds:
                    yield name

    def _are_borne_out(self, name: str, file: BinaryIO) -> bool:
        return all(borne_out(file, pages) for group in self._groups for pages in group.pages(name, file))

    def _holds_times(self, column: pa.Array) -> bool:
        bounds = pc.min_max(_ticks(column)).as_py()
        if self._times is None or bounds["min"] is None:
            return True  # how many rows may have no time is looked at apart
        return bool(self._times[0] <= bounds["min"] <= bounds["max"] <= self._times[1])

    def _holds(self, canonical_name: str, column: pa.Array) -> bool:
        """Tell whether each value of a column means what is known."""
        parts = [canonical_name, *([FLAG_VALUE] if canonical_name == "content_flag" else [])]
        known = {part: self._known[part] for part in parts if part in self._known}
        values = _values(column)
        if len(values) > _MOST_VALUES:
            return False
        try:
            return all(known_by(canonical_name, value, self._columns) == known for value in values.to_pylist())
        except ValueError:
            return False


def _ticks(column: pa.Array) -> pa.Array:
    """Give times as the numbers that they are kept as."""
    if pa.types.is_integer(column.type):
        return column
    return column.view(pa.int64() if column.type.bit_width == 64 else pa.int32())


def _values(column: pa.Array) -> pa.Array:
    """Give the distinct values of a column."""
    if not pa.types.is_dictionary(column.type):
        return pc.unique(column)
    if len(column.dictionary) == 1 and not column.null_count:
        return column.dictionary
    return column.dictionary.take(pc.unique(column.indices))
