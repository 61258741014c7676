"""One batch of a log, as its writer spelt it, to the canonical columns that are counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.contract.status import FIRST_STATUS, LAST_STATUS
from sla_audit.intake import durations, spellings, timestamps
from sla_audit.intake.besides import logged, said_besides
from sla_audit.intake.dialect import Dialect
from sla_audit.intake.dictionary import as_dictionary
from sla_audit.intake.endings import read_endings
from sla_audit.intake.request_ids import read_request_ids
from sla_audit.intake.text import begins_otherwise, holds_nul

_READERS: Mapping[str, tuple[Callable[[Any], Any], pa.DataType]] = {
    "status": (spellings.read_status, pa.int16()),
    "content_flag": (spellings.read_content_flag, pa.bool_()),
    "client_aborted": (spellings.read_client_aborted, pa.bool_()),
    "region": (spellings.read_scope, pa.string()),
    "api": (spellings.read_scope, pa.string()),
}
_ALL_STATUSES = pa.array([code if code >= FIRST_STATUS else None for code in range(LAST_STATUS + 1)], pa.int16())
_ID = "the account's id, not empty and not -"
_BEGIN_AN_ID = bytes(each for each in range(ord("!"), 0x7F) if each != ord("-"))
_Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read, by its position in the batch, and the first value that is why."""

    position: int
    column: str
    found: str
    expected: str


@dataclass(frozen=True)
class Canonical:
    """The readable rows of a batch in canonical columns, and the faults of the others.

    `rows` has `timestamp` (timestamp, UTC), `account_id` (text or a dictionary of text) and, of `status`,
    `content_flag`, `client_aborted`, `region` and `api`, those that the file has, as dictionaries
    of what the values mean; null says nothing, as a column that is not there. A dictionary may hold
    the same meaning more than once. `request_id` is text, null where there is none.

    Where rows are compared, `besides` is a number for what each says besides, `logged` one for the columns in which it
    does, and `certain` tells whose id is the gateway's own, and whose time, as the log has it, is no whole second.
    """

    rows: pa.RecordBatch
    faults: tuple[Fault, ...]
    local_time: bool


def canonical(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    zone: ZoneInfo,
    dialect: Dialect | None = None,
    unit: durations.Unit = "s",
    *,
    own_ids: bool = False,
) -> Canonical:
    """Give a batch its canonical columns; rows with a value that cannot be read become faults.

    `columns` names, for each canonical column that is wanted, where the batch has it; with a dialect, `status` are
    its fields, and tell `client_aborted` too. With a `duration`, in `unit`, the time is when requests ended. Raises
    `TypeError`, with the column's name and type, where a whole column is of no use.
    """
    read = {part for name, names in columns.items() if name != "besides" for part in names}
    _refuse_nested(batch.schema, read)
    arrays: dict[str, pa.Array] = {}
    unreadable: dict[str, tuple[_Rows, str]] = {}
    local = False
    for name, names in columns.items():
        if name in {"duration", "besides"}:
            continue
        if name == "timestamp":
            arrays[name], bad_times, local = _times(batch, columns, zone, unit)
            unreadable |= bad_times
        elif name == "account_id":
            arrays[name], blank = _accounts(batch.column(names[0]), names[0])
            if blank is not None:
                unreadable[name] = blank, _ID
        elif name == "status" and dialect is not None:
            ended = read_endings([batch.column(part) for part in names], dialect)
            arrays[name], arrays["client_aborted"] = ended.status, ended.client_aborted
            if ended.unreadable is not None:
                unreadable[name] = ended.unreadable, f"a status as {dialect.id} writes it"
        else:
            arrays[name], bad, expected = _optional(name, batch.column(names[0]), names[0])
            if bad is not None:
                unreadable[name] = bad, expected
    arrays |= _compared(batch, columns, zone, own_ids=own_ids)
    rows = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    if not unreadable:
        return Canonical(rows, (), local)
    any_bad = np.logical_or.reduce([bad for bad, _ in unreadable.values()])
    faults = tuple(_faults(batch, columns, unreadable, np.flatnonzero(any_bad).tolist()))
    return Canonical(rows.filter(pa.array(~any_bad)), faults, local)


def _faults(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    unreadable: Mapping[str, tuple[_Rows, str]],
    positions: list[int],
) -> Iterator[Fault]:
    """Say of each row that cannot be read which value is the first reason."""
    for position in positions:
        name, expected = next((name, expected) for name, (bad, expected) in unreadable.items() if bad[position])
        found = " ".join(_shown(batch.column(part)[position]) for part in columns[name])
        yield Fault(position, ",".join(columns[name]), found, expected)


def meaning(name: str, value: Any) -> Any:
    """Tell what one value of a canonical column means; `ValueError` where it cannot be read."""
    if name != "account_id":
        return _READERS[name][0](value)
    if value is None or str(value).strip() in {"", "-"} or "\0" in str(value):
        raise ValueError(_ID)
    return str(value)


def _refuse_nested(schema: pa.Schema, names: Collection[str]) -> None:
    for field in schema:
        if field.name in names and pa.types.is_nested(field.type):
            raise TypeError(f"column {field.name!r} is of type {field.type}; expected single values")


def _times(
    batch: pa.RecordBatch, columns: Mapping[str, tuple[str, ...]], zone: ZoneInfo, unit: durations.Unit
) -> tuple[pa.Array, dict[str, tuple[_Rows, str]], bool]:
    """Give the instants at which requests were submitted, the rows without, and whether some carried no zone."""
    names = columns["timestamp"]
    instants = _instants([batch.column(part) for part in names], names, zone)
    read = timestamps.within_reach(instants.values)
    unreadable = {}
    if read.null_count:
        unreadable["timestamp"] = read.is_null().to_numpy(zero_copy_only=False), timestamps.EXPECTED
    if "duration" in columns:
        starts = timestamps.within_reach(durations.started(read, batch.column(columns["duration"][0]), unit))
        if starts.null_count > read.null_count:
            unreadable["duration"] = durations.unknown(starts, read), durations.EXPECTED.format(unit=unit)
        read = starts
    return read, unreadable, instants.local


def _compared(
    batch: pa.RecordBatch, columns: Mapping[str, tuple[str, ...]], zone: ZoneInfo, *, own_ids: bool
) -> dict[str, pa.Array]:
    """Give what rows of one request id are compared by, where they are."""
    if "besides" not in columns:
        return {}
    names = columns["besides"]
    said = said_besides([batch.column(name) for name in names], batch.num_rows)
    times = columns["timestamp"]
    as_logged = _instants([batch.column(part) for part in times], times, zone).values
    return {
        "besides": pa.array(said),
        "logged": pa.array(np.full(batch.num_rows, logged(names), np.uint64)),
        "certain": pa.array(timestamps.finer_than_seconds(as_logged) & own_ids),
    }


def _instants(parts: list[pa.Array], names: tuple[str, ...], zone: ZoneInfo) -> timestamps.Instants:
    try:
        if len(parts) == 2:
            return timestamps.read_date_and_time(parts[0], parts[1], zone)
        return timestamps.read_instants(parts[0], zone)
    except TypeError as error:
        wanted = "timestamps, epoch numbers or ISO 8601 text"
        raise TypeError(f"column {names[0]!r} is of {error}; expected {wanted}") from error


def _accounts(column: pa.Array, name: str) -> tuple[pa.Array, _Rows | None]:
    """Give account ids as text, or as a dictionary of text, and which rows have none."""
    if pa.types.is_string(column.type):
        # So many accounts that a dictionary would be nearly as long as the column: see `parquet_log`.
        return column, _blank_rows(column)
    encoded = as_dictionary(column)
    ids = encoded.dictionary
    if not (pa.types.is_integer(ids.type) or pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)):
        raise TypeError(f"column {name!r} is of type {ids.type}; expected account ids as text or whole numbers")
    ids = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
    indices = encoded.indices
    blank_ids = _blank_rows(ids)
    blank = None
    if indices.null_count or blank_ids is not None:
        no_id = np.append(np.zeros(len(ids), dtype=np.bool_) if blank_ids is None else blank_ids, True)
        codes = indices.fill_null(len(ids)).to_numpy(zero_copy_only=False)
        blank = no_id[codes]
        blank = blank if blank.any() else None
    return pa.DictionaryArray.from_arrays(indices, ids, safe=False), blank


def _blank_rows(ids: pa.StringArray) -> _Rows | None:
    """Tell which values of a column of text are no ids; None where all are."""
    suspects = np.arange(len(ids)) if ids.null_count or holds_nul(ids) else begins_otherwise(ids, _BEGIN_AN_ID)
    if not len(suspects):
        return None
    blank = np.zeros(len(ids), dtype=np.bool_)
    blank[suspects] = _blank(ids.take(pa.array(suspects))).to_numpy(zero_copy_only=False)
    return blank if blank.any() else None


def _blank(ids: pa.Array) -> pa.Array:
    """Tell which ids are none: null, empty, the dash that gateways write for nobody, or damaged."""
    none = pc.or_(pc.or_(pc.equal(ids, ""), pc.equal(ids, "-")), pc.utf8_is_space(ids))
    if holds_nul(ids):
        none = pc.or_(none, pc.match_substring(ids, "\0"))
    return pc.fill_null(none, True)


def _optional(canonical_name: str, column: pa.Array, name: str) -> tuple[pa.Array, _Rows | None, str]:
    """Read a column that says something of a request, as `_meanings` does, or its id."""
    if canonical_name == "request_id":
        return read_request_ids(column, name), None, ""
    return _meanings(column, *_READERS[canonical_name])


def _meanings(column: pa.Array, read: Callable[[Any], Any], kind: pa.DataType) -> tuple[pa.Array, _Rows | None, str]:
    """Settle each distinct value once: what it means, which rows have none, and what was expected."""
    if pa.types.is_integer(column.type) and kind == pa.int16():
        statuses = _statuses(column)
        if statuses is not None:
            return statuses, None, ""
    encoded = as_dictionary(column)
    values = encoded.dictionary.to_pylist()
    indices = encoded.indices  # a null in them says nothing, as a column that is not there
    meanings, bad, expected = [], np.zeros(len(values), dtype=np.bool_), ""
    for code, value in enumerate(values):
        try:
            meanings.append(read(value))
        except ValueError as error:
            meanings.append(None)
            bad[code], expected = True, str(error)
    unreadable = None
    if bad.any():
        rows = np.append(bad, False)[indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
        unreadable = rows if rows.any() else None
    # The indices are those of a valid dictionary of as many values; checking them again costs as much as the rest.
    return pa.DictionaryArray.from_arrays(indices, pa.array(meanings, kind), safe=False), unreadable, expected


def _statuses(column: pa.Array) -> pa.DictionaryArray | None:
    """Take integers that are all statuses, or 0 for none, as codes into the list of all statuses.

    A column of small integers is its own dictionary. None where it holds anything else.
    """
    bounds = pc.min_max(column).as_py()
    if bounds["max"] is None or not 0 <= bounds["min"] <= bounds["max"] <= LAST_STATUS:
        return None
    codes = column.cast(pa.int16())
    if bounds["min"] < FIRST_STATUS and pc.any(pc.and_(pc.greater(codes, 0), pc.less(codes, FIRST_STATUS))).as_py():
        return None
    return pa.DictionaryArray.from_arrays(codes, _ALL_STATUSES, safe=False)


def _shown(value: pa.Scalar) -> str:
    if pa.types.is_temporal(value.type):
        value = value.cast(pa.string())  # Python has no nanoseconds
    text = "" if value.as_py() is None else str(value.as_py())
    return repr(text if len(text) <= 80 else text[:77] + "...")
