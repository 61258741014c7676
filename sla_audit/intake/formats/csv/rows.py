"""CSV and other text row by row, strictly: slow, but each row has its line and its text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple, TextIO

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.chunks import endless
from sla_audit.limits import MOST_LINE_BYTES, MOST_VALUES
from sla_audit.sentence import Sentence, said_by, to_say

csv.field_size_limit(MOST_LINE_BYTES)  # Python's own limit is below what gateways write; that of rows is told first


_LINE_END = re.compile(r"\r\n|\n|\r")


class NotCsvError(InputError):
    """A text that is no CSV from some line on, as where a quote is left open."""


class Row(NamedTuple):
    """A row, the line on which it begins, and its text as it stands in the file."""

    line: int
    fields: list[str]
    text: str

    def rows_within(self, delimiter: str) -> Iterator[tuple[list[str], range]]:
        """Yield what each line of a field of several lines would be as a row by itself, with what is beside it.

        Also say which of the fields of that row are within the quotes of this one.
        """
        for at, field in enumerate(self.fields):
            lines = _LINE_END.split(field)
            for number, line in enumerate(lines if len(lines) > 1 else ()):
                within = next(csv.reader([line], delimiter=delimiter), [""])
                before = self.fields[:at] if number == 0 else []
                after = self.fields[at + 1 :] if number == len(lines) - 1 else []
                yield [*before, *within, *after], range(len(before), len(before) + len(within))


def strict_rows(text: Iterable[str], delimiter: str, lines_before: int, where: str) -> Iterator[Row]:
    """Yield each row of some lines that is not blank. Raises `NotCsvError` where it is no CSV, with the line."""
    lines = _Lines(text, delimiter)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            last = None if lines.begins == lines.number else lines_before + lines.number
            raise NotCsvError(not_csv(f"{where}, line {lines_before + lines.begins}", error, last)) from error
        except _TooLargeError as error:
            place = f"{where}, line {lines_before + lines.begins}"
            raise NotCsvError(Problem(place, said_by(error), "Check the quotes from there on.")) from error
        if fields is None:
            return
        written = lines.take()
        if fields:
            yield Row(lines_before + lines.begins, fields, written)


def not_csv(place: str, error: csv.Error, last: int | None = None) -> Problem:
    """Say why a row is no CSV; its `last` line is given where that is another than its first."""
    text = to_say("not CSV: {why}") if last is None else to_say("not CSV: {why}, on line {last}")
    return Problem(place, Sentence(text, why=said_by(error), last=last), "Export the log again.")


def fields_of(row: Row) -> Sentence:
    """Say how many fields a row has; None were made out where a quote stands within one."""
    return Sentence("{fields} fields", fields=len(row.fields)) if row.fields else Sentence("a quote within a field")


def bounded_lines(text: TextIO, lines_before: int, where: str) -> Iterator[str]:
    """Yield the lines of a text. Raises `NotCsvError` rather than hold one that does not end."""
    for number, line in enumerate(iter(partial(text.readline, MOST_LINE_BYTES + 1), ""), lines_before + 1):
        if len(line) > MOST_LINE_BYTES:
            raise NotCsvError(endless(f"{where}, line {number}"))
        yield line


def line_rows(text: Iterable[str], delimiter: str, lines_before: int) -> Iterator[Row]:
    """Yield each line that is not blank as a row: without fields, where a quote does more than enclose a field.

    A quote within a text is doubled, or has a backslash before it; where a line makes no sense so, a backslash is but a
    character, as at the end of a path.
    """
    for number, ended in enumerate(text, lines_before + 1):
        line = ended.removesuffix("\n").removesuffix("\r")
        if len(line) > MOST_VALUES and _fields_in(line, delimiter) > MOST_VALUES:
            yield Row(number, [""] * (MOST_VALUES + 1), line)  # more than any row has
        elif line:
            escaped = _fields(line, delimiter, r'[^"\\]++|\\.|""') if '\\"' in line else None
            found = escaped or _fields(line, delimiter, r'[^"]++|""')
            yield Row(number, [_unquoted(each, escapes=escaped is not None) for each in found or []], line)


def _fields(line: str, delimiter: str, within_quotes: str) -> list[str] | None:
    """Cut a line into fields; None where a quote does more than enclose one."""
    edge = re.escape(delimiter)
    # Repeats keep no way back, of which there is none, and which takes memory for each character or field.
    field = f'(?:"(?:{within_quotes})*+"|[^"{edge}]*+)'
    if not re.fullmatch(f"{field}(?:{edge}{field})*+", line):
        return None
    return re.findall(f"(?:^|{edge})({field})", line)


def _unquoted(field: str, *, escapes: bool) -> str:
    if not field.startswith('"'):
        return field
    text = field[1:-1].replace('""', '"')
    return text.replace('\\"', '"') if escapes else text


def _fields_in(line: str, delimiter: str) -> int:
    """Count the fields of a line, as far as quotes that are closed in it tell."""
    found = line.count(delimiter)
    return re.sub('"[^"]*"', "", line).count(delimiter) if found > MOST_VALUES else found


class _TooLargeError(Exception):
    """A row that is too large to be held."""


class _Lines:
    """Lines, and a memory of those since the last row: which of them is the last, and at which the row `begins`.

    They are numbered from 1, and end with LF: a CR by itself ends a row, yet no line that an editor would count.
    """

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._taken = io.StringIO()  # a list of millions of short lines would take fifty times as much
        self._size = self._fields = 0
        self._ended = self.number = self.begins = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number = self._ended + 1
        self.begins = self.begins if self._size else self.number
        self._ended += line.endswith("\n")
        self._taken.write(line)
        self._size += len(line)
        self._fields += 0 if len(line) < MOST_VALUES else _fields_in(line, self._delimiter)
        if self._size > MOST_LINE_BYTES:
            raise _TooLargeError(
                Sentence("the row that begins here does not end within {most:,} characters", most=MOST_LINE_BYTES)
            )
        if self._fields > MOST_VALUES:
            raise _TooLargeError(Sentence("a row of more than {most:,} fields", most=MOST_VALUES))
        return line

    def take(self) -> str:
        """Give the text of the row that has been read, without its line end."""
        text = self._taken.getvalue()
        self._taken = io.StringIO()
        self._size = self._fields = 0
        return text.removesuffix("\n").removesuffix("\r")
