"""The intervals in which requests failed as a file of a claim pack, `intervals.csv`: for people and the other side.

It follows from the rows and counts enclosed, and is written again from them when a pack is verified.
"""

from __future__ import annotations

import polars as pl

from sla_audit.commands.claim_pack.enclosed import Enclosed
from sla_audit.commands.claim_pack.tables import write_table
from sla_audit.model.instant import moment


def write_intervals(enclosed: Enclosed) -> bytes:
    """Write when each interval began and ended in the agreement's zone, how many requests failed of how many.

    `counts` says whether it takes something from the rate: whether it is bad, and in a run that is long enough, where a
    share of time is measured. Sub-units have a column, where the agreement tells them apart.
    """
    zone, pooled, found = enclosed.contract.zone, enclosed.contract.unit.pooled, enclosed.intervals
    times = {at: moment(at, zone).isoformat() for name in ("starts_at", "ends_at") for at in found[name].unique()}
    unit = [] if pooled is None else [pl.col("unit").alias(pooled)]
    return write_table(
        found.select(
            "account_id",
            pl.col("starts_at").replace_strict(times, default=None, return_dtype=pl.String).alias("interval_start"),
            pl.col("ends_at").replace_strict(times, default=None, return_dtype=pl.String).alias("interval_end"),
            *unit,
            "failed",
            "total",
            "counts",
        )
    )
