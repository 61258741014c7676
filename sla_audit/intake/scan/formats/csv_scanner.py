"""A scanner of rows of CSV."""

from __future__ import annotations

from collections.abc import Sequence

from sla_audit.intake.scan.formats.csv_rows import csv_plan, scan_csv
from sla_audit.intake.scan.layout import Layout
from sla_audit.intake.scan.rows import Columns, Count, Rows
from sla_audit.intake.scan.scanner import Scanner
from sla_audit.intake.scan.words import Text


def csv_scanner(
    layout: Layout, fields: Sequence[str], least: int, most: int, delimiter: str, *, by_line: bool
) -> Scanner | None:
    """Make a scanner of rows that have from `least` to `most` fields, the first of them with names.

    None for a delimiter that stands elsewhere too, or is more than a byte.
    """
    if not delimiter.isascii() or delimiter in '"\r\n\0' or (by_line and delimiter == "\\"):
        return None
    wanted = {fields.index(name): column for column, name in enumerate(layout.names)}
    plan = csv_plan([wanted.get(at, -1) for at in range(most)], len(layout.names), least, delimiter, by_line=by_line)

    def scan(text: Text, stop: int, columns: Columns, rows: Rows, count: Count) -> Count:
        return scan_csv(text, stop, plan, columns, rows, count)

    return Scanner(layout.names, layout.roles, scan)
