"""The look for request ids that are used at more than one time, and so are no request's own.

A row that is logged again has its time again. An id that stands at two times is constant, or a client's, or a trace's:
it tells no request from another. Only ids of which rows would be taken out as duplicates are looked for, so that logs
without duplicates are not read for it. Where they are, and it is not known that no other rows have these ids, all logs
with ids are read once more, inside the period: of texts only the lines that have them (see `placed`).

Ids are told apart by 128 bits: 40 bytes are held for each that is looked for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit.model.tally import REQUEST_ID
from sla_audit.tally.dedup.detect import Part, Search, looked_at, read_again
from sla_audit.tally.dedup.same_request import id_hashes, instants
from sla_audit.tally.dedup.sought import Positions, Sought, are_in
from sla_audit.tally.dedup.spill import Hashes

_OTHER_SEED = 20_261_003


class Suspects:
    """Ids of which rows are to be taken out, and whether the logs use them at another time too.

    `moments` has one id at least, and the time at which rows of it are to be taken out: see `same_request.Surplus`.
    """

    def __init__(self, moments: pl.DataFrame, search: Search) -> None:
        ids = moments[REQUEST_ID].to_arrow().cast(pa.string())
        found, at = id_hashes(ids), moments["instant"].to_numpy()
        numbers, first, which = np.unique(found, return_index=True, return_inverse=True)
        self._sought = Sought(numbers)
        self._other = id_hashes(ids, _OTHER_SEED)[first]
        self._at = at[first]
        self._elsewhere = np.zeros(len(numbers), np.bool_)
        self._elsewhere[which[at != self._at[which]]] = True
        self._rows = np.zeros(len(numbers), np.int64)
        self._numbers = numbers
        self._search = search
        self._lock = threading.Lock()
        self.parts = self._with_others(which, moments["rows"].to_numpy())
        """What is to be looked at, if anything."""

    def _with_others(self, which: Positions, rows: Positions) -> list[Part]:
        """Give the parts that may have rows of these ids besides those that are known, and look for such ids alone."""
        every = self._search.parts
        if not all(self._search.placed.knows(part.number) for part in every):
            return every
        known = np.zeros_like(self._rows)
        np.add.at(known, which, rows)
        others = self._search.placed.rows_of_ids([part.number for part in every], self._sought) != known
        self._rows[~others] = known[~others]
        if not others.any():
            return []
        self._sought = Sought(self._numbers[others])
        return every

    def look(self, part: Part, stop: threading.Event) -> None:
        """Read a part once more. Raises `InputError` where it does not hold as many rows as before."""
        period = self._search.period
        if period is not None and part.fragment.times is not None:
            earliest, latest = part.fragment.times
            if latest < period[0] or earliest >= period[1]:
                return
        for batch in read_again(part, self._search.placed.of_ids(part.number, self._sought), stop):
            self._note(batch)

    def reused(self) -> Reused:
        """Give the ids that stand at more than one time, once all fragments have been looked at."""
        return Reused(self._numbers[self._elsewhere], self._rows[self._elsewhere])

    def _note(self, batch: pa.RecordBatch) -> None:
        ids, at = batch.column(REQUEST_ID), instants(batch)
        found = id_hashes(ids)
        positions = self._sought.among(found, looked_at(batch, at, self._search.period))
        if not len(positions):
            return
        which = np.searchsorted(self._numbers, found[positions])
        same = id_hashes(ids.take(pa.array(positions)), _OTHER_SEED) == self._other[which]
        positions, which = positions[same], which[same]
        rows = np.bincount(which, minlength=0)
        with self._lock:
            self._elsewhere[which[at[positions] != self._at[which]]] = True
            self._rows[: len(rows)] += rows


class Reused:
    """Ids, as sorted numbers, that are no request's own, and how many rows each stands in."""

    def __init__(self, numbers: Hashes, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.numbers = numbers
        self.rows = rows

    def less(self, known: Sequence[Hashes]) -> Reused:
        """Leave out those that are known."""
        new = np.ones(len(self.numbers), np.bool_)
        for numbers in known:
            new &= ~are_in(self.numbers, numbers)
        return Reused(self.numbers[new], self.rows[new])

    def out_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Leave out rows of these ids."""
        if rows.is_empty() or not len(self.numbers):
            return rows
        found = id_hashes(rows[REQUEST_ID].to_arrow().cast(pa.string()))
        return rows.filter(pl.Series(~are_in(found, self.numbers)))
