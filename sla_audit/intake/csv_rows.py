"""CSV row by row, strictly: slow, but each row has its line and its text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from sla_audit.errors import InputError, Problem

_BYTES_A_FIELD = 1 << 30  # Python's own limit is below what gateways write; the piece that is read bounds it too
csv.field_size_limit(_BYTES_A_FIELD)


class Row(NamedTuple):
    """A row, the line on which it ends, and its text as it stands in the file."""

    line: int
    fields: list[str]
    text: str

    def lines_within(self, delimiter: str) -> Iterator[list[str]]:
        """Yield the lines after the first, which quotes make a part of this row, each as a row by itself."""
        if "\n" in self.text or "\r" in self.text:
            for line in self.text.splitlines()[1:]:
                yield from csv.reader([line], delimiter=delimiter)


def strict_rows(text: str, delimiter: str, lines_before: int, where: str) -> Iterator[Row]:
    """Yield each row that is not blank. Raises `InputError` where it is no CSV, with the line."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            place = f"{where}, line {lines_before + reader.line_num}"
            raise InputError(Problem(place, f"not CSV: {error}", "Export the log again.")) from error
        if fields is None:
            return
        written = lines.take()
        if fields:
            yield Row(lines_before + reader.line_num, fields, written)


class _Lines:
    """The lines of a text, which remembers those since the last row."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def take(self) -> str:
        """Give the text of the row that has been read, without its line end."""
        text = "".join(self._taken)
        self._taken.clear()
        return text.removesuffix("\n").removesuffix("\r")
