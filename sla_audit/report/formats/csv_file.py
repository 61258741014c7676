"""The report as CSV: one row per account and cycle, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import polars as pl

from sla_audit.report.document import Report

# What starts a formula in some spreadsheet: ASCII, and the full-width forms that Chinese input gives. Where the decimal
# sign is a comma, spreadsheets take a semicolon for the end of a cell.
_FORMULA = "(^|;)([=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
_ROWS_AT_ONCE, _CHARACTERS_AT_ONCE = 10_000, 4 << 20
_PER_READING = ("explicit_failure", "success_rate", "decision", "compensation")


def render_csv(report: Report, _contract: object = None) -> bytes:
    """Write the results with a header; empty cells are what the JSON has as null."""
    clauses = pl.format("{}:{}", pl.element().struct.field("clause"), pl.element().struct.field("requests"))
    table = report.results.select(
        for_spreadsheet(pl.col("account_id")),
        "cycle",
        "cycle_start",
        "cycle_end",
        for_spreadsheet(pl.col("plan")),
        "requests",
        "success",
        "explicit_failure",
        "excluded",
        pl.col("excluded_by_clause").list.eval(clauses).list.join(";"),
        "success_rate",
        "credit_rate",
        "decision",
        "reason",
        "service_fee",
        "cash_paid",
        "compensation",
        "capped",
        pl.lit(report.head["currency"]).alias("currency"),
        pl.lit(report.head["reading"]).alias("reading"),
        pl.col("opens_on", "closes_on", "calendar").name.prefix("claim_"),
        *(pl.col(f"{name}/{column}").alias(f"{name}_{column}") for name in report.readings for column in _PER_READING),
        "billed_calls",
    )
    return table.write_csv().encode()


def csv_blocks(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Write rows of text as CSV, not many of them at a time."""
    rows = iter(rows)
    while some := list(_some(rows)):
        table = pl.DataFrame(some, orient="row").select(for_spreadsheet(pl.all()))
        yield table.write_csv(include_header=False).encode()


def _some(rows: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Take rows, at least one, until they are many or long."""
    characters = 0
    for row in islice(rows, _ROWS_AT_ONCE):
        yield row
        characters += sum(map(len, row))
        if characters > _CHARACTERS_AT_ONCE:
            return


def for_spreadsheet(text: pl.Expr) -> pl.Expr:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return text.str.replace_all(_FORMULA, "${1}'${2}")
