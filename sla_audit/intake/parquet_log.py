"""Parquet logs: the needed columns, repetitive ones as dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.intake.columns import LogColumns

_ROWS_A_BATCH = 1 << 19


def parquet_header(path: Path) -> list[str]:
    """Read the names of the columns. Raises `ArrowInvalid` where it is no Parquet file."""
    return list(pq.read_schema(path).names)


def parquet_batches(path: Path, columns: LogColumns) -> Iterator[pa.RecordBatch]:
    """Yield the needed columns, a few row groups' worth of memory at a time."""
    schema = pq.read_schema(path)
    texts = [name for name in columns.all if pa.types.is_string(schema.field(name).type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        yield from file.iter_batches(batch_size=_ROWS_A_BATCH, columns=columns.all)
