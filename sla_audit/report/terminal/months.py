"""The months of a report side by side at a terminal, in as many tables as it takes where it is narrow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.months.columns import MonthColumn, columns_of

_BETWEEN = 2
_LEAST_OF_WORDS = 20
"""So many cells at least has a column of words, which is broken into lines."""


def print_months(report: Report, console: Console, words: Words) -> None:
    """Print what each month comes to and all of them together; nothing of a single month."""
    columns = columns_of(report, words)
    for table in _fitting(columns, console.width):
        console.print()
        console.print(_table(table))


def _fitting(columns: Sequence[MonthColumn], width: int) -> Iterator[list[MonthColumn]]:
    """Share columns out to tables of at most such a width, each with the months; what belongs together stays so."""
    if not columns:
        return
    cycle, *others = columns
    table = [cycle]
    for _, group in groupby(others, key=lambda column: column.group):
        together = list(group)
        if len(table) > 1 and sum(_least(column) + _BETWEEN for column in (*table, *together)) - _BETWEEN > width:
            yield table
            table = [cycle]
        table += together
    yield table


def _least(column: MonthColumn) -> int:
    """Tell how narrow a column may be: no figure is broken."""
    cells = max(map(cell_len, column.cells))
    return max(cells if column.figures else min(cells, _LEAST_OF_WORDS), *map(cell_len, column.title.split()))


def _table(columns: Sequence[MonthColumn]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _BETWEEN, 0, 0), header_style="bold")
    for column in columns:
        if column.figures or column.group == "cycle":
            title = "\n".join(textwrap.wrap(column.title, _least(column)))
            justify = "right" if column.figures else "left"
            table.add_column(title, justify=justify, no_wrap=True, min_width=_least(column))  # type: ignore[arg-type]
        else:
            table.add_column(column.title, overflow="fold", min_width=_least(column))
    *months, total = zip(*(column.cells for column in columns), strict=True)
    for cells in months:
        table.add_row(*map(Text, cells))
    table.add_row(*(Text(cell, style="bold") for cell in total))
    return table
