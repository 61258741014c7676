"""The search for rows of one request, in two looks.

The first look, while rows are counted, keeps one number of 64 bits for each row, and that only until everything is
read that may hold the same time: equal times bound the search. Numbers that come more than once are mostly
requests that do. The second look reads only what holds such numbers once more, and compares what they stand for.
Where it finds duplicates, `reused_ids` has a third.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.model.tally import REQUEST_ID
from sla_audit.tally.dedup.same_request import added_up, hashes, instants, rows_at
from sla_audit.tally.dedup.sought import Sought, are_in
from sla_audit.tally.dedup.spill import Hashes, Run, SpillBuffer, repeated
from sla_audit.tally.dedup.watermark import Instants, Watermark
from sla_audit.tally.planner import Fragment

_ROWS_A_RUN = 1 << 20
_REPEATED_A_ROUND = 1 << 20

Period = tuple[int, int]


class Part(NamedTuple):
    """A fragment that has been read, and how many rows it had."""

    fragment: Fragment
    rows: int


class Search:
    """Finds the rows of a run that may be of one request; its fragments may be read on several threads.

    Rows outside of `period` (half-open, microseconds since 1970) are not looked at.
    """

    def __init__(self, fragments: Sequence[Fragment], period: Period | None) -> None:
        without_ids = [number for number, fragment in enumerate(fragments) if not fragment.has_request_ids]
        times = {number: each.times for number, each in enumerate(fragments) if each.has_request_ids}
        with_ids = sorted(times, key=lambda number: -1 if (known := times[number]) is None else known[0])
        self.order = [*without_ids, *with_ids]
        """The numbers of all fragments, in the order in which they are best read."""
        self._part_of = {number: part for part, number in enumerate(with_ids)}
        self._fragments = [fragments[number] for number in with_ids]
        self._rows = [0] * len(with_ids)
        earliest = [None if fragment.times is None else fragment.times[0] for fragment in self._fragments]
        self.stretches = Watermark(earliest, [fragment.rows for fragment in self._fragments])
        self.period = period
        self.room = SpillBuffer()
        self._lock = threading.Lock()
        self._runs: dict[int, list[tuple[int, Run]]] = defaultdict(list)
        self._found: dict[int, list[_Repeated]] = {}

    @property
    def parts(self) -> list[Part]:
        """All fragments with ids, each with the number of its rows, once all have been read."""
        return list(map(Part, self._fragments, self._rows))

    def first_look(self, number: int) -> FirstLook | None:
        """Begin to look at a fragment, by its number; None where there is nothing to look for."""
        part = self._part_of.get(number)
        return None if part is None else FirstLook(self, part)

    def keep(self, part: int, stretch: int, found: Hashes) -> None:
        """Keep the hashes of rows that a part has in a stretch; they are sorted where they are."""
        found.sort()
        run = self.room.keep(_twice_at_most(found))
        with self._lock:
            self._runs[stretch].append((part, run))

    def end(self, part: int, rows: int) -> None:
        """Take a part as read, of so many rows, and look through the stretches that are complete by that."""
        self._rows[part] = rows
        for stretch in self.stretches.read(part):
            with self._lock:
                runs = self._runs.pop(stretch, [])
            found = list(self._repeated([(holder, self.room.numbers(run)) for holder, run in runs]))
            for _, run in runs:
                self.room.drop(run)
            with self._lock:
                self._found |= {stretch: found} if found else {}

    def rounds(self) -> Iterator[SecondLook]:
        """Say what to read once more, so much at a time that memory stays bounded.

        No row is in two rounds: each has some stretches whole, or a part of the hashes of one.
        """
        first, found = 0, list[_Repeated]()
        for stretch in sorted(self._found):
            repeats = self._found[stretch]
            size = sum(each.run.size for each in (*found, *repeats))
            if found and (len(repeats) > 1 or size > _REPEATED_A_ROUND):
                yield self._round(first, stretch, found)
                first, found = stretch, []
            if len(repeats) > 1:
                for each in repeats:
                    yield self._round(stretch, stretch + 1, [each])
                first = stretch + 1
            else:
                found += repeats
        if found:
            yield self._round(first, stretch + 1, found)

    def _repeated(self, runs: Sequence[tuple[int, Hashes]]) -> Iterator[_Repeated]:
        for some in repeated([run for _, run in runs]):
            yield _Repeated(self.room.keep(some), frozenset(part for part, run in runs if are_in(some, run).any()))

    def _round(self, first: int, end: int, found: Sequence[_Repeated]) -> SecondLook:
        wanted = np.unique(np.concatenate([self.room.numbers(each.run) for each in found]))
        parts = sorted(frozenset[int]().union(*(each.parts for each in found)))
        every = self.parts
        return SecondLook(self, [every[part] for part in parts], range(first, end), wanted)


@dataclass(frozen=True)
class _Repeated:
    """Hashes that come more than once in a stretch, and the parts that hold them."""

    run: Run
    parts: frozenset[int]


class FirstLook:
    """Takes the batches of one fragment down as hashes, by stretches of time."""

    def __init__(self, search: Search, part: int) -> None:
        self._search = search
        self._part = part
        self._rows = 0
        self._held: dict[int, list[Hashes]] = defaultdict(list)

    def look(self, batch: pa.RecordBatch) -> None:
        """Take down the rows of a batch that have an id, and lie in the period."""
        at = instants(batch)
        self._check(at)
        some = looked_at(batch, at, self._search.period)
        found = hashes(batch, at)
        if some is not None:
            at, found = at[some], found[some]
        if not len(found):
            return
        first, last = self._search.stretches.of(np.array([at.min(), at.max()])).tolist()
        if first == last:
            self._held[first].append(found)
        else:
            stretch = self._search.stretches.of(at)
            for each in np.unique(stretch).tolist():
                self._held[each].append(found[stretch == each])
        self._rows += len(found)
        if self._rows > _ROWS_A_RUN:
            self._flush()

    def end(self, rows: int) -> None:
        """Say that all rows of the fragment have been read, or passed over."""
        self._flush()
        self._search.end(self._part, rows)

    def _flush(self) -> None:
        for stretch, found in self._held.items():
            self._search.keep(self._part, stretch, np.concatenate(found) if len(found) > 1 else found[0])
        self._held.clear()
        self._rows = 0

    def _check(self, at: Instants) -> None:
        earliest = self._search.stretches.earliest[self._part]
        if earliest is not None and len(at) and at.min() < earliest:
            found = "a Parquet file has rows that are earlier than its statistics say"
            raise InputError(Problem("logs", found, "Give --no-statistics, and have the file's writer mended."))


class SecondLook:
    """Finds the rows of some stretches that have one of some hashes."""

    def __init__(self, search: Search, parts: Sequence[Part], stretches: range, wanted: Hashes) -> None:
        self.parts = parts
        self._search = search
        self._stretches = stretches
        self._sought = Sought(wanted)

    def look(self, part: Part, stop: threading.Event) -> pl.DataFrame:
        """Read a part once more, and give its rows that are looked for, as `same_request.added_up` does.

        Raises `InputError` where it does not hold as many rows as before.
        """
        found, reading = [], part.fragment.again(compared=True).read()
        for batch in reading:
            at = instants(batch)
            positions = self._positions(batch, at)
            if len(positions):
                found.append(added_up([rows_at(batch, at, positions)]))
            if stop.is_set():
                return added_up(found)
        if reading.account().rows != part.rows:
            raise changed()
        return added_up(found)

    def _positions(self, batch: pa.RecordBatch, at: Instants) -> npt.NDArray[np.int64]:
        positions = self._sought.among(hashes(batch, at), looked_at(batch, at, self._search.period))
        stretch = self._search.stretches.of(at[positions])
        return positions[(stretch >= self._stretches.start) & (stretch < self._stretches.stop)]


def changed() -> InputError:
    """Say that the logs do not hold any more what was counted."""
    return InputError(Problem("logs", "changed while they were read", "Run it again once nothing writes to them."))


def looked_at(batch: pa.RecordBatch, at: Instants, period: Period | None) -> npt.NDArray[np.bool_] | None:
    """Tell which rows have an id and lie in the period; None: all of them."""
    ids = batch.column(REQUEST_ID)
    some = ids.is_valid().to_numpy(zero_copy_only=False) if ids.null_count else None
    if period is None or not len(at) or (period[0] <= at.min() and at.max() < period[1]):
        return some
    inside = (at >= period[0]) & (at < period[1])
    return inside if some is None else inside & some


def _twice_at_most(run: Hashes) -> Hashes:
    """Leave out what comes a third time: that it comes twice says enough, and is bounded."""
    third = run[2:] == run[:-2]
    return run[np.append([True, True], ~third)] if third.any() else run
