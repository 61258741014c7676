"""Files of rows, written as the rows come: however many there are, few are held."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.errors import InputError, Problem
from sla_audit.output.escape import for_json, for_terminal
from sla_audit.report.formats.csv_file import for_spreadsheet
from sla_audit.sentence import Sentence
from sla_audit.system.temporary import numbered_files

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Tables = Iterable[pl.DataFrame]

_ROWS_OF_A_SHEET = 2**20
_NO_DAY = datetime(1980, 1, 1, tzinfo=UTC)  # so that the same rows give the same bytes
_BYTES_A_BLOCK = 1 << 20


def row_blocks(tables: Tables, path: Path) -> Iterator[bytes]:
    """Write tables of rows, of which there is one at least, to a file in the format of its suffix.

    All have the columns of the first, which may have no rows.

    Raises `InputError` for more rows than it holds.
    """
    yield from _WRITERS[path.suffix.lower()](tables, path)


def cannot_hold_rows(paths: Sequence[Path]) -> Iterator[Problem]:
    """Say which files have a suffix that is no format of rows, or one whose library is not installed."""
    for path in paths:
        if path.suffix.lower() not in _WRITERS:
            found = Sentence("no file of rows has the suffix {suffix!r}", suffix=path.suffix)
            yield Problem(path.as_posix(), found, Sentence("Choose one of {formats}.", formats=", ".join(_WRITERS)))
        elif path.suffix.lower() == ".xlsx" and find_spec("xlsxwriter") is None:
            found = Sentence("{suffix} needs {missing}, which is not installed", suffix=".xlsx", missing="xlsxwriter")
            yield Problem(path.as_posix(), found, "Install it: pip install 'sla-audit[report]'")


def csv_of_rows(tables: Tables, _path: Path | None = None) -> Iterator[bytes]:
    """Write rows as CSV, for a spreadsheet: text that would be run as a formula is not."""
    for at, table in enumerate(tables):
        safe = table.with_columns(for_spreadsheet(pl.col(pl.String)))
        yield safe.write_csv(include_header=not at).encode()


def _jsonl(tables: Tables, _path: Path) -> Iterator[bytes]:
    for table in tables:
        yield for_json(table.write_ndjson()).encode()


def _parquet(tables: Tables, _path: Path) -> Iterator[bytes]:
    """Write row groups as they come: Arrow writes to memory, which is emptied after each."""
    file, writer = io.BytesIO(), None
    for table in tables:
        arrow = _plain(table)
        writer = writer or pq.ParquetWriter(file, arrow.schema, compression="zstd")
        writer.write_table(arrow)
        yield _taken(file)
    if writer is not None:
        writer.close()
    yield _taken(file)


def _xlsx(tables: Tables, path: Path) -> Iterator[bytes]:
    from xlsxwriter import Workbook  # noqa: PLC0415 - an extra

    with numbered_files() as files:
        made = files.next()
        with Workbook(made.as_posix(), {"constant_memory": True, "tmpdir": made.parent.as_posix()}) as workbook:
            workbook.set_properties({"created": _NO_DAY})
            sheet = workbook.add_worksheet("rows")
            for at, line in enumerate(_lines(tables)):
                if at == _ROWS_OF_A_SHEET:
                    found = Sentence("there are more rows than {most:,}, which .xlsx holds", most=_ROWS_OF_A_SHEET - 1)
                    raise InputError(Problem(path.as_posix(), found, "Choose .parquet or .csv, or fewer rows."))
                for column, value in enumerate(line):
                    _write_cell(sheet, at, column, value)
            sheet.freeze_panes(1, 0)
        with made.open("rb") as file:
            while block := file.read(_BYTES_A_BLOCK):
                yield block


def _lines(tables: Tables) -> Iterator[Sequence[object]]:
    for at, table in enumerate(tables):
        yield from table.iter_rows() if at else [table.columns, *table.iter_rows()]


def _write_cell(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a value as what it is: no text becomes a formula, a number or a link."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, for_terminal(str(value)))


def _plain(table: pl.DataFrame) -> pa.Table:
    arrow = table.to_arrow()
    kinds = [pa.string() if pa.types.is_large_string(each.type) else each.type for each in arrow.schema]
    return arrow.cast(pa.schema(zip(arrow.schema.names, kinds, strict=True)))


def _taken(file: io.BytesIO) -> bytes:
    written = file.getvalue()
    file.seek(0)
    file.truncate()
    return written


_WRITERS: dict[str, Callable[[Tables, Path], Iterator[bytes]]] = {
    ".csv": csv_of_rows,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
FORMATS = tuple(_WRITERS)
"""The suffixes of files of rows."""
