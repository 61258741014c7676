"""A verdict for each cycle under a reading, from requests added up by class."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, failures_to_edge, success_rate
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.compensation import award
from sla_audit.judge.decisions import decide

_FACTS = ("month_end", "logged", "billed_calls", "plan", "known", "service_fee", "cash_paid")


def rule_on(
    cycles: pl.DataFrame, requests: pl.DataFrame, contract: Contract, reading: str, as_of: date
) -> pl.DataFrame:
    """Judge every cycle under one reading, row for row.

    `cycles` has the columns that `decisions.decide` reads; `requests`, beside it, one for each class. Gives the
    columns of `verdicts.Judgement.verdicts`.
    """
    kept, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    decision, reason = decide(as_of, contract.compensation.uncompensated_plans)
    rates = ["0", *(f"{tier.rate:f}" for tier in contract.compensation.tiers)]
    verdicts = (
        pl.concat([cycles.select(_FACTS), requests.select(CLASSES)], how="horizontal")
        .with_columns(
            requests=pl.sum_horizontal(CLASSES),
            success_rate=success_rate(kept, total),
            tier=credit_tier(kept, total, contract),
            failures_to_edge=failures_to_edge(kept, total, contract),
        )
        .with_columns(
            credit_rate=pl.lit(pl.Series(rates)).gather(pl.col("tier") + 1),
            decision=decision,
            reason=reason,
        )
    )
    return _with_awards(verdicts, contract).drop(_FACTS)


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
