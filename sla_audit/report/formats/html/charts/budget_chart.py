"""The error budget: how many failures the objective still allows each result that meets it."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from sla_audit.output.escape import for_terminal
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import Drawing
from sla_audit.report.formats.html.charts.row_bars import RowBar, row_bars
from sla_audit.report.language import Words

_MOST = 12


class Budget(NamedTuple):
    """Of the failures that the objective `allowed`, at the number of requests there are, so many are `left`."""

    account: str
    cycle: str
    allowed: int
    failed: int
    left: int


class Budgets(NamedTuple):
    """Those of which most is used, first; how many others have used some, none, or more than there is."""

    first: list[Budget]
    others: int
    unused: int
    overspent: int
    drawing: Drawing | None


def budgets(report: Report, words: Words) -> Budgets:
    """Find how much of the error budgets is used, under the reading in force, by shares; the least left first."""
    # Where intervals are measured, no number of failures is allowed.
    met = report.results.filter(pl.col("credit_rate") == "0", pl.col("failures_to_edge").is_not_null()).select(
        "account_id",
        "cycle",
        "explicit_failure",
        left=pl.col("failures_to_edge") - 1,
        allowed=pl.col("explicit_failure") + pl.col("failures_to_edge") - 1,
    )
    used = met.filter(pl.col("explicit_failure") > 0)
    order = (-pl.col("explicit_failure") / pl.col("allowed"), "left", "account_id", "cycle")
    first = [
        Budget(for_terminal(row["account_id"]), row["cycle"], row["allowed"], row["explicit_failure"], row["left"])
        for row in used.sort(*order).head(_MOST).iter_rows(named=True)
    ]
    overspent = report.results.filter(pl.col("credit_rate") != "0").height
    drawing = _draw(first, report, words) if first else None
    return Budgets(first, used.height - len(first), met.height - used.height, overspent, drawing)


def _draw(first: list[Budget], report: Report, words: Words) -> Drawing:
    several = report.results["cycle"].n_unique() > 1
    bars = [
        RowBar(
            f"{each.account}, {each.cycle}" if several else each.account,
            words.say("{left} of {allowed} left", left=f"{each.left:,}", allowed=f"{each.allowed:,}"),
            each.failed / each.allowed,
        )
        for each in first
    ]
    return row_bars(bars, track=True)
