"""Service cycles: one calendar month each, cut to the days of service (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.model.month import Month


def service_cycles(months: Sequence[Month], roster: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """List every cycle that the report is about, one row each, by account and then month.

    These are the cycles of the accounts on file (see `roster`) whose service meets one of `months`, traffic or not,
    and the whole month of every other account in `seen`, which has `account`, a code, and `month`, a position in
    `months`. Gives these two, `account_id`, `cycle` (`YYYY-MM`), `cycle_start` and `cycle_end` (dates, inclusive),
    `month_end`, `plan` (null where the account is not known) and `known`.
    """
    calendar = pl.DataFrame(
        {
            "month": range(len(months)),
            "cycle": [str(month) for month in months],
            "month_start": [month.first_day for month in months],
            "month_end": [month.last_day for month in months],
        },
        schema={"month": pl.UInt32, "cycle": pl.String, "month_start": pl.Date, "month_end": pl.Date},
    )
    by_code = roster.with_row_index("account")
    on_file = by_code.filter(pl.col("on_file")).join(calendar, how="cross")
    others = by_code.filter(~pl.col("on_file")).join(seen, on="account").join(calendar, on="month")
    return (
        pl.concat([on_file, others.select(on_file.columns)])
        .with_columns(
            cycle_start=pl.max_horizontal("month_start", "applied_on"),
            cycle_end=pl.min_horizontal("month_end", "expires_on"),
        )
        .filter(pl.col("cycle_start") <= pl.col("cycle_end"))
        .drop("month_start", "applied_on", "expires_on", "on_file")
        .sort("account_id", pl.col("cycle"))
    )
