"""From all requests of a case to its explicit failures: what was taken out, by which clause, on which day."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.classification.classes import KIND, class_kinds

STEP = ("class", "clause", "exclusion")
ENDING = ("status", "no_answer")


def waterfall(case: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """Split the requests of a case by `class`, `clause`, `exclusion` (a position), `status`, `no_answer` and `day`."""
    kinds = class_kinds(case.counts.select(KIND).unique(), case.lists, contract, case.findings)
    steps = kinds.select(*KIND, *(pl.col(f"{reading}/{column}").alias(column) for column in STEP))
    return (
        case.counts.join(steps, on=KIND, nulls_equal=True)
        .with_columns(
            *(pl.lit(case.lists.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in ENDING),
            day=pl.lit(case.lists.slots["day"]).gather(pl.col("slot")),
        )
        .group_by(*STEP, *ENDING, "day")
        .agg(pl.col("requests").sum())
        .sort("day", *STEP, *ENDING)
    )
