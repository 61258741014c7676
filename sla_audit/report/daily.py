"""The requests of each day, as a report writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

COUNTS = ("success", "explicit_failure", "excluded")
BY_CLAUSE = pl.List(pl.Struct({"clause": pl.Int32, "requests": pl.Int64}))
"""The type of `excluded_by_clause`."""

_DAY = ("date", *COUNTS, "excluded_by_clause")
DAYS = pl.List(pl.Struct({"date": pl.String, **dict.fromkeys(COUNTS, pl.Int64), "excluded_by_clause": BY_CLAUSE}))
"""The type of `daily`, the days of a result."""


def written(days: pl.DataFrame) -> pl.DataFrame:
    """Name the columns of `breakdown.days.Days` as a report does: `date` (text), the classes, `excluded_by_clause`."""
    return days.rename({"day": "date", "by_clause": "excluded_by_clause"}).with_columns(
        pl.col("date").dt.to_string("%Y-%m-%d")
    )


def by_result(days: pl.DataFrame) -> pl.DataFrame:
    """Give each `account_id` and `cycle` its days in one list, `daily`, of structs with the columns of `written`."""
    return written(days).group_by("account_id", "cycle", maintain_order=True).agg(daily=pl.struct(*(map(pl.col, _DAY))))


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a day, with the columns of `written`, as JSON holds it."""
    return {
        "date": row["date"],
        "success": row["success"],
        "explicit_failure": row["explicit_failure"],
        "excluded": excluded(row),
    }


def as_json_text(day: pl.Expr) -> pl.Expr:
    """Write days, of which there may be very many, as the JSON of what `as_json` gives; `day` is a struct."""
    clause = _text('"', field("clause"), '": ', field("requests"))
    left_out = day.struct.field("excluded_by_clause").list.eval(clause).list.join(", ").fill_null("")
    date, success, failure, total = (day.struct.field(name) for name in ("date", *COUNTS))
    return _text(
        *('{"date": "', date, '", "success": ', success, ', "explicit_failure": ', failure),
        *(', "excluded": {"total": ', total, ', "by_clause": {', left_out, "}}}"),
    )


def field(name: str) -> pl.Expr:
    """Express a field of each struct in a list, within `list.eval`."""
    return pl.element().struct.field(name)


def _text(*parts: str | pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(part) if isinstance(part, str) else part for part in parts)


def excluded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the excluded requests of a day or a result as JSON holds them."""
    by_clause = {str(part["clause"]): part["requests"] for part in row["excluded_by_clause"] or ()}
    return {"total": row["excluded"], "by_clause": by_clause}
