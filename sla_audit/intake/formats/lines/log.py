"""Logs of lines in a gateway's own text: how they are recognised, and cut into parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from sla_audit.intake.bytes.head import Head
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.line_format import Fitting, LineFormat, like, odd
from sla_audit.intake.dialects.naming import Naming
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.line_reader import line_readers
from sla_audit.intake.formats.lines.fragment import LineFragment
from sla_audit.intake.formats.lines.w3c import last_named, w3c_format
from sla_audit.intake.formats.lines.written import TextLog
from sla_audit.intake.formats.recognition import Candidate, FirstLines, as_text, is_time
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source
from sla_audit.sentence import to_say

_BYTES_A_RANGE = 24 << 20


class LinesLog(OpenedLog):
    """A log of lines in a gateway's own text, or in the extended format of the W3C."""

    def __init__(self, source: Source, written: TextLog, dialect: Dialect | None) -> None:
        super().__init__(source, dialect, written.wrapper)
        self._written = written

    @classmethod
    def naming_fields(cls, source: Source, head: Head, written: Written, look: FirstLines) -> Iterator[Candidate]:
        """Tell a log that names its fields, in the extended format of the W3C."""
        found, dialect = w3c_format(look.lines), written.dialect
        if found is not None:
            text = TextLog((found,), found.names, head.encoding, w3c=True)
            count = sum(line.startswith(b"#") or found.fields(as_text(line)) is not None for line in look.lines)
            title = to_say("the format of the W3C") if dialect is None else dialect.id
            yield look.seen(Candidate(title, count, partial(cls, source, text, dialect)))

    @classmethod
    def recognised(cls, source: Source, head: Head, written: Written, look: FirstLines) -> Iterator[Candidate]:
        """Tell how many of the first lines have a format of the dialect, as they are and within each wrapper.

        Lines in which something odd stands are only looked for where none is as any format has it.
        """
        dialect = written.dialect
        if dialect is None:
            return
        known = _recognition(dialect)
        formats = known.formats
        for wrapper, inner in look.within if formats else ():
            plain = look.fitting(inner, known.format_of)
            around = [] if look.most or any(plain) else [known.format_of(line, odd) for line in inner]
            seen = [each for each in formats if each in plain or each in around]
            if seen:
                # A later line may have a format that none was seen of, yet that does not say which fields the log has.
                others = [each for each in formats if each not in seen]
                names = tuple(dict.fromkeys(name for each in seen for name in each.names))
                text = TextLog((*seen, *others), names, head.encoding, wrapper)
                count, count_odd = (sum(each is not None for each in some) for some in (plain, around))
                opened = partial(cls, source, text, dialect)
                yield look.seen(Candidate(dialect.id, count, opened, wrapper, odd=count_odd))

    @property
    def names(self) -> list[str]:
        """The fields of the formats that the first lines have."""
        return list(self._written.names)

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: see `line_reader.line_readers`."""
        del options  # a line ends where it ends
        written, planned = self._written, self.source.planned
        readers = list(line_readers(self.source, written.encoding, _BYTES_A_RANGE))
        for reader in readers:
            yield LineFragment(self.source, columns, zone, bytes=reader.bytes, reader=reader, written=written)
            if written.w3c and reader is not readers[-1]:
                part = planned.range(reader.start, reader.bytes).to_pybytes()
                written = replace(written, formats=(last_named(part, written.formats[0]),))


class _Recognition:
    """Tells which format of a dialect a line has, if any, with a time where it should be.

    The user is to say where the time is where the dialect does not know it of a format.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.formats = () if dialect.text is None else dialect.text.read()
        self._order = dialect.time_format
        self._times: dict[int, Sequence[int]] = {}
        for each in self.formats:
            naming = Naming(dialect, each.names)
            self._times[id(each)] = [each.names.index(name) for name in naming.timestamp] if naming.has_time else ()

    def format_of(self, line: bytes, fitting: Fitting = like) -> LineFormat | None:
        """Find the format."""
        for each, fields in fitting(as_text(line), self.formats):
            times = self._times[id(each)]
            if not times or is_time([fields[at] for at in times], self._order):
                return each
        return None


_recognition = lru_cache(_Recognition)
