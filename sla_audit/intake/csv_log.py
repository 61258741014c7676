"""CSV logs: pieces of whole rows, each parsed by Arrow, or row by row where Arrow finds a fault."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.canonical import canonical
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.csv_fast import FastReader
from sla_audit.intake.csv_format import UTF_8, CsvFormat
from sla_audit.intake.csv_header import CsvHeader, first_value, read_header
from sla_audit.intake.csv_pieces import EndlessPieceError, boundaries, pieces
from sla_audit.intake.csv_rows import Row, strict_rows
from sla_audit.intake.fragment import LogFragment, line_ends
from sla_audit.intake.packed import packing_of, unpacked
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source
from sla_audit.intake.timestamps import csv_type
from sla_audit.intake.transcoding import open_utf8, undecodable

_BYTES_A_RANGE = 48 << 20
_BYTES_HELD = 4 * _BYTES_A_RANGE
_ROWS_A_BATCH = 50_000
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_PLAIN = CsvFormat()


def csv_header(path: Path, written: CsvFormat = _PLAIN) -> list[str]:
    """Read the names of the columns. Raises `InputError` for a file without a header."""
    return read_header(path, written).names


def csv_fragments(
    source: Source, columns: LogColumns, zone: ZoneInfo, written: CsvFormat = _PLAIN
) -> Iterator[LogFragment]:
    """Plan the reading of a file: ranges of its bytes, so that one large file keeps all threads busy.

    Ranges end where lines do that no quote is open at. A file that is packed, or in another encoding, can only be
    read from its start: it is one fragment.
    """
    header = read_header(source.path, written)
    types = dict.fromkeys(columns.all, _DICTIONARY)
    if columns.request_id is not None:
        types[columns.request_id] = pa.string()  # no two of them are the same
    if len(columns.timestamp) == 1:
        name = columns.timestamp[0]
        types[name] = csv_type(first_value(source.path, written, header, name))
    fast, size = FastReader(header.names, types, written.delimiter), source.path.stat().st_size
    if packing_of(source.path) or written.encoding != UTF_8:
        yield CsvStream(source, columns, zone, bytes=size, fast=fast, header=header, encoding=written.encoding)
        return
    for first, end in pairwise(boundaries(source.path, header.bytes, size, _BYTES_A_RANGE)):
        yield CsvRange(source, columns, zone, bytes=end - first, fast=fast, start=first)


@dataclass(frozen=True)
class _Piece:
    """Whole rows in UTF-8, and where in the text they begin; lines are only counted where they are asked for."""

    data: pa.Buffer
    start: int
    lines_before: Callable[[], int]


class CsvFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole rows."""

    def __init__(self, *args: Any, fast: FastReader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader = fast

    @abstractmethod
    def _pieces(self) -> Iterator[_Piece]:
        """Read the rows, piece by piece."""

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        del without  # a text file has no statistics, so nothing is known of a column before it is read
        wanted = self.columns.without(())
        for piece in self._pieces():
            fast = self._fast(piece.data)
            batches = [] if fast is None else fast.to_batches()
            read = [canonical(batch, wanted, self.zone, self.columns.dialect) for batch in batches]
            if fast is None or any(batch.faults for batch in read):
                yield from self._slow(piece)
                continue
            for batch, good in zip(batches, read, strict=True):
                yield self._take(good, batch.num_rows, "line", ())

    def _fast(self, data: pa.Buffer) -> pa.Table | None:
        """Parse a piece with Arrow, repetitive columns as dictionaries; None where a row cannot be parsed."""
        return self._reader.read(data) if data.size else None

    def _slow(self, piece: _Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece row by row, so that each row that cannot be read is named."""
        names = self._reader.names
        positions = [names.index(name) for name in self.columns.all]
        rows = strict_rows(self._text(piece), self._reader.delimiter, piece.lines_before(), self.source.shown)
        while chunk := list(islice(rows, _ROWS_A_BATCH)):
            whole = [row for row in chunk if len(row.fields) == len(names)]
            ragged = [self._ragged(row) for row in chunk if len(row.fields) != len(names)]
            fields = [[row.fields[at] for row in whole] for at in positions]
            yield self._take_lines(fields, [row.line for row in whole], [row.text for row in whole], ragged)

    def _text(self, piece: _Piece) -> str:
        try:
            return str(piece.data.to_pybytes(), "utf-8")
        except UnicodeDecodeError as error:
            byte = piece.start + error.start
            raise InputError(undecodable(self.source.path, UTF_8, error.reason, byte)) from error

    def _ragged(self, row: Row) -> Reject:
        found, expected = f"{len(row.fields)} fields", f"{len(self._reader.names)}, as in the header"
        return Reject(self.source.shown, f"line {row.line}", "row", found, expected, row.text)


class CsvRange(CsvFragment):
    """A range of the bytes of one file, whole rows."""

    def __init__(self, *args: Any, start: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start = start

    def _pieces(self) -> Iterator[_Piece]:
        with pa.OSFile(str(self.source.path)) as file:  # copying pages costs less than mapping them one by one
            file.seek(self._start)
            data = file.read_buffer(self.bytes)
        yield _Piece(data, self._start, self._lines_before)

    def _lines_before(self) -> int:
        with unpacked(self.source.path) as file:
            return line_ends(file, self._start)


class CsvStream(CsvFragment):
    """One file that is read from its start: unpacked, brought to UTF-8 and cut into pieces as it comes."""

    def __init__(self, *args: Any, header: CsvHeader, encoding: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header = header
        self._encoding = encoding

    def _pieces(self) -> Iterator[_Piece]:
        start, lines = self._header.bytes, self._header.lines
        with open_utf8(self.source.path, self._encoding) as file:
            file.read(start)
            try:
                for data in pieces(file, _BYTES_A_RANGE, _BYTES_HELD):
                    yield _Piece(pa.py_buffer(data), start, partial(int, lines))
                    start, lines = start + len(data), lines + data.count(b"\n")
            except EndlessPieceError as error:
                found = f"no row ends within {_BYTES_HELD:,} bytes; a quote may be open"
                remedy = "Close the quote, or give the log unpacked and in UTF-8, which takes more memory."
                raise InputError(Problem(f"{self.source.shown}, after line {lines}", found, remedy)) from error
