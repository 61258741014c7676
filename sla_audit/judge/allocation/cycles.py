"""Service cycles: one calendar month each, cut to the days of service (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from sla_audit.judge.allocation.service import STRETCHES, calendar, cycles_of, days_served
from sla_audit.model.month import Month


def service_cycles(
    months: Sequence[Month], roster: pl.DataFrame, seen: pl.DataFrame, uncompensated: Collection[str]
) -> pl.DataFrame:
    """List every cycle that the report is about, one row each, by account and then month.

    These are the cycles of the accounts on file (see `roster`) whose service meets one of `months`, traffic or not,
    and the whole month of every other account in `seen`, which has `account`, a code, and `month`, a position in
    `months`. Gives these two, `account_id`, `cycle` (`YYYY-MM`), `cycle_start` and `cycle_end` (dates, inclusive),
    `month_end`, `plan` (null where the account is not known), `known` and `periods`, null but for accounts that have
    several (see `service`), of which those on an `uncompensated` plan go last.
    """
    days = calendar(months)
    by_code = roster.with_row_index("account")
    once = by_code.filter(pl.col("on_file") & pl.col("periods").is_null()).join(days, how="cross")
    others = by_code.filter(~pl.col("on_file")).join(seen, on="account").join(days, on="month")
    of_one_period = (
        pl.concat([once, others.select(once.columns)])
        .with_columns(
            cycle_start=pl.max_horizontal("month_start", "applied_on"),
            cycle_end=pl.min_horizontal("month_end", "expires_on"),
            periods=pl.lit(None, STRETCHES),
        )
        .filter(pl.col("cycle_start") <= pl.col("cycle_end"))
        .drop("month_start", "applied_on", "expires_on", "on_file")
    )
    of_several = (
        cycles_of(days_served(roster, months, uncompensated))
        .join(by_code.select("account", "account_id", "known"), on="account")
        .join(days, on="month")
    )
    return pl.concat([of_one_period, of_several.select(of_one_period.columns)]).sort("account_id", pl.col("cycle"))
