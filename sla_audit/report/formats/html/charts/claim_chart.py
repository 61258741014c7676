"""A calendar of the cycles, and of the days on which their claims can be filed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import polars as pl

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import WIDE, Drawing, draw

_ROW = 36


class Claim(NamedTuple):
    """The days, both inclusive, on which claims for a cycle can be filed, and how many results are owed something.

    Of `unknown` others it is not known whether they are.
    """

    cycle: str
    opens_on: str
    closes_on: str
    calendar: str
    owed: int
    unknown: int


def claims_of(report: Report) -> list[Claim]:
    """List the claim window of every cycle, in order."""
    windows = report.results.group_by("cycle", "opens_on", "closes_on", "calendar").agg(
        owed=(pl.col("decision") == "owed").sum(), unknown=(pl.col("decision") == "undetermined").sum()
    )
    return [Claim(*row) for row in windows.sort("cycle").iter_rows()]


def claim_chart(claims: list[Claim], as_of: str) -> Drawing:
    """Draw each cycle, its claim window, and the day of the report."""
    spans = []
    for claim in claims:
        cycle = cycle_named(claim.cycle)
        spans.append(_span(claim.cycle, "cycle", cycle.first_day, cycle.last_day))
        window = (date.fromisoformat(day) for day in (claim.opens_on, claim.closes_on))
        spans.append(_span(claim.cycle, "claim", *window))
    axis = {"title": None, "format": "%m-%d", "grid": True, "gridColor": "var(--line)", "tickCount": 5}
    overlap = {"labelOverlap": "greedy", "labelSeparation": 14}
    time: dict[str, Any] = {"type": "temporal", "scale": {"type": "utc"}, "axis": axis | overlap}
    colours = {"domain": ["cycle", "claim"], "range": ["var(--soft)", "var(--accent)"]}
    spec = {
        "data": {"values": spans},
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadius": 3, "height": {"band": 0.55}},
                "encoding": {
                    "y": {"field": "cycle", "type": "ordinal", "axis": {"title": None}},
                    "x": {"field": "from", **time},
                    "x2": {"field": "until"},
                    "color": {"field": "kind", "type": "nominal", "scale": colours},
                },
            },
            {
                "data": {"values": [{"as_of": as_of}]},
                "mark": {"type": "rule", "stroke": "var(--bad)", "strokeWidth": 2},
                "encoding": {"x": {"field": "as_of", **time}},
            },
        ],
    }
    return draw(spec, _ROW * len(claims) + 30, WIDE)


def _span(cycle: str, kind: str, first: date, last: date) -> dict[str, str]:
    return {"cycle": cycle, "kind": kind, "from": f"{first}", "until": f"{last + timedelta(days=1)}"}
