"""Charts by day, of all accounts together: the success rate, explicit failures, and what was excluded."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.cycle_axis import CycleAxis, across, bar, exclusion_windows, ground, noon
from sla_audit.report.formats.html.charts.drawing import WIDE, Drawing, colour, counts, draw

_MILLION = 10**6
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
    """Give every day that has requests, in order."""
    reading = contract.readings[report.head["reading"]]
    days = []
    for day in report.head.get("daily", ()):
        excluded = day["excluded"]
        kept, counted = reading.kept_and_counted(day["success"], day["explicit_failure"], excluded["total"])
        by_clause = {int(clause): requests for clause, requests in excluded["by_clause"].items()}
        rate = _rate(kept, counted)
        days.append(ChartDay(day["date"], day["success"], day["explicit_failure"], excluded["total"], by_clause, rate))
    return days


def rate_chart(days: list[ChartDay], axis: CycleAxis, contract: Contract) -> Drawing:
    """Draw the success rate of each day against the objective."""
    objective = contract.objective.success_rate
    lowest = min((Decimal(day.rate) for day in days if day.rate is not None), default=objective)
    floor = max(Decimal(0), 1 - max(1 - min(lowest, objective), _LEAST) * _ROOM)
    rate = {
        "field": "rate",
        "type": "quantitative",
        "scale": {"domain": [float(floor), 1], "nice": False, "zero": False},
        "axis": {"title": None, "format": ".4~%"},
    }
    rates = {day.date: day.rate for day in days}
    values = [
        {"since": noon(name), "rate": None if rates.get(name) is None else float(rates[name] or 0)}
        for name in map(str, axis.days)
    ]
    line = {
        "data": {"values": values},
        "mark": {
            "type": "line",
            "stroke": "var(--accent)",
            "strokeWidth": 2,
            "strokeJoin": "round",
            "invalid": "break-paths-show-domains",
            "point": {"fill": "var(--accent)", "size": 30},
        },
        "encoding": {"x": across(axis), "y": rate},
    }
    promised = {
        "data": {"values": [{"rate": float(objective)}]},
        "mark": {"type": "rule", "stroke": "var(--ok)", "strokeWidth": 1.5, "strokeDash": [6, 4]},
        "encoding": {"y": rate},
    }
    return draw({"layer": [*ground(axis), *exclusion_windows(axis), promised, line]}, 260, WIDE)


def failures_chart(days: list[ChartDay], axis: CycleAxis) -> Drawing:
    """Draw the explicit failures of each day."""
    bars = [(day.date, [("var(--bad)", day.explicit_failure)]) for day in days]
    return _bars(bars, axis)


def excluded_chart(days: list[ChartDay], axis: CycleAxis, clauses: list[int]) -> Drawing:
    """Draw the excluded requests of each day by cause, one upon the other in the order and colours of the causes."""
    bars = [
        (day.date, [(f"var(--{colour('c', clause)})", day.by_clause.get(clause, 0)) for clause in clauses])
        for day in days
    ]
    return _bars(bars, axis)


def _bars(bars: Iterable[tuple[str, list[tuple[str, int]]]], axis: CycleAxis) -> Drawing:
    """Draw for each day its parts, each of a colour and so many requests, one upon the other."""
    values: list[dict[str, Any]] = []
    for day, parts in bars:
        top = 0
        for fill, requests in parts:
            if requests:
                values.append(bar(day) | {"from": top, "to": top + requests, "fill": fill})
            top += requests
    vertical = counts("to", max((value["to"] for value in values), default=0))
    layer = {
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "var(--card)", "strokeWidth": 0.5},
        "encoding": {
            "x": across(axis),
            "x2": {"field": "until"},
            "y": vertical,
            "y2": {"field": "from"},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
        },
    }
    return draw({"layer": [*ground(axis), *exclusion_windows(axis), layer]}, 220)


def _rate(kept: int, total: int) -> str | None:
    if not total:
        return None
    millionths = kept * _MILLION // total
    return f"{millionths // _MILLION}.{millionths % _MILLION:06}"
