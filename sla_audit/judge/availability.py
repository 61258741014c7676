"""Success rates and the tiers they fall in, in integers (clauses 2.7, 2.10.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract

RATE_DIGITS = 6
_WIDE = pl.Int128()  # a count times a denominator of six digits never overflows


def success_rate(kept: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Express `kept / total` in millionths, cut and never rounded up; null where `total` is 0."""
    return pl.when(total > 0).then((kept.cast(_WIDE) * 10**RATE_DIGITS // total).cast(pl.Int64))


def reaches(kept: pl.Expr, total: pl.Expr, rate: Decimal) -> pl.Expr:
    """Express whether `kept / total >= rate`, exactly: by cross-multiplication."""
    numerator, denominator = rate.as_integer_ratio()
    return kept.cast(_WIDE) * denominator >= total.cast(_WIDE) * numerator


def credit_tier(kept: pl.Expr, total: pl.Expr, contract: Contract) -> pl.Expr:
    """Express what a rate earns: -1 where the objective is met, else the position of its tier.

    Tiers are ordered from the best rate down. Null where nothing was counted.
    """
    earned = [
        pl.when(reaches(kept, total, rate)).then(pl.lit(at, pl.Int8))
        for at, (rate, _) in enumerate(_steps(contract), -1)
    ]
    return pl.when(total > 0).then(pl.coalesce(*earned))


def rate_of(tier: str, contract: Contract) -> pl.Expr:
    """Express the rate of credit of a column of tiers, as text; null where the tier is."""
    rates = pl.Series([f"{rate:f}" for _, rate in _steps(contract)])
    return pl.lit(rates).gather(pl.col(tier) + 1)


def failures_to_edge(kept: pl.Expr, total: pl.Expr, contract: Contract) -> pl.Expr:
    """Express how many requests would have to end otherwise for the rate to earn something else.

    These are failures that had been answered, or answers that had failed; the total stays. Null where nothing
    was counted.
    """
    distances = []
    for rate, _ in _steps(contract):
        if rate:
            least = _least(total, rate)
            distances.append(pl.when(kept >= least).then(kept - least + 1).otherwise(least - kept))
    return pl.when(total > 0).then(pl.min_horizontal(distances))


def edges_kept(total: pl.Expr, tier: pl.Expr, contract: Contract) -> tuple[pl.Expr, pl.Expr]:
    """Express how many of `total` requests would be kept just beyond the nearest edges of a tier (see `edges`).

    First with fewer failures, then with more. Null where the objective is met (`tier` is below 0), where nothing was
    counted, and where no number of failures earns anything else.
    """
    least = [_least(total, rate) for rate, _ in _steps(contract)]
    tiers = range(len(contract.compensation.tiers))
    fewer = pl.coalesce(*(pl.when(tier == at).then(least[at]) for at in tiers))
    more = pl.coalesce(*(pl.when((tier == at) & (least[at + 1] > 0)).then(least[at + 1] - 1) for at in tiers))
    return fewer, more


def _least(total: pl.Expr, rate: Decimal) -> pl.Expr:
    """Express how many of `total` must be kept for a rate, rounded up."""
    numerator, denominator = rate.as_integer_ratio()
    return ((total.cast(_WIDE) * numerator + (denominator - 1)) // denominator).cast(pl.Int64)


class TierEdge(NamedTuple):
    """How many failures fewer, or more, change what a rate earns, and the rate of credit it then earns."""

    failures: int
    credit_rate: Decimal


def edges(kept: int, total: int, contract: Contract) -> tuple[TierEdge | None, TierEdge | None]:
    """Find the nearest edges of the tier of `kept / total`: fewer failures first, then more; the total stays.

    None where no number of failures earns anything else, or nothing was counted.
    """
    steps = _steps(contract)
    least = [-(-total * rate.as_integer_ratio()[0] // rate.as_integer_ratio()[1]) for rate, _ in steps]
    if not total:
        return None, None
    now = next(at for at, needed in enumerate(least) if kept >= needed)
    fewer = None
    if now:
        before = next(at for at, needed in enumerate(least) if least[now - 1] >= needed)  # small totals skip tiers
        fewer = TierEdge(least[now - 1] - kept, steps[before][1])
    after = least[now] - 1
    if after < 0:
        return fewer, None
    then = next(at for at, needed in enumerate(least) if after >= needed)
    return fewer, TierEdge(kept - after, steps[then][1])


def _steps(contract: Contract) -> list[tuple[Decimal, Decimal]]:
    """List the success rates from which another rate of credit is earned, and that, from the objective down."""
    tiers = contract.compensation.tiers
    return [(contract.objective.success_rate, Decimal(0)), *((tier.from_, tier.rate) for tier in tiers)]
