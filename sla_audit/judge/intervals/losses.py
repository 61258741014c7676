"""What the intervals in which something failed take from a rate: their failure rates, or the time of bad ones."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
import polars as pl

from sla_audit.contract.terms.measure import Bad, Run

_NOTHING = Fraction(0)
_WIDE = pl.Int128()
_FEW = 30
_COMMON = lcm(*range(1, _FEW + 1))
"""What every interval of few requests has its rate over: as many such numerators as a year has minutes fit 64 bits."""


def mean_loss(failing: pl.DataFrame) -> dict[int, Fraction]:
    """Add up the failure rates of intervals by the `number` of their cycle, exactly.

    `failing` has `number`, `failed` and `total`, a row for each interval.
    """
    few = pl.col("total") <= _FEW
    of_few = failing.filter(few).group_by("number").agg((pl.col("failed") * (_COMMON // pl.col("total"))).sum())
    lost = {number: Fraction(parts, _COMMON) for number, parts in of_few.iter_rows()}
    of_many = failing.filter(~few).group_by("number", "total").agg(pl.col("failed").sum())
    for number, total, failed in of_many.iter_rows():
        lost[number] = lost.get(number, _NOTHING) + Fraction(failed, total)
    return lost


def bad_intervals(failing: pl.DataFrame, bad: Bad, run: Run, cycles: int) -> dict[int, int]:
    """Count the bad intervals of each cycle that are in a run which counts.

    `failing` has, besides what `mean_loss` reads, the `unit` and the number of the `step`; cycles are numbered account
    by account, so many `cycles` for each.
    """
    return dict(counting(failing, bad, run, cycles).group_by("number").len().iter_rows())


def counting(failing: pl.DataFrame, bad: Bad, run: Run, cycles: int) -> pl.DataFrame:
    """Leave of the intervals in which something failed those that are bad, and in a run which counts."""
    few = pl.col("total") < bad.least_requests
    if bad.rate_over is not None:
        share, whole = bad.rate_over.as_integer_ratio()
        is_bad = pl.col("failed").cast(_WIDE) * whole > pl.col("total").cast(_WIDE) * share
    elif bad.failures_from is not None:
        is_bad = pl.col("failed") >= bad.failures_from
    else:
        is_bad = pl.col("failed") == pl.col("total")
    found = failing.filter(is_bad & ~few)
    if run != Run(over_cycle_edges=run.over_cycle_edges):
        found = _in_runs(found, run, cycles)
    return found


def _in_runs(bad: pl.DataFrame, run: Run, cycles: int) -> pl.DataFrame:
    """Leave of bad intervals those that are in a run which counts."""
    within = pl.col("number") // max(cycles, 1) if run.over_cycle_edges == "joined" else pl.col("number")
    found = bad.with_columns(within=within).sort("within", "unit", "step")
    begins = pl.any_horizontal(
        pl.col("within") != pl.col("within").shift(1),
        pl.col("unit") != pl.col("unit").shift(1),
        pl.col("step") != pl.col("step").shift(1) + 1,
    )
    first = found.select(begins.fill_null(value=True)).to_series().arg_true().to_numpy()
    lengths = np.diff(np.append(first, found.height))
    requests = np.add.reduceat(found["total"].to_numpy(), first) if len(first) else lengths
    counts = (lengths >= run.intervals_from) & (requests >= run.least_requests)
    return found.filter(pl.Series(np.repeat(counts, lengths)))
