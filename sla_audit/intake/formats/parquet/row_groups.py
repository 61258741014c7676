"""What the footer of a Parquet log says of its row groups: what each holds, and which are read together.

Statistics are evidence, not truth. A column that has one value by them, and times that lie between two bounds, are
counted as such without being decoded only where something apart from the footer bears them out: see `parquet.evidence`.
Where nothing does, and in every file of few rows, the column is decoded and compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.intake.canonical import meaning
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.parquet.fields import Field, holds_text
from sla_audit.intake.values.content_flags import FLAG_VALUE
from sla_audit.intake.values.epochs import UNITS, epoch_unit
from sla_audit.intake.values.timestamps import read_instants, within_reach
from sla_audit.model.instant import EARLIEST, LATEST
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS
from sla_audit.parquet.footer import Chunk, Footer, Statistics, bounds_of, footer_of
from sla_audit.parquet.pages import Pages, pages_of
from sla_audit.parquet.schema import Leaf

_FEW_BYTES = 1 << 20
_BYTES_A_POSITION = 8  # a position in a dictionary, and its share of the dictionary, take less


class RowGroup:
    """What the metadata of a file say of one row group."""

    def __init__(
        self,
        path: Path,
        footer: Footer,
        number: int,
        first_row: int,
        columns: LogColumns,
        zone: ZoneInfo,
        *,
        read: Mapping[str, int],
    ) -> None:
        """Take a row group of a file's footer, of which those columns are `read` that have these numbers there.

        Once it has learnt, `times` has the bounds of the times in microseconds, `ticks` those as the file keeps them;
        `statuses` has those of the statuses, where each row has one.
        """
        self.number = number
        self.first_row = first_row
        self.times: tuple[int, int] | None = None
        self.ticks: tuple[int, int] | None = None
        self.statuses: tuple[int, int] | None = None
        self.known: dict[str, Any] = {}
        self.nulls: dict[str, int] = {}
        group = footer.groups[number]
        self.rows = group.rows
        self._path = path
        self._leaves = footer.leaves
        self._columns = columns
        self._zone = zone
        self._chunks = {name: footer.chunk(group, at) for name, at in read.items()}
        self.bytes = sum(chunk.bytes for chunk in self._chunks.values())

    def pages(self, name: str, file: BinaryIO) -> list[Pages]:
        """Look through the pages of a field: one column, or those of all values of a list or a map."""
        leaves = [(at, leaf) for at, leaf in enumerate(self._leaves) if f"{leaf.name}.".startswith(f"{name}.")]
        return [pages_of(file, self._chunks.get(leaf.name) or self._chunk(at)) for at, leaf in leaves]

    def repeats(self, name: str) -> bool:
        """Guess from its size whether a column is stored as few values and their positions, as most texts are."""
        chunk = self._chunks.get(name)
        return chunk is None or chunk.unpacked_bytes <= max(_FEW_BYTES, _BYTES_A_POSITION * self.rows)

    def learn(self, fields: Mapping[str, Field], *, values: bool = True) -> None:
        """Take from the statistics the bounds of the time, and with `values` the columns that have one throughout."""
        for canonical_name, names in self._columns.without(()).items():
            if len(names) > 1 or canonical_name in {"duration", "took_over", "request_id"}:
                continue
            statistics = self._statistics(names[0])
            if statistics is not None:
                self.nulls[names[0]] = statistics.nulls or 0
            if canonical_name in {"status", "client_aborted"} and self._columns.dialect is not None:
                continue  # it is for the dialect to say what a status means, and whether the client left as well
            if names[0] in self._columns.partitions:
                self._know(canonical_name, self._columns.partitions[names[0]])
            elif statistics is not None and (values or canonical_name == "timestamp"):
                if canonical_name == "status":
                    self.statuses = _statuses(statistics, fields[names[0]].type, self._chunks[names[0]].leaf)
                self._learn_values(canonical_name, statistics, fields[names[0]].type, self._chunks[names[0]].leaf)

    def _learn_values(self, canonical_name: str, statistics: Statistics, kind: pa.DataType, leaf: Leaf) -> None:
        if canonical_name == "timestamp":
            if self._columns.lasted is None:  # when requests ended says nothing of when they began
                self.times = _times(statistics, kind, leaf, self._zone)
                self.ticks = None if self.times is None else bounds_of(statistics, leaf)
            return
        if canonical_name == "account_id" and pa.types.is_boolean(kind):
            return  # the column is refused when it is read
        with suppress(ValueError):  # bounds that cannot be read are not known
            only = _only_value(statistics, kind, leaf, self.rows)
            if only is not None:
                self._know(canonical_name, only[0])

    def _chunk(self, at: int) -> Chunk:
        """Look up a column that is not read for itself. Footers are not held: there may be many files."""
        footer = footer_of(self._path)
        return footer.chunk(footer.groups[self.number], at)

    def _statistics(self, name: str) -> Statistics | None:
        """Give the statistics of a column; None where there are none, or not whole."""
        statistics = self._chunks[name].statistics if name in self._chunks else None
        return statistics if statistics is not None and statistics.nulls is not None else None

    def _know(self, canonical_name: str, value: Any) -> None:
        with suppress(ValueError):  # a value that cannot be read is read, and told with its row
            self.known |= known_by(canonical_name, value, self._columns)


def known_by(canonical_name: str, value: Any, columns: LogColumns) -> dict[str, Any]:
    """Tell what is known of rows that all have one value in a column. Raises `ValueError` where it cannot be read."""
    if canonical_name == "account_id" and columns.account_pattern is not None:
        value = columns.account_pattern.take(value)
    known = {canonical_name: meaning(canonical_name, value, columns.flags)}
    if canonical_name == "content_flag" and (flag := columns.flags.spelt(value)) is not None:
        known[FLAG_VALUE] = flag
    return known


def numbers_of(footer: Footer, fields: Mapping[str, Field]) -> dict[str, int]:
    """Give the number of each column in the schema of the file.

    A dot may be a part of a name, so that two columns have the same path: nothing is known of either.
    """
    times = Counter(leaf.name for leaf in footer.leaves)
    return {leaf.name: at for at, leaf in enumerate(footer.leaves) if leaf.name in fields and times[leaf.name] == 1}


def _times(statistics: Statistics, kind: pa.DataType, leaf: Leaf, zone: ZoneInfo) -> tuple[int, int] | None:
    """Give the bounds of a column of instants in microseconds, both inclusive."""
    bounds = bounds_of(statistics, leaf)
    if statistics.nulls or bounds is None or leaf.physical not in {"INT32", "INT64"}:
        return None
    if pa.types.is_timestamp(kind):
        return None if kind.tz is None else _instants(bounds, UNITS[kind.unit])  # wall-clock times may run backwards
    if pa.types.is_integer(kind) and epoch_unit(bounds[0]) != epoch_unit(bounds[1]):
        return None  # a larger number need not be a later instant
    try:
        ends = pa.array(bounds, pa.int64()).cast(kind)
        instants = within_reach(read_instants(ends, zone).values)
        instants = instants.cast(pa.timestamp("us", "UTC"), safe=False)
    except (TypeError, pa.ArrowException):
        return None
    return None if instants.null_count else tuple(instants.cast(pa.int64()).to_pylist())


def _instants(ticks: tuple[int, int], per_second: int) -> tuple[int, int] | None:
    """Give instants in microseconds; None where one is not `within_reach`."""
    if not all(EARLIEST * per_second <= tick * 10**6 < LATEST * per_second for tick in ticks):
        return None
    earliest, latest = (tick * 10**6 // per_second for tick in ticks)
    return earliest, latest


def _only_value(statistics: Statistics, kind: pa.DataType, leaf: Leaf, rows: int) -> tuple[Any] | None:
    """Give the one value of a column, in a tuple; None where it has several, or it cannot be told.

    Bounds may be wider than the values, as when a writer cuts long texts, but never narrower: where both
    are the same, every value is.
    """
    bounds = bounds_of(statistics, leaf)
    if statistics.nulls == rows:
        return None if bounds is not None else (None,)  # a value, and none: the footer contradicts itself
    if statistics.nulls or bounds is None or bounds[0] != bounds[1]:
        return None
    if pa.types.is_integer(kind) and leaf.width is not None:
        signed = pa.types.is_signed_integer(kind)
        return (bounds[0] if signed else bounds[0] % (1 << 8 * leaf.width),)
    if pa.types.is_boolean(kind):
        return (bounds[0] != b"\0",)
    return (bounds[0].decode(),) if holds_text(kind) else None


def _statuses(statistics: Statistics, kind: pa.DataType, leaf: Leaf) -> tuple[int, int] | None:
    """Give the bounds of statuses that are kept as numbers; None where some row has none, or it cannot be told."""
    bounds = bounds_of(statistics, leaf)
    if statistics.nulls or bounds is None or not pa.types.is_integer(kind) or leaf.physical not in {"INT32", "INT64"}:
        return None
    return bounds if FIRST_STATUS <= bounds[0] <= bounds[1] <= LAST_STATUS else None


def numbered_runs(groups: Sequence[RowGroup], most: int) -> Iterator[tuple[int, RowGroup]]:
    """Give each row group the number of the run it is read in: alike in what is known, of so many rows at `most`."""
    run, rows = 0, 0
    for before, group in zip([None, *groups], groups, strict=False):
        if before is not None and (before.known != group.known or rows + group.rows > most):
            run, rows = run + 1, 0
        rows += group.rows
        yield run, group
