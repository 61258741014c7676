"""What the explicit failures of a result were, as a report writes it down."""

from __future__ import annotations

import polars as pl

FAILURES = pl.List(pl.Struct({"status": pl.Int16, "no_answer": pl.Boolean, "requests": pl.Int64}))
"""The type of `failures`: requests by status as logged, and whether the gateway says that the service did not answer.

A status of null: there is none. A `no_answer` of null: a tally does not tell that, nor whether there was a status.
"""


def failures_as_text(parts: pl.Expr) -> pl.Expr:
    """Write failures in short, such as `502!:3;503:2;-:1`: `!` for no answer, `-` for no status, `?` for not known."""
    status, no_answer, requests = (pl.element().struct.field(name) for name in ("status", "no_answer", "requests"))
    written = pl.when(no_answer.is_null()).then(pl.lit("?")).otherwise(status.cast(pl.String).fill_null("-"))
    mark = pl.when(no_answer & status.is_not_null()).then(pl.lit("!")).otherwise(pl.lit(""))
    return parts.list.eval(pl.format("{}{}:{}", written, mark, requests)).list.join(";")
