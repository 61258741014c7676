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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

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
from sla_audit.tally.dedup.watermark import Instants, Stretches, Watermark
from sla_audit.tally.planner import Fragment

_ROWS_A_RUN = 1 << 20
_REPEATED_A_ROUND = 1 << 20

Period = tuple[int, int]
Stop = Callable[[], bool]
"""Tells whether the work is to stop early."""

Told_co = TypeVar("Told_co", covariant=True)


class Part(NamedTuple):
    """A fragment that has been read, its number among those with ids, and how many rows it had."""

    number: int
    fragment: Fragment
    rows: int


class Again(Protocol[Told_co]):
    """What is asked of each part that is read once more; it does not change, and can be sent."""

    def of(self, part: Part, places: Places | None, stop: Stop) -> Told_co:
        """Read a part once more, or of it only the rows at some places, and tell what is asked.

        Raises `InputError` where it does not hold as many rows as before.
        """
        ...


class Look(Protocol[Told_co]):
    """One more look at some parts, and what is asked of each; threads may share it."""

    @property
    def parts(self) -> Sequence[Part]:
        """What is to be read."""
        ...

    @property
    def again(self) -> Again[Told_co]:
        """What is asked of each."""
        ...

    def look(self, part: Part, stop: Stop) -> Told_co:
        """Ask it of one of the parts, of which only some lines are read where it is known which."""
        ...


class FirstLooks(Protocol):
    """Takes what first looks at parts give; threads may share it."""

    @property
    def stretches(self) -> Stretches:
        """How time is cut."""
        ...

    @property
    def period(self) -> Period | None:
        """Where rows are looked at."""
        ...

    def keep(self, part: int, stretch: int, rows: Rows) -> None:
        """Keep the rows that a part has in a stretch: the hashes of their requests, in a row by themselves, or more."""
        ...

    def end(self, part: int, rows: int, *, placed: bool) -> None:
        """Take a part as read, of so many rows; all may be `placed`."""
        ...


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
        self._watermark = Watermark(earliest, [fragment.rows for fragment in self._fragments])
        self.stretches = self._watermark.stretches
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

    def part_of(self, number: int) -> int | None:
        """Give the number among those with ids of a fragment, by its number among all; None where it has none."""
        return self._part_of.get(number)

    def first_look(self, number: int) -> FirstLook | None:
        """Begin to look at a fragment, by its number; None where there is nothing to look for."""
        part = self.part_of(number)
        return None if part is None else FirstLook(self, part, self._watermark.earliest[part], placed=True)

    def keep(self, part: int, stretch: int, rows: Rows) -> None:
        """Keep the rows that a part has in a stretch: their hashes, which are sorted where they are, or more."""
        found, run = rows[REQUESTS], None
        if len(rows) > 1:
            rows = rows[:, np.argsort(found)]
            found, run = rows[REQUESTS], self.placed.keep(part, rows)
        else:
            found.sort()
        few = twice_at_most(found)
        shared = run is not None and few is found
        run = run if run is not None and shared else self.room.keep(few)
        with self._lock:
            self._runs[stretch].append(_Held(part, run, shared))

    def end(self, part: int, rows: int, *, placed: bool) -> None:
        """Take a part as read, of so many rows, and look through the stretches that are complete by that."""
        self._rows[part] = rows
        self.placed.end(part, placed=placed)
        for stretch in self._watermark.read(part):
            with self._lock:
                runs = self._runs.pop(stretch, [])
            self.take(stretch, repeats([(held.part, self.room.numbers(held.run)) for held in runs]))
            for held in runs:
                if not held.shared:
                    self.room.drop(held.run)

    def take(self, stretch: int, found: Iterable[Repeats]) -> None:
        """Take down what comes more than once in a stretch that is complete."""
        kept = [_Repeated(self.room.keep(each.numbers), each.parts) for each in found]
        if kept:
            with self._lock:
                self._found.setdefault(stretch, []).extend(kept)

    def took(self, part: int, rows: int) -> None:
        """Take a part as read elsewhere, of so many rows."""
        self._rows[part] = rows

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

    def _round(self, first: int, end: int, found: Sequence[_Repeated]) -> SecondLook:
        wanted = np.unique(np.concatenate([self.room.numbers(each.run) for each in found]))
        parts = sorted(frozenset[int]().union(*(each.parts for each in found)))
        every = self.parts
        again = Alike(Sought(wanted), self.stretches, range(first, end), self.period)
        return SecondLook([every[part] for part in parts], again, self.placed)


class Repeats(NamedTuple):
    """Sorted hashes that come more than once, each once, and the parts that hold them."""

    numbers: Hashes
    parts: frozenset[int]


def repeats(runs: Sequence[tuple[int, Hashes]]) -> Iterator[Repeats]:
    """Find what comes more than once in sorted runs of hashes, each of a part by its number; some at a time."""
    for some in repeated([run for _, run in runs]):
        yield Repeats(some, frozenset(part for part, run in runs if have_some(some, run)))


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

    def __init__(self, search: FirstLooks, part: int, earliest: int | None, *, placed: bool) -> None:
        """Begin to look at a part, no row of which is earlier than some time, keeping places where it is `placed`."""
        self._search = search
        self._part = part
        self._earliest = earliest
        self._rows = 0
        self._held: dict[int, list[Rows]] = defaultdict(list)
        self._placed = placed

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
        if self._earliest is not None and len(at) and at.min() < self._earliest:
            found = to_say("a Parquet file has rows that are earlier than its statistics say")
            raise InputError(
                Problem(Sentence("logs"), found, "Give --no-statistics, and have the file's writer mended.")
            )


@dataclass(frozen=True)
class SecondLook:
    """Finds the rows of some parts that may be of one request: a `Look`."""

    parts: Sequence[Part]
    again: Alike
    placed: PlacedRows

    def look(self, part: Part, stop: Stop) -> pl.DataFrame:
        """Give the rows of a part that are looked for: see `Alike.of`."""
        return self.again.of(part, self.placed.of_requests(part.number, self.again.sought.numbers), stop)


@dataclass(frozen=True)
class Alike:
    """The rows of some stretches that have one of the hashes that are sought."""

    sought: Sought
    stretches: Stretches
    some: range
    period: Period | None

    def of(self, part: Part, places: Places | None, stop: Stop) -> pl.DataFrame:
        """Give them as `same_request.added_up` does: see `Again.of`."""
        again = read_again(part, places, stop, compared=True)
        found = [rows for batch in again if (rows := self._found(batch)) is not None]
        return found[0] if len(found) == 1 else added_up(found)

    def _found(self, batch: pa.RecordBatch) -> pl.DataFrame | None:
        at = instants(batch)
        numbers = hashes(batch, at)
        positions = self.sought.among(numbers, looked_at(batch, at, self.period))
        stretch = self.stretches.of(at[positions])
        positions = positions[(stretch >= self.some.start) & (stretch < self.some.stop)]
        if not len(positions):
            return None
        rows = rows_at(batch, at, positions)
        return rows if len(np.unique(numbers[positions])) == len(positions) else added_up([rows])  # none are alike


def read_again(part: Part, places: Places | None, stop: Stop, *, compared: bool = False) -> Iterator[pa.RecordBatch]:
    """Read a part once more, or of it only the rows at some places: see `Fragment.again`.

    Raises `InputError` where it does not hold as many rows as before.
    """
    if places is not None and not len(places):
        return
    reading = part.fragment.again(compared=compared, places=places).read()
    for batch in reading:
        yield batch
        if stop():
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


def twice_at_most(run: Hashes) -> Hashes:
    """Leave out what comes a third time: that it comes twice says enough, and is bounded."""
    third = run[2:] == run[:-2]
    return run[np.append([True, True], ~third)] if third.any() else run
