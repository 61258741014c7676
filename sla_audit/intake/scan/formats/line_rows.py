"""Lines in a gateway's own text: the fields that are wanted, in one pass.

The parts of a format are read one after the other, each up to where the character stands that ends it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sla_audit.intake.scan.compiled import compiled, entry
from sla_audit.intake.scan.rows import (
    ABSENT,
    MOST_ROWS,
    ODD,
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
from sla_audit.intake.scan.words import Numbers, Text, Words, end_of, is_blank, line_end, same, text_end, with_room

UP_TO, ESCAPED, DIGITS, LIST, WORDS = range(5)
"""What a part may hold: all up to one of two characters; a text that a quote ends which has no backslash before it; a
number; a list, of which the first place alone is read here; two words."""

NONE = -1
_UNWANTED = -1
_QUOTE, _BACKSLASH, _SPACE, _COMMA, _COLON, _RETURN, _LINE_END, _ZERO, _NINE = (ord(each) for each in '"\\ ,:\r\n09')
_EIGHT = 0x0101_0101_0101_0101


class LinePlan(NamedTuple):
    """The parts of a line: the text before each, what it may hold, the characters that end it, and its column.

    The last of `starts` and `lengths` is of the text at the end of a line. `marks` are the `ends`, eight times each.
    A field that is wanted and has the byte `escape` in it is for others to read; it is 0 where nothing escapes.
    """

    text: Text
    starts: Numbers
    lengths: Numbers
    kinds: Numbers
    ends: Numbers
    marks: Words
    columns: Numbers
    escape: int
    found: Found


class Shape(NamedTuple):
    """A part of a format: the text before it, what it may hold, and the one or two characters that end it."""

    before: bytes
    kind: int
    ends: bytes


def line_plan(shapes: list[Shape], end: bytes, wanted: list[int], columns: int, escape: bytes) -> LinePlan:
    """Plan for the parts of a line, each with its column, -1 for none."""
    texts = [*(each.before for each in shapes), end]
    lengths = np.array([len(each) for each in texts], np.int64)
    ends = np.array([(each.ends[0], each.ends[-1]) for each in shapes], np.int64)
    return LinePlan(
        with_room(b"".join(texts)),
        np.cumsum(lengths) - lengths,
        lengths,
        np.array([each.kind for each in shapes], np.int64),
        ends,
        ends.astype(np.uint64) * np.uint64(_EIGHT),
        np.array(wanted, np.int64),
        escape[0] if escape else 0,
        found_in(columns),
    )


@entry
def scan_lines(text: Text, stop: int, plan: LinePlan, columns: Columns, rows: Rows, count: Count) -> Count:
    """Scan the lines from where a scan has come to a place, or to where there is no room for more."""
    at, number, read, odd = count
    while at < stop and read < MOST_ROWS and odd < len(rows.odd):
        how = ODD
        end = _line(text, at, plan)
        if end < 0:
            end = line_end(text.words, at)
            if is_blank(text, at, end):
                number += 1
                at = end
                continue
        else:
            how = settle(text, columns, plan.found, rows, read)
            if how == STOP:
                break
        read, odd = put(rows, Count(at, number, read, odd), how)
        number += 1
        at = end
    return Count(at, number, read, odd)


@compiled
def _line(text: Text, at: int, plan: LinePlan) -> int:
    """Find the fields of a line, and its end; `NONE` where it is not of this format, or for others to read."""
    plan.found.kinds[:] = ABSENT
    for part in range(len(plan.kinds)):
        if not same(text.words, at, plan.text.words, plan.starts[part], plan.lengths[part]):
            return NONE
        start = at + plan.lengths[part]
        column = plan.columns[part]
        at = _part(text, start, plan, part, column != _UNWANTED)
        if at < 0:
            return NONE
        if column != _UNWANTED:
            plan.found.kinds[column], plan.found.starts[column], plan.found.ends[column] = SAID, start, at
    last = len(plan.kinds)
    if not same(text.words, at, plan.text.words, plan.starts[last], plan.lengths[last]):
        return NONE
    at += plan.lengths[last]
    if text.data[at] == _RETURN:
        at += 1
    return at + 1 if text.data[at] == _LINE_END else NONE


@compiled
def _part(text: Text, at: int, plan: LinePlan, part: int, is_wanted: bool) -> int:
    """Find the end of a part."""
    kind, start = plan.kinds[part], at
    if kind == ESCAPED:
        return _escaped(text, at, is_wanted)
    if kind == DIGITS:
        while _ZERO <= text.data[at] <= _NINE:
            at += 1
        return at if at > start else NONE
    escape = plan.escape if is_wanted else 0
    at = _up_to(text, at, plan, part, escape)
    if kind == UP_TO or at <= start:
        return at if kind == UP_TO else NONE
    if kind == WORDS:
        if text.data[at] != _SPACE:
            return NONE
        start = at + 1
        at = _up_to(text, start, plan, part, escape)
        return at if at > start else NONE
    # Of a list, a comma or a colon stands before the second place.
    goes_on = text.data[at] == _COMMA or (text.data[at] == _SPACE and text.data[at + 1] == _COLON)
    return NONE if goes_on else at


@compiled
def _up_to(text: Text, at: int, plan: LinePlan, part: int, escape: int) -> int:
    """Find the first of two characters, or the end of the line; `NONE` for what is for others to read."""
    start = at
    while True:
        at = end_of(text.words, at, plan.marks[part, 0], plan.marks[part, 1])
        byte = text.data[at]
        if byte == 0:
            return NONE
        if byte == _LINE_END or byte == plan.ends[part, 0] or byte == plan.ends[part, 1]:
            break
        if byte == _RETURN:
            if text.data[at + 1] != _LINE_END:
                return NONE
            break
        at += 1
    if escape:
        for each in range(start, at):
            if text.data[each] == escape:
                return NONE
    return at


@compiled
def _escaped(text: Text, at: int, is_wanted: bool) -> int:
    """Find the quote that ends a text."""
    while True:
        at = text_end(text.words, at)
        byte = text.data[at]
        if byte == _QUOTE:
            return at
        if byte == 0 or byte == _LINE_END or byte == _RETURN:
            return NONE
        if byte == _BACKSLASH:
            if is_wanted or text.data[at + 1] < _SPACE:
                return NONE
            at += 1
        at += 1
