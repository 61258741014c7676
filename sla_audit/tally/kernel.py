"""The counting kernel: Arrow batches in, a tally out. Integer keys; no Python and no text per row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.tally.model import OUTCOME, SLOT, Tally
from sla_audit.tally.slots import SlotGrid

_Codes = npt.NDArray[np.int64]

_MICROSECONDS = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}
_DENSE_CELLS_PER_ROW = 4
_ABSENT: dict[str, Any] = {
    "status": None,
    "content_flag": False,
    "client_aborted": False,
    "region": None,
    "api": None,
}


def count(batches: Iterable[pa.RecordBatch], grid: SlotGrid) -> Tally:
    """Count a stream of canonical batches.

    A batch has `timestamp` (timestamp of any unit, UTC, no nulls), `account_id` (dictionary of
    text, no nulls) and any of the columns of `OUTCOME` as dictionaries of their type, which may
    repeat a value; a column that it lacks says nothing of its requests.
    """
    return Tally.merge(count_batch(batch, grid) for batch in batches if batch.num_rows)


def count_batch(batch: pa.RecordBatch, grid: SlotGrid) -> Tally:
    """Count one canonical batch that holds a row or more."""
    ids, account = _account_codes(batch.column("account_id"))
    slots, slot = _slot_codes(batch.column("timestamp"), grid)
    outcomes, outcome = _outcome_codes(batch)
    key = (account * len(slots) + slot) * len(outcomes) + outcome
    keys, requests = _count_keys(key, cells=len(ids) * len(slots) * len(outcomes))
    rest, outcome = np.divmod(keys, len(outcomes))
    account, slot = np.divmod(rest, len(slots))
    codes = {"account": account, "slot": slot, "outcome": outcome}
    counts = pl.DataFrame(codes).cast(pl.UInt32).with_columns(requests=pl.Series(requests, dtype=pl.Int64))
    return Tally(ids, slots, outcomes, counts)


def _account_codes(column: pa.DictionaryArray) -> tuple[pl.DataFrame, _Codes]:
    """Give the distinct accounts and each row's code."""
    ids = pl.from_arrow(column.dictionary.cast(pa.string()))
    return pl.DataFrame({"account_id": ids}), column.indices.to_numpy().astype(np.int64)


def _slot_codes(column: pa.Array, grid: SlotGrid) -> tuple[pl.DataFrame, _Codes]:
    """Give the slots that a batch touches and each row's code.

    The edges are brought to the unit of the rows, not the rows to that of the edges. An edge that
    falls between two ticks is moved up to the next, which puts no row on another side of it.
    """
    times = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    factor, divisor = _MICROSECONDS[column.type.unit]
    bounds = pc.min_max(column.cast(pa.int64())).as_py()
    edges = grid.edges(bounds["min"] * factor // divisor, bounds["max"] * factor // divisor)
    slots = pl.DataFrame({"starts_at": edges[:-1], "ends_at": edges[1:]}, schema=SLOT)
    inner = -(-edges[1:-1] * divisor // factor)
    return slots, np.searchsorted(inner, times, side="right").astype(np.int64)


def _outcome_codes(batch: pa.RecordBatch) -> tuple[pl.DataFrame, _Codes]:
    """Give every combination of what the columns hold, and each row's code."""
    outcomes = pl.DataFrame({"_": [0]})
    code = np.zeros(batch.num_rows, dtype=np.int64)
    for name, kind in OUTCOME.items():
        if name in batch.schema.names:
            column = batch.column(name)
            values = pl.Series(name, column.dictionary.to_pylist(), kind)
            code = code * len(values) + column.indices.to_numpy()
        else:
            values = pl.Series(name, [_ABSENT[name]], kind)
        outcomes = outcomes.join(values.to_frame(), how="cross")
    return outcomes.drop("_"), code


def _count_keys(key: _Codes, cells: int) -> tuple[_Codes, _Codes]:
    """Give the keys that occur, and how often."""
    if cells <= _DENSE_CELLS_PER_ROW * len(key) + 1024:
        frequencies = np.bincount(key, minlength=0)
        keys = np.flatnonzero(frequencies)
        return keys, frequencies[keys]
    keys, requests = np.unique(key, return_counts=True)
    return keys, requests
