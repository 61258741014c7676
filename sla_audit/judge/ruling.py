"""A verdict for each cycle under each reading, from requests added up by class."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, failures_to_edge, success_rate
from sla_audit.judge.classify import CLASSES
from sla_audit.judge.compensation import award
from sla_audit.judge.decisions import decide

_CYCLE = ("account_id", "cycle")


def rule_on(cycles: pl.DataFrame, classes: pl.DataFrame, contract: Contract, as_of: date) -> pl.DataFrame:
    """Judge every cycle under every reading, in the order of `cycles` (see `verdicts.Judgement`).

    `classes` has `account_id`, `cycle`, `reading`, `class` and `requests`, of which several rows add up.
    """
    sums = classes.group_by(*_CYCLE, "reading").agg(
        pl.col("requests").filter(pl.col("class") == name).sum().alias(name) for name in CLASSES
    )
    readings = pl.DataFrame(
        {
            "reading": list(contract.readings),
            "denominator_has_excluded": [reading.excluded_in_denominator for reading in contract.readings.values()],
        }
    )
    decision, reason = decide(as_of, contract.compensation.uncompensated_plans)
    left_out = pl.when("denominator_has_excluded").then(pl.col("excluded")).otherwise(0)
    rates = ["0", *(f"{tier.rate:f}" for tier in contract.compensation.tiers)]
    verdicts = (
        cycles.join(readings, how="cross")
        .join(sums, on=[*_CYCLE, "reading"], how="left", maintain_order="left")
        .with_columns(pl.col(CLASSES).fill_null(0))
        .with_columns(
            requests=pl.sum_horizontal(CLASSES),
            kept=pl.col("success") + left_out,
            total=pl.col("success") + pl.col("explicit_failure") + left_out,
        )
        .with_columns(
            success_rate=success_rate(pl.col("kept"), pl.col("total")),
            tier=credit_tier(pl.col("kept"), pl.col("total"), contract),
            failures_to_edge=failures_to_edge(pl.col("kept"), pl.col("total"), contract),
        )
        .with_columns(
            credit_rate=pl.lit(pl.Series(rates)).gather(pl.col("tier") + 1),
            decision=decision,
            reason=reason,
        )
    )
    return _with_awards(verdicts, contract).drop("denominator_has_excluded", "kept", "total")


def _with_awards(verdicts: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Add `compensation` and `capped`. Money is exact `Decimal` arithmetic, on the rows that owe some."""
    terms = contract.compensation
    places = max(0, -int(terms.quantum.as_tuple().exponent))
    numbered = verdicts.with_row_index("row")
    owed = numbered.filter(pl.col("decision") == "owed").select("row", "service_fee", "cash_paid", "tier")
    awards = [award(fee, cash, terms.tiers[tier].rate, terms) for _, fee, cash, tier in owed.iter_rows()]
    amounts = owed.select("row").with_columns(
        pl.Series("compensation", [each.amount for each in awards], pl.Decimal(38, places)),
        pl.Series("capped", [each.capped for each in awards], pl.Boolean),
    )
    nothing = pl.lit(Decimal(0), pl.Decimal(38, places))
    return (
        numbered.join(amounts, on="row", how="left", maintain_order="left")
        .with_columns(
            compensation=pl.when(pl.col("decision") == "not_owed").then(nothing).otherwise("compensation"),
            capped=pl.col("capped").fill_null(value=False),
        )
        .drop("row")
    )
