"""A scanner of lines in a gateway's own text."""

from __future__ import annotations

import re

from sla_audit.intake.dialects.line_format import CLOSES, SHAPES, LineFormat, Part
from sla_audit.intake.scan.formats.line_rows import DIGITS, ESCAPED, LIST, UP_TO, WORDS, Shape, line_plan, scan_lines
from sla_audit.intake.scan.layout import Layout
from sla_audit.intake.scan.rows import Columns, Count, Rows
from sla_audit.intake.scan.scanner import Scanner
from sla_audit.intake.scan.words import LONGEST, Text

_SPACE = b" "
_KINDS = {SHAPES["digits"]: DIGITS, SHAPES["list"]: LIST, SHAPES["words"]: WORDS}
_ALL_BUT_ONE = re.compile(r"\[\^\\?(.)\]\*")


def line_scanner(layout: Layout, written: LineFormat) -> Scanner | None:
    """Make a scanner of lines of a format; None where some part of it may end where the next does not begin."""
    texts = [*(part.before for part in written.parts), written.end]
    shapes = [
        _shape(part, after, escapes=written.escapes == "\\")
        for part, after in zip(written.parts, texts[1:], strict=True)
    ]
    if None in shapes or not all(text.isascii() and len(text) < LONGEST for text in texts):
        return None
    column = {name: at for at, name in enumerate(layout.names)}
    if not set(layout.times) <= set(written.names):
        return None
    plan = line_plan(
        [shape for shape in shapes if shape is not None],
        written.end.encode(),
        [column.get(name, -1) for name in written.names],
        len(layout.names),
        written.escapes.encode(),
    )

    def scan(text: Text, stop: int, columns: Columns, rows: Rows, count: Count) -> Count:
        return scan_lines(text, stop, plan, columns, rows, count)

    return Scanner(layout.names, layout.roles, scan)


def _shape(part: Part, after: str, *, escapes: bool) -> Shape | None:
    """Say what a part may hold, as `line_format` says it in an expression; None where that is not so simple.

    It must be so that what may follow the part cannot stand in it: then there is no other way to read a line.
    """
    before, end = part.before.encode(), after[:1].encode()
    if end == b'"' and escapes:
        return Shape(before, ESCAPED, end)
    if end and after[:1] in CLOSES:
        return Shape(before, UP_TO, end)
    if not part.shape:
        return None if end.isspace() and end != _SPACE else Shape(before, UP_TO, _SPACE + (end or _SPACE))
    if part.shape in _KINDS:
        kind = _KINDS[part.shape]
        ends = b" ," if kind == LIST else _SPACE
        return Shape(before, kind, ends) if end in {b"", _SPACE} else None
    but_one = _ALL_BUT_ONE.fullmatch(part.shape)
    if but_one is None or end not in {b"", but_one[1].encode()}:
        return None
    return Shape(before, UP_TO, but_one[1].encode())
