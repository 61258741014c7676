"""Rows of a log as plain values, written in the format of its name."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], chance: random.Random) -> None:
    """Write rows, which have the same columns, as CSV, JSON lines or Parquet, in row groups of some length.

    Statuses are numbers, times text with an offset, of which Parquet has instants; what else they say is text.
    """
    if path.suffix == ".csv":
        lines = [",".join("" if value is None else str(value) for value in row.values()) for row in rows]
        path.write_text("\n".join([",".join(rows[0]), *lines, ""]))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        kinds = {name: pa.int16() if name == "status" else pa.string() for name in rows[0]}
        table = pa.Table.from_pylist([dict(row) for row in rows], pa.schema(kinds))
        stamped = table["timestamp"].cast(pa.timestamp("us", "UTC"))
        table = table.set_column(table.column_names.index("timestamp"), "timestamp", stamped)
        pq.write_table(table, path, row_group_size=chance.choice([2, 5, 100]))
