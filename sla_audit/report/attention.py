"""Whether anybody needs to look at a report."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from sla_audit.report.document import Report

_ONE_IN = 100


def matters(report: Report) -> bool:
    """Tell whether a person should look: money is owed, or may be, or the logs are not what they should be.

    That is: some reading gives an amount, a month that has ended cannot be judged, rows could not be read, or request
    ids took many out, or did not tell. A month that is still running does not matter by itself.
    """
    head = report.head
    amounts = [head["totals"], *head["totals"]["readings"].values()]
    ended = (pl.col("decision") == "undetermined") & (pl.col("reason") != "cycle_running")
    return (
        any(Decimal(each["compensation"]) for each in amounts)
        or not report.results.filter(ended).is_empty()
        or head["rows"]["rejected"] > 0
        or _ids_tell_little(head)
    )


def _ids_tell_little(head: Mapping[str, Any]) -> bool:
    """Tell whether more than one row in a hundred is a duplicate, or has a request id that does not tell."""
    ids, rows = head.get("request_ids") or {}, head["rows"]
    doubtful = (rows["duplicate"], ids.get("reused_rows", 0), ids.get("shared_rows", 0))
    return any(each * _ONE_IN > rows["read"] for each in doubtful)
