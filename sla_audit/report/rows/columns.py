"""The columns of a file of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.instant import QUARTER, microseconds, moment
from sla_audit.model.tally import REQUEST_ID
from sla_audit.model.traced import INSTANT, KEY, LOGGED_STATUS, LOGGED_TIME
from sla_audit.report.endings import how_it_ended
from sla_audit.report.language import ENGLISH

_ENDING = ("status", "no_answer", "error_code", "took_over")
_WHY = ("class", "clause", "exclusion", "rule")


def laid_out(
    tables: Iterable[pl.DataFrame], contract: Contract, account: str, reading: str, *, keys: bool
) -> Iterator[pl.DataFrame]:
    """Lay tables of rows of an account out as a file has them, with the reading in force first.

    `file` and `place` say where a row stands, `time` when its request was submitted, to the microsecond, in the
    contract's time zone, and `time_as_logged` what the log says; where there are `keys`, `key` is whom the log names,
    and `account_id` whose it is. `ending` is how the request ended, in words; `status` and what follows are what of it
    is counted. Then come its `class` under the reading in force, or why it is not counted, the `clause` and the
    `exclusion` that left it out, the `rule` of the agreement that decided, by its number, and the same under each of
    the other readings.
    """
    others = [name for name in contract.readings if name != reading]
    for table in tables:
        yield _laid_out(table, contract, account, others, keys=keys)


def _laid_out(
    rows: pl.DataFrame, contract: Contract, account: str, others: Collection[str], *, keys: bool
) -> pl.DataFrame:
    return rows.select(
        "file",
        "place",
        _local(rows[INSTANT], contract.zone),
        LOGGED_TIME,
        pl.lit(account).alias("account_id"),
        *([KEY] if keys else []),
        REQUEST_ID,
        LOGGED_STATUS,
        _ending(rows),
        *contract.outcome,
        *_WHY,
        *(pl.col(f"{reading}/{name}").alias(f"{reading}_{name}") for reading in others for name in _WHY),
    )


def _local(instants: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Write instants as local times with their offset: of a zone, it is the same for a quarter of an hour."""
    quarter = instants // QUARTER
    starts = quarter.unique()
    moments = [moment(start * QUARTER, zone) for start in starts.to_list()]
    of_start = pl.DataFrame(
        {
            "quarter": starts,
            "shift": pl.Series([microseconds(each.replace(tzinfo=UTC)) for each in moments], dtype=pl.Int64)
            - starts * QUARTER,
            "offset": pl.Series([each.isoformat()[-6:] for each in moments], dtype=pl.String),
        }
    )
    found = pl.DataFrame({"instant": instants, "quarter": quarter}).join(of_start, on="quarter", maintain_order="left")
    local = pl.from_epoch(pl.col("instant") + pl.col("shift"), "us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
    return found.select((local + pl.col("offset")).alias("time"))["time"]


def _ending(rows: pl.DataFrame) -> pl.Series:
    """Say in words how requests ended."""
    kinds = rows.select(_ENDING).unique()
    said = [
        how_it_ended(status, no_answer, ENGLISH, error_code, took_over)
        for status, no_answer, error_code, took_over in kinds.iter_rows()
    ]
    named = kinds.with_columns(ending=pl.Series(said, dtype=pl.String))
    return rows.select(_ENDING).join(named, on=_ENDING, how="left", nulls_equal=True, maintain_order="left")["ending"]
