"""How far results below the objective are from the tiers beside their own, and what would be owed in these."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, edges_kept, rate_of
from sla_audit.judge.awards import awards
from sla_audit.judge.classification.rules import CLASSES


def with_edges(verdicts: pl.DataFrame, cycles: pl.DataFrame, contract: Contract, reading: str) -> pl.DataFrame:
    """Add `fewer_failures`, `fewer_credit_rate` and `fewer_compensation`, and the same of `more`, to verdicts.

    `cycles` has, beside them, `plan`, `service_fee` and `cash_paid`. All are null where the objective is met, and where
    no number of failures earns anything else; an amount also where it cannot be told.
    """
    kept, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    fewer, more = edges_kept(total, pl.col("tier"), contract)
    counts = verdicts.select(*CLASSES, "tier").with_row_index("row")
    below = (
        pl.concat([counts, cycles.select("plan", "service_fee", "cash_paid")], how="horizontal")
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
        for edge in ("fewer", "more")
        for column in (
            below[f"{edge}_failures"],
            below.select(rate_of(f"{edge}_tier", contract).alias(f"{edge}_credit_rate")).to_series(),
            awards(below, _payable(f"{edge}_tier", contract), f"{edge}_tier", contract)["amount"].alias(
                f"{edge}_compensation"
            ),
        )
    )
    return verdicts.with_row_index("row").join(edges, on="row", how="left", maintain_order="left").drop("row")


def _payable(tier: str, contract: Contract) -> pl.Expr:
    """Tell whether an amount is owed in a tier; null where that cannot be told."""
    nothing = (pl.col(tier) < 0) | pl.col("plan").is_in(list(contract.compensation.uncompensated_plans))
    return (
        pl.when(pl.col(tier).is_null())
        .then(None)
        .when(nothing)
        .then(pl.lit("not_owed"))
        .when(pl.col("service_fee").is_not_null())
        .then(pl.lit("owed"))
    )
