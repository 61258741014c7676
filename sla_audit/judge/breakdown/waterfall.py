"""From all requests to the explicit failures: what was taken out, by which clause, on which day."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.classification.classes import KIND, class_kinds

STEP = ("class", "clause", "exclusion")
ENDING = ("status", "no_answer")


def waterfall(allocated: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """Split allocated requests by `class`, `clause`, `exclusion` (a position), `status`, `no_answer` and `day`."""
    kinds = class_kinds(allocated.counts.select(KIND).unique(), allocated.dimensions, contract, allocated.findings)
    steps = kinds.select(*KIND, *(pl.col(f"{reading}/{column}").alias(column) for column in STEP))
    return (
        allocated.counts.join(steps, on=KIND, nulls_equal=True)
        .with_columns(
            *(pl.lit(allocated.dimensions.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in ENDING),
            day=pl.lit(allocated.dimensions.slots["day"]).gather(pl.col("slot")),
        )
        .group_by(*STEP, *ENDING, "day")
        .agg(pl.col("requests").sum())
        .sort("day", *STEP, *ENDING)
    )
