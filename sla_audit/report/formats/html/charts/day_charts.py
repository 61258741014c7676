"""Charts by day, of all accounts together: the success rate, explicit failures, and what was excluded."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import LABEL, WIDE, Drawing, colour, draw

_MILLION = 10**6
_MOST_TICKS = 6
_ROOM, _LEAST = Decimal("1.15"), Decimal("0.001")
"""How far a chart goes down: past the lowest rate by a part of its way from 1, which is at least so long."""


class ChartDay(NamedTuple):
    """The requests of a day; `rate` with six decimals, cut, and None where nothing was counted."""

    date: str
    success: int
    explicit_failure: int
    excluded: int
    by_clause: dict[int, int]
    rate: str | None


def days_of(report: Report, contract: Contract) -> list[ChartDay]:
    """Give every day from the first to the last that has requests, in order."""
    reading = contract.readings[report.head["reading"]]
    listed = {day["date"]: day for day in report.head.get("daily", ())}
    if not listed:
        return []
    first, last = (date.fromisoformat(end) for end in (min(listed), max(listed)))
    nothing = {"success": 0, "explicit_failure": 0, "excluded": {"total": 0, "by_clause": {}}}
    days = []
    for number in range((last - first).days + 1):
        name = (first + timedelta(days=number)).isoformat()
        day = listed.get(name, nothing)
        excluded = day["excluded"]
        kept, counted = reading.kept_and_counted(day["success"], day["explicit_failure"], excluded["total"])
        by_clause = {int(clause): requests for clause, requests in excluded["by_clause"].items()}
        rate = _rate(kept, counted)
        days.append(ChartDay(name, day["success"], day["explicit_failure"], excluded["total"], by_clause, rate))
    return days


def rate_chart(days: list[ChartDay], contract: Contract) -> Drawing:
    """Draw the success rate of each day against the objective and the tiers below it."""
    objective = contract.objective.success_rate
    lowest = min((Decimal(day.rate) for day in days if day.rate is not None), default=objective)
    floor = max(Decimal(0), 1 - max(1 - min(lowest, objective), _LEAST) * _ROOM)
    axis = {"title": None, "format": ".4~%"}
    rate = {
        "field": "rate",
        "type": "quantitative",
        "scale": {"domain": [float(floor), 1], "nice": False, "zero": False},
        "axis": axis,
    }
    line = {
        "mark": {
            "type": "line",
            "stroke": "var(--accent)",
            "strokeWidth": 2,
            "strokeJoin": "round",
            "invalid": "break-paths-show-domains",
            "point": {"fill": "var(--accent)", "size": 30},
        },
        "encoding": {"x": _days_axis(days), "y": rate},
    }
    promised = {
        "data": {"values": [{"rate": float(objective)}]},
        "mark": {"type": "rule", "stroke": "var(--ok)", "strokeWidth": 1.5, "strokeDash": [6, 4]},
        "encoding": {"y": {"field": "rate", "type": "quantitative"}},
    }
    values = [{"day": day.date, "rate": None if day.rate is None else float(day.rate)} for day in days]
    return draw({"data": {"values": values}, "layer": [_tiers(contract, floor), promised, line]}, 260, WIDE)


def failures_chart(days: list[ChartDay]) -> Drawing:
    """Draw the explicit failures of each day."""
    spec = {
        "data": {"values": [{"day": day.date, "failures": day.explicit_failure} for day in days]},
        "mark": {"type": "bar", "fill": "var(--bad)"},
        "encoding": {"x": _days_axis(days), "y": _counts_axis("failures")},
    }
    return draw(spec, 220)


def excluded_chart(days: list[ChartDay], clauses: list[int]) -> Drawing:
    """Draw the excluded requests of each day, stacked by clause in the colours of the page's legend."""
    values = [
        {"day": day.date, "clause": clause, "requests": day.by_clause[clause]}
        for day in days
        for clause in clauses
        if clause in day.by_clause
    ]
    colours = {"domain": clauses, "range": [f"var(--{colour('c', number)})" for number in range(1, len(clauses) + 1)]}
    spec = {
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": _days_axis(days),
            "y": _counts_axis("requests"),
            "color": {"field": "clause", "type": "ordinal", "scale": colours},
            "order": {"field": "clause"},
        },
    }
    return draw(spec, 220)


def _tiers(contract: Contract, floor: Decimal) -> dict[str, Any]:
    """Shade the tiers, as far as they lie above the floor of a chart."""
    tiers = [
        {"from": float(max(floor, tier.from_)), "below": float(tier.below), "tier": f"var(--{colour('tier', number)})"}
        for number, tier in enumerate(contract.compensation.tiers, 1)
        if tier.below > floor
    ]
    encoding = {
        "y": {"field": "from", "type": "quantitative"},
        "y2": {"field": "below"},
        "fill": {"field": "tier", "type": "nominal", "scale": None},
    }
    return {"data": {"values": tiers}, "mark": "rect", "encoding": encoding}


def _days_axis(days: list[ChartDay]) -> dict[str, Any]:
    names = [day.date for day in days]
    several = names[0][:7] != names[-1][:7]
    ticks = [name for name in names if name.endswith("-01")] if several else names
    ticks = ticks[:: max(1, -(-len(ticks) // _MOST_TICKS))]
    label = "slice(datum.value, 0, 7)" if several else "slice(datum.value, 5)"
    axis = {"values": ticks, "title": None, "labelAngle": 0, "labelExpr": label, "grid": False}
    return {"field": "day", "type": "ordinal", "scale": {"domain": names, "padding": 0.25}, "axis": axis}


def _counts_axis(field: str) -> dict[str, Any]:
    axis = {"title": None, "labelExpr": LABEL, "tickMinStep": 1}
    return {"field": field, "type": "quantitative", "stack": "zero", "axis": axis}


def _rate(kept: int, total: int) -> str | None:
    if not total:
        return None
    millionths = kept * _MILLION // total
    return f"{millionths // _MILLION}.{millionths % _MILLION:06}"
