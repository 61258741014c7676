"""Which rows of a part of a log are kept one by one, and what is kept of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.model.tally import CLIENT, OUTCOME_FIELDS, REQUEST_ID
from sla_audit.model.traced import INSTANT, KEY, LOGGED_STATUS, LOGGED_TIME, PLACE, TRACED

_ARROW = {pl.Int64(): pa.int64(), pl.Int16(): pa.int16(), pl.Boolean(): pa.bool_(), pl.String(): pa.string()}
_SCHEMA = pa.schema({name: _ARROW[kind] for name, kind in TRACED.items()})
_INSTANT = pa.timestamp("us", "UTC")
_ANOTHER = " "  # between what several columns say
LOGGED = ("timestamp", "status")
"""The canonical columns of which it is kept what stands in the log."""

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tracing:
    """Rows of these `keys` are kept, in the `period` (half-open, microseconds since 1970; None: whenever).

    Of those that say nothing but a status, the ones `passed_over` are not. Once more than `most` are held in memory,
    they go to a `file`, where there is one. Where it is known that nothing else matters, others need not be handed on:
    these are `alone`.
    """

    keys: frozenset[str]
    period: tuple[int, int] | None = None
    passed_over: frozenset[int] = field(default_factory=frozenset)
    alone: bool = False
    most: int = 0
    file: Path | None = None

    def among(self, rows: pa.RecordBatch) -> Positions:
        """Find the rows of a batch in canonical columns that are kept."""
        wanted = self._of_keys(rows.column("account_id"))
        if self.period is not None and len(wanted):
            at = instants(rows.column("timestamp"))[wanted]
            wanted = wanted[(at >= self.period[0]) & (at < self.period[1])]
        if self.passed_over and len(wanted):
            wanted = wanted[~self._says_little(rows, wanted)]
        return wanted

    def _of_keys(self, ids: pa.Array) -> Positions:
        keys = pa.array(sorted(self.keys), pa.string())
        if not pa.types.is_dictionary(ids.type):
            return np.flatnonzero(pc.is_in(ids, keys).to_numpy(zero_copy_only=False))
        some = pc.is_in(ids.dictionary, keys).to_numpy(zero_copy_only=False)
        if not some.any():
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(some[ids.indices.to_numpy(zero_copy_only=False)])

    def _says_little(self, rows: pa.RecordBatch, which: Positions) -> npt.NDArray[np.bool_]:
        """Tell which rows say nothing but a status that is passed over."""
        said = rows.take(pa.array(which))
        statuses = pa.array(sorted(self.passed_over), pa.int16())
        if "status" not in said.schema.names:
            return np.zeros(len(which), dtype=np.bool_)
        little = pc.is_in(_decoded(said.column("status")).cast(pa.int16()), statuses)
        for name in ("no_answer", "content_flag", "client_aborted"):
            if name in said.schema.names:
                says = pc.fill_null(_decoded(said.column(name)), False)
                little = pc.and_(little, pc.invert(says))
        for name in ("error_code", "took_over"):
            if name in said.schema.names:
                little = pc.and_(little, pc.is_null(_decoded(said.column(name))))
        found: npt.NDArray[np.bool_] = little.to_numpy(zero_copy_only=False)
        return found


def traced(
    rows: pa.RecordBatch,
    which: Positions,
    logged: Mapping[str, Sequence[pa.Array]],
    places: npt.NDArray[np.int64],
) -> pa.RecordBatch:
    """Give some rows of a batch in canonical columns as they are kept, in the columns of `model.traced.TRACED`.

    `logged` has for `timestamp` and `status` the columns of the log, and `places` where they stand: of these rows.
    """
    said = rows.take(pa.array(which))
    columns = {
        PLACE: pa.array(places, pa.int64()),
        INSTANT: pa.array(instants(said.column("timestamp"))),
        LOGGED_TIME: _as_logged(logged["timestamp"]),
        KEY: _decoded(said.column("account_id")),
        LOGGED_STATUS: _as_logged(logged["status"]),
    }
    absent = {name: each.absent for name, each in OUTCOME_FIELDS.items()}
    for name in (REQUEST_ID, CLIENT, *OUTCOME_FIELDS):
        if name not in said.schema.names:
            columns[name] = pa.repeat(pa.scalar(absent.get(name), _SCHEMA.field(name).type), len(which))
        else:
            found = _decoded(said.column(name))
            may_be_null = absent.get(name) is None or OUTCOME_FIELDS[name].may_be_unknown
            columns[name] = found if may_be_null else pc.fill_null(found, absent[name])
    arrays = [columns[each.name].cast(each.type) for each in _SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def instants(column: pa.Array) -> Positions:
    """Give times in microseconds since 1970."""
    at: Positions = column.cast(_INSTANT, safe=False).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return at


def _as_logged(columns: Sequence[pa.Array]) -> pa.Array:
    """Give what columns of a log say as text, one after the other, and null where none says anything."""
    texts = [_decoded(column).cast(pa.string()) for column in columns]
    if len(texts) == 1:
        return texts[0]
    joined = pc.binary_join_element_wise(*texts, _ANOTHER, null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _decoded(column: pa.Array) -> pa.Array:
    return pc.dictionary_decode(column) if pa.types.is_dictionary(column.type) else column
