"""The requests of each day by class: of all accounts together, and of cycles of which more is told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.classification.classes import ClassCounts, add_up
from sla_audit.judge.classification.rules import CLASSES

_CYCLE = ("account_id", "cycle")
_SPLIT = (*CLASSES, "by_clause")


class Days(NamedTuple):
    """Days of the contract's time zone that have requests, in order, under one reading.

    Both tables have `day`, a column per class, and `by_clause`: a list of `clause` and `requests`, null where nothing
    was excluded. `by_cycle` has them for each `account_id` and `cycle` of which more is told (see `detailed`).
    """

    overall: pl.DataFrame
    by_cycle: pl.DataFrame


def days(
    allocated: AllocatedCounts,
    cycles: pl.DataFrame,
    detailed: pl.Series,
    contract: Contract,
    reading: str,
) -> Days:
    """Split allocated requests, whose slots are cut at midnights, by day.

    `cycles` and `detailed` are as in `verdicts.Judgement`.
    """
    dates = allocated.dimensions.slots["day"].unique().sort()
    many = max(len(dates), 1)
    day = pl.lit(dates.search_sorted(allocated.dimensions.slots["day"]).cast(pl.Int64)).gather(pl.col("slot"))
    told = cycles.filter(detailed).select("number", *_CYCLE)
    # Positions among the cycles of which more is told; that of another one is not looked at.
    position = pl.lit(positions(told["number"], allocated.dimensions.cycle_numbers)).gather(
        allocated.dimensions.cycle_number()
    )
    of_told = allocated.counts.filter(position >= 0)

    def split(counts: pl.DataFrame, number: pl.Expr, numbers: int) -> pl.DataFrame:
        sums = add_up(counts, allocated.dimensions, contract, allocated.findings, number, numbers)
        found = _by_class(sums, reading, numbers)
        return found.with_columns(day=pl.lit(dates).gather(pl.col("number") % many))

    by_day = split(allocated.counts, day, many)
    by_cycle = split(of_told, position * many + day, told.height * many)
    named = (pl.lit(told[name]).gather(pl.col("number") // many).alias(name) for name in _CYCLE)
    return Days(by_day.select("day", *_SPLIT), by_cycle.select(*named, "day", *_SPLIT))


def positions(numbers: pl.Series, size: int) -> pl.Series:
    """Invert a list of numbers below `size`: the position of each; -1 where it is not there."""
    positions = np.full(size, -1, dtype=np.int64)
    positions[numbers.to_numpy()] = np.arange(len(numbers))
    return pl.Series(positions)


def _by_class(sums: ClassCounts, reading: str, numbers: int) -> pl.DataFrame:
    """Give each `number` that has requests those of each class, and `by_clause`."""
    by_class = sums.by_class(reading, numbers).with_columns(by_clause=sums.by_clause(reading, numbers))
    return by_class.with_row_index("number").filter(pl.any_horizontal(pl.col(CLASSES) > 0))
