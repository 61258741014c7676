"""The periods of an account's service within a month, as a report writes them down."""

from __future__ import annotations

import polars as pl

from sla_audit.report.daily import field

_FIELDS = ("first_day", "last_day", "plan")
PERIODS = pl.List(pl.Struct(dict.fromkeys(_FIELDS, pl.String)))
"""The type of `periods`: days are inclusive, and judged where they are on the plan of the result."""


def written(periods: pl.Expr) -> pl.Expr:
    """Write the days of periods as text."""
    days = (field(name).dt.to_string("%Y-%m-%d").alias(name) for name in _FIELDS[:2])
    return periods.list.eval(pl.struct(*days, field("plan").alias("plan")))


def as_json_text() -> pl.Expr:
    """Write each entry of `periods`, a struct, on one line, within `list.eval`."""
    pairs = [pl.concat_str(pl.lit(f'"{name}": "'), field(name), pl.lit('"')) for name in _FIELDS]
    return pl.concat_str(pl.lit("{"), pl.concat_str(pairs, separator=", "), pl.lit("}"))
