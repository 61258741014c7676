"""Sums of money over results, of which some amounts may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl


@dataclass(frozen=True)
class Owed:
    """What is known to be owed together, and of how many results it cannot be told.

    The sum is None where nothing is known to be owed and some amount is unknown, or there is no result at all: then it
    is not zero, but unknown. Else, where some are undetermined, at least that much is owed.
    """

    compensation: Decimal | None
    undetermined: int


@dataclass(frozen=True)
class Totals:
    """Sums over all results, under the reading in force, except `by_reading`."""

    accounts: int
    breached: int
    owed: int
    undetermined: int
    compensation: Decimal | None
    by_reading: dict[str, Owed]


def totals_of(cycles: pl.DataFrame, verdicts: Mapping[str, pl.DataFrame], reading: str) -> Totals:
    """Add verdicts up; what is given is as in `verdicts.Judgement`."""
    in_force = verdicts[reading]
    by_reading = {name: owed_together(verdict["compensation"]) for name, verdict in verdicts.items()}
    return Totals(
        accounts=cycles["account"].n_unique(),
        breached=int((in_force["tier"] >= 0).sum()),
        owed=int((in_force["decision"] == "owed").sum()),
        undetermined=by_reading[reading].undetermined,
        compensation=by_reading[reading].compensation,
        by_reading=by_reading,
    )


def owed_together(amounts: pl.Series) -> Owed:
    """Add amounts up, of which the unknown ones are null."""
    known, unknown = Decimal(amounts.sum() or 0), amounts.null_count()
    nothing_known = not known and (unknown or amounts.is_empty())
    return Owed(None if nothing_known else known, unknown)
