"""Service cycles: a calendar month or quarter each, cut to the days of service (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from sla_audit.judge.allocation.service import STRETCHES, calendar, cycles_of, days_served
from sla_audit.model.cycle import ServiceCycle


def service_cycles(
    cycles: Sequence[ServiceCycle], roster: pl.DataFrame, seen: pl.DataFrame, uncompensated: Collection[str]
) -> pl.DataFrame:
    """List every cycle that the report is about, one row each, by account and then time.

    These are the cycles of the accounts on file (see `roster`) whose service meets one of `cycles`, traffic or not,
    and the whole cycle of every other account in `seen`, which has `account`, a code, and `position`, that of the
    cycle. Gives these two, `account_id`, `cycle` (its name), `cycle_start` and `cycle_end` (dates, inclusive),
    `last_day` and `days` of the whole cycle, `plan` (null where the account is not known), `known` and `periods`, null
    but for accounts that have several (see `service`), of which those on an `uncompensated` plan go last.
    """
    listed = calendar(cycles)
    by_code = roster.with_row_index("account")
    once = by_code.filter(pl.col("on_file") & pl.col("periods").is_null()).join(listed, how="cross")
    others = by_code.filter(~pl.col("on_file")).join(seen, on="account").join(listed, on="position")
    of_one_period = (
        pl.concat([once, others.select(once.columns)])
        .with_columns(
            cycle_start=pl.max_horizontal("first_day", "applied_on"),
            cycle_end=pl.min_horizontal("last_day", "expires_on"),
            periods=pl.lit(None, STRETCHES),
        )
        .filter(pl.col("cycle_start") <= pl.col("cycle_end"))
        .drop("first_day", "applied_on", "expires_on", "on_file")
    )
    of_several = (
        cycles_of(days_served(roster, cycles, uncompensated))
        .join(by_code.select("account", "account_id", "known"), on="account")
        .join(listed, on="position")
    )
    return pl.concat([of_one_period, of_several.select(of_one_period.columns)]).sort("account_id", pl.col("cycle"))
