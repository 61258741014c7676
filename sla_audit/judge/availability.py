"""Success rates and the tiers they fall in, in integers (clauses 2.7, 2.10.1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
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


class Step(NamedTuple):
    """A success rate from which another rate of credit is earned; where it is `strict`, only above it.

    `tier` is the position of the tier that begins there, -1 where nothing is owed.
    """

    rate: Decimal
    tier: int
    credit_rate: Decimal
    strict: bool = False

    def holds(self, kept: int, total: int) -> bool:
        """Tell whether `kept / total` is at the step or above it."""
        numerator, denominator = self.rate.as_integer_ratio()
        above = kept * denominator - total * numerator
        return above > 0 if self.strict else above >= 0


def steps(contract: Contract) -> list[Step]:
    """List the steps of a contract from the best rate down; the last begins at 0.

    Nothing is owed from the objective on, or, where a tier owes whatever the objective is, from the highest tier on:
    tiers that hold only rates from there on are left out.
    """
    objective, terms = contract.objective, contract.compensation
    if terms.owed_when == "in_a_tier":
        best = Step(terms.tiers[0].below, -1, Decimal(0))
    else:
        best = Step(objective.success_rate, -1, Decimal(0), objective.strict)
    owing = [Step(tier.from_, at, tier.rate) for at, tier in enumerate(terms.tiers)]
    return [best, *(step for step in owing if step.rate < best.rate or (best.strict and step.rate == best.rate))]


def tier_of(kept: int, total: int, taken: Sequence[Step]) -> int:
    """Give what an exact rate earns by the `steps` of a contract, as `credit_tier` does."""
    return next(step.tier for step in taken if step.holds(kept, total))


def credit_tier(kept: pl.Expr, total: pl.Expr, contract: Contract) -> pl.Expr:
    """Express what a rate earns: -1 where nothing is owed, else the position of its tier.

    Tiers are ordered from the best rate down. Null where nothing was counted.
    """
    earned = [
        pl.when(kept.cast(pl.Int64) >= _least(total, step)).then(pl.lit(step.tier, pl.Int8)) for step in steps(contract)
    ]
    return pl.when(total > 0).then(pl.coalesce(*earned))


def rate_of(tier: str, contract: Contract) -> pl.Expr:
    """Express the rate of credit of a column of tiers, as text; null where the tier is."""
    rates = pl.Series(["0", *(f"{tier.rate:f}" for tier in contract.compensation.tiers)])
    return pl.lit(rates).gather(pl.col(tier) + 1)


def failures_to_edge(kept: pl.Expr, total: pl.Expr, contract: Contract) -> pl.Expr:
    """Express how many requests would have to end otherwise for the rate to earn something else.

    These are failures that had been answered, or answers that had failed; the total stays. Null where nothing
    was counted.
    """
    distances = []
    for step in steps(contract):
        if step.rate:
            least = _least(total, step)
            distances.append(pl.when(kept >= least).then(kept - least + 1).otherwise(least - kept))
    return pl.when(total > 0).then(pl.min_horizontal(distances))


def edges_kept(total: pl.Expr, tier: pl.Expr, contract: Contract) -> tuple[pl.Expr, pl.Expr]:
    """Express how many of `total` requests would be kept just beyond the nearest edges of a tier (see `edges`).

    First with fewer failures, then with more. Null where the objective is met (`tier` is below 0), where nothing was
    counted, and where no number of failures earns anything else.
    """
    taken = steps(contract)
    least = [_least(total, step) for step in taken]
    owing = list(enumerate(taken))[1:]
    fewer = pl.coalesce(*(pl.when(tier == step.tier).then(least[at - 1]) for at, step in owing))
    more = pl.coalesce(*(pl.when((tier == step.tier) & (least[at] > 0)).then(least[at] - 1) for at, step in owing))
    return fewer, more


def _least(total: pl.Expr, step: Step) -> pl.Expr:
    """Express how many of `total` must be kept for a step: its rate rounded up, or the next number above it."""
    numerator, denominator = step.rate.as_integer_ratio()
    scaled = total.cast(_WIDE) * numerator
    if step.strict:
        return (scaled // denominator + 1).cast(pl.Int64)
    return ((scaled + (denominator - 1)) // denominator).cast(pl.Int64)


class TierEdge(NamedTuple):
    """How many failures fewer, or more, change what a rate earns, and the rate of credit it then earns."""

    failures: int
    credit_rate: Decimal


def edges(kept: int, total: int, contract: Contract) -> tuple[TierEdge | None, TierEdge | None]:
    """Find the nearest edges of the tier of `kept / total`: fewer failures first, then more; the total stays.

    None where no number of failures earns anything else, or nothing was counted.
    """
    taken = steps(contract)
    least = [total * Fraction(step.rate) for step in taken]
    needed = [floor(each) + 1 if step.strict else ceil(each) for each, step in zip(least, taken, strict=True)]
    if not total:
        return None, None
    now = next(at for at, kept_least in enumerate(needed) if kept >= kept_least)
    fewer = None
    if now:
        before = next(at for at, kept_least in enumerate(needed) if needed[now - 1] >= kept_least)  # some skip tiers
        fewer = TierEdge(needed[now - 1] - kept, taken[before].credit_rate)
    after = needed[now] - 1
    if after < 0:
        return fewer, None
    then = next(at for at, kept_least in enumerate(needed) if after >= kept_least)
    return fewer, TierEdge(kept - after, taken[then].credit_rate)
