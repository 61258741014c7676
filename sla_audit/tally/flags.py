"""How many rows have which content flag, as the logs spell it, so that a reader sees what was made of each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.tally.same_request import instants

FLAG_VALUE = "flag_value"
"""The column of a batch that has the flag of each row as text, beside what it means in `content_flag`."""

_MOST = 1000


class FlagCount(NamedTuple):
    """So many rows have a content flag, which was taken for one or not; a value of None: one of many values."""

    value: str | None
    rows: int
    flagged: bool


class FlagCounter:
    """Counts the flags of batches; threads may share one. Rows outside of `period` are not looked at.

    What it gives does not depend on the order of the batches: where there are more than a thousand values, which is
    no list that anybody reads, none is named.
    """

    def __init__(self, period: tuple[int, int] | None) -> None:
        self._period = period
        self._lock = threading.Lock()
        self._rows: Counter[tuple[str | None, bool]] = Counter()

    def look(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        """Count the rows of a batch, as `Kernel` takes it, that have a flag at all."""
        named = FLAG_VALUE in batch.schema.names
        if not batch.num_rows or not (named or FLAG_VALUE in known):
            return
        inside = self._inside(batch, known)
        if not named:
            rows = batch.num_rows if inside is None else pc.sum(inside).as_py() or 0
            self._add({(known[FLAG_VALUE], known["content_flag"]): rows})
            return
        values, meanings = batch.column(FLAG_VALUE), batch.column("content_flag").dictionary
        codes = values.indices if inside is None else values.indices.filter(inside)
        codes = codes.drop_null() if codes.null_count else codes
        rows = np.bincount(codes.to_numpy(zero_copy_only=False), minlength=len(values.dictionary))
        found: Counter[tuple[str | None, bool]] = Counter()
        for code in np.flatnonzero(rows).tolist():
            value = values.dictionary[code].as_py()
            if value is not None:
                found[value, meanings[code].as_py()] += int(rows[code])
        self._add(found)

    def counts(self) -> tuple[FlagCount, ...]:
        """Give the counts, the most frequent first."""
        return added_up(FlagCount(value, rows, flagged) for (value, flagged), rows in self._rows.items())

    def _add(self, found: Mapping[tuple[str | None, bool], int]) -> None:
        with self._lock:
            self._rows.update(found)
            if len(self._rows) > _MOST:
                self._rows = _unnamed(self._rows)

    def _inside(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> pa.Array | None:
        """Tell which rows lie in the period; None: all of them."""
        if self._period is None:
            return None
        first, end = self._period
        if "timestamp" in known:  # all rows lie in one slot, and none is cut by a period
            return None if first <= known["timestamp"] < end else pa.array(np.zeros(batch.num_rows, np.bool_))
        at = instants(batch)
        if first <= at.min() and at.max() < end:
            return None
        return pa.array((at >= first) & (at < end))


def added_up(counts: Iterable[FlagCount], most: int = _MOST) -> tuple[FlagCount, ...]:
    """Add counts up, the most frequent first; of more values than so many, none is named."""
    sums: Counter[tuple[str | None, bool]] = Counter()
    for each in counts:
        sums[each.value, each.flagged] += each.rows
    if len(sums) > most or any(value is None for value, _ in sums):
        sums = _unnamed(sums)
    return _in_order(FlagCount(value, rows, flagged) for (value, flagged), rows in sums.items() if rows)


def first_of(counts: Sequence[FlagCount], most: int) -> tuple[FlagCount, ...]:
    """Keep the most frequent values, and add the others up without a name."""
    return (*counts[:most], *added_up(each._replace(value=None) for each in counts[most:]))


def _in_order(counts: Iterable[FlagCount]) -> tuple[FlagCount, ...]:
    return tuple(sorted(counts, key=lambda each: (-each.rows, each.value or "", each.flagged)))


def _unnamed(sums: Mapping[tuple[str | None, bool], int]) -> Counter[tuple[str | None, bool]]:
    unnamed: Counter[tuple[str | None, bool]] = Counter()
    for (_, flagged), rows in sums.items():
        unnamed[None, flagged] += rows
    return unnamed
