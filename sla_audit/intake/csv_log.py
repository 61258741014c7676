"""CSV logs: ranges of bytes, each parsed by Arrow, or row by row where Arrow finds a fault."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from sla_audit.errors import InputError, Problem
from sla_audit.intake.canonical import canonical
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source
from sla_audit.intake.timestamps import csv_type

_BYTES_A_RANGE = 48 << 20
_BYTES_A_BLOCK = 4 << 20
_BYTES_A_LOOK = 1 << 18
_ROWS_A_BATCH = 50_000
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_BOM = b"\xef\xbb\xbf"
_QUOTE_OR_LINE_END = re.compile(rb'["\n]')


def csv_header(path: Path) -> list[str]:
    """Read the names of the columns. Raises `InputError` for a file without a header."""
    return _header(path)[0]


def csv_fragments(source: Source, columns: LogColumns, zone: ZoneInfo) -> Iterator[LogFragment]:
    """Plan the reading of a file: ranges of its bytes, so that one large file keeps all threads busy.

    Ranges end where lines do that no quote is open at.
    """
    header, start = _header(source.path)
    size = source.path.stat().st_size
    sample = _first_value(source.path, start, header, columns.timestamp[0])
    for first, end in pairwise(_boundaries(source.path, start, size)):
        yield CsvFragment(source, columns, zone, bytes=end - first, header=header, start=first, sample=sample)


class CsvFragment(LogFragment):
    """A range of the bytes of one file, whole rows."""

    def __init__(self, *args: Any, header: list[str], start: int, sample: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header = header
        self._start = start
        self._sample = sample

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        del without  # a text file has no statistics, so nothing is known of a column before it is read
        wanted = self.columns.without(())
        fast = self._fast()
        if fast is not None:
            read = [canonical(batch, wanted, self.zone) for batch in fast.to_batches()]
            if not any(batch.faults for batch in read):
                for batch, good in zip(fast.to_batches(), read, strict=True):
                    yield self._take(good, batch.num_rows, "line", ())
                return
        yield from self._slow()

    def _fast(self) -> pa.Table | None:
        """Parse the range with Arrow, repetitive columns as dictionaries; None where a row cannot be parsed."""
        if not self.bytes:
            return None
        types = dict.fromkeys(self.columns.all, _DICTIONARY)
        if len(self.columns.timestamp) == 1:
            types[self.columns.timestamp[0]] = csv_type(self._sample)
        with pa.OSFile(str(self.source.path)) as file:  # copying pages costs less than mapping them one by one
            file.seek(self._start)
            data = file.read_buffer(self.bytes)
        quoted = _has_quotes(data)
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(data),
                read_options=pa_csv.ReadOptions(
                    column_names=self._header, block_size=_BYTES_A_BLOCK, use_threads=False
                ),
                parse_options=pa_csv.ParseOptions(quote_char='"' if quoted else False, newlines_in_values=quoted),
                convert_options=pa_csv.ConvertOptions(
                    column_types=types, include_columns=self.columns.all, null_values=[""], strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid:
            return None  # the slow path names the row, and why
        table = table.unify_dictionaries().combine_chunks()  # one dictionary, one batch
        return None if quoted and not _quotes_are_plain(data, table.num_rows) else table

    def _slow(self) -> Iterator[pa.RecordBatch]:
        """Read the range row by row, so that each row that cannot be read is named."""
        wanted = self.columns.without(())
        positions = [self._header.index(name) for name in self.columns.all]
        rows = self._numbered_rows()
        while chunk := list(islice(rows, _ROWS_A_BATCH)):
            whole = [(line, row) for line, row in chunk if len(row) == len(self._header)]
            ragged = [(line, row) for line, row in chunk if len(row) != len(self._header)]
            self.read += len(ragged)
            ragged_rejects = [
                Reject(
                    self.source.shown,
                    f"line {line}",
                    "row",
                    f"{len(row)} fields",
                    f"{len(self._header)}, as in the header",
                )
                for line, row in ragged
            ]
            arrays = [pa.array([row[at] for _, row in whole], pa.string()) for at in positions]
            batch = pa.RecordBatch.from_arrays(arrays, names=self.columns.all)
            read = canonical(batch, wanted, self.zone)
            before = len(self.rejects)
            good = self._take(read, batch.num_rows, "line", [line for line, _ in whole])
            in_chunk = [*ragged_rejects, *self.rejects[before:]]
            self.rejects[before:] = sorted(in_chunk, key=lambda reject: int(reject.place.removeprefix("line ")))
            yield good

    def _numbered_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that is not blank, with the line of the file on which it ends."""
        with self.source.path.open("rb") as file:
            lines_before = sum(block.count(b"\n") for block in _blocks(file, self._start))
            file.seek(self._start)
            data = file.read(self.bytes)
        where = self.source.shown
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(not_utf8(where, error, self._start)) from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                place = f"{where}, line {lines_before + reader.line_num}"
                raise InputError(Problem(place, f"not CSV: {error}", "Export the log again.")) from error
            if row is None:
                return
            if row:
                yield lines_before + reader.line_num, row


def not_utf8(where: str, error: UnicodeDecodeError, before: int = 0) -> Problem:
    """Say at which byte of a file, `before` which some were cut off, it stops being UTF-8."""
    return Problem(where, f"not UTF-8: {error.reason} at byte {before + error.start}", "Convert the file to UTF-8.")


def no_header(where: str, *, empty: bool) -> Problem:
    """Say that a file has no names of columns."""
    if empty:
        return Problem(where, "the file is empty; expected a header line", "Leave the file out.")
    return Problem(where, "no header in the first line", "Put the names of the columns there.")


def _header(path: Path) -> tuple[list[str], int]:
    """Read the names of the columns, and where the rows begin."""
    where = path.as_posix()
    with path.open("rb") as file:
        data = file.readline()
        while data.count(b'"') % 2 and (more := file.readline()):
            data += more
        start = file.tell()
    text = _decoded(data, where)
    if "\r" in text.removesuffix("\n").removesuffix("\r").replace("\r\n", ""):
        raise InputError(Problem(where, "lines end with CR alone; expected LF or CRLF", "Convert the line ends."))
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except csv.Error as error:
        raise InputError(Problem(f"{where}, line 1", f"not CSV: {error}", "Export the log again.")) from error
    if not header:
        raise InputError(no_header(where, empty=not text))
    return header, start


def _decoded(data: bytes, where: str) -> str:
    """Read the first bytes of a file as text, without a byte order mark."""
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(not_utf8(where, error, len(_BOM) if data.startswith(_BOM) else 0)) from error


def _first_value(path: Path, start: int, header: list[str], column: str) -> str:
    """Find the first value of a column that is not empty, among the first rows."""
    at = header.index(column)
    with path.open("rb") as file:
        file.seek(start)
        text = b"".join(islice(file, 1000)).decode("utf-8", errors="replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return ""  # the slow path will say where
    return next((row[at] for row in rows if len(row) > at and row[at]), "")


def _boundaries(path: Path, start: int, size: int) -> list[int]:
    """Cut the rows of a file into ranges that end with a line, where no quote is open."""
    cuts, quote_is_open = [start], False
    with path.open("rb") as file:
        at = file.seek(start)
        while size - cuts[-1] > _BYTES_A_RANGE and (block := file.read(_BYTES_A_LOOK)):
            done = 0
            while (wanted := max(cuts[-1] + _BYTES_A_RANGE - at, 0)) < len(block):
                quote_is_open ^= block.count(b'"', done, wanted) % 2 == 1
                line_end, quote_is_open = _line_end(block, wanted, quote_is_open)
                done = len(block) if line_end is None else line_end
                if line_end is None:
                    break
                cuts.append(at + line_end)
            quote_is_open ^= block.count(b'"', done) % 2 == 1
            at += len(block)
    return [*cuts, size] if cuts[-1] < size or size == start else cuts


def _line_end(block: bytes, at: int, quote_is_open: bool) -> tuple[int | None, bool]:
    """Find where the first line ends that no quote is open at, if any, and whether one is open there."""
    for found in _QUOTE_OR_LINE_END.finditer(block, at):
        if found[0] == b'"':
            quote_is_open = not quote_is_open
        elif not quote_is_open:
            return found.end(), False
    return None, quote_is_open


def _has_quotes(data: pa.Buffer) -> bool:
    """Tell whether there are quotes in a range of a file; without any, no field holds a line break."""
    view = memoryview(data)
    return any(b'"' in view[at : at + _BYTES_A_LOOK].tobytes() for at in range(0, len(view), _BYTES_A_LOOK))


def _quotes_are_plain(data: pa.Buffer, rows: int) -> bool:
    """Tell whether quotes do nothing but enclose fields of one line, so that Arrow and a strict reader agree.

    Arrow takes an unclosed quote, and what follows it up to the next one, for one field. Then there are more lines
    than rows, or a quote that stands neither beside a field's edge nor beside another quote.
    """
    text = np.frombuffer(data, dtype=np.uint8)
    quote, comma, lf, cr = (ord(char) for char in '",\n\r')
    ends = np.flatnonzero(text == lf)
    lines = len(ends) + int(text[-1] != lf)
    at = np.flatnonzero(text == quote)
    around = np.pad(text, 1, constant_values=lf)
    before, after = around[at], around[at + 2]
    beside_edge = np.isin(before, (comma, lf)) | np.isin(after, (comma, lf, cr))
    return len(at) % 2 == 0 and lines == rows and bool(np.all(beside_edge | (before == quote) | (after == quote)))


def _blocks(file: Any, end: int) -> Iterator[bytes]:
    """Read a file up to a place, in pieces."""
    left = end
    while left > 0 and (block := file.read(min(left, _BYTES_A_BLOCK))):
        left -= len(block)
        yield block
