"""Tables at a terminal of any width: columns where there is room, else a few lines for each row.

Ids are never broken, so that they can be searched and copied; nor are figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WARNING = "color(166)"
"""An orange that is told from black and from white by nearly four to one: yellow is not to be read on white."""

_BETWEEN = 2
_LEAST_OF_WORDS = 16
"""So many cells at least has a column of words, which is broken into lines."""
_MOST_LINES = 4
"""So many lines at most has a cell of words; where there are more, they are better read across."""


@dataclass(frozen=True)
class Column:
    """A column: its title, and what it holds. Where there is no room, columns go by their `spare`, the greatest first.

    One of `words` is broken into lines.
    """

    title: str
    kind: Literal["id", "figure", "word", "words"]
    spare: int = 0


class Row(NamedTuple):
    """The cells of a row, one a column, and the style of all."""

    cells: tuple[Text, ...]
    style: str = ""


def print_rows(columns: Sequence[Column], rows: Sequence[Row], console: Console, main: int, name: int = 0) -> None:
    """Print a table; where it does not fit across, each row is a few lines, `main` beside its `name`."""
    shown = list(range(len(columns)))
    while not _fits(columns, rows, shown, console):
        spare = max(shown, key=lambda at: columns[at].spare)
        if not columns[spare].spare:
            _print_in_lines(columns, rows, console, (name, main))
            return
        shown.remove(spare)
    console.print(_table(columns, rows, shown))


def _fits(columns: Sequence[Column], rows: Sequence[Row], shown: Sequence[int], console: Console) -> bool:
    """Tell whether ids and figures fit whole, and words in few lines."""
    least = _least(columns, rows, shown)
    if least > console.width:
        return False
    words = [at for at in shown if columns[at].kind == "words"]
    if len(words) != 1:  # of several, each may take what another leaves
        return True
    room = console.width - least + _width(columns[words[0]], rows, words[0])
    return all(len(row.cells[words[0]].wrap(console, room)) <= _MOST_LINES for row in rows)


def _least(columns: Sequence[Column], rows: Sequence[Row], shown: Sequence[int]) -> int:
    return sum(_width(columns[at], rows, at) + _BETWEEN for at in shown) - _BETWEEN


def _width(column: Column, rows: Sequence[Row], at: int) -> int:
    """Tell how narrow a column may be."""
    cells = max((row.cells[at].cell_len for row in rows), default=0)
    if column.kind == "words":
        return max(min(cells, _LEAST_OF_WORDS), *map(cell_len, column.title.split() or [""]))
    return max(cells, cell_len(column.title))


def _table(columns: Sequence[Column], rows: Sequence[Row], shown: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _BETWEEN, 0, 0), header_style="bold")
    for at in shown:
        column = columns[at]
        if column.kind == "words":
            table.add_column(column.title, overflow="fold", min_width=_width(column, rows, at))
        else:
            justify: Literal["right", "left"] = "right" if column.kind == "figure" else "left"
            width = _width(column, rows, at)
            table.add_column(column.title, justify=justify, no_wrap=True, min_width=width)
    for row in rows:
        table.add_row(*(row.cells[at] for at in shown), style=row.style)
    return table


def _print_in_lines(columns: Sequence[Column], rows: Sequence[Row], console: Console, first: tuple[int, int]) -> None:
    """Print the two first cells on a line, and under it the others that say something."""
    name, main = first
    _print_first(Text(columns[name].title, "bold"), Text(columns[main].title, "bold"), console)
    for row in rows:
        _print_first(_styled(row.cells[name], row.style), _styled(row.cells[main], row.style), console)
        for line in _others(columns, row, console.width - _BETWEEN, first):
            console.print(Padding(line, (0, 0, 0, _BETWEEN)))


def _print_first(first: Text, main: Text, console: Console) -> None:
    """Print a line whose first part is never broken; the other stands at the right, below where there is no room."""
    room = console.width - main.cell_len
    if first.cell_len + _BETWEEN <= room:
        console.print(Text.assemble(first, " " * (room - first.cell_len), main), soft_wrap=True)
    else:
        console.print(first, soft_wrap=True)
        console.print(Text.assemble(" " * max(room, 0), main), soft_wrap=True)


def _others(columns: Sequence[Column], row: Row, width: int, first: tuple[int, int]) -> Iterator[Text]:
    """Give lines of such a width: figures with their titles, as many on one as there is room for, then words."""
    line = Text()
    for at, column in enumerate(columns):
        cell = row.cells[at]
        if at in first or column.kind == "words" or not cell.plain.strip():
            continue
        said = Text.assemble(column.title, " ", cell.plain.strip())
        if line and line.cell_len + _BETWEEN + said.cell_len > width:
            yield line
            line = Text()
        line = Text.assemble(line, " " * _BETWEEN, said) if line else said
    if line:
        yield line
    for at, column in enumerate(columns):
        if column.kind == "words" and row.cells[at].plain:
            yield row.cells[at]


def _styled(text: Text, style: str) -> Text:
    copy = text.copy()
    copy.stylize(style)
    return copy
