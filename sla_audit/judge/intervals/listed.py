"""The intervals in which requests failed, one by one."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.intervals.counted import Intervals
from sla_audit.judge.intervals.losses import counting

INTERVAL = {
    "starts_at": pl.Int64(),
    "ends_at": pl.Int64(),
    "unit": pl.String(),
    "failed": pl.Int64(),
    "total": pl.Int64(),
}
"""The columns of an interval, half-open in microseconds since 1970; and whether it `counts` as bad, or in a mean."""


def failing_intervals(allocated: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """List the intervals in which requests failed under a reading, in their order; none where requests are measured.

    Those beside the cycles of the audit are listed too, where a contract looks there. Gives `account_id` and what
    `INTERVAL` has; `unit` is the sub-unit, where these are told apart.
    """
    terms = contract.under(reading).measure
    if terms is None:
        return pl.DataFrame(schema={"account_id": pl.String(), **INTERVAL, "counts": pl.Boolean()})
    intervals = Intervals.of(allocated, contract, terms)
    failing, around = intervals.failing(contract, reading), intervals.around
    found = failing if terms.bad is None else counting(failing, terms.bad, terms.run, len(around.cycles))
    key = ["number", "unit", "step"]
    marked = failing.join(found.select(key).with_columns(counts=True), on=key, how="left", maintain_order="left")
    bounds = [intervals.steps.bounds(step) for step in marked["step"]]
    account = marked["number"] // max(len(around.cycles), 1)
    return marked.select(
        allocated.dimensions.accounts.gather(account).alias("account_id"),
        pl.Series("starts_at", [start for start, _ in bounds], dtype=pl.Int64),
        pl.Series("ends_at", [end for _, end in bounds], dtype=pl.Int64),
        intervals.units.names.gather(marked["unit"]).alias("unit"),
        "failed",
        "total",
        pl.col("counts").fill_null(value=False),
    ).sort("account_id", "starts_at", "unit", nulls_last=True)
