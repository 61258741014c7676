"""Whether anybody needs to look at a report."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from sla_audit.report.document import Report


def matters(report: Report) -> bool:
    """Tell whether a person should look: money is owed, or may be, or the logs are not what they should be.

    That is: some reading gives an amount, a month that has ended cannot be judged, rows could not be read, or
    much of what an account asked for is left out as illegal content. A
    month that is still running does not matter by itself.
    """
    head = report.head
    amounts = [head["totals"], *head["totals"]["readings"].values()]
    ended = (pl.col("decision") == "undetermined") & (pl.col("reason") != "cycle_running")
    return (
        any(Decimal(each["compensation"]) for each in amounts)
        or not report.results.filter(ended).is_empty()
        or head["rows"]["rejected"] > 0
        or head["often_flagged"]["results"] > 0
    )
