"""Success rates and the tiers they fall in, in integers (clauses 2.7, 2.10.1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract, Tier

RATE_DIGITS = 6


def success_rate(kept: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Express `kept / total` in millionths, cut and never rounded up; null where `total` is 0."""
    return pl.when(total > 0).then(kept * 10**RATE_DIGITS // total)


def reaches(kept: pl.Expr, total: pl.Expr, rate: Decimal) -> pl.Expr:
    """Express whether `kept / total >= rate`, exactly: by cross-multiplication in 64 bits."""
    numerator, denominator = rate.as_integer_ratio()
    return kept * denominator >= total * numerator


def credit_tier(kept: pl.Expr, total: pl.Expr, contract: Contract) -> pl.Expr:
    """Express what a rate earns: -1 where the objective is met, else the position of its tier.

    Tiers are ordered from the best rate down. Null where nothing was counted.
    """
    tiers: Sequence[Tier] = contract.compensation.tiers
    earned = [
        pl.when(reaches(kept, total, rate)).then(pl.lit(at, pl.Int8))
        for at, rate in [
            (-1, contract.objective.success_rate),
            *((at, tier.from_) for at, tier in enumerate(tiers)),
        ]
    ]
    return pl.when(total > 0).then(pl.coalesce(*earned))
