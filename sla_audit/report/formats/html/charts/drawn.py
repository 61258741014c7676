"""The charts of the page, each with the figures that stand beside it."""

from __future__ import annotations

from typing import NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.claim_chart import Claim, claim_chart, claims_of
from sla_audit.report.formats.html.charts.day_charts import (
    ChartDay,
    days_of,
    excluded_chart,
    failures_chart,
    rate_chart,
)
from sla_audit.report.formats.html.charts.drawing import Drawing
from sla_audit.report.formats.html.charts.money_charts import (
    Owed,
    Range,
    owed_by_account,
    owed_chart,
    ranges,
    ranges_chart,
)


class Charts(NamedTuple):
    """Drawings, None where there is nothing to draw, and their figures.

    Days are there only where the report has them. `clauses` are those of the causes by which requests were excluded.
    """

    days: list[ChartDay]
    rate: Drawing | None
    failures: Drawing | None
    clauses: list[int]
    excluded: Drawing | None
    owed: Owed
    owed_drawing: Drawing | None
    ranges: list[Range]
    ranges_drawing: Drawing | None
    claims: list[Claim]
    claims_drawing: Drawing | None


def charts(report: Report, contract: Contract) -> Charts:
    """Draw everything a report has to show."""
    days = days_of(report, contract)
    clauses = sorted({clause for day in days for clause in day.by_clause})
    owed, differing, claims = owed_by_account(report), ranges(report), claims_of(report)
    return Charts(
        days=days,
        rate=rate_chart(days, contract) if days else None,
        failures=failures_chart(days) if days else None,
        clauses=clauses,
        excluded=excluded_chart(days, clauses) if clauses else None,
        owed=owed,
        owed_drawing=owed_chart(owed.first) if owed.first else None,
        ranges=differing,
        ranges_drawing=ranges_chart(differing, report) if differing else None,
        claims=claims,
        claims_drawing=claim_chart(claims, report.head["as_of"]) if claims else None,
    )
