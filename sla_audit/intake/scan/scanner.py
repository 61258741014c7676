"""Pieces of text logs, scanned: batches of rows as the log spells them, and the lines that others must read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sla_audit.intake.scan.layout import CLOCK, ID, LATE, TEXT
from sla_audit.intake.scan.lines import Lines
from sla_audit.intake.scan.rows import PLACE, VALUES, WALL, Columns, Count, Rows, days_known, room_for_rows
from sla_audit.intake.scan.tables import make_room, tables, texts_of
from sla_audit.intake.scan.words import ROOM, Text, text_of, with_room
from sla_audit.intake.values.local_time import in_utc
from sla_audit.model.instant import EARLIEST, LATEST

_PER_SECOND = 10**6
_LINE_END = b"\n"

Scan = Callable[[Text, int, Columns, Rows, Count], Count]
"""Scans the lines of a text from where it has come to a place, or to where there is no room for more."""


@dataclass(frozen=True)
class Part:
    """Rows of a piece, in columns by their names in the log, the line of each, and whether some time had no zone.

    Times are microseconds in UTC, in the first of the columns that have them; all else is text.
    """

    rows: pa.RecordBatch
    lines: Lines
    local_time: bool


@dataclass(frozen=True)
class Scanned:
    """What was read of a piece, and the lines that were not."""

    parts: list[Part]
    odd: Lines


@dataclass
class Scanner:
    """Scans pieces for some columns, each with its role; what it learns in one piece makes the next one quicker.

    Not for two threads at a time.
    """

    names: Sequence[str]
    roles: Sequence[int]
    scan: Scan
    _columns: Columns = field(init=False)
    _rows: Rows = field(init=False)
    _dictionaries: dict[int, pa.StringArray] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make room for what is found."""
        count = len(self.names)
        self._columns = Columns(np.array(self.roles, np.uint8), tables(count), days_known())
        self._rows = room_for_rows(count, ids=ID in self.roles)

    def read(self, data: pa.Buffer, zone: ZoneInfo) -> Scanned | None:
        """Scan whole lines; None where so many of them are odd that it is not worth while."""
        parts: list[Part] = []
        odd = Lines.none()
        for count in self._counts(data):
            if count.odd == len(self._rows.odd):
                return None
            part, others = self._part(count.rows, zone)
            parts += [part] if part.rows.num_rows else []
            odd = odd.plus(others).plus(Lines.of_rows(self._rows.odd[: count.odd]))
        return Scanned(parts, odd)

    def _counts(self, data: pa.Buffer) -> Iterator[Count]:
        """Scan as many rows at a time as there is room for.

        Loops look at bytes behind a line. So the last lines are copied to where there are some.
        """
        view = memoryview(data)
        cut = _line_end_before(view, len(view) - ROOM)
        self._make_room()
        done = Count(0, 0, 0, 0)
        for start, end in ((0, cut), (cut, len(view))):
            if start == end:
                continue
            text = text_of(data) if start == 0 and cut else with_room(view[start:end])
            done = Count(0, done.lines, done.rows, done.odd)
            while done.at < end - start:
                before = done
                with np.errstate(over="ignore"):  # where loops run as Python, words wrap around with a warning
                    done = self.scan(text, end - start, self._columns, self._rows, done)
                self._rows.values[before.rows : done.rows, PLACE] += start
                self._rows.odd[before.odd : done.odd, PLACE] += start
                if done.at < end - start:
                    if not done.rows and not done.odd:
                        raise RuntimeError("there is no room for one line")
                    yield done
                    self._make_room()
                    done = Count(done.at, done.lines, 0, 0)
        yield done

    def _make_room(self) -> None:
        for column, role in enumerate(self.roles):
            if role == TEXT and make_room(self._columns.held, column):
                self._dictionaries.pop(column, None)

    def _part(self, rows: int, zone: ZoneInfo) -> tuple[Part, Lines]:
        """Give rows as columns, and the lines of those whose time is none after all."""
        found = self._rows.values[:rows]
        times, walls = found[:, VALUES].copy(), found[:, WALL] != 0
        is_time = np.ones(rows, np.bool_)
        on_walls = np.flatnonzero(walls)
        if len(on_walls):
            times[on_walls], none = in_utc(times[on_walls], _PER_SECOND, zone)
            is_time[on_walls] = ~none
        is_time &= (times >= EARLIEST) & (times < LATEST)
        lines = Lines.of_rows(found)
        batch = pa.RecordBatch.from_arrays(*self._arrays(times))
        if is_time.all():
            return Part(batch, lines, len(on_walls) > 0), Lines.none()
        good = Part(batch.filter(pa.array(is_time)), lines.of(is_time), bool((walls & is_time).any()))
        return good, lines.of(~is_time)

    def _arrays(self, times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[list[pa.Array], list[str]]:
        arrays, rows = {}, len(times)
        for column, (name, role) in enumerate(zip(self.names, self.roles, strict=True)):
            if role in {CLOCK, LATE}:
                continue
            if role == TEXT:
                arrays[name] = self._texts(column, rows)
            elif role == ID:
                arrays[name] = self._ids(rows)
            else:
                arrays[name] = pa.array(times, pa.int64()).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        return list(arrays.values()), list(arrays)

    def _texts(self, column: int, rows: int) -> pa.DictionaryArray:
        known = self._dictionaries.get(column)
        if known is None or len(known) != self._columns.held.counts[column]:
            known = self._dictionaries[column] = texts_of(self._columns.held, column)
        codes = self._rows.values[:rows, VALUES + column].astype(np.int32)
        none = codes < 0
        indices = pa.array(codes, pa.int32(), mask=none if none.any() else None)
        return pa.DictionaryArray.from_arrays(indices, known, safe=False)

    def _ids(self, rows: int) -> pa.StringArray:
        found = self._rows
        ends = found.id_ends[: rows + 1].copy()
        data = found.ids[: int(ends[-1])].copy()
        has_id = found.has_id[:rows]
        bits = None if has_id.all() else pa.py_buffer(np.packbits(has_id, bitorder="little"))
        return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(data), bits)


def _line_end_before(text: memoryview, end: int) -> int:
    """Find the place after the last line end before a place; 0 where there is none."""
    look = ROOM * ROOM
    while end > 0:
        start = max(0, end - look)
        found = text[start:end].tobytes().rfind(_LINE_END)
        if found >= 0:
            return start + found + 1
        end, look = start, look * 2
    return 0
