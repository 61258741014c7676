"""One batch of a log, as its writer spelt it, to the canonical columns that are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake import spellings, timestamps
from sla_audit.intake.columns import LogColumns

_READERS: Mapping[str, tuple[Callable[[Any], Any], pa.DataType]] = {
    "status": (spellings.read_status, pa.int16()),
    "content_flag": (spellings.read_content_flag, pa.bool_()),
    "client_aborted": (spellings.read_client_aborted, pa.bool_()),
    "region": (spellings.read_scope, pa.string()),
    "api": (spellings.read_scope, pa.string()),
}


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

    `rows` has `timestamp` (timestamp, UTC), `account_id` (dictionary of text) and, of `status`,
    `content_flag`, `client_aborted`, `region` and `api`, those that the file has, as dictionaries
    of what the values mean. A dictionary may hold the same meaning more than once.
    """

    rows: pa.RecordBatch
    faults: tuple[Fault, ...]
    local_time: bool


def canonical(batch: pa.RecordBatch, columns: LogColumns, zone: ZoneInfo) -> Canonical:
    """Give a batch its canonical columns; rows with a value that cannot be read become faults.

    Raises `TypeError`, with the column's name and type, where a whole column is of no use.
    """
    instants = _instants(batch, columns, zone)
    arrays: dict[str, pa.Array] = {"timestamp": instants.values}
    unreadable: dict[str, np.ndarray[Any, np.dtype[np.bool_]]] = {}
    expected = {"timestamp": timestamps.EXPECTED, "account_id": "the account's id, not empty"}

    if instants.values.null_count:
        unreadable["timestamp"] = instants.values.is_null().to_numpy(zero_copy_only=False)
    arrays["account_id"], blank = _accounts(batch.column(columns.account_id), columns.account_id)
    if blank is not None:
        unreadable["account_id"] = blank
    for name, column in columns.outcome.items():
        read, kind = _READERS[name]
        arrays[name], bad, wants = _meanings(batch.column(column), read, kind)
        if bad is not None:
            unreadable[name], expected[name] = bad, wants

    rows = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    if not unreadable:
        return Canonical(rows, (), instants.local)
    names = {"timestamp": columns.timestamp, "account_id": (columns.account_id,)} | {
        name: (column,) for name, column in columns.outcome.items()
    }
    any_bad = np.logical_or.reduce(list(unreadable.values()))
    faults = []
    for position in np.flatnonzero(any_bad).tolist():
        first = next(name for name, bad in unreadable.items() if bad[position])
        found = " ".join(_shown(batch.column(column)[position]) for column in names[first])
        faults.append(Fault(position, ",".join(names[first]), found, expected[first]))
    return Canonical(rows.filter(pa.array(~any_bad)), tuple(faults), instants.local)


def _instants(batch: pa.RecordBatch, columns: LogColumns, zone: ZoneInfo) -> timestamps.Instants:
    parts = [batch.column(name) for name in columns.timestamp]
    try:
        if len(parts) == 2:
            return timestamps.read_date_and_time(parts[0], parts[1], zone)
        return timestamps.read_instants(parts[0], zone)
    except TypeError as error:
        wanted = "timestamps, epoch numbers or ISO 8601 text"
        raise TypeError(f"column {columns.timestamp[0]!r} is of {error}; expected {wanted}") from error


def _accounts(column: pa.Array, name: str) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.bool_]] | None]:
    """Give account ids as a dictionary of text, and which rows have none."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    ids = encoded.dictionary
    if not (pa.types.is_integer(ids.type) or pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)):
        raise TypeError(f"column {name!r} is of type {ids.type}; expected account ids as text or whole numbers")
    ids = ids.cast(pa.string())
    indices = encoded.indices.cast(pa.int32())
    blank_ids = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(ids), ""), True)
    blank = None
    if indices.null_count or pc.any(blank_ids).as_py():
        no_id = np.append(blank_ids.to_numpy(zero_copy_only=False), True)
        codes = indices.fill_null(len(ids)).to_numpy(zero_copy_only=False)
        blank = no_id[codes]
        blank = blank if blank.any() else None
    return pa.DictionaryArray.from_arrays(indices, ids), blank


def _meanings(
    column: pa.Array, read: Callable[[Any], Any], kind: pa.DataType
) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.bool_]] | None, str]:
    """Settle each distinct value once: what it means, which rows have none, and what was expected."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    indices = encoded.indices.cast(pa.int32())
    if indices.null_count:
        indices = indices.fill_null(len(values))
        values.append(None)
    meanings, bad, expected = [], np.zeros(len(values), dtype=np.bool_), ""
    for code, value in enumerate(values):
        try:
            meanings.append(read(value))
        except ValueError as error:
            meanings.append(None)
            bad[code], expected = True, str(error)
    rows = bad[indices.to_numpy(zero_copy_only=False)] if bad.any() else None
    unreadable = rows if rows is not None and rows.any() else None
    return pa.DictionaryArray.from_arrays(indices, pa.array(meanings, kind)), unreadable, expected


def _shown(value: pa.Scalar) -> str:
    text = "" if value.as_py() is None else str(value.as_py())
    return repr(text if len(text) <= 80 else text[:77] + "...")
