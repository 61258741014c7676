"""A scanner of lines of JSON."""

from __future__ import annotations

from sla_audit.intake.scan.formats.json_keys import keys_of
from sla_audit.intake.scan.formats.json_lines import plan_of, scan_json
from sla_audit.intake.scan.layout import LATE, Layout
from sla_audit.intake.scan.rows import Columns, Count, Rows
from sla_audit.intake.scan.scanner import Scanner
from sla_audit.intake.scan.words import Text


def json_scanner(layout: Layout) -> Scanner | None:
    """Make a scanner; None where one field that is wanted is within another."""
    late = [name for name, role in zip(layout.names, layout.roles, strict=True) if role == LATE]
    keys = keys_of(layout.names, [layout.account], layout.always, late, layout.times)
    if keys is None:
        return None
    plan = plan_of(keys)

    def scan(text: Text, stop: int, columns: Columns, rows: Rows, count: Count) -> Count:
        return scan_json(text, stop, plan, columns, rows, count)

    return Scanner(layout.names, layout.roles, scan)
