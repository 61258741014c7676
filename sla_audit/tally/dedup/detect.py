"""The search for rows of one request, in two looks.

The first look, while rows are counted, keeps one number of 64 bits for each row, and that only until everything is
read that may hold the same time: equal times bound the search. Numbers that come more than once are mostly
requests that do. The second look reads only what holds such numbers once more, and compares what they stand for: of a
text only the lines, where it is known where they begin (see `placed`). Where it finds duplicates, `reused_ids` has a
third.
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
from sla_audit.model.tally import PLACE, REQUEST_ID
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.dedup.placed import REQUESTS, PlacedRows, Places, Rows
from sla_audit.tally.dedup.same_request import added_up, hashes, id_hashes, instants, rows_at
from sla_audit.tally.dedup.sought import Sought, have_some
from sla_audit.tally.dedup.spill import Hashes, Run, SpillBuffer, repeated
from sla_audit.tally.dedup.watermark import Instants, Watermark
from sla_audit.tally.planner import Fragment

_ROWS_A_RUN = 1 << 20
_REPEATED_A_ROUND = 1 << 20

Period = tuple[int, int]


class Part(NamedTuple):
    """A fragment that has been read, its number among those with ids, and how many rows it had."""

    number: int
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
        self.placed = PlacedRows(self.room)
        self._lock = threading.Lock()
        self._runs: dict[int, list[_Held]] = defaultdict(list)
        self._found: dict[int, list[_Repeated]] = {}

    @property
    def parts(self) -> list[Part]:
        """All fragments with ids, each with the number of its rows, once all have been read."""
        return list(map(Part, range(len(self._rows)), self._fragments, self._rows))

    def first_look(self, number: int) -> FirstLook | None:
        """Begin to look at a fragment, by its number; None where there is nothing to look for."""
        part = self._part_of.get(number)
        return None if part is None else FirstLook(self, part)

    def keep(self, part: int, stretch: int, rows: Rows) -> None:
        """Keep the rows that a part has in a stretch: their hashes, which are sorted where they are, or more."""
        found, run = rows[REQUESTS], None
        if len(rows) > 1:
            rows = rows[:, np.argsort(found)]
            found, run = rows[REQUESTS], self.placed.keep(part, rows)
        else:
            found.sort()
        few = _twice_at_most(found)
        shared = run is not None and few is found
        run = run if run is not None and shared else self.room.keep(few)
        with self._lock:
            self._runs[stretch].append(_Held(part, run, shared))

    def end(self, part: int, rows: int, *, placed: bool) -> None:
        """Take a part as read, of so many rows, and look through the stretches that are complete by that."""
        self._rows[part] = rows
        self.placed.end(part, placed=placed)
        for stretch in self.stretches.read(part):
            with self._lock:
                runs = self._runs.pop(stretch, [])
            found = list(self._repeated([(held.part, self.room.numbers(held.run)) for held in runs]))
            for held in runs:
                if not held.shared:
                    self.room.drop(held.run)
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
            yield _Repeated(self.room.keep(some), frozenset(part for part, run in runs if have_some(some, run)))

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


class _Held(NamedTuple):
    """A run of hashes of a part; where it is `shared`, others need it when its stretch is complete."""

    part: int
    run: Run
    shared: bool


class FirstLook:
    """Takes the batches of one fragment down as hashes, by stretches of time."""

    def __init__(self, search: Search, part: int) -> None:
        self._search = search
        self._part = part
        self._rows = 0
        self._held: dict[int, list[Rows]] = defaultdict(list)
        self._placed = True

    def look(self, batch: pa.RecordBatch) -> None:
        """Take down the rows of a batch that have an id, and lie in the period."""
        at = instants(batch)
        self._check(at)
        some = looked_at(batch, at, self._search.period)
        rows = self._numbers(batch, at)
        if some is not None:
            at, rows = at[some], rows[:, some]
        if not len(at):
            return
        first, last = self._search.stretches.of(np.array([at.min(), at.max()])).tolist()
        if first == last:
            self._held[first].append(rows)
        else:
            stretch = self._search.stretches.of(at)
            for each in np.unique(stretch).tolist():
                self._held[each].append(rows[:, stretch == each])
        self._rows += len(at)
        if self._rows > _ROWS_A_RUN:
            self._flush()

    def end(self, rows: int) -> None:
        """Say that all rows of the fragment have been read, or passed over."""
        self._flush()
        self._search.end(self._part, rows, placed=self._placed)

    def _flush(self) -> None:
        for stretch, rows in self._held.items():
            columns = min(map(len, rows))
            found = np.concatenate([each[:columns] for each in rows], axis=1) if len(rows) > 1 else rows[0]
            self._search.keep(self._part, stretch, found)
        self._held.clear()
        self._rows = 0

    def _numbers(self, batch: pa.RecordBatch, at: Instants) -> Rows:
        """Give what is kept of each row: once some have no place, the hash of the request alone."""
        found = hashes(batch, at)
        self._placed &= PLACE in batch.schema.names
        if not self._placed:
            return found.reshape(1, -1)
        places = batch.column(PLACE).to_numpy().view(np.uint64)
        return np.stack([found, id_hashes(batch.column(REQUEST_ID)), places])

    def _check(self, at: Instants) -> None:
        earliest = self._search.stretches.earliest[self._part]
        if earliest is not None and len(at) and at.min() < earliest:
            found = to_say("a Parquet file has rows that are earlier than its statistics say")
            raise InputError(
                Problem(Sentence("logs"), found, "Give --no-statistics, and have the file's writer mended.")
            )


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
        places = self._search.placed.of_requests(part.number, self._sought.numbers)
        again = read_again(part, places, stop, compared=True)
        found = [rows for batch in again if (rows := self._found(batch)) is not None]
        return found[0] if len(found) == 1 else added_up(found)

    def _found(self, batch: pa.RecordBatch) -> pl.DataFrame | None:
        at = instants(batch)
        numbers = hashes(batch, at)
        positions = self._sought.among(numbers, looked_at(batch, at, self._search.period))
        stretch = self._search.stretches.of(at[positions])
        positions = positions[(stretch >= self._stretches.start) & (stretch < self._stretches.stop)]
        if not len(positions):
            return None
        rows = rows_at(batch, at, positions)
        return rows if len(np.unique(numbers[positions])) == len(positions) else added_up([rows])  # none are alike


def read_again(
    part: Part, places: Places | None, stop: threading.Event, *, compared: bool = False
) -> Iterator[pa.RecordBatch]:
    """Read a part once more, or of it only the rows at some places: see `Fragment.again`.

    Raises `InputError` where it does not hold as many rows as before.
    """
    if places is not None and not len(places):
        return
    reading = part.fragment.again(compared=compared, places=places).read()
    for batch in reading:
        yield batch
        if stop.is_set():
            return
    if reading.account().rows != (part.rows if places is None else len(places)):
        raise changed()


def changed() -> InputError:
    """Say that the logs do not hold any more what was counted."""
    return InputError(
        Problem(Sentence("logs"), "changed while they were read", "Run it again once nothing writes to them.")
    )


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
