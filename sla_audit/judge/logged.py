"""What the logs have of the service: without rows, nothing can be judged, and nothing is known not to be owed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.contract.service import of_service
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.verdicts import Logged


def logged_of(
    counts: pl.DataFrame,
    slots: pl.DataFrame,
    outcomes: pl.DataFrame,
    cycles: Sequence[ServiceCycle],
    apis: Sequence[str],
) -> Logged:
    """Count the rows of the service in each of `cycles`, and those that match each of `apis`.

    The counts and their lists are those of a tally, and `slots` have their `cycle` (see `allocation.place.with_days`).
    """
    sums = counts.group_by("slot", "outcome").agg(pl.col("requests").sum())
    names = outcomes["api"].to_list()
    by_outcome = dict(sums.group_by("outcome").agg(pl.col("requests").sum()).iter_rows())
    services = pl.Series([of_service(name, apis) for name in names], dtype=pl.Boolean)
    sums_of_cycles = (
        sums.filter(pl.lit(services).gather(pl.col("outcome")))
        .group_by(pl.lit(slots["cycle"]).gather(pl.col("slot")).alias("cycle"))
        .agg(pl.col("requests").sum())
    )
    rows = dict(sums_of_cycles.iter_rows())
    return Logged(
        by_cycle={cycle: int(rows.get(str(cycle), 0)) for cycle in cycles},
        by_api={
            pattern: sum(number for at, number in by_outcome.items() if of_service(names[at], [pattern]))
            for pattern in apis
        },
    )
