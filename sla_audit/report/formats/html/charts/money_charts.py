"""Charts of money: who is owed most, and what the readings make of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sla_audit.output.escape import for_terminal
from sla_audit.report.document import Report, amount
from sla_audit.report.formats.html.charts.drawing import LABEL, Drawing, colour, draw
from sla_audit.report.formats.html.charts.row_bars import PLACES, ROW, RowBar, names, row_bars
from sla_audit.report.language import Words
from sla_audit.report.sums import EXACT

_MOST_OWED, _MOST_RANGES = 12, 10


class Amount(NamedTuple):
    """What one account is owed, all its cycles together."""

    account: str
    owed: str


class Owed(NamedTuple):
    """The accounts that are owed most, and the others folded: how many, and how much together."""

    first: list[Amount]
    others: int
    others_owed: str


class Range(NamedTuple):
    """What each reading gives one account and cycle; where that is undetermined, what is known by now, `estimated`."""

    account: str
    cycle: str
    amounts: dict[str, str]
    estimated: bool


def owed_by_account(report: Report) -> Owed:
    """Add up what each account is owed, the most first."""
    owed = report.results.filter(pl.col("decision") == "owed").group_by("account_id")
    sums = owed.agg(pl.col("compensation").cast(EXACT).sum()).sort(-pl.col("compensation"), "account_id")
    rows = list(sums.iter_rows())
    first = [Amount(for_terminal(account), amount(owed)) for account, owed in rows[:_MOST_OWED]]
    rest = [owed for _, owed in rows[_MOST_OWED:]]
    return Owed(first, len(rest), amount(sum(rest, Decimal(0))))


def owed_chart(amounts: list[Amount], words: Words) -> Drawing:
    """Draw a bar for each amount, which is written beside it."""
    most = max(Decimal(each.owed) for each in amounts) or Decimal(1)
    return row_bars([RowBar(each.account, words.owed(each.owed), float(Decimal(each.owed) / most)) for each in amounts])


def ranges(report: Report) -> list[Range]:
    """Find the results to which the readings give different amounts, the widest range first."""
    by_now = {name: pl.coalesce(f"{name}/compensation", f"{name}/estimate") for name in report.readings}
    owed = [each.cast(EXACT) for each in by_now.values()]
    spread = pl.max_horizontal(owed) - pl.min_horizontal(owed)
    widest = (
        report.results.with_columns(spread=spread, **{f"{name}/by_now": each for name, each in by_now.items()})
        .filter(pl.col("spread") > 0)
        .sort(-pl.col("spread"), "account_id", "cycle")
        .head(_MOST_RANGES)
    )
    return [
        Range(
            for_terminal(row["account_id"]),
            row["cycle"],
            {name: row[f"{name}/by_now"] for name in report.readings if row[f"{name}/by_now"] is not None},
            any(row[f"{name}/compensation"] is None for name in report.readings),
        )
        for row in widest.iter_rows(named=True)
    ]


def ranges_chart(listed: list[Range], report: Report) -> Drawing:
    """Draw a line from the least to the most that any reading gives, with a point for each."""
    one_cycle = len({each.cycle for each in listed}) == 1
    titles = [each.account if one_cycle else f"{each.account}, {each.cycle}" for each in listed]
    values = [
        {"place": place, "reading": reading, "owed": float(owed)}
        for place, each in enumerate(listed)
        for reading, owed in each.amounts.items()
    ]
    x: dict[str, Any] = {"field": "owed", "type": "quantitative", "axis": {"title": None, "labelExpr": LABEL}}
    colours = [f"var(--{colour('r', number)})" for number in range(1, len(report.readings) + 1)]
    reading = {"field": "reading", "type": "nominal", "scale": {"domain": report.readings, "range": colours}}
    spec = {
        "data": {"values": values},
        "encoding": {"y": PLACES},
        "layer": [
            {**names(), "data": {"values": [{"place": place, "name": name} for place, name in enumerate(titles)]}},
            {
                "mark": {"type": "rule", "stroke": "var(--muted)", "strokeWidth": 2, "yOffset": 5},
                "encoding": {"x": {**x, "aggregate": "min"}, "x2": {"field": "owed", "aggregate": "max"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "yOffset": 5},
                "encoding": {"x": x, "color": reading, "shape": {**reading, "scale": {"domain": report.readings}}},
            },
        ],
    }
    return draw(spec, ROW * len(listed) + 40)
