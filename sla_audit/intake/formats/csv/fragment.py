"""Parts of CSV logs: pieces of whole rows, parsed by Arrow, or row by row where it finds a fault."""

from __future__ import annotations

import io
import re
from abc import abstractmethod
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

import pyarrow as pa

from sla_audit.errors import InputError
from sla_audit.intake.bytes.chunks import (
    EndlessPieceError,
    Piece,
    bounded,
    line_pieces,
    placed,
    some_at_a_time,
)
from sla_audit.intake.bytes.encoding import blocks_of, not_utf8, open_utf8, undecodable
from sla_audit.intake.bytes.last_line import ends_a_line, parted
from sla_audit.intake.bytes.line_counts import LineCounts
from sla_audit.intake.bytes.read_ahead import read_ahead
from sla_audit.intake.bytes.text_format import UTF_8, TextFormat
from sla_audit.intake.content import Content
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.formats.csv.cuts import pieces
from sla_audit.intake.formats.csv.fast import FastReader
from sla_audit.intake.formats.csv.header import CsvHeader
from sla_audit.intake.formats.csv.rows import NotCsvError, Row, bounded_lines, fields_of, line_rows, strict_rows
from sla_audit.intake.formats.scanned import ScannedReading
from sla_audit.intake.fragments.fragment import LogFragment, Offsets, UnsafeSplitError
from sla_audit.intake.rejects import DAMAGED, TEXT, Reject
from sla_audit.intake.scan.layout import Layout
from sla_audit.intake.traced.tracing import Tracing
from sla_audit.intake.values.timestamps import instant_of
from sla_audit.sentence import Sentence, as_phrase

if TYPE_CHECKING:
    from sla_audit.intake.scan.lines import Lines
    from sla_audit.intake.scan.scanner import Scanner

_HALF = re.compile("[\ud800-\udfff]")  # a byte that is no UTF-8


@dataclass(frozen=True, eq=False, kw_only=True)
class CsvFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole rows. Nothing is known of a column before it is read."""

    reader: FastReader
    written: TextFormat

    def again(self, *, compared: bool = False, places: Offsets | None = None) -> Self:
        """Give the same part to be read once more: see `LogFragment.again`."""
        again = super().again(compared=compared, places=places)
        return replace(again, reader=self.reader.of(again.columns.all))

    def keeping(self, tracing: Tracing) -> Self:
        """Give the same part, with times as the log has them: see `LogFragment.keeping`."""
        return replace(super().keeping(tracing), reader=self.reader.with_text(self.columns.timestamp))


@dataclass(frozen=True, eq=False, kw_only=True)
class CsvRange(CsvFragment):
    """A range of the bytes of one file, whole rows; of one that is `cut`, there are others."""

    start: int
    cut: bool
    counts: LineCounts

    def read(self, without: Collection[str] = ()) -> RangeReading:
        """Begin to read its rows: see `LogFragment.read`."""
        return RangeReading(self, without)


@dataclass(frozen=True, eq=False, kw_only=True)
class CsvStream(CsvFragment):
    """One file that is read from its start: unpacked, brought to UTF-8 and cut into pieces as it comes.

    A piece has `piece` bytes or little more, and never more than are `held`.
    """

    header: CsvHeader
    piece: int
    held: int

    def read(self, without: Collection[str] = ()) -> StreamReading:
        """Begin to read its rows: see `LogFragment.read`."""
        return StreamReading(self, without)


@dataclass(frozen=True, eq=False, kw_only=True)
class CsvWhole(CsvFragment):
    """One file that is read row by row from its start to its end, because it cannot be told where it may be cut.

    As where a quote stands within a field: where the next one is closed is for a strict reader of all rows before to
    say. Only a few rows are held at a time.
    """

    header: CsvHeader

    def read(self, without: Collection[str] = ()) -> WholeReading:
        """Begin to read its rows: see `LogFragment.read`."""
        return WholeReading(self, without)


_Csv = TypeVar("_Csv", bound=CsvFragment)


class CsvReading(ScannedReading[_Csv]):
    """One reading of rows in CSV, one by one."""

    loops = "csv"

    def __init__(self, plan: _Csv, without: Collection[str] = ()) -> None:
        super().__init__(plan, without)
        self._reader, self._written = plan.reader, plan.written

    def _take_rows(self, rows: Iterator[Row], begin: Mapping[int, int] | None = None) -> Iterator[pa.RecordBatch]:
        """Account for rows that were read one by one, and give the good ones; lines `begin` where may be known."""
        names = self._reader.names
        positions = [names.index(name) for name in self.columns.all]
        for chunk in some_at_a_time(rows, lambda row: len(row.text)):
            faults = [self._fault(row) for row in chunk]
            whole = [row for row, fault in zip(chunk, faults, strict=True) if fault is None]
            malformed = [fault for fault in faults if fault is not None]
            fields = [[row.fields[at] if at < len(row.fields) else None for row in whole] for at in positions]
            yield self._take_lines(fields, [row.line for row in whole], [row.text for row in whole], malformed, begin)

    def _rows_of(self, text: Iterable[str], lines_before: int) -> Iterator[Row]:
        """Read lines row by row, as such a log has them."""
        if self._written.unheaded is None:
            return strict_rows(text, self._reader.delimiter, lines_before, self._shown)
        return line_rows(text, self._reader.delimiter, lines_before)

    def _scanner(self, layout: Layout, written: Hashable) -> Scanner | None:
        from sla_audit.intake.scan.formats.csv_scanner import csv_scanner

        del written  # as it says here
        least, most = self._fields_a_row()
        by_line = self._written.unheaded is not None
        return csv_scanner(layout, self._reader.names, least, most, self._reader.delimiter, by_line=by_line)

    def _fields_a_row(self) -> tuple[int, int]:
        """Tell how many fields a row has, at least and at most."""
        of_header, unheaded = len(self._reader.names), self._written.unheaded
        return (of_header, of_header) if unheaded is None else (unheaded.least, max(of_header, len(unheaded.names)))

    def _decoded(self, rows: Iterator[Row], place: Callable[[bytes], int]) -> Iterator[Row]:
        """Refuse rows of which bytes are read that are no UTF-8; those that nobody reads are shown as Python does.

        `place` tells at which byte of the file a row begins.
        """
        read = [self._reader.names.index(name) for name in self.columns.all if name not in self.columns.merely_compared]
        for row in rows:
            written = row.text.encode(UTF_8, "surrogateescape")
            fault = not_utf8([written])
            short = len(row.fields) <= max(read)
            if fault is not None and (short or any(_HALF.search(row.fields[at]) for at in read)):
                byte, reason = fault
                raise InputError(undecodable(self.source.path, UTF_8, reason, place(written) + byte))
            yield row if fault is None else Row(row.line, list(map(_shown, row.fields)), _shown(row.text))

    def _fault(self, row: Row) -> Reject | None:
        """Say what is wrong with a row as such, if anything."""
        names, unheaded = self._reader.names, self._written.unheaded
        least, most = self._fields_a_row()
        if "\0" in row.text:
            found, expected = DAMAGED, TEXT
        elif not least <= len(row.fields) <= most:
            found = fields_of(row)
            expected = Sentence("{most}, as in the header", most=most)
            if unheaded is not None:
                expected = Sentence("{least} to {most} fields", least=least, most=most)
        elif row.fields == names:
            found, expected = Sentence("the header again"), Sentence("a request")
        elif any(self._is_whole(*each) for each in row.rows_within(self._reader.delimiter)):
            found = Sentence("several lines in quotes, with a whole row among them")
            expected = Sentence("a quote that closes in its row")
        else:
            return None
        return Reject(self._shown, f"line {row.line}", "row", found, expected, row.text)

    @property
    def _times(self) -> list[str]:
        """The columns of the file that are the time."""
        return [name for name in self.columns.timestamp if name not in self.columns.partitions]

    def _is_whole(self, fields: list[str], within: range) -> bool:
        """Tell whether these would be a request that quotes have swallowed, by their number and a time `within` them.

        A row whose first field has several lines ends with a line that seems whole, too; its time is its own.
        """
        names = self._reader.names
        if len(fields) != len(names) or not any(names.index(name) in within for name in self._times):
            return False
        said = {**self.columns.partitions, **dict(zip(names, fields, strict=True))}
        time = "T".join(str(said[name]) for name in self.columns.timestamp)
        return instant_of(time, self.plan.zone)[0] is not None


class PieceReading(CsvReading[_Csv]):
    """One reading of rows in CSV, in pieces."""

    @abstractmethod
    def _pieces(self) -> Iterator[Piece]:
        """Read the rows, piece by piece."""

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for piece in self._wanted(bounded(self._pieces(), self._shown)):
            yield from self._read(piece)

    def _read(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Scan a piece, whole rows; its half-written end, and what cannot be scanned, is read otherwise."""
        whole, last = parted(piece, quoted=self._written.unheaded is None) or (piece, None)
        written = (self._written, tuple(self._reader.names))
        settled = self._settled(whole.data, written, whole.start) if ends_a_line(whole) else None
        if settled is None:
            yield from self._read_at_once(piece)
            return
        yield from self._take_settled(settled)
        yield from self._take_rows(self._odd_rows(settled.odd, whole), self._begin(settled.odd, whole))
        if last is not None:
            yield from self._unfinished(last)

    def _odd_rows(self, lines: Lines, piece: Piece) -> Iterator[Row]:
        """Read some lines of a piece, each a row by itself."""
        begun = [piece.start]

        def rows() -> Iterator[Row]:
            numbered = lines.within(piece.data, piece.lines_before)
            for place, (number, line) in zip(lines.places.tolist(), numbered, strict=True):
                begun[0] = piece.start + place
                yield from self._rows_of([line.decode(UTF_8, "surrogateescape") + "\n"], number - 1)

        return self._decoded(rows(), lambda _: begun[0])

    def _read_at_once(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece with Arrow or, where something is wrong with it, row by row, its half-written end by itself."""
        fast = self._fast(piece.data)
        batches = [] if fast is None else fast.to_batches()
        read = [self._canonical(batch, self.columns.without(())) for batch in batches]
        lines = None if fast is None else self._lines(piece.data, fast.num_rows, piece.lines_before)
        if lines is not None and not any(batch.faults for batch in read):
            for batch, good in zip(batches, read, strict=True):
                yield self._take(batch, good, "line", lines)
                lines = lines[batch.num_rows :]
        elif (parts := parted(piece, quoted=self._written.unheaded is None)) is None:
            yield from self._slow(piece)
        else:
            whole, last = parts
            yield from self._read_at_once(whole)
            yield from self._unfinished(last)

    def _unfinished(self, last: Piece) -> Iterator[pa.RecordBatch]:
        """Read a last line without a line end, which may be a whole row all the same."""
        with self.rejects.of_last_line():
            try:
                yield from self._row_by_row(last)
            except InputError as error:  # cut within quotes, or within a character
                place, what = f"line {last.lines_before() + 1}", as_phrase(error.problems[0].what)
                text = last.data.to_pybytes().decode("utf-8", "backslashreplace")
                self.rows += 1
                self.rejects.add(Reject(self._shown, place, "row", what, Sentence("a whole row"), text))

    def _fast(self, data: pa.Buffer) -> pa.Table | None:
        """Parse a piece with Arrow, repetitive columns as dictionaries; None where a row cannot be parsed."""
        return self._reader.read(data) if data.size else None

    def _slow(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece row by row, so that each row that cannot be read is named."""
        yield from self._row_by_row(piece)

    def _row_by_row(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        data, lines_before = piece.data.to_pybytes(), piece.lines_before()
        newline = "" if self._written.unheaded is None else "\n"
        lines = io.TextIOWrapper(io.BytesIO(data), UTF_8, "surrogateescape", newline)
        rows = self._rows_of(lines, lines_before)
        if not_utf8(blocks_of(data)) is not None:
            # A row is where its text is for the first time: an earlier one of the same text was refused.
            rows = self._decoded(rows, lambda written: piece.start + data.find(written))
        yield from self._take_rows(rows)


class RangeReading(PieceReading[CsvRange]):
    """One reading of a range of bytes."""

    def _pieces(self) -> Iterator[Piece]:
        start = self.plan.start
        lines_before = partial(self.plan.counts.before, start)
        yield Piece(self.source.planned.range(start, self.plan.bytes), start, lines_before)

    def _slow(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._row_by_row(piece)
        except NotCsvError as error:
            if self.plan.cut:
                raise UnsafeSplitError(self.source) from error
            raise


class StreamReading(PieceReading[CsvStream]):
    """One reading of a file as it comes."""

    def _pieces(self) -> Iterator[Piece]:
        self.samples, planned, header = Samples(), self.source.planned, self.plan.header
        with open_utf8(planned, self._written.encoding) as file:
            self.samples.take(file.read(header.bytes).removeprefix(BOM_UTF8))
            with read_ahead(file, planned.size) as rest:
                yield from self.samples.taken(self._cut(rest, header))

    def _cut(self, rest: BinaryIO, header: CsvHeader) -> Iterator[Piece]:
        if self._written.unheaded is not None:
            yield from line_pieces(rest, header.bytes, self.plan.piece)
            return
        try:
            yield from placed(pieces(rest, self.plan.piece, self.plan.held), header.bytes, header.lines)
        except EndlessPieceError as error:
            raise UnsafeSplitError(self.source) from error

    def _slow(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._row_by_row(piece)
        except NotCsvError as error:
            raise UnsafeSplitError(self.source) from error


class WholeReading(CsvReading[CsvWhole]):
    """One reading of a file row by row."""

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self.samples, is_plain = Samples(), Content(self.source, self._written.encoding).is_plain
        with open_utf8(self.source.planned, self._written.encoding) as file:
            self.samples.take(file.read(self.plan.header.bytes).removeprefix(BOM_UTF8))
            text = io.TextIOWrapper(file, UTF_8, "surrogateescape", "")
            rest = bounded_lines(text, self.plan.header.lines, self._shown)
            lines = _Watched(rest, None if is_plain else self.samples)
            rows = strict_rows(lines, self._reader.delimiter, self.plan.header.lines, self._shown)
            rows = self._decoded(rows, lambda written: self.plan.header.bytes + lines.bytes_before_end - len(written))
            last: list[Row] = []
            yield from self._take_rows(_all_but_last(rows, lines, last))
            with self.rejects.of_last_line():
                yield from self._take_rows(iter(last))


def _shown(text: str) -> str:
    """Give a text with the bytes in it that are no UTF-8 as Python shows them."""
    return text.encode(UTF_8, "surrogateescape").decode(UTF_8, "backslashreplace")


def _all_but_last(rows: Iterator[Row], lines: _Watched, last: list[Row]) -> Iterator[Row]:
    """Give rows but for the last one, where its line has no end; that goes to `last`."""
    for row in rows:
        yield from last
        last[:] = [row]
    if lines.ended:
        yield from last
        last.clear()


class _Watched:
    """Lines of a text, of which samples are taken where there is somewhere to put them.

    Of the last one it is known whether it ended, and how many bytes came before its end.
    """

    def __init__(self, lines: Iterator[str], samples: Samples | None) -> None:
        self.ended = True
        self.bytes_before_end = 0
        self._bytes = 0
        self._lines = lines
        self._samples = samples

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.ended = line.endswith("\n")
            data = line.encode(UTF_8, "surrogateescape")
            self.bytes_before_end = self._bytes + len(data.removesuffix(b"\n").removesuffix(b"\r"))
            self._bytes += len(data)
            if self._samples is not None:
                self._samples.take(data)
            yield line
