"""Rows of CSV, one a line: the fields that are wanted, in one pass.

Quotes do nothing here but enclose a field, or are doubled within one. Where one does more, there is no telling in which
lines the rows after it end, and the text is for others to read, but for one whose every line is a row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sla_audit.intake.scan.compiled import compiled, entry
from sla_audit.intake.scan.rows import (
    ABSENT,
    MOST_ROWS,
    ODD,
    READ,
    SAID,
    STOP,
    Columns,
    Count,
    Found,
    Rows,
    found_in,
    put,
    settle,
)
from sla_audit.intake.scan.words import Numbers, Text, Words, end_of, line_end
from sla_audit.limits import MOST_VALUES

_UNCLEAR = -3
"""How a line ends up after which others may be no rows by themselves."""

_UNWANTED = -1
_QUOTE, _BACKSLASH, _RETURN, _LINE_END = (ord(each) for each in '"\\\r\n')
_EIGHT = 0x0101_0101_0101_0101


class CsvPlan(NamedTuple):
    """Which column each field is, how many fields a row has, and what they are parted by.

    `marks` are the delimiter, and what ends a part of a field in quotes, eight times each. `by_line` says that every
    line is a row, in which a backslash may stand before a quote.
    """

    columns: Numbers
    least: int
    delimiter: int
    marks: Words
    by_line: bool
    found: Found


def csv_plan(wanted: list[int], columns: int, least: int, delimiter: str, *, by_line: bool) -> CsvPlan:
    """Plan for fields, each with its column, -1 for none, of which a row has `least` at least."""
    within = _BACKSLASH if by_line else _QUOTE
    marks = np.array([ord(each) * _EIGHT for each in (delimiter, '"', chr(within))], np.uint64)
    return CsvPlan(np.array(wanted, np.int64), least, ord(delimiter), marks, by_line, found_in(columns))


@entry
def scan_csv(text: Text, stop: int, plan: CsvPlan, columns: Columns, rows: Rows, count: Count) -> Count:
    """Scan the rows from where a scan has come to a place, or to where there is no room for more.

    Where it is unclear what a row is, the count is one of as many odd lines as there may be.
    """
    at, number, read, odd = count
    while at < stop and read < MOST_ROWS and odd < len(rows.odd):
        end = _blank(text, at)
        if end == at:
            end, how = _row(text, at, plan)
            if how == _UNCLEAR or end - at > MOST_VALUES:
                odd = len(rows.odd)
                break
            if how == READ:
                how = settle(text, columns, plan.found, rows, read)
                if how == STOP:
                    break
            read, odd = put(rows, Count(at, number, read, odd), how)
        number += 1
        at = end
    return Count(at, number, read, odd)


@compiled
def _blank(text: Text, at: int) -> int:
    """Find the end of a line in which nothing stands; the place itself where something does."""
    if text.data[at] == _LINE_END:
        return at + 1
    return at + 2 if text.data[at] == _RETURN and text.data[at + 1] == _LINE_END else at


@compiled
def _row(text: Text, at: int, plan: CsvPlan) -> Any:
    """Find the fields of a row, and the end of its line; also say how it ends up."""
    plan.found.kinds[:] = ABSENT
    start, field, how = at, 0, READ
    while True:
        column = plan.columns[field] if field < len(plan.columns) else _UNWANTED
        begin = at
        if text.data[at] == _QUOTE:
            begin = at + 1
            end, state = _quoted(text, begin, plan, column != _UNWANTED)
            at = end + 1
        else:
            end, state = _plain(text, at, plan)
            at = end
        if state != READ:
            how = state
        if how == _UNCLEAR:
            break
        if column != _UNWANTED:
            plan.found.kinds[column], plan.found.starts[column], plan.found.ends[column] = SAID, begin, end
        field += 1
        byte = text.data[at]
        if byte == plan.delimiter:
            at += 1
            continue
        if byte == _RETURN and text.data[at + 1] == _LINE_END:
            at += 1
        elif byte != _LINE_END:
            how = _UNCLEAR
            break
        if not plan.least <= field <= len(plan.columns):
            how = ODD
        return at + 1, how
    return (line_end(text.words, start), ODD) if plan.by_line else (start, _UNCLEAR)


@compiled
def _plain(text: Text, at: int, plan: CsvPlan) -> Any:
    """Find the end of a field without quotes."""
    how = READ
    while True:
        at = end_of(text.words, at, plan.marks[0], plan.marks[1])
        byte = text.data[at]
        if byte == plan.delimiter or byte == _LINE_END or byte == _RETURN:
            return at, how
        if byte == _QUOTE:
            return at, _UNCLEAR
        if byte == 0:
            how = ODD
        at += 1


@compiled
def _quoted(text: Text, at: int, plan: CsvPlan, is_wanted: bool) -> Any:
    """Find the quote that closes a field."""
    how = READ
    while True:
        at = end_of(text.words, at, plan.marks[1], plan.marks[2])
        byte = text.data[at]
        if byte == _LINE_END or byte == _RETURN:
            return at, _UNCLEAR
        if byte == _QUOTE:
            if text.data[at + 1] != _QUOTE:
                return at, how
            at += 1
            how = ODD if is_wanted else how
        elif byte == 0 or (plan.by_line and byte == _BACKSLASH):
            how = ODD
        at += 1
