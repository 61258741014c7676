"""The months of a report side by side: what is owed of each, until when it can be claimed, and what became of it.

A pure function of the results and of the day of the report, from which every format for people is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

import polars as pl

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.ledger import AWAITED
from sla_audit.report.document import Report
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.sums import Sum, added, sum_of

WindowState = Literal["running", "not_yet_open", "open", "closed"]
"""How the claim window of a month stands on a day: the month may not even be over (clause 2.10.2)."""

_NEEDED = ("cycle", "credit_rate", "decision", "reason", "compensation", "estimate")
_FIGURES = (
    pl.len().alias("results"),
    pl.when(~(pl.col("reason") == "no_logs").all()).then((pl.col("credit_rate") != "0").sum()).alias("below"),
    (pl.col("decision") == "owed").sum().alias("owed_results"),
)


class Claimed(NamedTuple):
    """What became of the claims by a ledger; what was withdrawn is not `filed`, what was answered with nothing is."""

    filed: Sum
    awaited: Sum
    credited: Sum
    lapsed: Sum


class Figures(NamedTuple):
    """Sums over results; `below` is how many of them miss the objective, `claimed` is null without a ledger.

    Without logs of a cycle nothing is known of any objective: `below` is null.

    `estimate` is what those of a running cycle would be owed, had it ended; null where none is.
    """

    results: int
    below: int | None
    owed_results: int
    owed: Sum
    estimate: Sum | None
    claimed: Claimed | None


@dataclass(frozen=True)
class MonthRow:
    """A service cycle, the sums over its results, and the days, both inclusive, on which claims for it are taken."""

    cycle: str
    figures: Figures
    state: WindowState
    opens_on: str
    closes_on: str
    calendar: str

    @property
    def lapsed_unless_filed(self) -> bool:
        """Whether something is owed that can no longer be claimed, and no ledger says whether it was."""
        return self.state == "closed" and self.figures.owed_results > 0 and self.figures.claimed is None


class Months(NamedTuple):
    """The months in order, and all of them together."""

    rows: tuple[MonthRow, ...]
    total: Figures

    def owed_in(self, state: WindowState) -> Sum:
        """Add up what is owed of the months whose claim window stands so."""
        owed = [row.figures.owed for row in self.rows if row.state == state]
        known = sum((each.known or Decimal(0) for each in owed), Decimal(0))
        return added(known, sum(each.unknown for each in owed))


def months_of(report: Report, *, alone: bool = False) -> Months | None:
    """Set the months of a report side by side; None where it has no more than one, or none where one may be `alone`."""
    windows = report.results.group_by("cycle").agg(pl.col("opens_on", "closes_on", "calendar").first()).sort("cycle")
    if windows.height < (1 if alone else 2):
        return None
    needed = report.results.select(*_NEEDED, *({LEDGER} & {*report.results.columns}))
    by_cycle = needed.partition_by("cycle", as_dict=True)
    rows = (
        MonthRow(
            cycle,
            _figures(by_cycle[(cycle,)]),
            window_state(cycle, opens_on, closes_on, report.head["as_of"]),
            opens_on,
            closes_on,
            calendar,
        )
        for cycle, opens_on, closes_on, calendar in windows.iter_rows()
    )
    return Months(tuple(rows), _figures(needed))


def window_state(cycle: str, opens_on: str, closes_on: str, as_of: str) -> WindowState:
    """Tell how the claim window of a month stands on a day; all days are written as YYYY-MM-DD, which compare so."""
    if as_of <= cycle_named(cycle).last_day.isoformat():
        return "running"
    if as_of < opens_on:
        return "not_yet_open"
    return "open" if as_of <= closes_on else "closed"


def _figures(results: pl.DataFrame) -> Figures:
    counts = results.select(_FIGURES).row(0, named=True)
    claimed = _claimed(results) if LEDGER in results.columns else None
    running = results.filter(pl.col("reason") == "cycle_running")["estimate"]
    estimate = sum_of(running) if len(running) else None
    return Figures(**counts, owed=sum_of(results["compensation"]), estimate=estimate, claimed=claimed)


def _claimed(results: pl.DataFrame) -> Claimed:
    claims = results.select("compensation", LEDGER).drop_nulls(LEDGER).unnest(LEDGER)
    state = pl.col("state")
    filed = claims.filter(pl.col("filed_on").is_not_null() & (state != "withdrawn"))["filed"]
    awaited = claims.filter(state.is_in(AWAITED))["outstanding"]
    lapsed = claims.filter(state == "lapsed")["compensation"]
    return Claimed(*map(sum_of, (filed, awaited, claims["credited"].drop_nulls(), lapsed)))
