"""What the logs have of the service: without rows, nothing can be judged, and nothing is known not to be owed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.contract.service import of_service
from sla_audit.model.month import Month
from sla_audit.model.verdicts import Logged


def logged_of(
    counts: pl.DataFrame, slots: pl.DataFrame, outcomes: pl.DataFrame, months: Sequence[Month], apis: Sequence[str]
) -> Logged:
    """Count the rows of the service in each of `months`, and those that match each of `apis`.

    The counts and their lists are those of a tally, and `slots` have their `cycle` (see `allocation.place.with_days`).
    """
    sums = counts.group_by("slot", "outcome").agg(pl.col("requests").sum())
    names = outcomes["api"].to_list()
    by_outcome = dict(sums.group_by("outcome").agg(pl.col("requests").sum()).iter_rows())
    services = pl.Series([of_service(name, apis) for name in names], dtype=pl.Boolean)
    by_cycle = (
        sums.filter(pl.lit(services).gather(pl.col("outcome")))
        .group_by(pl.lit(slots["cycle"]).gather(pl.col("slot")).alias("cycle"))
        .agg(pl.col("requests").sum())
    )
    rows = dict(by_cycle.iter_rows())
    return Logged(
        by_month={month: int(rows.get(str(month), 0)) for month in months},
        by_api={
            pattern: sum(number for at, number in by_outcome.items() if of_service(names[at], [pattern]))
            for pattern in apis
        },
    )
