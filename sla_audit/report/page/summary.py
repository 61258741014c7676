"""What stands at the top of the page: what is owed, and what needs attention."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from sla_audit.report import wording
from sla_audit.report.document import Report
from sla_audit.report.page.claim_chart import Claim


class Summary(NamedTuple):
    """Figures of the top: how many results differ by reading or are near an edge, and what is undetermined and why.

    `claim` is the window of the latest cycle in which something is owed, None where nothing is, and `days_left` counts
    the days from the day of the report to its last one, both inclusive; 0 where it is over or has not begun.
    """

    results: int
    near: int
    near_edge: int
    differing: int
    undetermined: str
    claim: Claim | None
    claim_state: str
    days_left: int


def summary(report: Report, claims: list[Claim], near: int) -> Summary:
    """Gather what the top of the page says."""
    results, as_of = report.results, date.fromisoformat(report.head["as_of"])
    claim = next((claim for claim in reversed(claims) if claim.owed), None)
    state, left = "none", 0
    if claim is not None:
        opens_on, closes_on = map(date.fromisoformat, (claim.opens_on, claim.closes_on))
        state = "not_yet_open" if as_of < opens_on else "closed" if as_of > closes_on else "open"
        left = (closes_on - as_of).days + 1 if state == "open" else 0
    return Summary(
        results=results.height,
        near=near,
        near_edge=results.filter(pl.col("failures_to_edge") <= near).height,
        differing=int(results["readings_differ"].sum()),
        undetermined=_reasons(results),
        claim=claim,
        claim_state=state,
        days_left=left,
    )


def _reasons(results: pl.DataFrame) -> str:
    """Say why results are undetermined, the most frequent reason first; nothing where none is."""
    reasons = results.filter(pl.col("decision") == "undetermined")["reason"].value_counts()
    ordered = reasons.sort("count", "reason", descending=[True, False]).iter_rows()
    return ", ".join(f"{number:,} {wording.REASONS[reason]}" for reason, number in ordered)
