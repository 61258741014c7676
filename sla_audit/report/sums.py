"""Amounts added up of which some may be unknown, for people."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.report.document import amount
from sla_audit.report.language import Words

EXACT = pl.Decimal(38, 6)
"""Amounts that are added up or compared: each contract's quantum is coarser."""


class Sum(NamedTuple):
    """Amounts added up: those that are `known`, and how many are not.

    As everywhere in a report, a sum is nothing (null), and not 0, where it is of unknown amounts alone.
    """

    known: Decimal | None
    unknown: int

    def in_short(self, words: Words) -> str:
        """Write it where there is little room, with a sign for "at least"."""
        if self.known is None:
            return "?"
        return f"{'≥ ' if self.unknown else ''}{words.owed(amount(self.known))}"

    def in_words(self, words: Words) -> str:
        """Write it: a question mark where nothing of it is known, and never a zero then."""
        if self.known is None:
            return "?"
        known = words.owed(amount(self.known))
        return words.say("at least {amount}", amount=known) if self.unknown else known


def if_ended_today(estimate: Sum | None, words: Words) -> list[str]:
    """Say what a running cycle would add, had it ended; nothing as far as that is not known."""
    if estimate is None or estimate.known is None:
        return []
    return [words.say("{amount} if it ended today", amount=estimate.in_words(words))]


def sum_of(amounts: pl.Series) -> Sum:
    """Add up amounts that are text, null where they are unknown."""
    return added(Decimal(amounts.cast(EXACT).sum() or 0), amounts.null_count())


def added_up(amounts: Iterable[str | None]) -> Sum:
    """Do the same with amounts that are no column."""
    return sum_of(pl.Series(list(amounts), dtype=pl.String))


def added(known: Decimal, unknown: int) -> Sum:
    """Give the sum of what is known and what is not."""
    return Sum(None if unknown and not known else known, unknown)
