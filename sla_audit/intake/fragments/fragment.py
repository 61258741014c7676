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
from sla_audit.intake.sources.find import Source
from sla_audit.intake.unattributed import Unattributed

Places = npt.NDArray[np.int64]


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
    that cannot be read go to the `room`. Texts are scanned where there are `scanners`; where there are `places`, only
    the lines are read that begin there.
    """

    source: Source
    columns: LogColumns
    zone: ZoneInfo
    bytes: int
    rows: int | None = None
    times: tuple[int, int] | None = None
    spans: Sequence[tuple[int, int, int]] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    without_account: WithoutAccount | None = None
    room: RejectRoom = field(default_factory=RejectRoom)
    scanners: Scanners | None = None
    places: Places | None = None

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

    def again(self, *, compared: bool = False, places: Places | None = None) -> Self:
        """Give the same part to be read once more, when what cannot be read in it is known already.

        Where rows are `compared`, batches have what `canonical.Canonical` says of that. With `places`, which are some
        that its batches had, in order, only these rows are read.
        """
        columns = replace(self.columns, compared=compared)
        return replace(self, columns=columns, room=RejectRoom(), places=places)


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
        self.without = without
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
            value = pa.array([self.columns.partitions[name]], pa.string())
            codes = pa.array(np.zeros(batch.num_rows, dtype=np.int32))
            batch = batch.append_column(name, pa.DictionaryArray.from_arrays(codes, value, safe=False))
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
        )

    def _take(
        self, read: Canonical, rows: int, unit: str, places: Sequence[int], texts: Sequence[str] | None = None
    ) -> pa.RecordBatch:
        """Account for a batch that was read, and give its good rows; `texts` are its rows as the file has them."""
        self._add(read, rows)
        self.rejects.take(self._rejects(read, unit, places, texts), read.faults.by_column)
        return read.rows

    def _add(self, read: Canonical, rows: int) -> None:
        self.rows += rows
        self.unattributed += read.unattributed
        self.local_time |= read.local_time

    def _rejects(
        self, read: Canonical, unit: str, places: Sequence[int], texts: Sequence[str] | None
    ) -> Iterator[Reject]:
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
        self.one_by_one += batch.num_rows + len(malformed)
        by_column = read.faults.by_column + Counter(reject.column for reject in malformed)
        both = (malformed, self._rejects(read, "line", lines, texts))
        self.rejects.take(merge(*both, key=lambda reject: int(reject.place.split()[1])), by_column)
        return read.rows


def unreadable(source: Source, error: Exception) -> Problem:
    """Say that a file cannot be read at all, and why."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
    remedy = "Check the file, or leave it out."
    if isinstance(error, TypeError):  # of a column: see `canonical`
        remedy = "Export that column as is expected, or name another with --column."
    return Problem(source.shown, f"cannot be read as {source.kind.title}: {reason}", remedy)
