"""What a scan finds: the values of each row that is read, and the places of lines that are for others to read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.layout import DATE, ID, TEXT, TIME
from sla_audit.intake.scan.tables import FULL, Tables, code_of
from sla_audit.intake.scan.times import DAYS_KNOWN, UNREAD, WALL_CLOCK, instant, instant_of_two
from sla_audit.intake.scan.words import Bytes, Numbers, Text, Words, number
from sla_audit.limits import MOST_ID_BYTES

READ, ODD, STOP = 0, -1, -2
"""How a line ends up: read, for others to read, or to be scanned once more because there is no room for it."""

ABSENT, NULL, SAID = 0, 1, 2

PLACE, NUMBER, WALL, VALUES = range(4)
"""Where in a row of values what stands."""

MOST_ROWS = 1 << 18
_MOST_ODD = 1 << 12
_ID_BYTES = 8 << 20
_NONE = -1


class Found(NamedTuple):
    """Of each column of one row, whether it is `ABSENT`, `NULL` or `SAID`, and where the text of it begins and ends."""

    kinds: npt.NDArray[np.uint8]
    starts: Numbers
    ends: Numbers


class Rows(NamedTuple):
    """Rows that were read, and lines that were not.

    Each row of `values` has the place of its line, how many are before it, whether its time is of a clock on a wall,
    and a number for each column: microseconds, or the code of a text, -1 for none. They stand together because a
    processor keeps but a few places apart that it writes to. Ids are as Arrow has them. `odd` lines have a place and a
    number too.
    """

    values: npt.NDArray[np.int64]
    ids: Bytes
    id_ends: npt.NDArray[np.int32]
    has_id: npt.NDArray[np.bool_]
    odd: npt.NDArray[np.int64]


class Columns(NamedTuple):
    """How to read the values of rows: the role of each column, their tables, and the days that are known."""

    roles: npt.NDArray[np.uint8]
    held: Tables
    days: Words


class Count(NamedTuple):
    """How far a scan has come: the place, the lines, the rows and the odd lines before it."""

    at: int
    lines: int
    rows: int
    odd: int


def found_in(columns: int) -> Found:
    """Make room for one row."""
    return Found(np.zeros(columns, np.uint8), np.zeros(columns, np.int64), np.zeros(columns, np.int64))


def room_for_rows(columns: int, *, ids: bool) -> Rows:
    """Make room for the rows of a batch."""
    return Rows(
        np.empty((MOST_ROWS, VALUES + columns), np.int64),
        np.empty(_ID_BYTES if ids else 1, np.uint8),
        np.zeros(MOST_ROWS + 1, np.int32),
        np.zeros(MOST_ROWS, np.bool_),
        np.empty((_MOST_ODD, 2), np.int64),
    )


def days_known() -> Words:
    """Make a memory for `times.instant`."""
    return np.zeros(DAYS_KNOWN, np.uint64)


@compiled
def settle(text: Text, columns: Columns, found: Found, rows: Rows, row: int) -> int:
    """Read the values of a row; `READ`, or why not."""
    for column in range(len(columns.roles)):
        role = columns.roles[column]
        if role == TEXT:
            code = _NONE
            if found.kinds[column] == SAID:
                start = found.starts[column]
                code = code_of(columns.held, column, text, start, found.ends[column] - start)
                if code < 0:
                    return STOP if code == FULL else ODD
            rows.values[row, VALUES + column] = code
        elif role == ID:
            how = _id(text, found, column, rows, row)
            if how != READ:
                return how
        elif (role == TIME or role == DATE) and not _time(text, columns, found, column, rows, row):
            return ODD
    return READ


@compiled
def _time(text: Text, columns: Columns, found: Found, column: int, rows: Rows, row: int) -> bool:
    """Read a time, of which the second half, if it has two, stands in the next column; tell whether it is one."""
    if found.kinds[column] != SAID:
        return False
    if columns.roles[column] == TIME:
        ticks, how = instant(text, found.starts[column], found.ends[column], columns.days)
    else:
        if found.kinds[column + 1] != SAID:
            return False
        date = found.starts[column], found.ends[column]
        ticks, how = instant_of_two(text, date, (found.starts[column + 1], found.ends[column + 1]), columns.days)
    rows.values[row, VALUES + column] = ticks
    rows.values[row, WALL] = how == WALL_CLOCK
    return how != UNREAD


@compiled
def _id(text: Text, found: Found, column: int, rows: Rows, row: int) -> int:
    """Put an id behind the others; one with characters beyond ASCII is for others to read."""
    end = number(rows.id_ends[row])
    rows.has_id[row] = found.kinds[column] == SAID
    if found.kinds[column] == SAID:
        start, length = found.starts[column], found.ends[column] - found.starts[column]
        if length > MOST_ID_BYTES:
            return ODD
        if end + length > len(rows.ids):
            return STOP
        bits = np.uint8(0)
        for each in range(length):
            byte = text.data[start + each]
            rows.ids[end + each] = byte
            bits |= byte
        if bits >= 0x80:
            return ODD
        end += length
    rows.id_ends[row + 1] = end
    return READ


@compiled
def put(rows: Rows, count: Count, how: int) -> Any:
    """Account for a line of which is known how it ended up, and give the rows and odd lines that there are then."""
    if how == READ:
        rows.values[count.rows, PLACE] = count.at
        rows.values[count.rows, NUMBER] = count.lines
        return count.rows + 1, count.odd
    rows.odd[count.odd, PLACE] = count.at
    rows.odd[count.odd, NUMBER] = count.lines
    return count.rows, count.odd + 1
