"""CSV logs: Arrow's parser for as long as it can read the file, row by row from where it cannot."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from sla_audit.errors import InputError, Problem
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.timestamps import csv_type

_BLOCK_BYTES = 8 << 20
_ROWS_A_BATCH = 50_000
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def csv_header(path: Path) -> list[str]:
    """Read the names of the columns. Raises `InputError` for a file without a header."""
    with _text(path) as lines:
        header = next(csv.reader(lines), [])
    if not header:
        raise InputError(Problem(path.as_posix(), "the file is empty; expected a header line", "Leave the file out."))
    return header


def fast_batches(path: Path, columns: LogColumns) -> Iterator[pa.RecordBatch]:
    """Yield the needed columns as Arrow parses them, repetitive ones as dictionaries.

    Raises `ArrowInvalid` at the first block that holds a row it cannot parse.
    """
    types = dict.fromkeys(columns.all, _DICTIONARY)
    if len(columns.timestamp) == 1:
        types[columns.timestamp[0]] = csv_type(_first_value(path, columns.timestamp[0]))
    with pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=pa_csv.ParseOptions(newlines_in_values=_has_quotes(path)),
        convert_options=pa_csv.ConvertOptions(
            column_types=types, include_columns=columns.all, null_values=[""], strings_can_be_null=False
        ),
    ) as reader:
        yield from reader


class RaggedRow(Exception):  # noqa: N818 - a value with a place, not a failure of the program
    """A row with more or fewer fields than the header."""

    def __init__(self, line: int, fields: int, expected: int) -> None:
        super().__init__(f"line {line}")
        self.line, self.fields, self.expected = line, fields, expected


def slow_batches(
    path: Path, columns: LogColumns, skip: int
) -> Iterator[tuple[pa.RecordBatch, list[int], list[RaggedRow]]]:
    """Yield the needed columns as text, from the row after the first `skip` ones.

    With each batch come the line of each of its rows, and the ragged rows among them, left out.
    """
    with _text(path) as lines:
        reader = csv.reader(lines, strict=True)
        header = next(reader)
        wanted = [header.index(name) for name in columns.all]
        rows = islice(_numbered(reader, path), skip, None)
        while chunk := list(islice(rows, _ROWS_A_BATCH)):
            whole = [(line, row) for line, row in chunk if len(row) == len(header)]
            ragged = [RaggedRow(line, len(row), len(header)) for line, row in chunk if len(row) != len(header)]
            arrays = [pa.array([row[at] for _, row in whole], pa.string()) for at in wanted]
            yield pa.RecordBatch.from_arrays(arrays, names=columns.all), [line for line, _ in whole], ragged


def _numbered(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line on which it ends."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                Problem(f"{path.as_posix()}, line {reader.line_num}", f"not CSV: {error}", "Export the log again.")
            ) from error
        if row is None:
            return
        if row:
            yield reader.line_num, row


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(
                path.as_posix(),
                f"not UTF-8: {error.reason} at byte {error.start}",
                "Convert the file to UTF-8.",
            )
        ) from error
    except csv.Error as error:
        raise InputError(Problem(path.as_posix(), f"not CSV: {error}", "Export the log again.")) from error


def _first_value(path: Path, column: str) -> str:
    with _text(path) as lines:
        reader = csv.reader(lines)
        at = next(reader).index(column)
        values: Sequence[str] = next((row for row in islice(reader, 1000) if len(row) > at and row[at]), [])
    return values[at] if values else ""


def _has_quotes(path: Path) -> bool:
    """Tell whether a field may hold a line break; without a quote anywhere, none can."""
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(lambda: file.read(_BLOCK_BYTES), b""))
