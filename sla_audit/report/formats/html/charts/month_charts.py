"""The trend by month: what is owed of each, and how many results are below the objective."""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import Drawing, counts, draw
from sla_audit.report.months.table import MonthRow, months_of

_HEIGHT = 200
_MOST_TICKS = 6


class MonthCharts(NamedTuple):
    """The drawings; of what is owed, and whether it is not all known of some month, which a question mark says."""

    owed: Drawing
    unsure: bool
    below: Drawing


def month_charts(report: Report) -> MonthCharts | None:
    """Draw the months of a report; None where it has no more than one."""
    months = months_of(report)
    if months is None:
        return None
    rows = months.rows
    return MonthCharts(_owed(rows), bool(months.total.owed.unknown), _below(rows))


def _owed(rows: tuple[MonthRow, ...]) -> Drawing:
    values = [
        {
            "month": row.cycle,
            "owed": float(row.figures.owed.known or 0),
            "mark": "?" if row.figures.owed.unknown else "",
        }
        for row in rows
    ]
    mark = {"type": "text", "baseline": "bottom", "dy": -3, "fontSize": 14, "fontWeight": "bold"}
    layers = [
        {"mark": {"type": "bar", "fill": "var(--accent)", "cornerRadius": 2}},
        {"mark": mark, "encoding": {"text": {"field": "mark"}}},
    ]
    return _draw(rows, values, "owed", layers)


def _below(rows: tuple[MonthRow, ...]) -> Drawing:
    values = [{"month": row.cycle, "below": row.figures.below} for row in rows]
    return _draw(rows, values, "below", [{"mark": {"type": "bar", "fill": "var(--bad)", "cornerRadius": 2}}])


def _draw(rows: tuple[MonthRow, ...], values: list[dict[str, Any]], field: str, layers: list[Any]) -> Drawing:
    most = max(value[field] for value in values)
    x = _months_axis(rows[0].cycle, rows[-1].cycle)
    y = counts(field, ceil(most * 1.1))
    return draw({"data": {"values": values}, "encoding": {"x": x, "y": y}, "layer": layers}, _HEIGHT)


def _months_axis(first: str, last: str) -> dict[str, Any]:
    """Give every cycle from the first to the last its place, so that one without results leaves a gap."""
    names = [str(cycle) for cycle in cycle_named(first).until(cycle_named(last))]
    ticks = names[:: -(-len(names) // _MOST_TICKS)]
    axis = {"values": ticks, "title": None, "labelAngle": 0, "grid": False}
    return {"field": "month", "type": "ordinal", "scale": {"domain": names, "padding": 0.4}, "axis": axis}
