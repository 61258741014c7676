"""The charts of the page, each with the figures that stand beside it."""

from __future__ import annotations

from typing import NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.attribution_chart import Attribution, attribution
from sla_audit.report.formats.html.charts.budget_chart import Budgets, budgets
from sla_audit.report.formats.html.charts.claim_chart import Claim, claim_chart, claims_of
from sla_audit.report.formats.html.charts.cycle_axis import cycle_axis
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
from sla_audit.report.formats.html.charts.tier_charts import TierCharts, tier_charts
from sla_audit.report.language import Words


class Excluded(NamedTuple):
    """What was excluded by day by some causes, whose numbers are those of the agreement."""

    causes: list[int]
    drawing: Drawing


class Charts(NamedTuple):
    """Drawings, None where there is nothing to draw, and their figures.

    Days are there only where the report has them. `clauses` are the causes by which requests were excluded: what was
    `asserted` by an exclusion, and what is `routine`, which the log itself says of a request. `marks` are what else is
    drawn on the days.
    """

    days: list[ChartDay]
    marks: set[str]
    rate: Drawing | None
    failures: Drawing | None
    clauses: list[int]
    asserted: Excluded | None
    routine: Excluded | None
    attribution: Attribution | None
    tiers: TierCharts | None
    budgets: Budgets
    owed: Owed
    owed_drawing: Drawing | None
    ranges: list[Range]
    ranges_drawing: Drawing | None
    claims: list[Claim]
    claims_drawing: Drawing | None


def charts(report: Report, contract: Contract, words: Words) -> Charts:
    """Draw everything a report has to show."""
    days, axis = days_of(report, contract), cycle_axis(report)
    clauses = sorted({clause for day in days for clause in day.by_clause})
    of_the_log = {rule.cause for rule in contract.classification if isinstance(rule.cause, int)}
    owed, differing, claims = owed_by_account(report), ranges(report), claims_of(report)

    def excluded(causes: list[int]) -> Excluded | None:
        return Excluded(causes, excluded_chart(days, axis, causes)) if causes and axis else None

    return Charts(
        days=days,
        marks=axis.kinds() if axis else set(),
        rate=rate_chart(days, axis, contract) if days and axis and contract.measure is None else None,
        failures=failures_chart(days, axis) if days and axis else None,
        clauses=clauses,
        asserted=excluded([clause for clause in clauses if clause not in of_the_log]),
        routine=excluded([clause for clause in clauses if clause in of_the_log]),
        attribution=attribution(report, axis),
        tiers=tier_charts(report, contract, words),
        budgets=budgets(report, words),
        owed=owed,
        owed_drawing=owed_chart(owed.first, words) if owed.first else None,
        ranges=differing,
        ranges_drawing=ranges_chart(differing, report) if differing else None,
        claims=claims,
        claims_drawing=claim_chart(claims, report.head["as_of"]) if claims else None,
    )
