"""A part of a log that is read by itself: the plan, which may be sent to whoever reads it, and one reading of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, Generic, Self, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem
from sla_audit.intake.canonical import Canonical, canonical
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.reject_store import RejectRoom
from sla_audit.intake.rejects import Reject
from sla_audit.intake.scan.scanners import Scanners
from sla_audit.intake.sources.source import Source
from sla_audit.intake.traced.store import TracedRows
from sla_audit.intake.traced.tracing import LOGGED, Tracing, traced
from sla_audit.intake.unattributed import Unattributed
from sla_audit.sentence import Sentence, as_phrase, said_by, to_say

Places = Sequence[int] | npt.NDArray[np.int64]
"""Lines of a text, or rows of a table, from 1."""


Offsets = npt.NDArray[np.int64]
"""Where in a text lines begin."""


class UnsafeSplitError(Exception):
    """A text log was cut where rows may not end, as its quotes now show; it must be read uncut."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.source = source


@dataclass(frozen=True, eq=False)
class LogFragment(ABC):
    """A part of a log: one file, some row groups of it, or a range of its bytes.

    It stays as it is while it is read, on whatever thread or machine: what changes is in a `LogReading`, which ends as
    a `ReadAccount`. Rows that have no account, and need none according to `without_account`, are counted apart; those
    that cannot be read go to the `room`. Texts are scanned where there are `scanners`. With `tracing`, some rows are
    kept one by one besides. Where there are `places`, only the lines are read that begin there.
    """

    source: Source
    columns: LogColumns
    zone: ZoneInfo
    bytes: int
    rows: int | None = None
    times: tuple[int, int] | None = None
    spans: Sequence[tuple[int, int, int]] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    statuses: tuple[int, int] | None = None
    without_account: WithoutAccount | None = None
    room: RejectRoom = field(default_factory=RejectRoom)
    scanners: Scanners | None = None
    tracing: Tracing | None = None
    places: Offsets | None = None

    @property
    def stays(self) -> bool:
        """Whether it is to be read where the run was started: it may be read anywhere."""
        return False

    @property
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids."""
        return self.columns.request_id is not None

    @abstractmethod
    def read(self, without: Collection[str] = ()) -> LogReading[Any]:
        """Begin to read its rows in canonical columns, without some: see `LogReading`."""

    def skip(self) -> ReadAccount:
        """Account for all rows as read without reading them; only where their number is known."""
        return ReadAccount(self.rows or 0, columns=tuple(self.columns.without(())))

    def again(self, *, compared: bool = False, places: Offsets | None = None) -> Self:
        """Give the same part to be read once more, when what cannot be read in it is known already.

        Where rows are `compared`, batches have what `canonical.Canonical` says of that. With `places`, which are some
        that its batches had, in order, only these rows are read.
        """
        columns = replace(self.columns, compared=compared)
        return replace(self, columns=columns, room=RejectRoom(), tracing=None, places=places)

    def keeping(self, tracing: Tracing) -> Self:
        """Give the same part, of which some rows are kept one by one as well; none where it has none of them."""
        of_one = self.known.get("account_id")
        return self if of_one is not None and of_one not in tracing.keys else replace(self, tracing=tracing)


Plan = TypeVar("Plan", bound=LogFragment)


class LogReading(ABC, Generic[Plan]):
    """One reading of a fragment, with all that changes by it; it is gone through once.

    It yields the readable rows in canonical columns (see `canonical.Canonical.rows`), `without` some, and raises
    `InputError` where the file cannot be read at all. Rows are accounted for as they come.
    """

    def __init__(self, plan: Plan, without: Collection[str] = ()) -> None:
        self.plan = plan
        self.source = plan.source
        self.columns = plan.columns
        self.left_out = without
        self.without = without if plan.tracing is None else ()
        """What need not be read: of rows that are traced, all is wanted, though what is `left_out` is not handed on."""
        self.traced = None if plan.tracing is None else TracedRows(plan.tracing)
        self.rows = 0
        self.rejects = plan.room.store()
        self.unattributed = Unattributed()
        self.local_time = False
        self.assumed_utc = False
        self.samples: Samples | None = None
        self.one_by_one = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Read the rows, batch by batch."""
        try:
            yield from self._batches()
        except (pa.ArrowException, OSError, TypeError, UnicodeError) as error:
            raise InputError(unreadable(self.source, error)) from error

    def account(self) -> ReadAccount:
        """Account for the rows read so far."""
        return ReadAccount(
            self.rows,
            self.rejects,
            self.unattributed,
            tuple(self.columns.without(self._absent)),
            self.local_time,
            self.assumed_utc,
            None if self.samples is None else self.samples.digest(self.plan.columns.said_by_path),
            self.one_by_one,
            self.traced,
        )

    @abstractmethod
    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read the fragment; what cannot be read at all raises what Arrow raises."""

    @property
    def _absent(self) -> Collection[str]:
        """The canonical columns that no row so far has said anything in, though later ones may."""
        return ()

    @property
    def _shown(self) -> str:
        return self.source.shown

    def _canonical(
        self, batch: pa.RecordBatch, wanted: Mapping[str, tuple[str, ...]], places: pa.Array | None = None
    ) -> Canonical:
        """Give a batch of the file its canonical columns; what the path says is the same in every row."""
        said = [name for names in wanted.values() for name in names if name in self.columns.partitions]
        for name in dict.fromkeys(said):
            batch = batch.append_column(name, self._said_by_path(name, batch.num_rows))
        lasted = self.columns.lasted
        return canonical(
            batch,
            wanted,
            self.plan.zone,
            self.columns.dialect,
            "s" if lasted is None else lasted.unit,
            flags=self.columns.flags,
            own_ids=self.columns.own_ids,
            account=self.columns.account_pattern,
            without_account=self.plan.without_account,
            known=self.plan.known,
            places=places,
            took=self.columns.took,
        )

    def _said_by_path(self, name: str, rows: int) -> pa.DictionaryArray:
        value = pa.array([self.columns.partitions[name]], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), value, safe=False)

    def _take(self, batch: pa.RecordBatch, read: Canonical, unit: str, places: Places) -> pa.RecordBatch:
        """Account for a batch that was read, and give its good rows; `places` are where in the file its rows stand.

        They may be missing where every row is good and none is traced.
        """
        self._add(read, batch.num_rows)
        self.rejects.take(self._rejects(read, unit, places, None), read.faults.by_column)
        which = self._trace(batch, read, places)
        return read.rows if which is None else self._handed_on(read.rows, which)

    def _handed_on(self, rows: pa.RecordBatch, which: npt.NDArray[np.int64]) -> pa.RecordBatch:
        """Give of rows, of which some are kept, what is to be counted."""
        names = rows.schema.names
        surplus = [name for name in names if name in self.left_out]
        if surplus:  # a batch without columns would not know its rows
            rows = rows.drop_columns(surplus[len(surplus) == len(names) :])
        tracing = self.plan.tracing
        if tracing is None or not tracing.alone or self.plan.has_request_ids or self.source.kind.is_text:
            return (
                rows  # ids are compared with those of all others; when rows were tells whether a text is still written
            )
        return rows.take(pa.array(which))

    def _trace(self, batch: pa.RecordBatch, read: Canonical, places: Places) -> npt.NDArray[np.int64] | None:
        """Keep the rows of a batch that are to be kept one by one, and say which they are; None where none is asked."""
        if self.traced is None or self.plan.tracing is None:
            return None
        which = self.plan.tracing.among(read.rows)
        if not len(which):
            return which
        positions = which if read.good is None else np.flatnonzero(read.good)[which]
        wanted = self.columns.without(())
        logged = {name: [self._logged(batch, each, positions) for each in wanted.get(name, ())] for name in LOGGED}
        at = np.fromiter((places[position] for position in positions.tolist()), np.int64, len(positions))
        self.traced.take(traced(read.rows, which, logged, at))
        return which

    def _logged(self, batch: pa.RecordBatch, name: str, positions: npt.NDArray[np.int64]) -> pa.Array:
        if name in batch.schema.names:
            return batch.column(name).take(pa.array(positions))
        return self._said_by_path(name, len(positions))

    def _add(self, read: Canonical, rows: int) -> None:
        self.rows += rows
        self.unattributed += read.unattributed
        self.local_time |= read.local_time

    def _rejects(self, read: Canonical, unit: str, places: Places, texts: Sequence[str] | None) -> Iterator[Reject]:
        for fault in read.faults:
            place = f"{unit} {places[fault.position]}"
            text = "" if texts is None else texts[fault.position]
            yield Reject(self._shown, place, fault.column, fault.found, fault.expected, text)

    def _take_lines(
        self,
        fields: Sequence[Sequence[str | None]],
        lines: Sequence[int],
        texts: Sequence[str],
        malformed: list[Reject],
        begin: Mapping[int, int] | None = None,
    ) -> pa.RecordBatch:
        """Account for lines that were read one by one, and give the good ones.

        `fields` has the values of each of `columns.all`, `lines` and `texts` the place and text of each row;
        `malformed` lines are no rows at all. Where in the text lines `begin` may be known, by their numbers.
        """
        arrays = [pa.array(values, pa.string()) for values in fields]
        batch = pa.RecordBatch.from_arrays(arrays, names=self.columns.all)
        places = None if begin is None else pa.array([begin[line] for line in lines], pa.int64())
        read = self._canonical(batch, self.columns.without(()), places)
        self._add(read, batch.num_rows + len(malformed))
        self._trace(batch, read, lines)
        self.one_by_one += batch.num_rows + len(malformed)
        by_column = read.faults.by_column + Counter(reject.column for reject in malformed)
        both = (malformed, self._rejects(read, "line", lines, texts))
        self.rejects.take(merge(*both, key=lambda reject: int(reject.place.split()[1])), by_column)
        return read.rows


def unreadable(source: Source, error: Exception) -> Problem:
    """Say that a file cannot be read at all, and why."""
    remedy = to_say("Check the file, or leave it out.")
    if isinstance(error, TypeError):  # of a column: see `canonical`
        remedy = to_say("Export that column as is expected, or name another with --column.")
    return Problem(
        source.shown,
        Sentence(
            "cannot be read as {title}: {why}", title=as_phrase(source.kind.title), why=said_by(error, in_short=True)
        ),
        remedy,
    )
