"""How far results below the objective are from the tiers beside their own, and what would be owed in these."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, edges_kept, rate_of
from sla_audit.judge.awards import awards, read_by
from sla_audit.judge.classification.rules import CLASSES


def with_edges(verdicts: pl.DataFrame, cycles: pl.DataFrame, contract: Contract, reading: str) -> pl.DataFrame:
    """Add `fewer_failures`, `fewer_credit_rate` and `fewer_compensation`, and the same of `more`, to verdicts.

    `cycles` has, beside them, `plan` and what amounts are `read_by`. All are null where the objective is met, and where
    no number of failures earns anything else; an amount also where it cannot be told.
    """
    contract = contract.under(reading)
    if contract.measure is not None:
        return verdicts.with_columns(pl.lit(None, kind).alias(name) for name, kind in _EDGES.items())
    kept, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    fewer, more = edges_kept(total, pl.col("tier"), contract)
    counts = verdicts.select(*CLASSES, "tier").with_row_index("row")
    facts = [name for name in read_by(contract.compensation) if name in cycles.columns]
    below = (
        pl.concat([counts, cycles.select("plan", *facts)], how="horizontal")
        .filter(pl.col("tier") >= 0)
        .with_columns(
            fewer_failures=fewer - kept,
            fewer_tier=credit_tier(fewer, total, contract),
            more_failures=kept - more,
            more_tier=credit_tier(more, total, contract),
        )
    )
    edges = below.select("row").with_columns(
        column
        for edge, failed in _FAILED.items()
        for column in (
            below[f"{edge}_failures"],
            below.select(rate_of(f"{edge}_tier", contract).alias(f"{edge}_credit_rate")).to_series(),
            awards(
                below.with_columns(explicit_failure=failed),
                _payable(f"{edge}_tier", contract),
                f"{edge}_tier",
                contract,
            )["amount"].alias(f"{edge}_compensation"),
        )
    )
    return verdicts.with_row_index("row").join(edges, on="row", how="left", maintain_order="left").drop("row")


_FAILED = {
    "fewer": pl.col("explicit_failure") - pl.col("fewer_failures"),
    "more": pl.col("explicit_failure") + pl.col("more_failures"),
}
"""How many requests fail at the edges, on which amounts may depend."""

_EDGES = {
    f"{edge}_{name}": kind
    for edge in _FAILED
    for name, kind in {"failures": pl.Int64(), "credit_rate": pl.String(), "compensation": pl.Decimal(38, 2)}.items()
}
"""Columns of edges, null where intervals are measured: there it matters when requests fail, not how many."""


def _payable(tier: str, contract: Contract) -> pl.Expr:
    """Tell whether an amount is owed in a tier; null where that cannot be told."""
    billed = [pl.col(name).is_not_null() for name in contract.compensation.facts]
    nothing = (pl.col(tier) < 0) | pl.col("plan").is_in(list(contract.compensation.uncompensated_plans))
    return (
        pl.when(pl.col(tier).is_null())
        .then(None)
        .when(nothing)
        .then(pl.lit("not_owed"))
        .when(pl.all_horizontal(pl.lit(value=True), *billed))
        .then(pl.lit("owed"))
    )
