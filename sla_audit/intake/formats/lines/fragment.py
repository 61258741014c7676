"""Parts of logs of lines: pieces of whole lines, read by columns, or line by line where one is odd."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.chunks import Piece, lines_in, numbered_lines, some_at_a_time
from sla_audit.intake.dialects.line_format import LineFormat
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.formats.line_reader import LineReader
from sla_audit.intake.formats.lines.fields import FieldReader
from sla_audit.intake.formats.lines.w3c import sections
from sla_audit.intake.formats.lines.written import TextLog
from sla_audit.intake.formats.scanned import ScannedReading, Settled
from sla_audit.intake.formats.wrappers import as_on_other_lines
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.rejects import DAMAGED, TEXT, Reject
from sla_audit.intake.scan.layout import Layout
from sla_audit.sentence import Sentence, in_series, to_say

if TYPE_CHECKING:
    from sla_audit.intake.scan.scanner import Scanner

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, eq=False, kw_only=True)
class LineFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole lines."""

    reader: LineReader
    written: TextLog

    def read(self, without: Collection[str] = ()) -> LineReading:
        """Begin to read its rows: see `LogFragment.read`. Nothing is known of a column before it is read."""
        return LineReading(self, without)


class LineReading(ScannedReading[LineFragment]):
    """One reading of some lines."""

    loops = "lines"

    def _batches(self) -> Iterator[pa.RecordBatch]:
        formats = self.plan.written.formats
        self.samples = Samples()
        for piece in self._wanted(self.plan.reader.pieces(self.samples)):
            text = piece.data.to_pybytes()
            text = text if piece.start else text.removeprefix(_BYTE_ORDER_MARK)
            if not self.plan.written.w3c:
                yield from self._read(text, FieldReader(formats, self.columns), piece, 0)
                continue
            done = 0
            for part, known in sections(text, formats[0]):
                self._refuse_lacking(known, piece, done)
                yield from self._read(part, FieldReader((known,), self.columns), piece, done)
                formats, done = (known,), done + part.count(b"\n")

    def _refuse_lacking(self, known: LineFormat, piece: Piece, lines: int) -> None:
        """Say so where fields that are read end within a file: that a field is absent says nothing of a request."""
        lacking = [name for name in replace(self.columns, compared=False).all if name not in known.names]
        if lacking:
            where = f"{self._shown}, line {piece.lines_before() + lines + 1}"
            names = in_series([*map(repr, lacking)], to_say("{listed} and no {value}"))
            found = Sentence("from here on the log has no {names}, which it had before", names=names)
            raise InputError(Problem(where, found, "Split the file there, and read its parts in two runs."))

    def _read(self, text: bytes, lines: FieldReader, piece: Piece, before: int) -> Iterator[pa.RecordBatch]:
        """Read lines of some formats, of which `before` are above them in the piece: scan them, if that can be."""
        end = text.rfind(b"\n") + 1
        whole = text[:end]
        start = self._start(piece, len(text))
        settled = self._scanned(whole, lines, start)
        if settled is None:
            yield from self._read_at_once(text, lines, piece, before)
            return
        yield from self._take_settled(settled)
        by_number = self.plan.written.wrapper is not None
        odd = settled.odd.within(pa.py_buffer(whole), lambda: piece.lines_before() + before, by_number=by_number)
        begin = None if start is None else self._begin(settled.odd, replace(piece, start=start))
        yield from self._line_by_line(odd, lines, begin)
        if end < len(text):
            with self.rejects.of_last_line():
                yield from self._one_by_one(text[end:], lines, piece.lines_before() + before + whole.count(b"\n"))

    def _start(self, piece: Piece, size: int) -> int | None:
        """Tell where in the text begins what is read of a piece, its last bytes; None where that is not in the text."""
        written = self.plan.written
        return None if written.w3c or written.wrapper is not None else piece.start + piece.data.size - size

    def _scanned(self, text: bytes, lines: FieldReader, start: int | None) -> Settled | None:
        """Scan whole lines, most of which are of the first of their formats."""
        wrapper = self.plan.written.wrapper
        if wrapper is None or self.plan.scanners is None:
            return self._settled(pa.py_buffer(text), lines.first, start)
        inner = wrapper.off_all(text)
        settled = None if inner is None else self._settled(pa.py_buffer(inner), lines.first)
        # What is blank within a wrapper is no blank line.
        return settled if settled and settled.lines == lines_in(text) else None

    def _scanner(self, layout: Layout, written: Hashable) -> Scanner | None:
        from sla_audit.intake.scan.formats.line_scanner import line_scanner

        return line_scanner(layout, written) if isinstance(written, LineFormat) else None

    def _read_at_once(self, text: bytes, lines: FieldReader, piece: Piece, before: int) -> Iterator[pa.RecordBatch]:
        """Read lines by columns or, where one is odd, one by one."""
        wrapper = self.plan.written.wrapper
        inner = text if wrapper is None else wrapper.off_all(text)
        fast = None if inner is None else lines.columns(inner)
        if fast is not None:
            read = self._canonical(fast, self.columns.without(()))
            places = self._lines(text, fast.num_rows, lambda: piece.lines_before() + before)
            if places is not None and not read.faults:
                yield self._take(fast, read, "line", places)
                return
        yield from self._slow(text, lines, piece.lines_before() + before)

    def _slow(self, text: bytes, lines: FieldReader, lines_before: int) -> Iterator[pa.RecordBatch]:
        """Read lines one by one, so that each that cannot be read is named, and the last one that has no line end."""
        last = text.rfind(b"\n") + 1
        yield from self._one_by_one(text[:last], lines, lines_before)
        with self.rejects.of_last_line():
            yield from self._one_by_one(text[last:], lines, lines_before + text.count(b"\n"))

    def _one_by_one(self, text: bytes, lines: FieldReader, lines_before: int) -> Iterator[pa.RecordBatch]:
        yield from self._line_by_line(numbered_lines(text, lines_before), lines)

    def _line_by_line(
        self, numbered: Iterable[tuple[int, bytes]], lines: FieldReader, begin: Mapping[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        for chunk in some_at_a_time(numbered, lambda each: len(each[1])):
            read = [self._row(number, line, lines) for number, line in chunk]
            malformed = [row for row in read if isinstance(row, Reject)]
            good = [
                (number, line, row) for (number, line), row in zip(chunk, read, strict=True) if isinstance(row, list)
            ]
            fields = [[row[at] for _, _, row in good] for at in range(len(self.columns.all))]
            texts = [_raw(each[1]) for each in good]
            yield self._take_lines(fields, [each[0] for each in good], texts, malformed, begin)

    def _row(self, number: int, line: bytes, lines: FieldReader) -> list[str | None] | Reject:
        """Give the fields of a line that are wanted; or say what is wrong with it."""
        wrapper, place = self.plan.written.wrapper, f"line {number}"
        inner = line if wrapper is None else wrapper.off(line)
        if b"\0" in line:
            return Reject(self._shown, place, "row", DAMAGED, TEXT, _raw(line))
        if inner is None:
            expected = as_on_other_lines(wrapper)
            return Reject(self._shown, place, "row", _quoted(_raw(line)), expected, _raw(line))
        values = lines.of(inner.removesuffix(b"\r").decode("utf-8", "surrogateescape"))
        if values is None:
            dialect = self.columns.dialect
            expected = Sentence("the fields of the log")
            if dialect is not None:
                expected = Sentence("a line as {dialect} writes it", dialect=dialect.id)
            return Reject(self._shown, place, "row", _quoted(_raw(line)), expected, _raw(line))
        for name, value in zip(self.columns.all, values, strict=True):
            if value is not None and _HALF.search(value):
                return Reject(self._shown, place, name, _quoted(_raw(line)), Sentence("text in UTF-8"), _raw(line))
        return values


def _raw(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").strip()


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
