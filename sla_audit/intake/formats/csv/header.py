"""The first lines of a text log: the names of its columns, where its rows begin, and a value to tell a type by."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.encoding import UTF_16_MARKS, undecodable
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import TextFormat, Unheaded
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.csv.rows import fields_of, line_rows, not_csv
from sla_audit.intake.formats.recognition import has_time
from sla_audit.limits import MOST_COLUMNS
from sla_audit.sentence import Sentence, to_say

_BYTES_AT_MOST = 1 << 20
_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*\[?\s*\{\s*"')
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvHeader:
    """The names of the columns, and the bytes (in UTF-8, unpacked) and line ends before the first row."""

    names: list[str]
    bytes: int
    lines: int


def read_header(head: Head, written: TextFormat) -> CsvHeader:
    """Read the header, or name the fields of the first line where there is none.

    Raises `InputError` for a file without a header, with one that is cut at another character, or with a first line
    that has not the fields that it must have.
    """
    where = head.path.as_posix()
    with head.open() as file:
        lines = _Lines(file, head.path)
        if written.unheaded is not None:
            names = _names(next(lines, ""), written.unheaded, written.delimiter, where)
            return CsvHeader(names, lines.mark, 0)
        try:
            names = next(csv.reader(lines, delimiter=written.delimiter, strict=True), [])
        except csv.Error as error:
            raise InputError(not_csv(f"{where}, line 1", error)) from error
    if not names:
        raise InputError(no_header(where, empty=lines.empty))
    _refuse_another_delimiter(where, names, written.delimiter)
    return CsvHeader(names, lines.bytes, lines.ended)


def first_value(head: Head, written: TextFormat, header: CsvHeader, column: str) -> str:
    """Find the first value of a column that is not empty, among the first rows; empty where there is none."""
    at = header.names.index(column)
    with head.open() as file:
        file.read(header.bytes)
        text = file.read(_BYTES_AT_MOST).decode("utf-8", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=written.delimiter)
    try:
        return next((row[at] for row in rows if len(row) > at and row[at]), "")
    except csv.Error:
        return ""  # the slow path will say where


def has_fields(line: str, written: TextFormat, dialect: Dialect) -> bool:
    """Tell whether a line without a header has the fields of a dialect, and a time where it should be."""
    row = next(line_rows([line], written.delimiter, 0), None)
    if row is None or written.unheaded is None or len(row.fields) < written.unheaded.least:
        return False
    return has_time(dict(zip(written.unheaded.names, row.fields, strict=False)), dialect)


def too_many_columns(where: str) -> Problem:
    """Say that a log has more columns than any has."""
    return Problem(
        where, Sentence("has more than {most:,} columns", most=MOST_COLUMNS), "Check that it is a log of requests."
    )


def no_header(where: str, *, empty: bool) -> Problem:
    """Say that a file has no names of columns."""
    if empty:
        return Problem(where, "the file is empty; expected a header line", "Leave the file out.")
    return Problem(where, "no header in the first line", "Put the names of the columns there.")


def _names(text: str, unheaded: Unheaded, delimiter: str, where: str) -> list[str]:
    """Name the fields of the first line, those that came later than all known ones by their number."""
    row = next(line_rows([text], delimiter, 0), None)
    if row is None:
        raise InputError(Problem(where, "the first line is empty; expected a request", "Leave the file out."))
    if len(row.fields) < unheaded.least:
        found = Sentence("{found}; expected {least} or more", found=fields_of(row), least=unheaded.least)
        raise InputError(Problem(f"{where}, line 1", found, "Choose another --dialect."))
    more = range(len(unheaded.names) + 1, len(row.fields) + 1)
    return [*unheaded.names[: len(row.fields)], *(f"field {number}" for number in more)]


def _refuse_other_text(where: str, data: bytes) -> None:
    """Say so where a header is that of UTF-16 without a mark, or none at all but JSON."""
    if b"\0" in data and not data.startswith(UTF_16_MARKS):
        order = "be" if data.startswith(b"\0") else "le"
        found = to_say("the first line holds NUL bytes, as text in UTF-16 does")
        remedy = Sentence(
            "Say which encoding it has, such as --encoding utf-16-{order}, or copy the file again.", order=order
        )
        raise InputError(Problem(where, found, remedy))
    if _JSON.match(data):
        raise InputError(
            Problem(where, "holds JSON, not CSV, as its suffix says", "Rename it, so that it ends with .jsonl.")
        )


class _Lines:
    """The lines of a file, as far as they are read: those of the header, and no more."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.bytes = self.ended = self.mark = 0
        self.empty = True
        self._file = file
        self._path = path

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        where = self._path.as_posix()
        data = self._file.readline(_BYTES_AT_MOST)
        if not data:
            raise StopIteration
        if self.bytes + len(data) >= _BYTES_AT_MOST:
            found = Sentence("the first line does not end within {most:,} bytes", most=_BYTES_AT_MOST)
            remedy = to_say("Check that it is a text file, with LF or CRLF at the ends of lines.")
            raise InputError(Problem(where, found, remedy))
        if not self.bytes:
            _refuse_other_text(where, data)
        text = self._decoded(data)
        if "\r" in text.removesuffix("\n").removesuffix("\r"):
            raise InputError(Problem(where, "lines end with CR alone; expected LF or CRLF", "Convert the line ends."))
        self.bytes += len(data)
        self.ended += data.count(b"\n")
        self.empty = self.empty and not text
        return text

    def _decoded(self, data: bytes) -> str:
        """Read a line as text, the first without a byte order mark."""
        mark = len(BOM_UTF8) if not self.bytes and data.startswith(BOM_UTF8) else 0
        self.mark += mark
        try:
            return data[mark:].decode("utf-8")
        except UnicodeDecodeError as error:
            byte = self.bytes + mark + error.start
            raise InputError(undecodable(self._path, "utf-8", error.reason, byte, data)) from error


def _refuse_another_delimiter(where: str, names: list[str], delimiter: str) -> None:
    """Say so where all names have come as one: a log has three columns at least."""
    likely = next((each for each in _DELIMITERS if each != delimiter and each in names[0]), None)
    if len(names) == 1 and likely is not None:
        shown = names[0] if len(names[0]) <= 80 else names[0][:77] + "..."
        character, option = (Sentence("a tab"), "tab") if likely == "\t" else (repr(likely), f"'{likely}'")
        found = Sentence(
            "one column only, {shown!r}; {character} seems to stand between its fields, not {delimiter!r}",
            shown=shown,
            character=character,
            delimiter=delimiter,
        )
        remedy = Sentence("Say so with --delimiter {option}, or delimiter in the config.", option=option)
        raise InputError(Problem(where, found, remedy))
