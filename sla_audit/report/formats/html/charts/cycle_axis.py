"""The days of whole service cycles, on which charts stand: what is missing of them, and what was asserted of them.

Moments are the wall clock of the agreement's time zone, in milliseconds, so that every day is as wide as the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import colour

_DAY = 24 * 60 * 60 * 1000
_MOST_TICKS = 7
_EDGE = 0.12
"""The part of a day that a bar leaves free on either side."""
_LANE = 7
"""The height in pixels of the marks above a chart that say when exclusions were."""

Kind = Literal["missing", "to_come"]


class Stretch(NamedTuple):
    """A half-open stretch of an axis, within it, and what it is of requests."""

    kind: Kind
    since: int
    until: int


class Window(NamedTuple):
    """An exclusion window on an axis, the number of its cause, and whether it is in force."""

    clause: int
    applied: bool
    since: int
    until: int


class CycleAxis(NamedTuple):
    """The days from `first` to `last`, both inclusive, in whole cycles.

    `empty` are the stretches without requests: missing in the logs, or still `to_come` on the day of the report.
    """

    first: date
    last: date
    empty: list[Stretch]
    windows: list[Window]

    @property
    def days(self) -> list[date]:
        """All days, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def domain(self) -> tuple[int, int]:
        """The moments at which the axis begins and ends."""
        return _moment(self.first), _moment(self.last) + _DAY

    def kinds(self) -> set[str]:
        """Name what is marked on the axis besides the days, for a legend."""
        states = ("applied" if window.applied else "refused" for window in self.windows)
        return {*(each.kind for each in self.empty), *states}


def cycle_axis(report: Report) -> CycleAxis | None:
    """Give the days of all cycles of a report that has days; None where it has none, or no cycle."""
    head = report.head
    cycles = {*report.results["cycle"].unique(), *(month["cycle"] for month in head.get("months", ()))}
    if not cycles or "daily" not in head:
        return None
    axis = CycleAxis(cycle_named(min(cycles)).first_day, cycle_named(max(cycles)).last_day, [], [])
    since, until = axis.domain
    coverage = head.get("coverage") or {}
    gaps = [(_wall_clock(gap["starts_at"]), _wall_clock(gap["ends_at"])) for gap in _gaps(coverage)]
    logged, as_of = {day["date"] for day in head["daily"]}, head["as_of"]
    without = [f"{day}" for day in axis.days if f"{day}" not in logged]
    missing = [*gaps, *(_whole(day) for day in without if day < as_of)]
    to_come = [_whole(day) for day in without if day >= as_of]
    empty = [Stretch("missing", *each) for each in _joined(missing, since, until)]
    empty += [Stretch("to_come", *each) for each in _joined(to_come, since, until)]
    return axis._replace(empty=empty, windows=list(_windows(head["exclusions"], since, until)))


def bar(day: str) -> dict[str, int]:
    """Say where the bar of a day stands."""
    start = _moment(date.fromisoformat(day))
    return {"since": round(start + _EDGE * _DAY), "until": round(start + (1 - _EDGE) * _DAY)}


def noon(day: str) -> int:
    """Say where the point of a day stands."""
    return _moment(date.fromisoformat(day)) + _DAY // 2


def across(axis: CycleAxis, field: str = "since") -> dict[str, Any]:
    """Encode moments as places on the axis, which is labelled by days or, of several months, by months."""
    several = (axis.first.year, axis.first.month) != (axis.last.year, axis.last.month)
    days = [day for day in axis.days if day.day == 1] if several else axis.days
    ticks = [_moment(day) + (0 if several else _DAY // 2) for day in days[:: -(-len(days) // _MOST_TICKS)]]
    look: dict[str, Any] = {"values": ticks, "title": None, "labelAngle": 0, "grid": False, "labelFlush": False}
    look |= {"format": "%Y-%m" if several else "%m-%d", "labelAlign": "left" if several else "center"}
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc", "domain": list(axis.domain), "nice": False},
        "axis": look,
    }


def ground(axis: CycleAxis) -> Iterator[dict[str, Any]]:
    """Draw what lies behind the figures: the empty stretches, hatched where requests are missing."""
    places = {"x": across(axis), "x2": {"field": "until"}}
    fills = {"missing": "url(#missing)", "to_come": "var(--to-come)"}
    values = [{"since": each.since, "until": each.until, "fill": fills[each.kind]} for each in axis.empty]
    if values:
        fill = {"field": "fill", "type": "nominal", "scale": None}
        yield {"data": {"values": values}, "mark": "rect", "encoding": places | {"fill": fill}}


def exclusion_windows(axis: CycleAxis) -> Iterator[dict[str, Any]]:
    """Draw when exclusions were, in the colours of their causes: a lane above, and, if in force, the time below."""
    places = {"x": across(axis), "x2": {"field": "until"}}
    colours = {name: {"field": "colour", "type": "nominal", "scale": None} for name in ("fill", "stroke")}
    values = [
        {"since": each.since, "until": each.until, "colour": f"var(--{colour('c', each.clause)})", "in": each.applied}
        for each in axis.windows
    ]
    in_force, refused = ([each for each in values if each["in"] == state] for state in (True, False))
    lane = {"y": {"value": -_LANE - 2}, "y2": {"value": -2}}
    if in_force:
        below = {"type": "rect", "opacity": 0.16, "strokeWidth": 1}
        yield {"data": {"values": in_force}, "mark": below, "encoding": places | colours}
        mark = {"type": "rect", "strokeWidth": 1}
        yield {"data": {"values": in_force}, "mark": mark, "encoding": places | lane | colours}
    if refused:
        mark = {"type": "rect", "fill": "var(--card)", "strokeWidth": 1.5}
        stroke = {"stroke": colours["stroke"]}
        yield {"data": {"values": refused}, "mark": mark, "encoding": places | lane | stroke}


def _gaps(coverage: dict[str, Any]) -> Iterator[dict[str, str]]:
    yield from coverage.get("gaps", ())
    yield from coverage.get("cut_short", ())


def _windows(exclusions: Iterable[dict[str, Any]], since: int, until: int) -> Iterator[Window]:
    for each in exclusions:
        if each.get("starts_at") is None or each.get("ends_at") is None:
            continue  # of a version that did not say
        start, end = max(_wall_clock(each["starts_at"]), since), min(_wall_clock(each["ends_at"]), until)
        if start < end:
            yield Window(each["clause"], each["state"] == "applied", start, end)


def _joined(stretches: Iterable[tuple[int, int]], since: int, until: int) -> Iterator[tuple[int, int]]:
    """Give stretches cut to an axis, in order, those that touch as one."""
    cut = sorted((max(start, since), min(end, until)) for start, end in stretches)
    current: tuple[int, int] | None = None
    for start, end in cut:
        if start >= end:
            continue
        if current is not None and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current


def _whole(day: str) -> tuple[int, int]:
    start = _moment(date.fromisoformat(day))
    return start, start + _DAY


def _moment(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _wall_clock(instant: str) -> int:
    """Read an instant of a report, which is written in the time zone of the agreement, as its clocks showed it."""
    return int(datetime.fromisoformat(instant).replace(tzinfo=UTC).timestamp() * 1000)
