"""Which rows are of one request, and which of them is counted.

The rows of one request id and one time, in microseconds (what a log says more finely is cut, as everywhere):

| rows | are |
|---|---|
| of an id that is used at another time too | as many requests: a constant, a client's or a trace's; see `reused_ids` |
| alike in all that the log says | one request, logged so many times |
| that differ, where the id is the gateway's own and the time finer than a second | one request of each account |
| that differ, elsewhere | as many requests; where all kinds of rows come N times, or a multiple of it, all of it \
was logged N times |

So 502, 502 and 200 are three requests, and with the same three again, from another file, they still are. In doubt
nothing is taken out. Rows differ in account, in what is counted (status, flags), or in what `besides` has a number for,
which is not compared between logs with other columns; where it tells rows of one of these apart, nothing is taken out.

Of rows of one request that differ, the one with the lowest status is counted, one without a status last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.model.tally import COMPARED, LOGGED, OUTCOME_FIELDS, REQUEST_ID, REQUESTS
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.outcomes import ABSENT, ARROW

_SEED = 20_261_001
_ROWS_AT_ONCE = 1 << 16  # what is made of them stays in the processor's cache
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_MOMENT = (REQUEST_ID, "instant")
_SAID = tuple(name for name in LOGGED if not OUTCOME_FIELDS[name].is_scope)  # `besides` has the scopes
_INSTANT = pa.timestamp("us", "UTC")
_KINDS = {REQUEST_ID: pl.String(), "instant": pl.Int64(), "account_id": pl.String(), **LOGGED, **COMPARED}
LISTED = {name: kind for name, kind in _KINDS.items() if name not in COMPARED} | {REQUESTS: pl.Int64()}
"""The columns of rows that are listed with their ids, each with how many say just that; `instant` in microseconds."""

_ROWS = {**_KINDS, REQUESTS: pl.Int64()}

# What is counted where rows of a request contradict each other: an answer rather than none, and what says more. A
# status by which the gateway says that the service did not answer is no answer. Of two times it is the shorter one.
_ANSWER = pl.when(~pl.col("no_answer")).then("status").alias("answer")
_LIMIT = pl.col("took_over").fill_null(0).alias("limit")
_ORDER = {
    "answer": False,
    "content_flag": True,
    "client_aborted": True,
    "region": False,
    "api": False,
    "error_code": False,
    "limit": False,
    "status": False,
    "no_answer": False,
}


def instants(batch: pa.RecordBatch) -> Instants:
    """Give the time of each row, in microseconds since 1970."""
    column = batch.column("timestamp").cast(_INSTANT, safe=False)
    ticks: Instants = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return ticks


def hashes(batch: pa.RecordBatch, at: Instants) -> Hashes:
    """Give a number for each row: the same for rows of one request, hardly ever the same for others."""
    ids = batch.column(REQUEST_ID)
    mixed: Hashes = at.view(np.uint64) * _ODD
    for first in range(0, len(mixed), _ROWS_AT_ONCE):
        mixed[first : first + _ROWS_AT_ONCE] ^= id_hashes(ids.slice(first, _ROWS_AT_ONCE))
    return mixed


def id_hashes(ids: pa.Array, seed: int = _SEED) -> Hashes:
    """Give a number for each id: the same for the same, hardly ever the same for others."""
    numbers: Hashes = pl.Series(ids).hash(seed).to_numpy()
    return numbers


def rows_at(batch: pa.RecordBatch, at: Instants, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Give some rows of a batch as what tells their request, what they say of it, and how many say just that."""
    instant, one = pl.Series("instant", at[positions]), pl.lit(1, pl.Int64).alias(REQUESTS)
    return _said_at(batch, positions, _ROWS).with_columns(instant, one).select(*_ROWS)


def said_at(batch: pa.RecordBatch, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Give what some rows of a batch say: `account_id`, and `model.tally.LOGGED`."""
    return _said_at(batch, positions, ("account_id", *LOGGED)).select("account_id", *LOGGED)


def _said_at(batch: pa.RecordBatch, positions: npt.NDArray[np.int64], names: Collection[str]) -> pl.DataFrame:
    rows = batch.select([name for name in batch.schema.names if name in names]).take(pa.array(positions))
    columns = {name: rows.column(name) for name in rows.schema.names}
    plain = {
        name: pc.dictionary_decode(each) if pa.types.is_dictionary(each.type) else each
        for name, each in columns.items()
    }
    said = {name: pl.Series(name, column) for name, column in plain.items()}
    absent = [pl.lit(ABSENT[name], kind).alias(name) for name, kind in LOGGED.items() if name not in said]
    filled = [pl.col(name).fill_null(ABSENT[name]) for name in said if ABSENT.get(name) is not None]
    return pl.DataFrame([*said.values()]).with_columns(*absent, *filled)


def added_up(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add rows up that say the same of the same request."""
    return pl.concat([pl.DataFrame(schema=_ROWS), *parts]).group_by(*_KINDS).agg(pl.col(REQUESTS).sum())


@dataclass(frozen=True)
class Ids:
    """What request ids told, in rows but for `contradicted` and `reused_ids`.

    `duplicate` rows are of a request that another row is counted for. `contradicted` requests have rows that do not say
    the same. `shared` rows are counted though others of their id and time say something else. `reused` rows are counted
    because their ids, of which there are `reused_ids`, are used at other times too.
    """

    duplicate: int = 0
    contradicted: int = 0
    shared: int = 0
    reused: int = 0
    reused_ids: int = 0

    def __add__(self, other: Ids) -> Ids:
        """Add up what parts of the logs told."""
        return Ids(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Ids)))


@dataclass(frozen=True)
class Surplus:
    """Rows that are not to be counted, in the columns of `LISTED`; which ids they have at which time; and how many.

    `moments` have how many `rows` there are of each id and time, those that are counted too.
    """

    listed: pl.DataFrame
    moments: pl.DataFrame
    ids: Ids

    @property
    def rows(self) -> pa.RecordBatch:
        """Give them as `Kernel` takes them."""
        left = self.listed
        arrays = [left["instant"].to_arrow().cast(_INSTANT), left["account_id"].to_arrow().cast(pa.string())]
        arrays += [left[name].to_arrow().cast(ARROW.get(name, pa.string())).dictionary_encode() for name in LOGGED]
        return pa.RecordBatch.from_arrays(
            [*arrays, left[REQUESTS].to_arrow()], names=["timestamp", "account_id", *LOGGED, REQUESTS]
        )


def surplus(rows: pl.DataFrame) -> Surplus:
    """Keep the rows of each request that are to be counted, whatever order they come in, and give the others.

    `rows` are those of `added_up`, all that there are of each id and time.
    """
    told = rows.with_columns(alone=pl.len().over(*_MOMENT) == 1, rows=pl.col(REQUESTS).sum().over(*_MOMENT))
    alike = told.filter("alone").with_columns(pl.lit(1, pl.Int64).alias("kept"))
    several = _judged(told.filter(~pl.col("alone")))
    judged = pl.concat([alike, several.select(alike.columns)])
    left = judged.with_columns(pl.col(REQUESTS) - pl.col("kept")).filter(pl.col(REQUESTS) > 0)
    contradicted = several.filter("certain", "differ").select(*_MOMENT, "account_id").n_unique()
    shared = several.filter(~pl.col("certain"), "differ")["kept"].sum()
    ids = Ids(duplicate=int(left[REQUESTS].sum()), contradicted=contradicted, shared=int(shared))
    return Surplus(left.select(*LISTED), left.select(*_MOMENT, "rows").unique(), ids)


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    """Say how many of each row are `kept`, and whether others of their id and time `differ`.

    `certain` holds of all rows of an id and time or of none; where it does, only those of one account may `differ`.
    """
    order = [*_MOMENT, "account_id", *_ORDER]
    ordered = rows.with_columns(_ANSWER, _LIMIT).sort(
        order, descending=[False] * 3 + [*_ORDER.values()], nulls_last=True
    )
    begins = pl.any_horizontal(pl.col(name) != pl.col(name).shift() for name in _MOMENT).fill_null(value=True)
    numbered = ordered.with_columns(moment=begins.cum_sum()).with_columns(
        pl.col("certain").all().over("moment"), mixed=_several("logged", "moment")
    )
    compared = numbered.with_columns(
        owner=pl.when("certain").then(pl.col("account_id").hash()).otherwise(0),
        said=pl.struct("account_id", *_SAID, pl.when(~pl.col("mixed")).then("besides")).hash(),
        of_log=pl.struct("account_id", *_SAID, "logged").hash(),
    )
    judged = compared.with_columns(
        differ=_several("said", "moment", "owner"),
        kind=pl.when("certain").then("owner").otherwise("said"),
        whole=~(pl.col("mixed") & _several("besides", "moment", "of_log").any().over("moment")),
    )
    total, so_far = (each.over("moment", "kind") for each in (pl.col(REQUESTS).sum(), pl.col(REQUESTS).cum_sum()))
    summed = judged.with_columns(total=total, before=so_far - pl.col(REQUESTS))
    kept = pl.when("certain").then(1).otherwise(pl.col("total") // _times_logged(summed))
    return summed.with_columns(kept=pl.min_horizontal((kept - pl.col("before")).clip(lower_bound=0), REQUESTS))


def _several(name: str, *within: str) -> pl.Expr:
    """Tell where a column of numbers has more than one value."""
    return (pl.col(name).min() != pl.col(name).max()).over(*within)


def _times_logged(summed: pl.DataFrame) -> pl.Series:
    """Tell for each row how many times all rows of its id and time were logged.

    That is the largest number by which the `total` of each kind can be divided; 1 where not the `whole` is compared.
    """
    if summed.is_empty():
        return pl.Series([], dtype=pl.Int64)
    _, first = np.unique(summed["moment"].to_numpy(), return_index=True)
    divisible = np.where(summed["whole"].to_numpy(), summed["total"].to_numpy(), 1)
    return pl.Series(np.repeat(np.gcd.reduceat(divisible, first), np.diff([*first, len(summed)])))
