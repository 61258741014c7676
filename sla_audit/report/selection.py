"""Which results a report for people lists, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from sla_audit.report.document import Report

Show = Literal["owed", "breached", "all"]

_SHOWN = {
    "owed": pl.col("decision") == "owed",
    "breached": (pl.col("decision") == "owed") | (pl.col("credit_rate") != "0") | pl.col("readings_differ"),
    "all": pl.lit(value=True),
}
_EXACT = pl.Decimal(38, 6)


def most_urgent_first(report: Report, show: Show) -> pl.DataFrame:
    """Take the results that need attention, those with most at stake first; `breached`: under some reading.

    At stake is the largest amount over the readings; what is undetermined counts with its estimate. Where that is not
    known either, results with more failures come first, after those of which an amount is known.
    """
    at_stake, unknown = stake(report.readings), pl.col("explicit_failure")
    order = (
        -pl.coalesce(at_stake, pl.lit(0, _EXACT)),
        pl.when(at_stake.is_null()).then(-unknown).otherwise(1),
        pl.col("account_id"),
        pl.col("cycle"),
    )
    return report.results.filter(_SHOWN[show]).sort(order)


def stake(readings: Sequence[str]) -> pl.Expr:
    """Express the largest amount that a result may come to, under any reading, as far as that is known; else null."""
    amounts = (pl.coalesce(f"{reading}/compensation", f"{reading}/estimate").cast(_EXACT) for reading in readings)
    return pl.max_horizontal(amounts)


def moves_money(near: int, uncompensated_plans: Sequence[str]) -> pl.Expr:
    """Tell which results at most `near` failures fewer or more would change in what is owed, or may do so.

    Nothing changes where nothing is owed in any tier, or the cash paid limits the amount on both sides.
    """
    now = pl.coalesce("compensation", "estimate")
    paid = ~pl.col("plan").is_in(list(uncompensated_plans)).fill_null(value=False)
    some = (pl.col("cash_paid").cast(_EXACT) > 0).fill_null(value=True)
    moves = [
        (pl.col(f"{edge}_failures") <= near) & (pl.col(f"{edge}_compensation").ne_missing(now) | now.is_null())
        for edge in ("fewer", "more")
    ]
    met = pl.col("fewer_failures").is_null() & (pl.col("failures_to_edge") <= near)
    return (paid & some & pl.any_horizontal(*moves, met)).fill_null(value=False)
