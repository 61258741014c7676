"""Which results a report for people lists, and in what order."""

from __future__ import annotations

from typing import Literal

import polars as pl

Show = Literal["owed", "breached", "all"]

_SHOWN = {
    "owed": pl.col("decision") == "owed",
    "breached": (pl.col("decision") == "owed") | (pl.col("credit_rate") != "0") | pl.col("readings_differ"),
    "all": pl.lit(value=True),
}
_URGENCY = (
    pl.col("decision").replace_strict({"owed": 0, "undetermined": 1, "not_owed": 2}, return_dtype=pl.Int8),
    -pl.col("compensation").cast(pl.Decimal(38, 6)).fill_null(0),
    pl.col("account_id"),
    pl.col("cycle"),
)


def most_urgent_first(results: pl.DataFrame, show: Show) -> pl.DataFrame:
    """Take the results that need attention, those with most at stake first; `breached`: under some reading."""
    return results.filter(_SHOWN[show]).sort(_URGENCY)
