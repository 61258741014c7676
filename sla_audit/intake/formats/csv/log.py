"""CSV logs, and lines without a header: the names of their fields, and how the file is cut into parts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.intake.bytes.chunks import (
    EndlessPieceError,
    line_boundaries,
)
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.line_counts import LineCounts
from sla_audit.intake.bytes.text_format import UTF_8, TextFormat
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.csv.cuts import boundaries
from sla_audit.intake.formats.csv.fast import FastReader
from sla_audit.intake.formats.csv.fragment import CsvRange, CsvStream, CsvWhole
from sla_audit.intake.formats.csv.header import CsvHeader, first_value, has_fields, read_header
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.recognition import Candidate, FirstLines, as_text
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source
from sla_audit.intake.values.timestamps import csv_type
from sla_audit.limits import MOST_LINE_BYTES

_BYTES_A_RANGE = 24 << 20
_BYTES_HELD = _BYTES_A_RANGE + MOST_LINE_BYTES
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


class CsvLog(OpenedLog):
    """A log in CSV, or one of lines without a header whose fields a dialect knows."""

    def __init__(self, source: Source, head: Head, text: TextFormat, dialect: Dialect | None) -> None:
        super().__init__(source, dialect)
        self._head = head
        self._text = text

    @classmethod
    def open(cls, source: Source, head: Head, written: Written) -> Self:
        """Open a log that has a header: see `interface.Opener`."""
        return cls(source, head, written.text, written.dialect)

    @classmethod
    def recognised(cls, source: Source, head: Head, written: Written, look: FirstLines) -> Iterator[Candidate]:
        """Tell whether first lines have the fields of the dialect."""
        dialect = written.dialect
        text = None if dialect is None else dialect.written(written.text.encoding)
        if dialect is not None and text is not None:
            count = sum(
                map(bool, look.fitting(look.lines, lambda line: has_fields(as_text(line), text, dialect) or None))
            )
            if count:
                yield look.seen(Candidate(dialect.id, count, partial(cls, source, head, text, dialect)))

    @property
    def names(self) -> list[str]:
        """The names in the header, or of the fields. Raises `InputError` for a file without a header."""
        return self._header.names

    @cached_property
    def _header(self) -> CsvHeader:
        return read_header(self._head, self._text)

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: ranges of its bytes, so that one large file keeps all threads busy.

        Ranges end where lines do that no quote is open at. A file that is packed, or in another encoding, can only be
        read from its start, and one in a store is fetched but once: it is one fragment. So is one that is to be read
        `uncut`: see `fragment.UnsafeSplitError`.
        """
        source, header, text, size = self.source, self._header, self._text, self.source.planned.size
        reader = self._reader(columns)
        whole = CsvWhole(source, columns, zone, bytes=size, reader=reader, written=text, header=header)
        if options.uncut:
            yield whole
            return
        if packing_of(source.path) or text.encoding != UTF_8 or not source.planned.near:
            yield CsvStream(
                source,
                columns,
                zone,
                bytes=size,
                reader=reader,
                written=text,
                header=header,
                piece=_BYTES_A_RANGE,
                held=_BYTES_HELD,
            )
            return
        if text.unheaded is None:
            try:
                cuts = boundaries(source.planned, header.bytes, _BYTES_A_RANGE, _BYTES_HELD)
            except EndlessPieceError:  # a quote is left open, or none of a row's end
                yield whole
                return
        else:
            cuts = line_boundaries(source.planned, header.bytes, _BYTES_A_RANGE)
        counts = LineCounts(source.planned)
        for first, end in pairwise(cuts):
            cut = len(cuts) > 2
            yield CsvRange(
                source,
                columns,
                zone,
                bytes=end - first,
                reader=reader,
                written=text,
                start=first,
                cut=cut,
                counts=counts,
            )

    def _reader(self, columns: LogColumns) -> FastReader:
        types = dict.fromkeys(columns.all, _DICTIONARY)
        if columns.request_id is not None:
            types[columns.request_id] = pa.string()  # no two of them are the same
        if len(columns.timestamp) == 1:
            name = columns.timestamp[0]
            types[name] = csv_type(first_value(self._head, self._text, self._header, name))
        return FastReader(self.names, types, self._text.delimiter, escapes=self._text.unheaded is not None)
