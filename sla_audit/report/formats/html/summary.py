"""What stands at the top of the page: what is owed, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.claim_chart import Claim
from sla_audit.report.language import Words
from sla_audit.report.selection import moves_money
from sla_audit.report.sums import EXACT, Sum


class Summary(NamedTuple):
    """Figures of the top: results near an edge, on which readings differ, and undetermined ones with their reasons.

    Of a running cycle, `differing_by_now` counts the results on which the readings would differ, had it ended, and
    `by_now` is what each reading would give. `judged` tells whether there is anything to judge, and `pending` whether
    an undetermined result is of a cycle that is over. `claim` is the window that needs attention first, of a cycle in
    which something is owed; None where nothing is. `days_left` counts the days of an open one from the day of the
    report to its last, both inclusive.
    """

    results: int
    judged: bool
    near: int
    near_edge: int
    differing: int
    differing_by_now: int
    by_now: dict[str, Sum]
    pending: bool
    undetermined: str
    claim: Claim | None
    claim_state: str
    days_left: int


def summary(report: Report, claims: list[Claim], near: int, plans: Sequence[str], words: Words) -> Summary:
    """Gather what the top of the page says; on `plans` nothing is compensated."""
    results, as_of = report.results, report.head["as_of"]
    owed = [claim for claim in claims if claim.owed]
    claim = min(owed, key=lambda claim: _urgency(claim, as_of), default=None)
    state = "none" if claim is None else _state(claim, as_of)
    return Summary(
        results=results.height,
        judged=not sentences.is_without_logs(report),
        near=near,
        near_edge=results.filter(moves_money(near, plans)).height,
        differing=int(results["readings_differ"].sum()),
        differing_by_now=_differing_by_now(report),
        by_now={name: sentences.by_now(results, name) for name in report.readings},
        pending=sentences.undetermined_count(report) > 0,
        undetermined=sentences.undetermined_reasons(report, words, running=True),
        claim=claim,
        claim_state=state,
        days_left=_days_from(as_of, claim.closes_on) if claim is not None and state == "open" else 0,
    )


def _differing_by_now(report: Report) -> int:
    running = report.results.filter(pl.col("reason") == "cycle_running")
    estimates = running.select(pl.col(f"{name}/estimate").cast(EXACT) for name in report.readings)
    return estimates.filter(pl.max_horizontal(pl.all()) > pl.min_horizontal(pl.all())).height


def _state(claim: Claim, as_of: str) -> str:
    # Days written as YYYY-MM-DD compare as days do.
    if as_of < claim.opens_on:
        return "not_yet_open"
    return "closed" if as_of > claim.closes_on else "open"


def _urgency(claim: Claim, as_of: str) -> tuple[int, int]:
    """Order open windows before those to come, each by what happens first, and closed ones last."""
    state = _state(claim, as_of)
    ahead = _days_from(as_of, claim.opens_on if state == "not_yet_open" else claim.closes_on)
    return ["open", "not_yet_open", "closed"].index(state), abs(ahead)


def _days_from(as_of: str, day: str) -> int:
    return (date.fromisoformat(day) - date.fromisoformat(as_of)).days + 1
