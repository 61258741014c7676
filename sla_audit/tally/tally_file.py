"""Tallies as files: counted once, read wherever logs are. The format is documented in the README."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, field_validator, model_validator

from sla_audit.contract.instant import microseconds, midnight, moment
from sla_audit.contract.month import LAST_DAY, Month
from sla_audit.contract.status import FIRST_STATUS, HTTP_0_9, LAST_STATUS
from sla_audit.errors import InputError, Problem
from sla_audit.limits import MOST_ID_BYTES
from sla_audit.parquet.bounds import rows_at_once
from sla_audit.parquet.evidence import borne_out
from sla_audit.parquet.footer import Footer, bounds_of, footer_bytes, footer_of
from sla_audit.parquet.pages import pages_of
from sla_audit.tally.flags import FlagCount, month_bounds
from sla_audit.tally.model import OUTCOME, REQUESTS, SLOT, Tally
from sla_audit.tally.same_request import Ids
from sla_audit.tally.slot_runs import slot_runs
from sla_audit.tally.timeline import Span

SCHEMA = "sla-audit/tally/2"
FIRST_SCHEMA = "sla-audit/tally/1"
"""It has no `no_answer`: a status beside which a gateway said that the service did not answer was null in it."""

SUFFIX = ".tally.parquet"

_KEY = b"sla-audit"
_REACH = microseconds(midnight(LAST_DAY, ZoneInfo("UTC"))) + 2 * 86_400 * 10**6
_INSTANT = pa.timestamp("us", "UTC")
_COLUMNS = pa.schema(
    {
        "account_id": pa.string(),
        **dict.fromkeys(SLOT, _INSTANT),
        "status": pa.int16(),
        "no_answer": pa.bool_(),
        "content_flag": pa.bool_(),
        "client_aborted": pa.bool_(),
        "region": pa.string(),
        "api": pa.string(),
        "requests": pa.int64(),
    }
)
_COLUMNS_OF = {
    FIRST_SCHEMA: pa.schema([field for field in _COLUMNS if field.name != "no_answer"]),
    SCHEMA: _COLUMNS,
}
_MAY_BE_NULL = {"status", "no_answer", "region", "api"}
_NO_OR_UNKNOWN = pa.array([False, None], pa.bool_())
_TEXTS = ["account_id", "region", "api"]
_AGAIN = "Count the logs again with this version of sla-audit."
_MOST_REQUESTS = 10**12  # of one tally; sums of a million such stay within 64 bits


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TallyRows(_Said):
    """How many requests a tally counts, and how many rows of its logs are not among them.

    `rejected` rows could not be read; `unattributed` rows have no account, and need none (see `TallyEnding`); the
    others say what request ids told: see `same_request.Ids`.
    """

    counted: Annotated[int, Field(ge=0, le=_MOST_REQUESTS)]
    rejected: NonNegativeInt
    duplicate: NonNegativeInt = 0
    contradicted: NonNegativeInt = 0
    unattributed: NonNegativeInt = 0
    shared: NonNegativeInt = 0
    reused: NonNegativeInt = 0
    reused_ids: NonNegativeInt = 0

    @property
    def ids(self) -> Ids:
        """What request ids told of its logs."""
        return Ids(**{each.name: getattr(self, each.name) for each in fields(Ids)})

    @property
    def read(self) -> int:
        """How many rows its logs have."""
        return self.counted + self.duplicate + self.rejected + self.unattributed


class TallySource(_Said):
    """A log that was counted: see `intake.logs.LogSummary`."""

    path: str
    bytes: NonNegativeInt
    rows: NonNegativeInt
    rejected: NonNegativeInt
    local_time: bool
    columns: tuple[str, ...]
    fingerprint: str
    dialect: str | None = None
    notes: tuple[str, ...] = ()
    assumed_utc: bool = False
    wrapper: str | None = None
    content: str | None = None


class TallyEnding(_Said):
    """How some rows ended that have no account: under the contract of the time, no rate depends on whose they are."""

    status: Annotated[int, Field(ge=FIRST_STATUS, le=LAST_STATUS)] | None = None
    no_answer: bool | None = None
    content_flag: bool | None = None
    client_aborted: bool | None = None
    api: str | None = None
    rows: Annotated[int, Field(ge=1, le=_MOST_REQUESTS)]


class TallyLeftOut(_Said):
    """What a directory of its logs held besides, and was not read: see `intake.left_out.LeftOut`."""

    path: str
    bytes: NonNegativeInt | None
    reason: str


class TallyFlag(_Said):
    """How many rows of a month of the logs have a content flag, and what was made of it: see `flags.FlagCount`."""

    month: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    value: str | None
    rows: NonNegativeInt
    flagged: bool


class TallyHead(_Said):
    """What a tally file says of itself.

    `tells` names the optional columns (`region`, `api`) by which requests are told apart. Slots begin and end at
    the midnights of `time_zone`, and where they were cut besides.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    time_zone: str
    tells: tuple[Literal["api", "region"], ...]
    rows: TallyRows
    unattributed: tuple[TallyEnding, ...] = ()
    content_flags: tuple[TallyFlag, ...] = ()
    sources: tuple[TallySource, ...]
    left_out: tuple[TallyLeftOut, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return ZoneInfo(name).key

    @model_validator(mode="after")
    def _sources_are_named(self) -> Self:
        if self.rows.counted and not self.sources:
            raise ValueError("counts requests of no log")
        return self

    @model_validator(mode="after")
    def _endings_are_rows(self) -> Self:
        if sum(ending.rows for ending in self.unattributed) != self.rows.unattributed:
            raise ValueError("accounts for other rows without an account than it has")
        return self


def tally_bytes(tally: Tally, head: TallyHead) -> bytes:
    """Write a tally down, a row for each count; the same tally gives the same bytes."""
    rows = _in_order(tally)
    ids = tally.accounts["account_id"].to_arrow().cast(pa.string())
    arrays = [pa.DictionaryArray.from_arrays(rows["account"].to_arrow().cast(pa.int32()), ids)]
    arrays += [tally.slots[name].gather(rows["slot"]).to_arrow() for name in SLOT]
    arrays += [tally.outcomes[name].gather(rows["outcome"]).to_arrow() for name in OUTCOME]
    arrays += [rows[REQUESTS].to_arrow()]
    columns = [array.cast(kind) for array, kind in zip(arrays, _COLUMNS.types, strict=True)]
    slots = tally.slots.gather(rows["slot"].unique()).sort(*SLOT)
    said = head.model_dump(mode="json", by_alias=True)
    said["slots"] = [[moment(edge).isoformat() for edge in slot] for slot in slots.iter_rows()]
    table = pa.Table.from_arrays(columns, schema=_COLUMNS.with_metadata({_KEY: json.dumps(said, ensure_ascii=False)}))
    file = io.BytesIO()
    coded = [*_TEXTS, *SLOT, "status"]
    pq.write_table(table, file, compression="zstd", use_dictionary=coded, write_page_checksum=True)
    return file.getvalue()


def is_tally(path: Path) -> bool:
    """Tell whether a Parquet file is a tally, by what it says of itself; its name does not matter."""
    try:
        if _KEY not in footer_bytes(path)[1]:
            return False
        footer_of(path)
        said = pq.read_metadata(path).metadata
    except (pa.ArrowException, OSError, UnicodeError):
        return False  # whoever reads it as a log will say what is wrong
    return said is not None and _KEY in said


@dataclass(eq=False)
class TallyFile:
    """A tally that is counted like a log: a `planner.Fragment` whose rows stand for many requests each."""

    path: Path
    shown: str
    head: TallyHead
    bytes: int
    times: tuple[int, int] | None
    spans: Sequence[Span] = ()
    read: int = 0
    known: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, shown: str) -> TallyFile:
        """Read what a file says of itself. Raises `InputError` where it is of another version, or broken."""
        footer = footer_of(path)
        metadata = pq.read_metadata(path)
        try:
            said = json.loads(metadata.metadata[_KEY])
            version = said["schema"]
            if version not in _COLUMNS_OF:
                known = " or ".join(map(repr, _COLUMNS_OF))
                raise InputError(Problem(shown, f"a tally of the schema {version!r}; expected {known}", _AGAIN))
            head = TallyHead.model_validate(said)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            what = "not a sound tally: what it says of itself cannot be read"
            raise InputError(Problem(shown, what, _AGAIN)) from error
        columns = _COLUMNS_OF[version]
        if not metadata.schema.to_arrow_schema().equals(columns):
            expected = ", ".join(f"{name} ({kind})" for name, kind in zip(columns.names, columns.types, strict=True))
            raise InputError(Problem(shown, f"not a sound tally; expected the columns {expected}", _AGAIN))
        try:
            return cls(path, shown, head, path.stat().st_size, _bounds(path, footer))
        except pa.ArrowException as error:
            raise InputError(_unreadable(shown, error)) from error

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
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids: no, its requests are added up."""
        return False

    def again(self, *, compared: bool = False) -> Self:
        """Give the same tally as one of which nothing has been read yet; it has no rows to be `compared`."""
        del compared
        return replace(self, read=0)

    def skip(self) -> int:
        """Account for its requests without reading them, and give their number."""
        self.read = self.head.rows.counted
        return self.read

    def batches(self, without: Collection[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield its counts as `Kernel` takes them. Raises `InputError` where they cannot be what was counted."""
        wanted = [name for name in _COLUMNS_OF[self.head.schema_].names if name not in without]
        try:
            rows = _rows_at_once(self.path, wanted)
            with pq.ParquetFile(
                self.path, read_dictionary=_TEXTS, memory_map=True, page_checksum_verification=True
            ) as file:
                for batch in file.iter_batches(rows, columns=wanted, use_threads=False):
                    self._check(batch)
                    self.read += pc.sum(batch.column("requests")).as_py() or 0
                    yield _coded(_with_lost(batch) if self.lost_statuses else batch)
        except (pa.ArrowException, OSError) as error:
            raise InputError(_unreadable(self.shown, error)) from error
        if self.read != self.head.rows.counted:
            found = f"holds {self.read} requests and says that it counts {self.head.rows.counted}"
            raise InputError(Problem(self.shown, f"not a sound tally: {found}", _AGAIN))

    def _check(self, batch: pa.RecordBatch) -> None:
        fault = next(_faults(batch, ZoneInfo(self.head.time_zone)), None)
        if fault is not None:
            raise InputError(Problem(self.shown, f"not a sound tally: {fault}", _AGAIN))


def _unreadable(shown: str, error: Exception) -> Problem:
    return Problem(shown, f"cannot be read: {str(error).splitlines()[0]}", _AGAIN)


def _faults(batch: pa.RecordBatch, zone: ZoneInfo) -> Iterator[str]:
    """Say what in a batch cannot have been counted."""
    for name in batch.schema.names:
        if name not in _MAY_BE_NULL and batch.column(name).null_count:
            yield f"{name} is null in some row"
    if not batch.num_rows:
        return
    texts = [name for name in _TEXTS if name in batch.schema.names]
    if pc.min(batch.column(REQUESTS)).as_py() <= 0:
        yield "a count is not above 0"
    if pc.any(pc.equal(batch.column("account_id").dictionary, "")).as_py():
        yield "an account is empty"
    if any((pc.max(pc.binary_length(batch.column(name).dictionary)).as_py() or 0) > MOST_ID_BYTES for name in texts):
        yield f"an account, a region or an API has more than {MOST_ID_BYTES} bytes"
    yield from _faults_of_statuses(batch)
    slots = set(slot_runs(batch).slots())
    if any(starts_at >= ends_at for starts_at, ends_at in slots):
        yield "a slot ends before it starts"
    elif any(starts_at < 0 or ends_at > _REACH for starts_at, ends_at in slots):
        yield "a slot is not of the years 1970 to 2199"
    elif any(_day(starts_at, zone) != _day(ends_at - 1, zone) for starts_at, ends_at in slots):
        yield "a slot is not of one day"


def _faults_of_statuses(batch: pa.RecordBatch) -> Iterator[str]:
    status = batch.column("status")
    bounds = pc.min_max(status.filter(pc.not_equal(status, HTTP_0_9))).as_py()
    if bounds["min"] is not None and not FIRST_STATUS <= bounds["min"] <= bounds["max"] <= LAST_STATUS:
        yield f"a status is not from {FIRST_STATUS} to {LAST_STATUS}"
    if "no_answer" in batch.schema.names:
        unknown = pc.is_null(batch.column("no_answer"))
        if pc.any(pc.and_(unknown, pc.is_valid(status))).as_py():
            yield "no_answer is null in some row that has a status"


def _day(instant: int, zone: ZoneInfo) -> date:
    return moment(instant, zone).date()


def _in_order(tally: Tally) -> pl.DataFrame:
    """Sort counts by what their codes stand for: codes are given out in the order in which threads come."""
    ranks = {
        "slot": tally.slots.select(pl.struct(*SLOT).rank("ordinal")).to_series(),
        "outcome": tally.outcomes.with_row_index("code").sort(*OUTCOME).with_row_index("rank").sort("code")["rank"],
        "account": tally.accounts["account_id"].rank("ordinal"),
    }
    return tally.counts.sort(*(pl.lit(ranks[code]).gather(pl.col(code)) for code in ranks))


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give what the log said of the requests as dictionaries."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    for name in OUTCOME:
        if name in columns and not pa.types.is_dictionary(columns[name].type):
            columns[name] = columns[name].dictionary_encode()
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _with_lost(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Say that it is not known of requests without a status whether a gateway said that the service did not answer."""
    unknown = pc.is_null(batch.column("status")).cast(pa.int32())
    return batch.append_column("no_answer", pa.DictionaryArray.from_arrays(unknown, _NO_OR_UNKNOWN))


def _bounds(path: Path, footer: Footer) -> tuple[int, int] | None:
    """Give the first and the last instant of all slots, in microseconds, both inclusive.

    None where the pages do not bear out what the footer says of them.
    """
    ends = list[tuple[int, int]]()
    with path.open("rb", buffering=0) as file:
        for group in footer.groups:
            for name in SLOT:
                chunk = footer.chunk(group, _COLUMNS.get_field_index(name))
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
        return rows_at_once(file, pages, _TEXTS, dict.fromkeys(_TEXTS, MOST_ID_BYTES))
