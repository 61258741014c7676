"""What each day's failures cost: how much less would be owed, had they been answered."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.cycle_axis import CycleAxis, across, bar, ground
from sla_audit.report.formats.html.charts.drawing import Drawing, counts, draw


class CostlyDay(NamedTuple):
    """A day without whose failures another amount would be owed, as the report has it (see its `attribution`).

    Amounts are text, None where they are not known.
    """

    date: str
    failed: int
    results: int
    caused: str | None
    estimated: str | None
    undetermined: int


class Attribution(NamedTuple):
    """The days that move money, in order, and a drawing of them; None where no amount of any is known."""

    days: list[CostlyDay]
    estimated: bool
    drawing: Drawing | None


def attribution(report: Report, axis: CycleAxis | None) -> Attribution | None:
    """Show the days that cost something, or may; None where a report does not say."""
    said = report.head.get("attribution")
    if said is None or axis is None:
        return None
    days = [
        CostlyDay(
            each["date"],
            each["explicit_failure"],
            each["results"],
            each["compensation_caused"],
            each["estimate_caused"],
            each["undetermined"],
        )
        for each in said
    ]
    costly = [day for day in days if Decimal(day.caused or 0) or day.undetermined]
    known = any(_amount(day.caused) or _amount(day.estimated) for day in costly)
    drawing = _draw(costly, axis) if known else None
    return Attribution(costly, any(day.estimated for day in costly), drawing)


def _draw(days: list[CostlyDay], axis: CycleAxis) -> Drawing:
    values: list[dict[str, Any]] = []
    for day in days:
        caused, estimated = _amount(day.caused), _amount(day.estimated)
        values.append(bar(day.date) | {"from": 0, "to": float(caused), "fill": "var(--accent)"})
        values.append(
            bar(day.date) | {"from": float(caused), "to": float(caused + estimated), "fill": "var(--act-wash)"}
        )
    layer = {
        "data": {"values": [value for value in values if value["to"] > value["from"]]},
        "mark": {"type": "rect", "stroke": "var(--accent)", "strokeWidth": 1},
        "encoding": {
            "x": across(axis),
            "x2": {"field": "until"},
            "y": counts("to", ceil(max(value["to"] for value in values))),
            "y2": {"field": "from"},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
        },
    }
    return draw({"layer": [*ground(axis), layer]}, 220)


def _amount(text: str | None) -> Decimal:
    return Decimal(text or 0)
