"""What becomes of each kind of request of an account: where it belongs, and its class under every reading, and why."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.classification.classes import KIND, classified
from sla_audit.model.tally import Tally

KEY = ("slot", "outcome")


def fates(tally: Tally, allocated: AllocatedCounts, contract: Contract) -> pl.DataFrame:
    """Tell what becomes of the requests of one account, whose counts were allocated.

    Gives for each `slot` and `outcome` (codes) the `place` (see `allocation.place.PLACES`), the `requests`, and for
    each reading of the agreement `reading/class`, `reading/clause`, `reading/exclusion` (an id) and `reading/rule`
    (from 1, as the agreement lists them), which are null where a request is not counted.
    """
    ids = pl.Series([finding.exclusion.id for finding in allocated.findings], dtype=pl.String)
    kinds = allocated.counts.select(KIND).unique(maintain_order=True)
    by_reading = classified(kinds, allocated.dimensions, contract, allocated.findings)
    ends = [
        found.select(
            pl.col("class").cast(pl.String),
            "clause",
            pl.lit(ids).gather(pl.col("exclusion")).alias("exclusion"),
            (pl.col("rule") + 1).alias("rule"),
        ).select(pl.all().name.prefix(f"{name}/"))
        for name, found in by_reading.items()
    ]
    counted = allocated.counts.join(pl.concat([kinds, *ends], how="horizontal"), on=KIND, nulls_equal=True)
    places = {"counted": counted, "outside_cycle": allocated.out_of_service}
    placed = [each.with_columns(place=pl.lit(name)) for name, each in places.items()]
    known = pl.concat([each.select(*KEY, "place") for each in placed])
    in_a_cycle = pl.lit(allocated.dimensions.slots["position"]).gather(pl.col("slot")).is_not_null()
    others = tally.counts.join(known, on=KEY, how="anti").with_columns(
        place=pl.when(in_a_cycle).then(pl.lit("other_service")).otherwise(pl.lit("outside_period"))
    )
    columns = [*KEY, "place", "requests", *(name for each in ends for name in each.columns)]
    return pl.concat([*placed, others], how="diagonal_relaxed").select(columns)
