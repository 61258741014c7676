"""A part of a log that is read by itself, and the account of its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any, BinaryIO, Self
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem
from sla_audit.intake.canonical import Canonical, canonical
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.reject_store import RejectStore
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources.find import Source
from sla_audit.intake.unattributed import Unattributed

_BYTES_A_BLOCK = 4 << 20


class UnsafeSplitError(Exception):
    """A text log was cut where rows may not end, as its quotes now show; it must be read uncut."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.source = source


@dataclass(eq=False)
class LogFragment(ABC):
    """A part of a log: one file, some row groups of it, or a range of its bytes.

    `read`, `rejects`, `unattributed`, `local_time` and `assumed_utc` say what has been read of it so far. Rows are
    `unattributed` that have no account, and need none according to `without_account`. Fragments share nothing, so each
    may be read on a thread of its own.
    """

    source: Source
    columns: LogColumns
    zone: ZoneInfo
    bytes: int
    rows: int | None = None
    times: tuple[int, int] | None = None
    spans: Sequence[tuple[int, int, int]] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    read: int = 0
    rejects: RejectStore = field(default_factory=RejectStore)
    local_time: bool = False
    assumed_utc: bool = False
    absent: frozenset[str] = frozenset()
    """The canonical columns that no row so far has said anything in, though later ones may."""
    samples: Samples | None = None
    """Those of the whole content, where it is read whole and in order, and can only be known by that."""
    without_account: WithoutAccount | None = None
    unattributed: Unattributed = field(default_factory=Unattributed)

    def batches(self, without: Collection[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the readable rows in canonical columns (see `canonical.Canonical.rows`), without some.

        Raises `InputError` where the file cannot be read at all.
        """
        try:
            yield from self._batches(without)
        except (pa.ArrowException, OSError, TypeError, UnicodeError) as error:
            raise InputError(unreadable(self.source, error)) from error

    @property
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids."""
        return self.columns.request_id is not None

    def again(self, *, compared: bool = False) -> Self:
        """Give the same part of the log as one of which nothing has been read yet.

        Where rows are `compared`, batches have what `canonical.Canonical` says of that.
        """
        unread = self.unread()
        unread.columns = replace(self.columns, compared=compared)
        return unread

    def unread(self) -> Self:
        """Give the same part of the log, with an account of its own, of which nothing is in it yet."""
        unread = copy(self)
        unread.read, unread.rejects, unread.unattributed, unread.local_time = 0, RejectStore(), Unattributed(), False
        return unread

    def pass_over_unfinished(self) -> None:
        """Take a last line that is only half written for none at all."""
        self.read -= self.rejects.pass_over_unfinished()

    def skip(self) -> int:
        """Account for all rows as read without reading them; only where their number is known."""
        self.read = self.rows or 0
        return self.read

    @abstractmethod
    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        """Read the fragment; what cannot be read at all raises what Arrow raises."""

    def _canonical(self, batch: pa.RecordBatch, wanted: Mapping[str, tuple[str, ...]]) -> Canonical:
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
            self.zone,
            self.columns.dialect,
            "s" if lasted is None else lasted.unit,
            flags=self.columns.flags,
            own_ids=self.columns.own_ids,
            without_account=self.without_account,
            known=self.known,
        )

    def _take(
        self, read: Canonical, rows: int, unit: str, places: Sequence[int], texts: Sequence[str] | None = None
    ) -> pa.RecordBatch:
        """Account for a batch that was read, and give its good rows; `texts` are its rows as the file has them."""
        self._account(read, rows)
        self.rejects.take(self._rejects(read, unit, places, texts), read.faults.by_column)
        return read.rows

    def _account(self, read: Canonical, rows: int) -> None:
        self.read += rows
        self.unattributed += read.unattributed
        self.local_time |= read.local_time

    def _rejects(
        self, read: Canonical, unit: str, places: Sequence[int], texts: Sequence[str] | None
    ) -> Iterator[Reject]:
        for fault in read.faults:
            place = f"{unit} {places[fault.position]}"
            text = "" if texts is None else texts[fault.position]
            yield Reject(self.source.shown, place, fault.column, fault.found, fault.expected, text)

    def _take_lines(
        self,
        fields: Sequence[Sequence[str | None]],
        lines: Sequence[int],
        texts: Sequence[str],
        malformed: list[Reject],
    ) -> pa.RecordBatch:
        """Account for lines that were read one by one, and give the good ones.

        `fields` has the values of each of `columns.all`, `lines` and `texts` the place and text of each row;
        `malformed` lines are no rows at all.
        """
        arrays = [pa.array(values, pa.string()) for values in fields]
        batch = pa.RecordBatch.from_arrays(arrays, names=self.columns.all)
        read = self._canonical(batch, self.columns.without(()))
        self._account(read, batch.num_rows + len(malformed))
        by_column = read.faults.by_column + Counter(reject.column for reject in malformed)
        both = (malformed, self._rejects(read, "line", lines, texts))
        self.rejects.take(merge(*both, key=lambda reject: int(reject.place.split()[1])), by_column)
        return read.rows


def line_ends(file: BinaryIO, end: int) -> int:
    """Count the line ends before a place of a file, holding a small part of it at a time."""
    found = 0
    while end > 0 and (block := file.read(min(end, _BYTES_A_BLOCK))):
        found += block.count(b"\n")
        end -= len(block)
    return found


def unreadable(source: Source, error: Exception) -> Problem:
    """Say that a file cannot be read at all, and why."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
    remedy = "Check the file, or leave it out."
    if isinstance(error, TypeError):  # of a column: see `canonical`
        remedy = "Export that column as is expected, or name another with --column."
    return Problem(source.shown, f"cannot be read as {source.kind.title}: {reason}", remedy)
