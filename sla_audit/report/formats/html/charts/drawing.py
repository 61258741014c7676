"""Charts as SVG, drawn by Vega-Lite: in colours of the page's style, wide and narrow, the same bytes each time."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import vl_convert

WIDE, HALF, NARROW = 1080, 510, 340
"""Widths in pixels: of a chart across the page, of one of two side by side, and on a phone."""

_FONT = "system-ui, sans-serif"
_AXIS = {
    "domain": False,
    "ticks": False,
    "grid": False,
    "labelColor": "var(--muted)",
    "labelFont": _FONT,
    "labelFontSize": 12,
    "labelPadding": 6,
    "titleColor": "var(--muted)",
    "titleFont": _FONT,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
}
_CONFIG = {
    "aria": False,
    "background": None,
    "view": {"stroke": None},
    "axis": _AXIS,
    "axisQuantitative": {"grid": True, "gridColor": "var(--line)", "tickCount": 5},
    "text": {"font": _FONT, "fontSize": 12, "fill": "var(--ink)"},
    "legend": {"disable": True},
}
_DECORATION = re.compile(r' (?:aria-[a-z]+|role|class|version|xmlns:xlink)="[^"]*"')


LABEL = "datum.value < 10000 ? format(datum.value, ',') : format(datum.value, '~s')"
"""How an axis of counts or amounts writes a number, in Vega's expressions."""

_MOST_STEPS = 4
_COLOURS = {"c": 12, "r": 4, "tier": 3}


class Drawing(NamedTuple):
    """The same chart twice: for a wide screen and paper, and for a phone."""

    wide: str
    narrow: str


def draw(spec: dict[str, Any], height: int, width: int = HALF) -> Drawing:
    """Draw a Vega-Lite specification, without its size, in pixels. What it says to a reader stands beside it."""
    return Drawing(_svg(spec, width, height), _svg(spec, NARROW, height))


def colour(kind: str, number: int) -> str:
    """Name the colour, in the page's style, of a cause (`c`) by its number, a reading (`r`) or a `tier` by its place.

    Where there are more of them than colours, colours come again; of tiers, the last one stays.
    """
    most = _COLOURS[kind]
    return f"{kind}{min(number, most) if kind == 'tier' else (number - 1) % most + 1}"


def counts(field: str, most: int) -> dict[str, Any]:
    """Encode whole numbers from 0 to at least `most`, upwards: ticks stand at whole numbers only."""
    ticks = whole_ticks(most)
    axis = {"title": None, "labelExpr": LABEL, "labelOverlap": False, "values": ticks}
    scale = {"domain": [0, ticks[-1]], "nice": False}
    return {"field": field, "type": "quantitative", "stack": None, "scale": scale, "axis": axis}


def whole_ticks(most: int) -> list[int]:
    """Give few whole numbers at even distances, from 0 to the first of them that is not below `most`."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * _MOST_STEPS >= most:
                return [step * number for number in range(max(1, -(-most // step)) + 1)]
        power *= 10


def _svg(spec: dict[str, Any], width: int, height: int) -> str:
    sized = {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}, "padding": 4}
    svg: str = vl_convert.vegalite_to_svg({"config": _CONFIG, **sized, **spec}, allowed_base_urls=[])
    # The page describes each chart in words, so what the library says of every mark is left out.
    return _DECORATION.sub("", svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
