"""From all requests to the explicit failures: what was taken out, by which clause, on which day."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.classification.classes import KIND, class_kinds
from sla_audit.model.tally import OUTCOME_FIELDS

STEP = ("class", "clause", "exclusion")
ENDING = ("status", "no_answer")
_OF_SOME = tuple(name for name, field in OUTCOME_FIELDS.items() if field.of_some)


def ending_under(contract: Contract) -> list[str]:
    """Name the columns that say how a request ended under an agreement: `ENDING`, and what it asks for besides."""
    return [*ENDING, *(name for name in _OF_SOME if name in contract.columns)]


def waterfall(allocated: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """Split allocated requests by `class`, `clause`, `exclusion` (a position), how they ended, and `day`.

    How they ended is said by the columns of `ending_under`.
    """
    ending = ending_under(contract)
    kinds = class_kinds(allocated.counts.select(KIND).unique(), allocated.dimensions, contract, allocated.findings)
    steps = kinds.select(*KIND, *(pl.col(f"{reading}/{column}").alias(column) for column in STEP))
    return (
        allocated.counts.join(steps, on=KIND, nulls_equal=True)
        .with_columns(
            *(pl.lit(allocated.dimensions.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in ending),
            day=pl.lit(allocated.dimensions.slots["day"]).gather(pl.col("slot")),
        )
        .group_by(*STEP, *ending, "day")
        .agg(pl.col("requests").sum())
        .sort("day", *STEP, *ending)
    )
