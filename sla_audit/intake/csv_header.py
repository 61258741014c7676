"""The first lines of a text log: the names of its columns, where its rows begin, and a value to tell a type by."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from sla_audit.errors import InputError, Problem
from sla_audit.intake.csv_format import CsvFormat, Unheaded
from sla_audit.intake.csv_rows import line_rows
from sla_audit.intake.transcoding import open_utf8, undecodable

_BOM = b"\xef\xbb\xbf"
_BYTES_AT_MOST = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvHeader:
    """The names of the columns, and the bytes (in UTF-8, unpacked) and line ends before the first row."""

    names: list[str]
    bytes: int
    lines: int


def read_header(path: Path, written: CsvFormat) -> CsvHeader:
    """Read the header, or name the fields of the first line where there is none.

    Raises `InputError` for a file without a header, with one that is cut at another character, or with a first line
    that has not the fields that it must have.
    """
    where = path.as_posix()
    with open_utf8(path, written.encoding) as file:
        data = file.readline(_BYTES_AT_MOST)
        # A header may have quoted names of several lines; where there is none, each line is a row.
        while written.unheaded is None and data.count(b'"') % 2 and len(data) < _BYTES_AT_MOST:
            more = file.readline(_BYTES_AT_MOST)
            data += more
            if not more:
                break
    if len(data) >= _BYTES_AT_MOST:
        found = f"the first line does not end within {_BYTES_AT_MOST:,} bytes"
        raise InputError(Problem(where, found, "Check that it is a text file, with LF or CRLF at the ends of lines."))
    text = _decoded(data, path)
    if written.unheaded is not None:
        mark = len(_BOM) if data.startswith(_BOM) else 0
        return CsvHeader(_names(text, written.unheaded, written.delimiter, where), mark, 0)
    if "\r" in text.removesuffix("\n").removesuffix("\r").replace("\r\n", ""):
        raise InputError(Problem(where, "lines end with CR alone; expected LF or CRLF", "Convert the line ends."))
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=written.delimiter, strict=True), [])
    except csv.Error as error:
        raise InputError(Problem(f"{where}, line 1", f"not CSV: {error}", "Export the log again.")) from error
    if not names:
        raise InputError(no_header(where, empty=not text))
    _refuse_another_delimiter(where, names, written.delimiter)
    return CsvHeader(names, len(data), data.count(b"\n"))


def first_value(path: Path, written: CsvFormat, header: CsvHeader, column: str) -> str:
    """Find the first value of a column that is not empty, among the first rows; empty where there is none."""
    at = header.names.index(column)
    with open_utf8(path, written.encoding) as file:
        file.read(header.bytes)
        text = file.read(_BYTES_AT_MOST).decode("utf-8", errors="replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=written.delimiter))
    except csv.Error:
        return ""  # the slow path will say where
    return next((row[at] for row in rows if len(row) > at and row[at]), "")


def no_header(where: str, *, empty: bool) -> Problem:
    """Say that a file has no names of columns."""
    if empty:
        return Problem(where, "the file is empty; expected a header line", "Leave the file out.")
    return Problem(where, "no header in the first line", "Put the names of the columns there.")


def _names(text: str, unheaded: Unheaded, delimiter: str, where: str) -> list[str]:
    """Name the fields of the first line, those that came later than all known ones by their number."""
    row = next(line_rows(text, delimiter, 0), None)
    if row is None:
        raise InputError(Problem(where, "the first line is empty; expected a request", "Leave the file out."))
    if len(row.fields) < unheaded.least:
        found = f"{len(row.fields)} fields" if row.fields else "a quote within a field"
        raise InputError(
            Problem(f"{where}, line 1", f"{found}; expected {unheaded.least} or more", "Choose another --dialect.")
        )
    more = range(len(unheaded.names) + 1, len(row.fields) + 1)
    return [*unheaded.names[: len(row.fields)], *(f"field {number}" for number in more)]


def _decoded(data: bytes, path: Path) -> str:
    """Read the first bytes of a file as text, without a byte order mark."""
    mark = len(_BOM) if data.startswith(_BOM) else 0
    try:
        return data[mark:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(undecodable(path, "utf-8", error.reason, mark + error.start, data)) from error


def _refuse_another_delimiter(where: str, names: list[str], delimiter: str) -> None:
    """Say so where all names have come as one: a log has three columns at least."""
    likely = next((each for each in _DELIMITERS if each != delimiter and each in names[0]), None)
    if len(names) == 1 and likely is not None:
        shown = names[0] if len(names[0]) <= 80 else names[0][:77] + "..."
        character, option = ("a tab", "tab") if likely == "\t" else (repr(likely), f"'{likely}'")
        found = f"one column only, {shown!r}; {character} seems to stand between its fields, not {delimiter!r}"
        remedy = f"Say so with --delimiter {option}, or delimiter in the config."
        raise InputError(Problem(where, found, remedy))
