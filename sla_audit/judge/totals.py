"""Sums of money over results, of which some amounts may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from sla_audit.model.verdicts import Owed, Totals


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
