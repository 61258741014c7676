"""The report as CSV: one row per account and cycle, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import polars as pl

from sla_audit.report.daily import field
from sla_audit.report.document import Report
from sla_audit.report.ledger.fields import LEDGER, flat
from sla_audit.report.schema import OF_A_READING, ResultColumn, csv_columns, late_columns, of_some

# What starts a formula in some spreadsheet: ASCII, and the full-width forms that Chinese input gives. Where the decimal
# sign is a comma, spreadsheets take a semicolon for the end of a cell.
_FORMULA = "(^|;)([=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
_ROWS_AT_ONCE, _CHARACTERS_AT_ONCE = 10_000, 4 << 20
_FREE_TEXT = ("account_id", "plan")


def render_csv(report: Report, _contract: object = None) -> bytes:
    """Write the results with a header; empty cells are what the JSON has as null."""
    columns = list(csv_columns())
    before = next(place for place, column in enumerate(columns) if column.place == "claim")
    table = report.results.select(
        *map(_flat, columns[:before]),
        pl.lit(report.head["currency"]).alias("currency"),
        pl.lit(report.head["reading"]).alias("reading"),
        *map(_flat, columns[before:]),
        *(
            pl.col(f"{name}/{column.name}").alias(f"{name}_{column.flat}")
            for name in report.readings
            for column in OF_A_READING
            if column.reading_in_csv
        ),
        *(_flat(column) for column in late_columns() if column.csv),
        *map(_flat, of_some(report.results.columns)),
        *(pl.col(LEDGER).struct.field(name).alias(named) for name, named, _ in flat(report.results.columns)),
    )
    return table.write_csv().encode()


def _flat(column: ResultColumn) -> pl.Expr:
    value = pl.col(column.name)
    if column.kind == "by_clause":
        part = pl.format("{}:{}", field("clause"), field("requests"))
        value = value.list.eval(part).list.join(";")
    elif column.name in _FREE_TEXT:
        value = for_spreadsheet(value)
    return value.alias(column.flat)


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


def from_spreadsheet(text: pl.Expr) -> pl.Expr:
    """Give text back as it was before `for_spreadsheet`."""
    return text.str.replace_all(_FORMULA + "'", "${1}${2}")
