"""Readings of text logs that scan what they can, and leave the rest to others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from sla_audit.intake.bytes.chunks import Piece
from sla_audit.intake.bytes.row_lines import row_lines
from sla_audit.intake.canonical import Canonical
from sla_audit.intake.fragments.fragment import LogReading, Places, Plan
from sla_audit.intake.scan.layout import Layout, layout_of

if TYPE_CHECKING:
    from sla_audit.intake.scan.lines import Lines
    from sla_audit.intake.scan.scanner import Part, Scanner

_FEW = 16
"""Where more than one line in so many is for others to read, reading all at once is quicker than a scan."""


@dataclass(frozen=True)
class Settled:
    """The rows of a piece that was scanned, in canonical columns, and the lines that are for others to read.

    `late` are the fields still to come in which some of the rows have a value.
    """

    read: list[Canonical]
    local_time: bool
    odd: Lines
    late: tuple[str, ...]

    @property
    def lines(self) -> int:
        """How many lines are not blank."""
        return len(self.odd.places) + sum(map(_rows_of, self.read))


class ScannedReading(LogReading[Plan]):
    """One reading of a part of a text log, pieces of which are scanned where its plan has `scanners`."""

    loops: ClassVar[str]
    """The name of those that scan such logs."""
    _scans = True
    """Whether that is worth while, as far as it has been seen."""

    @property
    def _late(self) -> tuple[str, ...]:
        """The fields still to come: where one is not read as it is, a line with a value of it is for others to read."""
        return ()

    @abstractmethod
    def _scanner(self, layout: Layout, written: Hashable) -> Scanner | None:
        """Make a scanner of lines that are `written` so; None where there is none."""

    def _wanted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the pieces of the text or, of each, the lines that are to be read."""
        if self.plan.places is None:
            return iter(pieces)
        from sla_audit.intake.scan.picked import lines_at

        return lines_at(self.plan.places, pieces)

    def _settled(self, data: pa.Buffer, written: Hashable = None, start: int | None = None) -> Settled | None:
        """Scan whole lines that are `written` so; None where they cannot be, or where that is not worth while.

        Where they `start` in the text may be known.
        """
        scanners = self.plan.scanners
        if scanners is None or not self._scans or not data.size or not scanners.are_for(self.loops):
            return None
        layout = layout_of(self.columns, self._late)
        if layout is None:
            return None
        try:
            with scanners.one(self.loops, (written, layout), lambda: self._scanner(layout, written)) as scanner:
                scanned = None if scanner is None else scanner.read(data, self.plan.zone)
        except OSError:  # what is compiled cannot be kept, as on a full disk
            return None
        if scanned is None:
            return None
        wanted = self.columns.without(()) | {"timestamp": layout.times[:1]}
        read, odd, rows = list[Canonical](), scanned.odd, 0
        for part in scanned.parts:
            found, others = self._whole(part, wanted, start if self._tells_places else None)
            read.append(found)
            odd, rows = odd.plus(others), rows + part.rows.num_rows
        if self.traced is not None and len(odd.places) > rows // _FEW:
            self._scans = False
            return None
        late = tuple(name for name in self._late if any(_says(part.rows, name) for part in scanned.parts))
        return Settled(read, any(part.local_time for part in scanned.parts), odd, late)

    @property
    def _tells_places(self) -> bool:
        """Whether rows may be read once more by the places where they begin."""
        return self.columns.request_id is not None and self.plan.places is None

    def _begin(self, odd: Lines, piece: Piece) -> Mapping[int, int] | None:
        """Say where in the text some lines of a piece begin, by their numbers, if that is to be told."""
        if not self._tells_places or not len(odd.places):
            return None
        numbers = odd.numbers + (piece.lines_before() + 1)
        return dict(zip(numbers.tolist(), (odd.places + piece.start).tolist(), strict=True))

    def _whole(self, part: Part, wanted: Mapping[str, tuple[str, ...]], start: int | None) -> tuple[Canonical, Lines]:
        """Give rows their canonical columns; those that cannot be read so are lines for others to read.

        So are those that are kept one by one: a scan does not tell what stands in the log.
        """
        places = None if start is None else pa.array(part.lines.places + start)
        read = self._canonical(part.rows, wanted, places)
        settled = np.ones(part.rows.num_rows, np.bool_)
        settled[read.faults.positions] = False
        if self.plan.tracing is not None:
            kept = self.plan.tracing.among(read.rows)
            settled[kept if read.good is None else np.flatnonzero(read.good)[kept]] = False
        if not settled.all():
            places = None if places is None else places.filter(pa.array(settled))
            read = self._canonical(part.rows.filter(pa.array(settled)), wanted, places)
        return read, part.lines.of(~settled)

    def _lines(self, text: pa.Buffer | bytes, rows: int, lines_before: Callable[[], int]) -> Places | None:
        """Give the line of each row that was read at once, where it is needed; None where that cannot be told."""
        if self.plan.tracing is None:
            return ()
        return row_lines(bytes(text), rows, lines_before())

    def _take_settled(self, settled: Settled) -> Iterator[pa.RecordBatch]:
        """Account for the rows of a piece, and give them."""
        self.local_time |= settled.local_time
        for each in settled.read:
            self._add(each, _rows_of(each))
            yield each.rows


def _rows_of(read: Canonical) -> int:
    return int(read.rows.num_rows) + read.unattributed.total()


def _says(rows: pa.RecordBatch, name: str) -> bool:
    return name in rows.schema.names and rows.column(name).null_count < rows.num_rows
