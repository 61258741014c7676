"""Bars one below the other, each under its name, with its figure at the right edge, where no bar can push it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sla_audit.report.formats.html.charts.drawing import Drawing, draw

ROW = 34
PLACES: dict[str, Any] = {"field": "place", "type": "ordinal", "axis": None}
_DIGIT, _WIDE = 8, 13
"""The width in pixels of a digit or a Latin letter, and of any other, at most."""


class RowBar(NamedTuple):
    """A bar that is a `part` of the width, of 1; in a colour of the page's style."""

    name: str
    figure: str
    part: float
    fill: str = "accent"


def names(limit: Any = 300) -> dict[str, Any]:
    """Write names above their rows, where long ones have room on a phone too."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 2, "dy": -11, "limit": limit},
        "encoding": {"x": {"value": 0}, "text": {"field": "name"}},
    }


def row_bars(bars: Sequence[RowBar], *, track: bool = False) -> Drawing:
    """Draw them; with a `track`, the width of each is drawn behind its bar."""
    room = max(sum(_DIGIT if char.isascii() else _WIDE for char in each.figure) for each in bars) + 16
    values: list[dict[str, Any]] = [
        {
            "place": place,
            "name": each.name,
            "figure": each.figure,
            "part": each.part,
            "whole": 1,
            "fill": f"var(--{each.fill})",
        }
        for place, each in enumerate(bars)
    ]
    x = {"field": "part", "type": "quantitative", "stack": None, "scale": {"domain": [0, 1]}, "axis": None}
    shape = {"type": "bar", "cornerRadius": 2, "height": 10, "yOffset": 5}
    behind = {"mark": shape | {"fill": "var(--line)"}, "encoding": {"x": x | {"field": "whole"}}}
    bar = {
        "mark": shape | {"stroke": "var(--muted)", "strokeWidth": 0.75},
        "encoding": {"x": x, "fill": {"field": "fill", "type": "nominal", "scale": None}},
    }
    figures = {
        "mark": {"type": "text", "align": "right", "dx": -2, "dy": -11},
        "encoding": {"x": {"value": "width"}, "text": {"field": "figure"}},
    }
    spec = {
        "data": {"values": values},
        "encoding": {"y": PLACES},
        "layer": [*([behind] if track else []), names({"expr": f"width - {room}"}), bar, figures],
    }
    return draw(spec, ROW * len(bars) + 12)
