"""When the rows of a log were, by quarters of an hour, as far as that is known without reading more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.model.instant import QUARTER
from sla_audit.model.tally import REQUESTS, SLOT
from sla_audit.tally.slot_runs import Numbers, slot_runs

PIECE = {**SLOT, "rows": pl.Int64()}
"""So many rows lie in a half-open stretch of time, where in it is not known. It begins and ends on quarters."""

Span = tuple[int, int, int]
"""The first and the last instant of some rows, in microseconds, both inclusive; and how many rows these are."""

_Pieces = tuple[Numbers, Numbers, Numbers]  # the columns of `PIECE`

_TICKS = {"s": QUARTER // 10**6, "ms": QUARTER // 10**3, "us": QUARTER, "ns": QUARTER * 10**3}
_MOST_QUARTERS = 1 << 16  # more than a year and a half at a time is rather sorted than laid out
_MOST_PIECES = 1 << 14


class Timeline:
    """The times of the rows of a fragment. It is not shared: one thread reads a fragment."""

    def __init__(self) -> None:
        self._pieces: list[_Pieces] = []
        self._added = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch as `kernel.Kernel` takes it; one without times adds nothing."""
        if not batch.num_rows:
            return
        if REQUESTS in batch.schema.names:
            runs = slot_runs(batch)
            self._add(runs.starts_at, runs.ends_at - 1, np.add.reduceat(batch.column(REQUESTS).to_numpy(), runs.first))
        elif "timestamp" in batch.schema.names:
            column = batch.column("timestamp")
            quarters, rows = _frequencies(column.cast(pa.int64()), _TICKS[column.type.unit])
            instants = quarters * QUARTER
            self._add(instants, instants, rows)

    def add_spans(self, spans: Sequence[Span]) -> None:
        """Add rows that are not looked at: one at each end of a span, and the others anywhere in it."""
        earliest, latest, rows = np.array(spans, dtype=np.int64).reshape(-1, 3).T
        one, another = np.ones_like(rows), (latest > earliest).astype(np.int64)
        self._add(earliest, earliest, one)
        self._add(latest, latest, another)
        self._add(earliest, latest, rows - one - another)

    def bounds(self) -> tuple[Numbers, Numbers]:
        """Give the edges of stretches in which all rows are."""
        starts_at, ends_at, _ = _summed(self._pieces)
        return starts_at, ends_at

    def pieces(self) -> pl.DataFrame:
        """Give what is known, in the columns of `PIECE`."""
        return add_up([self])

    def _add(self, earliest: Numbers, latest: Numbers, rows: Numbers) -> None:
        self._pieces.append((earliest // QUARTER * QUARTER, latest // QUARTER * QUARTER + QUARTER, rows))
        self._added += len(rows)
        if self._added > _MOST_PIECES:
            self._pieces, self._added = [_summed(self._pieces)], 0


def add_up(timelines: Iterable[Timeline]) -> pl.DataFrame:
    """Add up what is known of several fragments, in the columns of `PIECE` and by time, each stretch once."""
    return pl.DataFrame(columns_of(timelines), schema=PIECE)


def columns_of(timelines: Iterable[Timeline]) -> dict[str, Numbers]:
    """Do the same without a frame, which takes longer to make than all else, where that is done for many logs."""
    columns = _summed([piece for timeline in timelines for piece in timeline._pieces])
    return dict(zip(PIECE, columns, strict=True))


def in_one_quarter(spans: Iterable[Span]) -> bool:
    """Tell whether looking at the rows of spans would not tell more than the spans do."""
    return all(earliest // QUARTER == latest // QUARTER for earliest, latest, _ in spans)


def _summed(pieces: Sequence[_Pieces]) -> _Pieces:
    """Put pieces in the order of time, and add up those of the same stretch; one without rows is left out."""
    starts_at, ends_at, rows = np.concatenate([np.zeros((3, 0), dtype=np.int64), *pieces], axis=1)
    order = np.lexsort((ends_at, starts_at))
    order = order[rows[order] > 0]
    starts_at, ends_at, rows = starts_at[order], ends_at[order], rows[order]
    changes = (starts_at[1:] != starts_at[:-1]) | (ends_at[1:] != ends_at[:-1])
    first = np.flatnonzero(np.append(len(order) > 0, changes))
    return starts_at[first], ends_at[first], np.add.reduceat(rows, first) if len(first) else rows


def _frequencies(ticks: pa.Array, quarter: int) -> tuple[Numbers, Numbers]:
    """Count instants by quarters, of `quarter` ticks each; quarters are numbered from 1970."""
    bounds = pc.min_max(ticks).as_py()
    first, last = bounds["min"] // quarter, bounds["max"] // quarter
    if first == last:
        return np.array([first]), np.array([len(ticks)])
    quarters = ticks.to_numpy() // quarter
    if last - first < _MOST_QUARTERS:
        rows = np.bincount(quarters - first)
        occurring = np.flatnonzero(rows)
        return occurring + first, rows[occurring]
    return np.unique(quarters, return_counts=True)
