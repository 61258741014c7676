"""Tallies as files: counted once, read wherever logs are. The format is documented in the README."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

from sla_audit.errors import InputError, Problem, cannot_be_read, field_name
from sla_audit.limits import MOST_ID_BYTES
from sla_audit.model.flags import FlagCount
from sla_audit.model.month import Month
from sla_audit.model.tally import LOGGED, SLOT
from sla_audit.parquet.bounds import rows_at_once
from sla_audit.parquet.evidence import borne_out
from sla_audit.parquet.footer import Footer, bounds_of, footer_bytes, footer_of
from sla_audit.parquet.pages import pages_of
from sla_audit.sentence import Sentence, as_phrase, in_series, to_say
from sla_audit.system.broken_rule import broken_rule
from sla_audit.tally.flags import month_bounds
from sla_audit.tally.saved.columns import SCHEMAS, TEXTS, columns_of
from sla_audit.tally.saved.faults import faults
from sla_audit.tally.saved.head import FIRST_SCHEMA, SCHEMA, TallyHead
from sla_audit.tally.saved.seal import HEAD, Seal, seal_of, seals_head, seals_rows
from sla_audit.tally.slot_runs import slot_runs
from sla_audit.tally.timeline import Span

_FIRST = ("account_id", *SLOT)
"""The first columns of a tally, of each version."""
_NO_OR_UNKNOWN = pa.array([False, None], pa.bool_())
Opened = Callable[[], AbstractContextManager[pa.NativeFile]]
"""Opens a file for Arrow to read."""

_AGAIN = to_say("Count the logs again with this version of sla-audit.")
_UNREADABLE = to_say("not a sound tally: what it says of itself cannot be read")
_CHANGED = to_say("not a sound tally: changed or damaged after it was made, as its digest tells")


def is_tally(path: Path) -> bool:
    """Tell whether a Parquet file is a tally, by what it says of itself; its name does not matter."""
    try:
        if HEAD not in footer_bytes(path)[1]:
            return False
        footer_of(path)
        with path.open("rb") as file:
            said = pq.read_metadata(file).metadata
    except (pa.ArrowException, OSError, UnicodeError):
        return False  # whoever reads it as a log will say what is wrong
    return said is not None and HEAD in said


@dataclass(frozen=True, eq=False)
class TallyFile:
    """A tally that is counted like a log: a `planner.Fragment` whose rows stand for many requests each."""

    path: Path
    opened: Opened
    shown: str
    head: TallyHead
    bytes: int
    times: tuple[int, int] | None
    seal: Seal | None = None
    spans: Sequence[Span] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    statuses: tuple[int, int] | None = None

    @classmethod
    def open(cls, path: Path, shown: str, opened: Opened | None = None) -> TallyFile:
        """Read what a file says of itself. Raises `InputError` where it is of another version, or broken.

        It is read through what `opened` gives, wherever it is.
        """
        opened = partial(pa.OSFile, str(path)) if opened is None else opened
        footer = footer_of(path)
        with opened() as file:
            metadata, size = pq.read_metadata(file), file.size()
        try:
            written = metadata.metadata[HEAD]
            version = json.loads(written)["schema"]
            if version not in SCHEMAS:
                known = in_series([*map(repr, SCHEMAS)], to_say("{listed} or {value}"))
                what = Sentence("a tally of the schema {version!r}; expected {known}", version=version, known=known)
                raise InputError(Problem(shown, what, _AGAIN))
            head, seal = TallyHead.model_validate_json(written), seal_of(metadata)
        except ValidationError as error:
            raise InputError(Problem(shown, _mistake(error), _AGAIN)) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(Problem(shown, _UNREADABLE, _AGAIN)) from error
        if version == SCHEMA and (seal is None or not seals_head(seal, written)):
            raise InputError(Problem(shown, _CHANGED, _AGAIN))
        columns = columns_of(version, head.tells)
        if not metadata.schema.to_arrow_schema().equals(columns):
            expected = ", ".join(f"{name} ({kind})" for name, kind in zip(columns.names, columns.types, strict=True))
            raise InputError(
                Problem(
                    shown, Sentence("not a sound tally; expected the columns {expected}", expected=expected), _AGAIN
                )
            )
        try:
            times = _span(head.edges) if version == SCHEMA else _bounds(path, footer)
        except pa.ArrowException as error:
            raise InputError(_unreadable(shown, error)) from error
        return cls(path, opened, shown, head, size, times, seal)

    @property
    def is_sealed(self) -> bool:
        """Whether it carries a digest, so that changes are told."""
        return self.head.schema_ == SCHEMA

    @property
    def lost_statuses(self) -> bool:
        """Whether some null status may be one beside which a gateway said that the service did not answer."""
        return self.head.schema_ == FIRST_SCHEMA and any(source.dialect is not None for source in self.head.sources)

    @property
    def lost_flags(self) -> bool:
        """Whether its logs have content flags of which it does not tell how they are spelt."""
        first = self.head.schema_ == FIRST_SCHEMA
        return first and any("content_flag" in source.columns for source in self.head.sources)

    def flags(self, period: tuple[int, int] | None) -> tuple[FlagCount, ...]:
        """Give the content flags of its logs, in the months of a period."""
        zone, flags = ZoneInfo(self.head.time_zone), self.head.content_flags
        return tuple(
            FlagCount(each.value, each.rows, each.flagged, each.month)
            for each in flags
            if period is None or period[0] <= month_bounds(Month(*map(int, each.month.split("-"))), zone)[0] < period[1]
        )

    @property
    def rows(self) -> int:
        """How many requests it counts."""
        return self.head.rows.counted

    @property
    def stays(self) -> bool:
        """Whether it is to be read where the run was started: it is small beside the logs that it counts."""
        return True

    @property
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids: no, its requests are added up."""
        return False

    def again(self, *, compared: bool = False, places: npt.NDArray[np.int64] | None = None) -> Self:
        """Give the tally as it is; it has no rows to be `compared`, and no `places` of any."""
        del compared, places
        return self

    def skip(self) -> TallyAccount:
        """Account for its requests without reading them."""
        return TallyAccount(self.rows)

    def read(self, without: Collection[str] = ()) -> TallyReading:
        """Begin to read its counts."""
        return TallyReading(self, without)


@dataclass(frozen=True)
class TallyAccount:
    """So many requests were read: a `planner.Account`."""

    rows: int
    one_by_one: int = 0


class TallyReading:
    """One reading of a tally: a `planner.Reading`. Raises `InputError` where it cannot hold what was counted."""

    def __init__(self, tally: TallyFile, without: Collection[str] = ()) -> None:
        self._tally = tally
        columns = columns_of(tally.head.schema_, tally.head.tells)
        self._texts = [name for name in TEXTS if name in columns.names]
        self._wanted = [name for name in columns.names if name not in without]
        self._requests = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield its counts as `Kernel` takes them."""
        tally, slots = self._tally, set[tuple[int, int]]()
        try:
            rows = _rows_at_once(tally.path, self._wanted)
            with (
                tally.opened() as opened,
                pq.ParquetFile(opened, read_dictionary=self._texts, page_checksum_verification=True) as file,
            ):
                self._refuse_changed(file.metadata.serialized_size)
                for batch in file.iter_batches(rows, columns=self._wanted, use_threads=False):
                    self._check(batch)
                    slots.update(slot_runs(batch).slots())
                    self._requests += pc.sum(batch.column("requests")).as_py() or 0
                    yield _coded(_with_lost(batch) if tally.lost_statuses else batch)
        except (pa.ArrowException, OSError) as error:
            raise InputError(_unreadable(tally.shown, error)) from error
        if self._requests != tally.rows:
            found = Sentence(
                "holds {requests} requests and says that it counts {rows}", requests=self._requests, rows=tally.rows
            )
            raise InputError(Problem(tally.shown, Sentence("not a sound tally: {found}", found=found), _AGAIN))
        if tally.is_sealed and slots != tally.head.edges:
            found = Sentence("holds other slots than the {slots} that it names", slots=len(tally.head.slots))
            raise InputError(Problem(tally.shown, Sentence("not a sound tally: {found}", found=found), _AGAIN))

    def account(self) -> TallyAccount:
        """Account for the requests read so far."""
        return TallyAccount(self._requests)

    def _refuse_changed(self, footer: int) -> None:
        if self._tally.is_sealed and self._tally.seal is not None and not self._is_as_sealed(self._tally.seal, footer):
            raise InputError(Problem(self._tally.shown, _CHANGED, _AGAIN))

    def _is_as_sealed(self, seal: Seal, footer: int) -> bool:
        with self._tally.opened() as file:
            return seals_rows(seal, file, self._tally.bytes, footer)

    def _check(self, batch: pa.RecordBatch) -> None:
        head = self._tally.head
        fault = next(faults(batch, ZoneInfo(head.time_zone), head.limits), None)
        if fault is not None:
            raise InputError(
                Problem(self._tally.shown, Sentence("not a sound tally: {fault}", fault=as_phrase(fault)), _AGAIN)
            )


def _unreadable(shown: str, error: Exception) -> Problem:
    return cannot_be_read(shown, error, _AGAIN, in_short=True)


def _mistake(error: ValidationError) -> Sentence:
    """Say what is wrong with a head first: a place in it, or that it is at odds with itself."""
    mistake = error.errors()[0]
    what = broken_rule(mistake)
    if mistake["type"] == "value_error" and not mistake["loc"]:
        return Sentence("not a sound tally: {what}", what=what)
    untold, field = Sentence(_UNREADABLE), field_name(mistake["loc"])
    return Sentence("{untold}: {field}: {what}", untold=untold, field=field, what=what)


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give what the log said of the requests as dictionaries."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    for name in LOGGED:
        if name in columns and not pa.types.is_dictionary(columns[name].type):
            columns[name] = columns[name].dictionary_encode()
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _with_lost(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Say that it is not known of requests without a status whether a gateway said that the service did not answer."""
    unknown = pc.is_null(batch.column("status")).cast(pa.int32())
    return batch.append_column("no_answer", pa.DictionaryArray.from_arrays(unknown, _NO_OR_UNKNOWN))


def _span(slots: Collection[tuple[int, int]]) -> tuple[int, int] | None:
    """Give the first and the last instant of all slots, in microseconds, both inclusive."""
    return (min(slots)[0], max(ends_at for _, ends_at in slots) - 1) if slots else None


def _bounds(path: Path, footer: Footer) -> tuple[int, int] | None:
    """Give the same of a tally whose head is not sealed, by the statistics of its rows.

    None where the pages do not bear out what the footer says of them.
    """
    ends = list[tuple[int, int]]()
    with path.open("rb", buffering=0) as file:
        for group in footer.groups:
            for name in SLOT:
                chunk = footer.chunk(group, _FIRST.index(name))
                bounds = None if chunk.statistics is None else bounds_of(chunk.statistics, chunk.leaf)
                if bounds is None or not borne_out(file, pages_of(file, chunk)):
                    return None
                ends.append(bounds)
    return (min(least for least, _ in ends), max(most for _, most in ends) - 1) if ends else None


def _rows_at_once(path: Path, names: Collection[str]) -> int:
    """Say how many rows of a tally may be read at once. Raises `UnsoundError` where it would take too much memory."""
    footer = footer_of(path)
    places = {leaf.name: at for at, leaf in enumerate(footer.leaves) if leaf.name in names}
    with path.open("rb", buffering=0) as file:
        pages = {
            name: [pages_of(file, footer.chunk(group, at)) for group in footer.groups] for name, at in places.items()
        }
        return rows_at_once(file, pages, TEXTS, dict.fromkeys(TEXTS, MOST_ID_BYTES))
