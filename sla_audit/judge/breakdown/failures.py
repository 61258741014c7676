"""What the explicit failures of cycles of which more is told were: by status as logged, and the gateway's word."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.breakdown.days import positions
from sla_audit.judge.breakdown.waterfall import ENDING
from sla_audit.judge.classification.classes import KIND, class_kinds

_PARTS = pl.List(pl.Struct({"status": pl.Int16, "no_answer": pl.Boolean, "requests": pl.Int64}))


def failures(
    allocated: AllocatedCounts,
    cycles: pl.DataFrame,
    detailed: pl.Series,
    contract: Contract,
    reading: str,
) -> pl.Series:
    """List, row for row of `cycles`, the failures under a reading: `status`, `no_answer` and `requests`.

    It is null for cycles of which no more is told. The lowest status comes first, none last. `cycles` and
    `detailed` are as in `verdicts.Judgement`.
    """
    if not detailed.any():
        return pl.Series([None] * cycles.height, dtype=_PARTS)
    told = cycles["number"].filter(detailed)
    position = pl.lit(positions(told, allocated.dimensions.cycle_numbers)).gather(allocated.dimensions.cycle_number())
    counts = allocated.counts.select(*KIND, "requests", position=position).filter(pl.col("position") >= 0)
    kinds = class_kinds(counts.select(KIND).unique(), allocated.dimensions, contract, allocated.findings)
    failing = kinds.filter(pl.col(f"{reading}/class") == "explicit_failure").select(
        *KIND, *(pl.lit(allocated.dimensions.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in ENDING)
    )
    some = counts.filter(pl.lit(_among(failing["outcome"], allocated.dimensions.outcomes.height)).gather("outcome"))
    found = (
        some.join(failing, on=KIND, nulls_equal=True)
        .group_by("position", *ENDING)
        .agg(pl.col("requests").sum())
        .sort("position", *ENDING, nulls_last=True)
        .group_by("position", maintain_order=True)
        .agg(parts=pl.struct(*ENDING, "requests"))
    )
    every = pl.DataFrame({"told": detailed}).with_columns(position=pl.col("told").cast(pl.Int64).cum_sum() - 1)
    none = pl.lit([], dtype=_PARTS)
    return (
        every.join(found, on="position", how="left", maintain_order="left")
        .select(parts=pl.when("told").then(pl.col("parts").fill_null(none)))
        .to_series()
    )


def _among(codes: pl.Series, size: int) -> pl.Series:
    """Tell of each code below `size` whether it is among some."""
    return pl.Series(positions(codes.unique(), size) >= 0)
