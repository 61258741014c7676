"""Service cycles: one calendar month each, cut to the days of service (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.contract.month import Month


def service_cycles(months: Sequence[Month], accounts: pl.DataFrame | None, seen: pl.DataFrame) -> pl.DataFrame:
    """List every cycle that the report is about, one row each, by account and then month.

    These are the cycles of `accounts` (the facts; None where there are none) whose service meets one
    of `months`, traffic or not, and the whole month of every other account in `seen`, which has
    `account_id` and `cycle`. Gives `account_id`, `cycle` (`YYYY-MM`), `cycle_start` and `cycle_end` (dates,
    inclusive), `month_end`, `plan` (null where the account is not in the facts) and `known`.
    """
    calendar = pl.DataFrame(
        {
            "cycle": [str(month) for month in months],
            "month_start": [month.first_day for month in months],
            "month_end": [month.last_day for month in months],
        },
        schema={"cycle": pl.String, "month_start": pl.Date, "month_end": pl.Date},
    )
    whole_months = seen.join(calendar, on="cycle").with_columns(
        cycle_start="month_start", cycle_end="month_end", plan=pl.lit("paid"), known=pl.lit(value=True)
    )
    if accounts is None:
        cycles = whole_months
    else:
        in_service = (
            accounts.join(calendar, how="cross")
            .with_columns(
                cycle_start=pl.max_horizontal("month_start", "applied_on"),
                cycle_end=pl.min_horizontal("month_end", "expires_on"),
                known=pl.lit(value=True),
            )
            .filter(pl.col("cycle_start") <= pl.col("cycle_end"))
        )
        unknown = whole_months.join(accounts, on="account_id", how="anti").with_columns(
            plan=pl.lit(None, pl.String), known=pl.lit(value=False)
        )
        cycles = pl.concat([in_service.select(whole_months.columns), unknown])
    return cycles.drop("month_start").sort("account_id", "cycle")
