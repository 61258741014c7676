"""Compile the loops of all formats ahead: `python -m sla_audit.intake.scan`, as where an image is built."""

from __future__ import annotations

import sys
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sla_audit.intake.bytes.chunks import Piece
from sla_audit.intake.dialects.notations.notation import line_formats
from sla_audit.intake.scan.formats.csv_scanner import csv_scanner
from sla_audit.intake.scan.formats.json_scanner import json_scanner
from sla_audit.intake.scan.formats.line_scanner import line_scanner
from sla_audit.intake.scan.kept import folder, note_compiled
from sla_audit.intake.scan.layout import ID, TEXT, TIME, Layout
from sla_audit.intake.scan.picked import lines_at

_TIME = "2026-10-05T13:06:07Z"


def main() -> int:
    """Scan a line of each format, and say where the loops are kept; 1 where they cannot be."""
    place = folder()
    if place is None:
        print("nothing is kept: there is no numba, or no folder for it that only this user writes to", file=sys.stderr)
        return 1
    layout = Layout(("t", "a", "i"), (TIME, TEXT, ID), "a", ())
    lines = {
        "csv": (csv_scanner(layout, ["t", "a", "i"], 3, 3, ",", by_line=False), f"{_TIME},acme,1\n"),
        "json": (json_scanner(layout), f'{{"t": "{_TIME}", "a": "acme", "i": 1}}\n'),
        "lines": (line_scanner(layout, line_formats("{t} {a} {i}")[0]), f"{_TIME} acme 1\n"),
    }
    list(lines_at(np.zeros(1, np.int64), [Piece(pa.py_buffer(b"\n"), 0, int)]))
    for loops, (scanner, line) in lines.items():
        if scanner is None or scanner.read(pa.py_buffer(line.encode() * 100), ZoneInfo("UTC")) is None:
            raise RuntimeError(loops)
        note_compiled(loops)
    print(f"compiled loops are kept in {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
