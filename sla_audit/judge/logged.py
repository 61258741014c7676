"""What the logs have of the service: without rows, nothing can be judged, and nothing is known not to be owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from sla_audit.contract.service import of_service
from sla_audit.model.month import Month


@dataclass(frozen=True)
class Logged:
    """How many rows there are of the service in each month of the report, and of each API pattern in all months.

    The rows are those of any account, in service or not: they show that the log is there.
    """

    by_month: dict[Month, int]
    by_api: dict[str, int]

    @property
    def skipped(self) -> list[Month]:
        """The months between those of the report that are not in it; only where the logs choose the months."""
        months = list(self.by_month)
        return [month for month in _from_to(months[0], months[-1]) if month not in self.by_month] if months else []

    def missing(self, as_of: date) -> list[Month]:
        """List the months without any row of which a day was over on the day of the audit."""
        return [month for month, rows in self.by_month.items() if not rows and month.first_day < as_of]


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


def _from_to(first: Month, last: Month) -> list[Month]:
    months = [first]
    while months[-1] < last:
        months.append(months[-1].plus(1))
    return months
