"""The report as CSV: one row per account and cycle, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from sla_audit.report.document import Report

# What starts a formula in some spreadsheet: ASCII, and the full-width forms that Chinese input gives. Where the decimal
# sign is a comma, spreadsheets take a semicolon for the end of a cell.
_FORMULA = "(^|;)([=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
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


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Write rows of text as CSV."""
    return pl.DataFrame(list(rows), orient="row").select(for_spreadsheet(pl.all())).write_csv(include_header=False)


def for_spreadsheet(text: pl.Expr) -> pl.Expr:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return text.str.replace_all(_FORMULA, "${1}'${2}")
