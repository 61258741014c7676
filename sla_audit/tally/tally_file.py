"""Tallies as files: counted once, read wherever logs are. The format is documented in the README."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from sla_audit.contract.instant import moment
from sla_audit.errors import InputError, Problem
from sla_audit.tally.model import OUTCOME, REQUESTS, SLOT, Tally

SCHEMA = "sla-audit/tally/1"
SUFFIX = ".tally.parquet"

_KEY = b"sla-audit"
_INSTANT = pa.timestamp("us", "UTC")
_COLUMNS = pa.schema(
    {
        "account_id": pa.string(),
        **dict.fromkeys(SLOT, _INSTANT),
        "status": pa.int16(),
        "content_flag": pa.bool_(),
        "client_aborted": pa.bool_(),
        "region": pa.string(),
        "api": pa.string(),
        "requests": pa.int64(),
    }
)
_MAY_BE_NULL = {"status", "region", "api"}
_TEXTS = ["account_id", "region", "api"]
_AGAIN = "Count the logs again with this version of sla-audit."


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TallyRows(_Said):
    """How many requests a tally counts, and how many rows of its logs could not be read."""

    counted: NonNegativeInt
    rejected: NonNegativeInt


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


class TallyHead(_Said):
    """What a tally file says of itself.

    `tells` names the optional columns (`region`, `api`) by which requests are told apart. Slots begin and end at
    the midnights of `time_zone`, and where they were cut besides.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    time_zone: str
    tells: tuple[str, ...]
    rows: TallyRows
    sources: tuple[TallySource, ...]


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
    pq.write_table(table, file, compression="zstd", use_dictionary=[*_TEXTS, *SLOT, "status"])
    return file.getvalue()


def is_tally(path: Path) -> bool:
    """Tell whether a Parquet file is a tally, by what it says of itself; its name does not matter."""
    try:
        said = pq.read_metadata(path).metadata
    except (pa.ArrowException, OSError):
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
    read: int = 0
    known: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, shown: str) -> TallyFile:
        """Read what a file says of itself. Raises `InputError` where it is of another version, or broken."""
        metadata = pq.read_metadata(path)
        try:
            said = json.loads(metadata.metadata[_KEY])
            version = said["schema"]
            if version != SCHEMA:
                raise InputError(Problem(shown, f"a tally of the schema {version!r}; expected {SCHEMA!r}", _AGAIN))
            head = TallyHead.model_validate(said)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            what = "not a sound tally: what it says of itself cannot be read"
            raise InputError(Problem(shown, what, _AGAIN)) from error
        if not metadata.schema.to_arrow_schema().equals(_COLUMNS):
            expected = ", ".join(f"{name} ({kind})" for name, kind in zip(_COLUMNS.names, _COLUMNS.types, strict=True))
            raise InputError(Problem(shown, f"not a sound tally; expected the columns {expected}", _AGAIN))
        return cls(path, shown, head, path.stat().st_size, _bounds(metadata))

    @property
    def rows(self) -> int:
        """How many requests it counts."""
        return self.head.rows.counted

    def skip(self) -> int:
        """Account for its requests without reading them, and give their number."""
        self.read = self.head.rows.counted
        return self.read

    def batches(self, without: Collection[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield its counts as `Kernel` takes them. Raises `InputError` where they cannot be what was counted."""
        wanted = [name for name in _COLUMNS.names if name not in without]
        try:
            with pq.ParquetFile(self.path, read_dictionary=_TEXTS, memory_map=True) as file:
                for group in range(file.num_row_groups):
                    for batch in file.read_row_group(group, wanted, use_threads=False).to_batches():
                        self._check(batch)
                        self.read += pc.sum(batch.column("requests")).as_py() or 0
                        yield _coded(batch)
        except (pa.ArrowException, OSError) as error:
            raise InputError(Problem(self.shown, f"cannot be read: {str(error).splitlines()[0]}", _AGAIN)) from error
        if self.read != self.head.rows.counted:
            found = f"holds {self.read} requests and says that it counts {self.head.rows.counted}"
            raise InputError(Problem(self.shown, f"not a sound tally: {found}", _AGAIN))

    def _check(self, batch: pa.RecordBatch) -> None:
        nulls = [name for name in batch.schema.names if name not in _MAY_BE_NULL and batch.column(name).null_count]
        if nulls:
            raise InputError(Problem(self.shown, f"not a sound tally: {nulls[0]} is null in some row", _AGAIN))
        if batch.num_rows and pc.min(batch.column("requests")).as_py() <= 0:
            raise InputError(Problem(self.shown, "not a sound tally: a count is not above 0", _AGAIN))
        if not pc.all(pc.less(*(batch.column(name) for name in SLOT))).as_py():
            raise InputError(Problem(self.shown, "not a sound tally: a slot ends before it starts", _AGAIN))


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


def _bounds(metadata: Any) -> tuple[int, int] | None:
    """Give the first and the last instant of all slots, in microseconds, both inclusive."""
    at = {name: _COLUMNS.get_field_index(name) for name in SLOT}
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if not groups or any(
        group.column(column).statistics is None or not group.column(column).statistics.has_min_max
        for group in groups
        for column in at.values()
    ):
        return None
    return (
        min(group.column(at["starts_at"]).statistics.min_raw for group in groups),
        max(group.column(at["ends_at"]).statistics.max_raw for group in groups) - 1,
    )
