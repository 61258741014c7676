"""Results added up, for the rows of a table that are sums, and for what a list leaves out."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from sla_audit.contract.terms.reading import Reading
from sla_audit.report.daily import COUNTS
from sla_audit.report.language import Words
from sla_audit.report.sums import Sum, sum_of


class Together(NamedTuple):
    """So many `results` of a cycle, or of all (None), added up: requests counted and failed, and what is owed.

    `estimate` is what those of a running cycle would be owed, had it ended; None where none is.
    """

    cycle: str | None
    results: int
    counted: int
    failed: int
    owed: Sum
    estimate: Sum | None


def sums_of(results: pl.DataFrame, reading: Reading) -> list[Together]:
    """Add results up, those of each cycle where there are several, then all; nothing where there is one result."""
    if results.height < 2:
        return []
    by_cycle = results.sort("cycle").partition_by("cycle", maintain_order=True)
    parts = [together(part, reading, part["cycle"][0]) for part in by_cycle] if len(by_cycle) > 1 else []
    return [*parts, together(results, reading)]


def together(results: pl.DataFrame, reading: Reading, cycle: str | None = None) -> Together:
    """Add results up."""
    counted = results.select(reading.kept_and_counted(*map(pl.col, COUNTS))[1].sum().alias("counted")).item()
    running = results.filter(pl.col("reason") == "cycle_running")["estimate"]
    return Together(
        cycle=cycle,
        results=results.height,
        counted=counted,
        failed=int(results["explicit_failure"].sum()),
        owed=sum_of(results["compensation"]),
        estimate=sum_of(running) if len(running) else None,
    )


def amount_in_words(sums: Together, currency: str, words: Words) -> str:
    """Say what is owed, and what a running cycle adds by now; a question mark where nothing of either is known."""
    said = []
    if sums.owed.known is not None or sums.estimate is None or sums.estimate.known is None:
        said.append(words.say("{amount} {currency}", amount=sums.owed.in_words(words), currency=currency))
    if sums.estimate is not None and sums.estimate.known is not None:
        amount = sums.estimate.in_words(words)
        said.append(words.say("{amount} {currency} if it ended today", amount=amount, currency=currency))
    return words.joined(said)
