"""Which rows are of one request, and which of them is counted.

Rows with the same request id, time and account are one request. Times are compared in microseconds; what a log says
more finely is cut, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.tally.model import OUTCOME, REQUEST_ID, REQUESTS
from sla_audit.tally.outcomes import ABSENT
from sla_audit.tally.runs import Hashes
from sla_audit.tally.stretches import Instants

_SEED = 20_261_001
_ROWS_AT_ONCE = 1 << 16  # what is made of them stays in the processor's cache
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_KEY = (REQUEST_ID, "instant", "account_id")
_INSTANT = pa.timestamp("us", "UTC")
_ARROW = {"status": pa.int16(), "no_answer": pa.bool_(), "content_flag": pa.bool_(), "client_aborted": pa.bool_()}
_ROWS = {REQUEST_ID: pl.String(), "instant": pl.Int64(), "account_id": pl.String(), **OUTCOME, REQUESTS: pl.Int64()}

# What is counted where rows of a request contradict each other: an answer rather than none, and what says more. A
# status by which the gateway says that the service did not answer is no answer.
_ANSWER = pl.when(~pl.col("no_answer")).then("status").alias("answer")
_ORDER = {
    "answer": False,
    "content_flag": True,
    "client_aborted": True,
    "region": False,
    "api": False,
    "status": False,
    "no_answer": False,
}


def instants(batch: pa.RecordBatch) -> Instants:
    """Give the time of each row, in microseconds since 1970."""
    column = batch.column("timestamp").cast(_INSTANT, safe=False)
    ticks: Instants = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return ticks


def hashes(batch: pa.RecordBatch, at: Instants) -> Hashes:
    """Give a number for each row: the same for rows of one request, hardly ever the same for others."""
    ids = batch.column(REQUEST_ID)
    mixed: Hashes = at.view(np.uint64) * _ODD
    for first in range(0, len(mixed), _ROWS_AT_ONCE):
        some = ids.slice(first, _ROWS_AT_ONCE)
        mixed[first : first + len(some)] ^= pl.Series(some).hash(_SEED).to_numpy()
    return mixed


def rows_at(batch: pa.RecordBatch, at: Instants, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Give some rows of a batch as what tells their request, what they say of it, and how many say just that."""
    rows = batch.take(pa.array(positions))
    columns = {name: rows.column(name) for name in rows.schema.names if name in _ROWS}
    plain = {
        name: pc.dictionary_decode(each) if pa.types.is_dictionary(each.type) else each
        for name, each in columns.items()
    }
    said = {name: pl.Series(name, column) for name, column in plain.items()}
    frame = pl.DataFrame([*said.values(), pl.Series("instant", at[positions])])
    absent = [pl.lit(ABSENT[name], kind).alias(name) for name, kind in OUTCOME.items() if name not in said]
    filled = [pl.col(name).fill_null(ABSENT[name]) for name in said if ABSENT.get(name) is not None]
    frame = frame.with_columns(*absent, *filled, pl.lit(1, pl.Int64).alias(REQUESTS)).select(*_ROWS)
    return added_up([frame])


def added_up(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add rows up that say the same of the same request."""
    rows = pl.concat([pl.DataFrame(schema=_ROWS), *parts])
    return rows.group_by(*_KEY, *OUTCOME).agg(pl.col(REQUESTS).sum())


class Surplus(NamedTuple):
    """Rows that are not to be counted, as `Kernel` takes them, and how many they are.

    The rows of `contradicted` requests do not say the same.
    """

    rows: pa.RecordBatch
    duplicate: int
    contradicted: int


def surplus(rows: pl.DataFrame) -> Surplus:
    """Keep one row for each request, whatever order they come in, and give the others.

    The row with the lowest status is kept, one without a status last; then one that has a flag. `rows` are those of
    `added_up`.
    """
    descending = [*(False for _ in _KEY), *_ORDER.values()]
    ordered = rows.with_columns(_ANSWER).sort(*_KEY, *_ORDER, descending=descending, nulls_last=True)
    first = ordered.select(pl.struct(*_KEY).is_first_distinct()).to_series()
    contradicted = ordered.filter(~first).select(*_KEY).n_unique()
    left = ordered.with_columns(pl.col(REQUESTS) - first.cast(pl.Int64)).filter(pl.col(REQUESTS) > 0)
    arrays = [left["instant"].to_arrow().cast(_INSTANT), left["account_id"].to_arrow().cast(pa.string())]
    arrays += [left[name].to_arrow().cast(_ARROW.get(name, pa.string())).dictionary_encode() for name in OUTCOME]
    batch = pa.RecordBatch.from_arrays(
        [*arrays, left[REQUESTS].to_arrow()], names=["timestamp", "account_id", *OUTCOME, REQUESTS]
    )
    return Surplus(batch, int(left[REQUESTS].sum()), contradicted)
