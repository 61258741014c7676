"""Logs of lines in a gateway's own text: pieces of whole lines, read by columns, or line by line where one is odd."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.chunks import Piece, numbered_lines, some_at_a_time
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.line_format import LineFormat, unescaped
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.line_reader import LineReader, line_readers
from sla_audit.intake.formats.lines.w3c import last_named, sections, w3c_format
from sla_audit.intake.formats.recognition import Candidate, as_text, has_time, within
from sla_audit.intake.formats.scanned import ScannedFragment, Settled
from sla_audit.intake.formats.wrappers import Wrapper
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.rejects import Reject
from sla_audit.intake.scan.layout import Layout
from sla_audit.intake.sources.find import Source

if TYPE_CHECKING:
    from sla_audit.intake.scan.scanner import Scanner

_BYTES_A_RANGE = 24 << 20
_BYTES_A_BLOCK = 8 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NO_CHARACTER_OF_TEXT = "\x01"
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class TextLog:
    """How a log of lines is written: each in one of some formats, and what is around all of them.

    `names` are the fields that the log has, as far as is known. With `w3c`, lines that begin with `#` are no requests,
    and may name other fields than the one format here.
    """

    formats: tuple[LineFormat, ...]
    names: tuple[str, ...]
    encoding: str = UTF_8
    wrapper: Wrapper | None = None
    w3c: bool = False


class LinesLog(OpenedLog):
    """A log of lines in a gateway's own text, or in the extended format of the W3C."""

    def __init__(self, source: Source, written: TextLog, dialect: Dialect | None) -> None:
        super().__init__(source, dialect, written.wrapper)
        self._written = written

    @classmethod
    def naming_fields(cls, source: Source, head: Head, written: Written, lines: Sequence[bytes]) -> Iterator[Candidate]:
        """Tell a log that names its fields, in the extended format of the W3C."""
        found, dialect = w3c_format(lines), written.dialect
        if found is not None:
            text = TextLog((found,), found.names, head.encoding, w3c=True)
            count = sum(line.startswith(b"#") or found.fields(as_text(line)) is not None for line in lines)
            title = "the format of the W3C" if dialect is None else dialect.id
            yield Candidate(title, count, partial(cls, source, text, dialect))

    @classmethod
    def recognised(cls, source: Source, head: Head, written: Written, lines: Sequence[bytes]) -> Iterator[Candidate]:
        """Tell how many of the first lines have a format of the dialect, as they are and within each wrapper."""
        dialect = written.dialect
        if dialect is None or dialect.text is None:
            return
        formats = dialect.text.read()
        for wrapper, inner in within(lines) if formats else ():
            fitting = [_format_of(as_text(line), formats, dialect) for line in inner]
            seen = [each for each in formats if each in fitting]
            if seen:
                # A later line may have a format that none was seen of, yet that does not say which fields the log has.
                others = [each for each in formats if each not in seen]
                names = tuple(dict.fromkeys(name for each in seen for name in each.names))
                text = TextLog((*seen, *others), names, head.encoding, wrapper)
                count = sum(each is not None for each in fitting)
                yield Candidate(dialect.id, count, partial(cls, source, text, dialect), wrapper)

    @property
    def names(self) -> list[str]:
        """The fields of the formats that the first lines have."""
        return list(self._written.names)

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: see `line_reader.line_readers`."""
        written, planned = self._written, self.source.planned
        readers = list(line_readers(self.source, written.encoding, _BYTES_A_RANGE))
        for reader in readers:
            yield LineFragment(
                self.source,
                columns,
                zone,
                bytes=reader.bytes,
                scanners=options.scanners,
                reader=reader,
                written=written,
            )
            if written.w3c and reader is not readers[-1]:
                part = planned.range(reader.start, reader.bytes).to_pybytes()
                written = replace(written, formats=(last_named(part, written.formats[0]),))


def _format_of(line: str, formats: Sequence[LineFormat], dialect: Dialect) -> LineFormat | None:
    """Tell which format a line has, if any, with a time where it should be."""
    for each in formats:
        fields = each.fields(line)
        if fields is not None and has_time(dict(zip(each.names, fields, strict=True)), dialect):
            return each
    return None


@dataclass(eq=False, kw_only=True)
class LineFragment(ScannedFragment):
    """A part of one file, or all of it, in pieces of whole lines."""

    loops = "lines"

    reader: LineReader
    written: TextLog

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        del without  # a text file has no statistics, so nothing is known of a column before it is read
        formats = self.written.formats
        self.samples = Samples()
        for piece in self.reader.pieces(self.samples):
            text = piece.data.to_pybytes()
            text = text if piece.start else text.removeprefix(_BYTE_ORDER_MARK)
            if not self.written.w3c:
                yield from self._read(text, _Lines(formats, self.columns), piece, 0)
                continue
            done = 0
            for part, known in sections(text, formats[0]):
                self._refuse_lacking(known, piece, done)
                yield from self._read(part, _Lines((known,), self.columns), piece, done)
                formats, done = (known,), done + part.count(b"\n")

    def _refuse_lacking(self, known: LineFormat, piece: Piece, lines: int) -> None:
        """Say so where fields that are read end within a file: that a field is absent says nothing of a request."""
        lacking = [name for name in replace(self.columns, compared=False).all if name not in known.names]
        if lacking:
            where = f"{self.source.shown}, line {piece.lines_before() + lines + 1}"
            found = f"from here on the log has no {' and no '.join(map(repr, lacking))}, which it had before"
            raise InputError(Problem(where, found, "Split the file there, and read its parts in two runs."))

    def _read(self, text: bytes, lines: _Lines, piece: Piece, before: int) -> Iterator[pa.RecordBatch]:
        """Read lines of some formats, of which `before` are above them in the piece: scan them, if that can be."""
        end = text.rfind(b"\n") + 1
        whole = text[:end]
        settled = self._scanned(whole, lines)
        if settled is None:
            yield from self._read_at_once(text, lines, piece, before)
            return
        yield from self._take_settled(settled)
        by_number = self.written.wrapper is not None
        odd = settled.odd.within(pa.py_buffer(whole), lambda: piece.lines_before() + before, by_number=by_number)
        yield from self._line_by_line(odd, lines)
        if end < len(text):
            with self.rejects.of_last_line():
                yield from self._one_by_one(text[end:], lines, piece.lines_before() + before + whole.count(b"\n"))

    def _scanned(self, text: bytes, lines: _Lines) -> Settled | None:
        """Scan whole lines, most of which are of the first of their formats."""
        wrapper = self.written.wrapper
        if wrapper is None or self.scanners is None:
            return self._settled(pa.py_buffer(text), lines.first)
        inner = wrapper.off_all(text)
        settled = None if inner is None else self._settled(pa.py_buffer(inner), lines.first)
        # What is blank within a wrapper is no blank line.
        return settled if settled and settled.lines == sum(1 for line in text.split(b"\n") if line.strip()) else None

    def _scanner(self, layout: Layout, written: Hashable) -> Scanner | None:
        from sla_audit.intake.scan.line_scanner import line_scanner

        return line_scanner(layout, written) if isinstance(written, LineFormat) else None

    def _read_at_once(self, text: bytes, lines: _Lines, piece: Piece, before: int) -> Iterator[pa.RecordBatch]:
        """Read lines by columns or, where one is odd, one by one."""
        wrapper = self.written.wrapper
        inner = text if wrapper is None else wrapper.off_all(text)
        fast = None if inner is None else lines.columns(inner)
        if fast is not None:
            read = self._canonical(fast, self.columns.without(()))
            if not read.faults:
                yield self._take(read, fast.num_rows, "line", ())
                return
        yield from self._slow(text, lines, piece.lines_before() + before)

    def _slow(self, text: bytes, lines: _Lines, lines_before: int) -> Iterator[pa.RecordBatch]:
        """Read lines one by one, so that each that cannot be read is named, and the last one that has no line end."""
        last = text.rfind(b"\n") + 1
        yield from self._one_by_one(text[:last], lines, lines_before)
        with self.rejects.of_last_line():
            yield from self._one_by_one(text[last:], lines, lines_before + text.count(b"\n"))

    def _one_by_one(self, text: bytes, lines: _Lines, lines_before: int) -> Iterator[pa.RecordBatch]:
        yield from self._line_by_line(numbered_lines(text, lines_before), lines)

    def _line_by_line(self, numbered: Iterable[tuple[int, bytes]], lines: _Lines) -> Iterator[pa.RecordBatch]:
        for chunk in some_at_a_time(numbered, lambda each: len(each[1])):
            read = [self._row(number, line, lines) for number, line in chunk]
            malformed = [row for row in read if isinstance(row, Reject)]
            good = [
                (number, line, row) for (number, line), row in zip(chunk, read, strict=True) if isinstance(row, list)
            ]
            fields = [[row[at] for _, _, row in good] for at in range(len(self.columns.all))]
            yield self._take_lines(fields, [each[0] for each in good], [_raw(each[1]) for each in good], malformed)

    def _row(self, number: int, line: bytes, lines: _Lines) -> list[str | None] | Reject:
        """Give the fields of a line that are wanted; or say what is wrong with it."""
        wrapper, place = self.written.wrapper, f"line {number}"
        inner = line if wrapper is None else wrapper.off(line)
        if b"\0" in line:
            return Reject(self.source.shown, place, "row", "damaged: it holds NUL bytes", "text", _raw(line))
        if inner is None:
            expected = f"{wrapper.name if wrapper else ''}, as on other lines"
            return Reject(self.source.shown, place, "row", _shown(_raw(line)), expected, _raw(line))
        values = lines.of(inner.removesuffix(b"\r").decode("utf-8", "surrogateescape"))
        if values is None:
            dialect = self.columns.dialect
            expected = "the fields of the log" if dialect is None else f"a line as {dialect.id} writes it"
            return Reject(self.source.shown, place, "row", _shown(_raw(line)), expected, _raw(line))
        for name, value in zip(self.columns.all, values, strict=True):
            if value is not None and _HALF.search(value):
                return Reject(self.source.shown, place, name, _shown(_raw(line)), "text in UTF-8", _raw(line))
        return values


class _Lines:
    """Lines of some formats, and the fields of them that are wanted."""

    def __init__(self, formats: Sequence[LineFormat], columns: LogColumns) -> None:
        self._formats = formats
        self._wanted = columns.all
        self._unlike = {columns.request_id, *(columns.timestamp if len(columns.timestamp) == 1 else ())}

    def columns(self, text: bytes) -> pa.RecordBatch | None:
        """Give the fields that are wanted of all lines as columns; None where some line is odd."""
        lines = _lines(text)
        if lines is None:
            return None
        found: list[pl.Series] = []
        for expression, groups in self._expressions:
            fields = lines.str.extract_groups(expression)
            some = [
                pl.repeat(None, len(lines), dtype=pl.String, eager=True) if at is None else fields.struct.field(str(at))
                for at in groups
            ]
            found = some if not found else [_first_of(*pair) for pair in zip(found, some, strict=True)]
            if not found[self._always].null_count():
                break
        else:
            return None
        escapes = any(each.escapes for each in self._formats)
        arrays = [
            _column(each.to_arrow().cast(pa.string()), repeats=name not in self._unlike, escapes=escapes)
            for name, each in zip(self._wanted, found, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._wanted))

    def of(self, line: str) -> list[str | None] | None:
        """Give the fields that are wanted of one line; None where it is of no format."""
        for each in self._formats:
            fields = each.fields(line)
            if fields is not None:
                said = dict(zip(each.names, fields, strict=True))
                values = [said.get(name) for name in self._wanted]
                return [unescaped(value) if each.escapes and value else value for value in values]
        return None

    @property
    def first(self) -> LineFormat:
        """The format that goes before the others."""
        return self._formats[0]

    @cached_property
    def _expressions(self) -> list[tuple[str, list[int | None]]]:
        """The expression of each format, and the group in it of each field that is wanted."""
        found = []
        for each in self._formats:
            order = [name for name in each.names if name in self._wanted]
            groups = [order.index(name) + 1 if name in order else None for name in self._wanted]
            found.append((f"^(?:{each.expression(order)})$", groups))
        return found

    @cached_property
    def _always(self) -> int:
        """The place of a field that all formats have, so that a line of any has it."""
        return next(at for at, name in enumerate(self._wanted) if all(name in each.names for each in self._formats))


def _lines(text: bytes) -> pl.Series | None:
    """Give the lines of a text that are not blank; None where they are not plain."""
    if b"\0" in text or text.count(b"\r") != text.count(b"\r\n"):
        return None
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(column_names=["line"], block_size=_BYTES_A_BLOCK, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=_NO_CHARACTER_OF_TEXT, quote_char=False),
            convert_options=pa_csv.ConvertOptions(column_types={"line": pa.string()}, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return pl.Series(table.column("line"))


def _first_of(one: pl.Series, other: pl.Series) -> pl.Series:
    return one.zip_with(one.is_not_null(), other)


def _column(column: pa.Array, *, repeats: bool, escapes: bool) -> pa.Array:
    """Give a column as text or, where values repeat, as a dictionary; with what is escaped in it undone."""
    escaped = escapes and pc.any(pc.match_substring(column, "\\")).as_py()
    if not repeats and not escaped:
        return column
    encoded = column.dictionary_encode()
    if escaped:
        values = pa.array([unescaped(value) for value in encoded.dictionary.to_pylist()], pa.string())
        encoded = pa.DictionaryArray.from_arrays(encoded.indices, values, safe=False)
    return encoded if repeats else encoded.dictionary_decode()


def _raw(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").strip()


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
