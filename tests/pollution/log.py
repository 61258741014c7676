"""The clean log that all others are copies of, in every format, and how the program writes its rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.oracles import judgement as oracle

_STATUSES = ("200", "200", "502", "200", "404", "200", "504", "-", "200", "499")


@dataclass(frozen=True)
class Request:
    """A row of the log, as a gateway writes it; `note` is a column that nobody reads."""

    timestamp: str
    account_id: str
    status: str
    content_flag: str
    client_aborted: str
    api: str
    note: str

    def as_oracle_row(self) -> oracle.Row:
        """Say what it means."""
        return oracle.Row(
            datetime.fromisoformat(self.timestamp),
            self.account_id,
            None if self.status == "-" else int(self.status),
            self.content_flag or None,
            self.client_aborted == "true",
        )


COLUMNS = tuple(field.name for field in fields(Request))
LOG = tuple(
    Request(
        timestamp=f"2026-10-{day:02}T{day % 24:02}:05:06Z",
        account_id="Zürich" if day % 3 == 0 else "a-1",
        status=_STATUSES[day % len(_STATUSES)],
        content_flag="politics" if day == 11 else "",
        client_aborted="true" if day == 17 else "false",
        api="/v1/compose",
        note=f"订单 {day}",
    )
    for day in range(1, 31)
)
FIRST, MIDDLE, LAST = 1, 15, 30
"""Rows at which a fault is put, counted from 1; a CSV file has them one line further down."""

ACCOUNTS = "account_id,plan,applied_on\na-1,paid,2026-01-01\nZürich,paid,2026-10-05\n"
BILLING = "account_id,cycle,service_fee,cash_paid\na-1,2026-10,1200.00,1000.00\nZürich,2026-10,333.33,333.33\n"


def csv_lines(rows: Sequence[Request] = LOG, delimiter: str = ",") -> list[str]:
    """Give the lines of the log as CSV, its header first, without line ends."""
    return [delimiter.join(row) for row in (COLUMNS, *map(astuple, rows))]


def csv_text(rows: Sequence[Request] = LOG, delimiter: str = ",") -> str:
    """Give the log as CSV."""
    return joined(csv_lines(rows, delimiter))


def joined(lines: Sequence[str], end: str = "\n") -> str:
    """Put a line end behind every line."""
    return "".join(line + end for line in lines)


def changed(lines: Sequence[str], rows: Collection[int], change: Callable[[str], str], first: int = 0) -> str:
    """Put lines together, those of some rows changed; `first` is the row that the first line is of, 0 for a header."""
    return joined([change(line) if row in rows else line for row, line in enumerate(lines, first)])


def json_objects(rows: Sequence[Request] = LOG) -> list[dict[str, Any]]:
    """Give the rows as objects, with numbers and booleans as JSON has them."""
    return [
        {
            **dict(zip(COLUMNS, astuple(row), strict=True)),
            "status": None if row.status == "-" else int(row.status),
            "client_aborted": row.client_aborted == "true",
        }
        for row in rows
    ]


def json_lines(rows: Sequence[Request] = LOG) -> list[str]:
    """Give the lines of the log as JSON lines, without line ends."""
    return [json.dumps(found, ensure_ascii=False) for found in json_objects(rows)]


def table(rows: Sequence[Request] = LOG) -> pa.Table:
    """Give the log as typed columns."""
    objects = json_objects(rows)
    times = [datetime.fromisoformat(found["timestamp"]) for found in objects]
    columns = {name: [found[name] for found in objects] for name in COLUMNS}
    typed = {"timestamp": pa.array(times, pa.timestamp("us", "UTC")), "status": pa.array(columns["status"], pa.int32())}
    return pa.table(columns | typed)


def rows_of(frame: pl.DataFrame) -> tuple[Request, ...]:
    """Read the rows back from typed columns; one that is not there says nothing."""

    def text(value: object) -> str:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    if frame.schema.get("timestamp", pl.String).is_temporal():  # some instants are of no year that Python knows
        microseconds = pl.col("timestamp").dt.epoch("us")
        instants = pl.from_epoch(microseconds, "us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        known = microseconds.is_between(0, 10**16)
        frame = frame.with_columns(timestamp=pl.when(known).then(instants).otherwise(pl.lit("of no year")))
    return tuple(
        Request(**{name: text(row.get(name)) or ("-" if name == "status" else "") for name in COLUMNS})
        for row in frame.iter_rows(named=True)
    )


def flip(data: bytes, byte: int, bit: int = 3) -> bytes:
    """Flip one bit."""
    return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]


def parquet(rows: Sequence[Request] = LOG, **options: Any) -> bytes:
    """Give the log as a Parquet file of several row groups."""
    file = io.BytesIO()
    pq.write_table(table(rows), file, **{"row_group_size": 12, "compression": "snappy"} | options)
    return file.getvalue()
