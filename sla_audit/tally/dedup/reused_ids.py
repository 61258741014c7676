"""The look for request ids that are used at more than one time, and so are no request's own.

A row that is logged again has its time again. An id that stands at two times is constant, or a client's, or a trace's:
it tells no request from another. Only ids of which rows would be taken out as duplicates are looked for, so that logs
without duplicates are not read for it. Where they are, and it is not known that no other rows have these ids, all logs
with ids are read once more, inside the period: of texts only the lines that have them (see `placed`).

Ids are told apart by 128 bits: 40 bytes are held for each that is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit.model.tally import REQUEST_ID
from sla_audit.tally.dedup.detect import Part, Period, Search, Stop, looked_at, read_again
from sla_audit.tally.dedup.placed import Places
from sla_audit.tally.dedup.same_request import id_hashes, instants
from sla_audit.tally.dedup.sought import Positions, Sought, are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Instants

_OTHER_SEED = 20_261_003
_NONE = np.empty(0, np.int64)


class Suspects:
    """Ids of which rows are to be taken out, and whether the logs use them at another time too: a `detect.Look`.

    `moments` has one id at least, and the time at which rows of it are to be taken out: see `same_request.Surplus`.
    """

    def __init__(self, moments: pl.DataFrame, search: Search) -> None:
        ids = moments[REQUEST_ID].to_arrow().cast(pa.string())
        found, at = id_hashes(ids), moments["instant"].to_numpy()
        numbers, first, which = np.unique(found, return_index=True, return_inverse=True)
        self._elsewhere = np.zeros(len(numbers), np.bool_)
        self._elsewhere[which[at != at[first][which]]] = True
        self._rows = np.zeros(len(numbers), np.int64)
        self._placed = search.placed
        self.again = OfIds(Sought(numbers), numbers, id_hashes(ids, _OTHER_SEED)[first], at[first], search.period)
        self.parts: Sequence[Part] = search.parts
        """What is to be looked at, if anything."""
        self._leave_out_known(which, moments["rows"].to_numpy())

    def _leave_out_known(self, which: Positions, rows: Positions) -> None:
        """Look only for ids that may stand in other rows than those that are known, and nowhere if there are none."""
        if not all(self._placed.knows(part.number) for part in self.parts):
            return
        known, numbers = np.zeros_like(self._rows), self.again.numbers
        np.add.at(known, which, rows)
        others = self._placed.rows_of_ids([part.number for part in self.parts], self.again.sought) != known
        self._rows[~others] = known[~others]
        if not others.any():
            self.parts = ()
        else:
            self.again = replace(self.again, sought=Sought(numbers[others]))

    def look(self, part: Part, stop: Stop) -> Uses:
        """Tell how a part uses the ids: see `OfIds.of`."""
        return self.again.of(part, self._placed.of_ids(part.number, self.again.sought), stop)

    def reused(self, told: Iterable[Uses]) -> Reused:
        """Give the ids that stand at more than one time, by what all parts tell."""
        for uses in told:
            self._elsewhere[uses.elsewhere] = True
            self._rows[uses.ids] += uses.rows
        return Reused(self.again.numbers[self._elsewhere], self._rows[self._elsewhere])


class Uses(NamedTuple):
    """How a part uses ids, by their positions: so many `rows` have each, and some of these are `elsewhere` in time."""

    ids: Positions
    rows: Positions
    elsewhere: Positions


@dataclass(frozen=True)
class OfIds:
    """The rows that have one of the ids that are sought, out of `numbers`; each was seen `at` a time before.

    `other` has the rest of what tells the ids apart.
    """

    sought: Sought
    numbers: Hashes
    other: Hashes
    at: Instants
    period: Period | None

    def of(self, part: Part, places: Places | None, stop: Stop) -> Uses:
        """Tell how a part uses them: see `detect.Again.of`."""
        times = part.fragment.times
        outside = self.period is not None and times is not None and not _meet(times, self.period)
        batches = () if outside else read_again(part, places, stop)
        found = [self._uses(batch) for batch in batches]
        ids, which = np.unique(np.concatenate([_NONE, *(uses.ids for uses in found)]), return_inverse=True)
        rows = np.zeros(len(ids), np.int64)
        np.add.at(rows, which, np.concatenate([_NONE, *(uses.rows for uses in found)]))
        return Uses(ids, rows, np.unique(np.concatenate([_NONE, *(uses.elsewhere for uses in found)])))

    def _uses(self, batch: pa.RecordBatch) -> Uses:
        ids, at = batch.column(REQUEST_ID), instants(batch)
        found = id_hashes(ids)
        positions = self.sought.among(found, looked_at(batch, at, self.period))
        if not len(positions):
            return Uses(_NONE, _NONE, _NONE)
        which = np.searchsorted(self.numbers, found[positions])
        same = id_hashes(ids.take(pa.array(positions)), _OTHER_SEED) == self.other[which]
        positions, which = positions[same], which[same]
        used, rows = np.unique(which, return_counts=True)
        return Uses(used, rows, np.unique(which[at[positions] != self.at[which]]))


def _meet(times: tuple[int, int], period: Period) -> bool:
    """Tell whether some of the instants between two, both inclusive, may lie in a half-open stretch."""
    return period[0] <= times[1] and times[0] < period[1]


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
