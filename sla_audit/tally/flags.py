"""How many rows have which content flag, as the logs spell it, so that a reader sees what was made of each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.model.flags import FlagCount
from sla_audit.model.instant import microseconds, midnight, moment
from sla_audit.model.month import Month
from sla_audit.tally.dedup.same_request import instants

FLAG_VALUE = "flag_value"
"""The column of a batch that has the flag of each row as text, beside what it means in `content_flag`."""

_MOST = 1000


_Sums = Counter[tuple[str | None, bool, str | None]]


class FlagCounter:
    """Counts the flags of batches, by months of a zone, those of `period` alone; threads may share one.

    What it gives does not depend on the order of the batches: where there are more than a thousand values, which is
    no list that anybody reads, none is named.
    """

    def __init__(self, zone: ZoneInfo, period: tuple[int, int] | None) -> None:
        self._zone = zone
        self._period = period
        self._lock = threading.Lock()
        self._rows: _Sums = Counter()
        self._kinds: set[tuple[str | None, bool]] = set()

    def look(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        """Count the rows of a batch, as `Kernel` takes it, that have a flag at all."""
        named = FLAG_VALUE in batch.schema.names
        if not batch.num_rows or not (named or FLAG_VALUE in known):
            return
        at = np.array([known["timestamp"]]) if "timestamp" in known else instants(batch)
        earliest, latest = int(at.min()), int(at.max())
        for month, first, end in self._months(earliest, latest):
            inside = None if first <= earliest and latest < end else pa.array((at >= first) & (at < end))
            if named:
                found = _of_batch(batch, inside)
            else:
                rows = batch.num_rows if inside is None else pc.sum(inside).as_py()
                found = {(known[FLAG_VALUE], known["content_flag"]): rows}
            self._add(month, found)

    def counts(self) -> tuple[FlagCount, ...]:
        """Give the counts, month by month, the most frequent first."""
        return added_up(FlagCount(value, rows, flagged, month) for (value, flagged, month), rows in self._rows.items())

    def _add(self, month: str, found: Mapping[tuple[str | None, bool], int]) -> None:
        with self._lock:
            for (value, flagged), rows in found.items():
                self._rows[value, flagged, month] += rows
            self._kinds.update(found)
            if len(self._kinds) > _MOST:
                self._rows, self._kinds = _unnamed(self._rows), {(None, flagged) for _, flagged in self._kinds}

    def _months(self, earliest: int, latest: int) -> Iterator[tuple[str, int, int]]:
        """Give the months of the period that instants lie in, and where each begins and ends."""
        month, last = (Month.of(moment(instant, self._zone).date()) for instant in (earliest, latest))
        while month <= last:
            first, end = month_bounds(month, self._zone)
            if self._period is None or self._period[0] <= first < self._period[1]:
                yield str(month), first, end
            month = month.plus(1)


def month_bounds(month: Month, zone: ZoneInfo) -> tuple[int, int]:
    """Give the half-open stretch of time of a month, in microseconds since 1970."""
    first, end = (microseconds(midnight(each.first_day, zone)) for each in (month, month.plus(1)))
    return first, end


def added_up(counts: Iterable[FlagCount], most: int = _MOST) -> tuple[FlagCount, ...]:
    """Add counts up, month by month, the most frequent first; of more values than so many, none is named."""
    sums: _Sums = Counter()
    for each in counts:
        sums[each.kind] += each.rows
    if len({kind[:2] for kind in sums}) > most or any(value is None for value, _, _ in sums):
        sums = _unnamed(sums)
    listed = (FlagCount(value, rows, flagged, month) for (value, flagged, month), rows in sums.items() if rows)
    return tuple(sorted(listed, key=lambda each: (each.month or "", -each.rows, each.value or "", each.flagged)))


def of_all_months(counts: Iterable[FlagCount]) -> tuple[FlagCount, ...]:
    """Add the counts of all months up, the most frequent first."""
    return added_up(each._replace(month=None) for each in counts)


def first_of(counts: Sequence[FlagCount], most: int) -> tuple[FlagCount, ...]:
    """Keep the most frequent values, and add the others up without a name."""
    return (*counts[:most], *added_up(each._replace(value=None) for each in counts[most:]))


def _of_batch(batch: pa.RecordBatch, inside: pa.Array | None) -> dict[tuple[str | None, bool], int]:
    """Count the flags of some rows of a batch, or of all of them, in one pass over their codes."""
    values, meanings = batch.column(FLAG_VALUE), batch.column("content_flag").dictionary
    codes = values.indices if inside is None else values.indices.filter(inside)
    codes = codes.drop_null() if codes.null_count else codes
    rows = np.bincount(codes.to_numpy(zero_copy_only=False), minlength=len(values.dictionary))
    found: Counter[tuple[str | None, bool]] = Counter()
    for code in np.flatnonzero(rows).tolist():
        value = values.dictionary[code].as_py()
        if value is not None:
            found[value, meanings[code].as_py()] += int(rows[code])
    return found


def _unnamed(sums: _Sums) -> _Sums:
    unnamed: _Sums = Counter()
    for (_, flagged, month), rows in sums.items():
        unnamed[None, flagged, month] += rows
    return unnamed
