"""A table on a sheet of a workbook: typed columns, a frozen header with filters, and pages that print well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl
from rich.cells import cell_len
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sla_audit.contract.model import Contract
from sla_audit.model.units import CALLS, DAYS
from sla_audit.output.escape import for_terminal
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.numbers import money, percent
from sla_audit.sentence import to_say

Kind = Literal["text", "count", "amount", "owed", "rate", "share", "times", "date"]
"""What a column holds; an amount is money, what is `owed` is in the unit of the report."""

_A4 = 9
_WIDEST = 340  # pixels
_DIGIT, _MARGIN, _BUTTON = 7, 14, 10  # pixels: of a digit, of a cell, of what a filter adds to its header
_HEADER_HEIGHT = 32  # points: two lines
_FIGURES = {"count", "amount", "owed", "rate", "share", "times", "date"}
_FOOTER = 100  # characters; a sheet has room for 255 with all marks
_EXACT_DIGITS = 15  # of a decimal, that a spreadsheet's double keeps
_GIVEN_BACK = {CALLS: '#,##0" {}"', DAYS: '#,##0.0####" {}"'}
_MOST_ROWS = 1 << 20  # of a sheet, with its header
_MOST_CHARACTERS = 32_767  # of a cell, in UTF-16


@dataclass(frozen=True)
class Column:
    """A column: its title, the kind of its values, how to take one from a row, and what all come to, where told."""

    title: str
    kind: Kind
    value: Callable[[Mapping[str, Any]], Any]
    total: Callable[[pl.DataFrame], Any] | None = None


class Sheets:
    """The sheets of a workbook, the formats that they share, and what they have no room for."""

    def __init__(self, workbook: Workbook, contract: Contract, footer: str, words: Words = ENGLISH) -> None:
        self.cuts: list[str] = []
        """What a reader should know of rows and texts that are not here, or not whole."""
        self.cut_texts = 0
        self._words = words
        self._workbook = workbook
        self._footer = footer
        self._currency, self._unit = contract.currency, contract.unit_owed
        money = f"#,##0.00#### [${contract.currency}]"
        numbers = {
            "text": "@",  # a text stays one, even where somebody edits it
            "count": "#,##0",
            "amount": money,
            "owed": _GIVEN_BACK[contract.unit_owed].format(words.heading(contract.unit_owed))
            if contract.unit_owed in _GIVEN_BACK
            else money,
            "rate": "0.0000%",
            "share": _share_format(contract),
            "times": '"x "General',
            "date": "yyyy-mm-dd",
        }
        # Texts keep off the figures beside them.
        text = {"align": "left", "indent": 1}
        self.formats = {
            kind: self.format(num_format=number, valign="top", **(text if kind == "text" else {}))
            for kind, number in numbers.items()
        }
        header = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7ECF2", "bottom": 1}
        self.text_header = self.format(**header, **text)
        self._figure_header = self.format(**header, align="right")

    def format(self, **properties: Any) -> Format:
        """Add a format to the workbook."""
        return self._workbook.add_format(properties)

    def add(self, name: str) -> Worksheet:
        """Add a sheet that prints on A4 across, as wide as the page."""
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        sheet.set_footer(f"&L{_in_footer(self._footer)}&R{_in_footer(name)}, &P / &N")
        return sheet

    def add_table(
        self, name: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], printed: int | None = None
    ) -> tuple[Worksheet, int]:
        """Add a sheet with a table, of which the first `printed` columns print; give it with the number of its rows."""
        sheet, last = self.add(name), 0
        for at, column in enumerate(columns):
            header = self._figure_header if column.kind in _FIGURES else self.text_header
            sheet.write_string(0, at, column.title, header)
        widths = [_BUTTON + _DIGIT * max(map(cell_len, column.title.split("\n"))) for column in columns]
        left = iter(rows)
        for last, row in enumerate(left, 1):
            if last == _MOST_ROWS - 1 and (beyond := sum(1 for _ in left)):
                self._cut(sheet, last, name, beyond + 1)
                break
            for at, column in enumerate(columns):
                value = column.value(row)
                self.write(sheet, last, at, column.kind, value)
                widths[at] = max(widths[at], _DIGIT * self._cells(column.kind, value))
        sheet.set_row(0, _HEADER_HEIGHT)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.print_area(0, 0, last, (printed or len(columns)) - 1)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        for at, width in enumerate(widths):
            sheet.set_column_pixels(at, at, min(width + _MARGIN, _WIDEST))
        return sheet, last

    def add_totals(
        self, sheet: Worksheet, last: int, columns: Sequence[Column], parts: Sequence[pl.DataFrame], printed: int
    ) -> None:
        """Add what parts of a table come to below it, out of reach of its filters, where the sheet has room."""
        if not parts or last + len(parts) >= _MOST_ROWS:
            return
        for row, part in enumerate(parts, last + 1):
            for at, column in enumerate(columns):
                self.write(sheet, row, at, column.kind, None if column.total is None else column.total(part))
        bold = {"type": "no_errors", "format": self.format(bold=True, bg_color="#E7ECF2")}
        sheet.conditional_format(last + 1, 0, last + len(parts), len(columns) - 1, bold)
        sheet.print_area(0, 0, last + len(parts), printed - 1)

    def _cut(self, sheet: Worksheet, row: int, name: str, rows: int) -> None:
        """Say in the last row of a sheet how many rows it has no room for."""
        said = to_say(
            "{rows} more rows of {sheet} are not here: a sheet has room for {most}. The report as JSON, CSV or Parquet "
            "has them all."
        )
        self.cuts.append(self._words.say(said, rows=f"{rows:,}", sheet=name, most=f"{_MOST_ROWS:,}"))
        self.write(sheet, row, 0, "text", self.cuts[-1])

    def text(self, value: str) -> str:
        """Give a text as it may stand in a cell; one that is longer is cut, with a mark where."""
        shown = for_terminal(value)
        units = shown.encode("utf-16-le")
        if len(units) <= 2 * _MOST_CHARACTERS:
            return shown
        self.cut_texts += 1
        mark = self._words.say(to_say(" ... (cut here, of {characters} characters)"), characters=f"{len(shown):,}")
        return units[: 2 * (_MOST_CHARACTERS - len(mark))].decode("utf-16-le", "ignore") + mark

    def _cells(self, kind: Kind, value: Any) -> int:
        """Measure a value as it is shown, in digits; a Chinese character is as wide as two."""
        if value is None:
            return 0
        if kind == "text":
            return cell_len(for_terminal(value))
        if kind == "amount":
            return len(f"{money(value)} {self._currency}")
        if kind == "owed":
            return cell_len(f"{self._words.owed(value)} {self._words.heading(self._unit)}")
        return len(f"{value:,}") if kind == "count" else len("100.0000%")

    def write(self, sheet: Worksheet, row: int, column: int, kind: Kind, value: Any) -> None:
        """Write a value as what it is; amounts, rates and shares are given as decimals in text, None is nothing."""
        shape = self.formats[kind]
        if value is None:
            sheet.write_blank(row, column, None, shape)
        elif kind == "text":
            sheet.write_string(row, column, self.text(value), shape)
        elif kind == "date":
            sheet.write_datetime(row, column, date.fromisoformat(value), shape)
        elif kind == "count" or len(Decimal(value).normalize().as_tuple().digits) <= _EXACT_DIGITS:
            sheet.write_number(row, column, float(value), shape)
        else:  # as a number it would show another amount
            sheet.write_string(row, column, value, shape)


def _share_format(contract: Contract) -> str:
    """Give the format of a percentage with as many places as the contract's rates need."""
    rates = [contract.objective.success_rate, *(tier.rate for tier in contract.compensation.tiers)]
    places = max(len(percent(str(rate)).partition(".")[2]) for rate in rates)
    return f"0.{'0' * places}%" if places else "0%"


def _in_footer(text: str) -> str:
    return for_terminal(text)[:_FOOTER].replace("&", "&&")
