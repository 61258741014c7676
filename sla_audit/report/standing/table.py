"""How the results of a report stand on its day: sums by what can be done about them, and until when.

A pure function of the results, from which every format for people takes what it says first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import polars as pl

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.ledger import AWAITED, TO_FILE
from sla_audit.report.document import Report
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.months.table import window_state
from sla_audit.report.sums import Sum, sum_of

Kind = Literal["claimable", "opening", "filed", "lapsed"]
"""What can be done: claim it now, claim it from a day on, wait for the other side, nothing any more (clause 2.10.2)."""

KINDS: tuple[Kind, ...] = ("claimable", "opening", "filed", "lapsed")
"""In the order in which they are told."""

_ENDED_BY_A_LEDGER = ("credited", "rejected", "withdrawn", "nothing_owed")


@dataclass(frozen=True)
class Standing:
    """Results of the same kind and day: their cycles, how many accounts, and what is owed of them together.

    `day` is the last on which they can be claimed, or the first, where they cannot yet; else None. It may be another
    one where the `calendar` is provisional. `accounts` counts those that are known to be owed. Whether it was
    filed is known by a ledger alone: without one, what has lapsed may have been.
    """

    kind: Kind
    day: str | None
    calendar: str | None
    cycles: tuple[str, ...]
    accounts: int
    amount: Sum


class Running(NamedTuple):
    """A cycle that is not over: what would be owed, had it ended on the day of the report.

    The day of the report is its `day`-th of `days`. Of so many `accounts`, those `below` the objective would be owed
    the `estimate` together; `unbilled` of them have no bill yet, and no estimate.
    """

    cycle: str
    day: int
    days: int
    accounts: int
    below: int
    estimate: Sum


def standings_of(report: Report) -> list[Standing]:
    """Add up what is owed, or may be, of cycles that are over; the most pressing first."""
    told = _told(report).filter(pl.col("kind").is_not_null())
    return [
        _standing(kind, part)
        for kind in KINDS
        for part in told.filter(pl.col("kind") == kind).sort("day", "cycle").partition_by("day", maintain_order=True)
    ]


def running_of(report: Report) -> list[Running]:
    """Tell of each cycle that is not over what it comes to by now, in order."""
    running = report.results.filter(pl.col("reason") == "cycle_running").sort("cycle")
    return [_running(part, report.head["as_of"]) for part in running.partition_by("cycle", maintain_order=True)]


def _told(report: Report) -> pl.DataFrame:
    """Give each result that is owed something, or may be, its `kind` and `day`."""
    results = report.results.filter(pl.col("decision") != "not_owed")
    results = results.filter(pl.col("reason") != "cycle_running")
    state = pl.col(LEDGER).struct.field("state") if LEDGER in results.columns else pl.lit(None, pl.String)
    windows = results.select("cycle", "opens_on", "closes_on").unique()
    as_of = report.head["as_of"]
    of_window = {
        cycle: _KIND_OF_WINDOW[window_state(cycle, opens_on, closes_on, as_of)]
        for cycle, opens_on, closes_on in windows.iter_rows()
    }
    in_time = pl.col("cycle").replace_strict(of_window, return_dtype=pl.String)
    kind = (
        pl.when(state.is_in(_ENDED_BY_A_LEDGER))
        .then(None)
        .when(state.is_in(AWAITED))
        .then(pl.lit("filed"))
        .when(state.is_in(TO_FILE) | state.is_null() | (state == "lapsed"))
        .then(in_time)
    )
    return results.select(
        "account_id", "cycle", "decision", "compensation", "calendar", kind.alias("kind"), "opens_on", "closes_on"
    ).with_columns(
        day=pl.when(pl.col("kind") == "claimable").then("closes_on").when(pl.col("kind") == "opening").then("opens_on")
    )


_KIND_OF_WINDOW = {"open": "claimable", "not_yet_open": "opening", "closed": "lapsed", "running": None}


def _standing(kind: Kind, part: pl.DataFrame) -> Standing:
    calendars = part["calendar"].unique().to_list()
    return Standing(
        kind=kind,
        day=part["day"][0],
        calendar="provisional" if "provisional" in calendars else None,
        cycles=tuple(part["cycle"].unique(maintain_order=True)),
        accounts=part.filter(pl.col("decision") == "owed")["account_id"].n_unique(),
        amount=sum_of(part["compensation"]),
    )


def _running(part: pl.DataFrame, as_of: str) -> Running:
    cycle = cycle_named(part["cycle"][0])
    below = part.filter(pl.col("credit_rate") != "0")
    return Running(
        cycle=str(cycle),
        day=(date.fromisoformat(as_of) - cycle.first_day).days + 1,
        days=cycle.days,
        accounts=part.height,
        below=below.height,
        estimate=sum_of(below["estimate"]),
    )
