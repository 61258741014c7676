"""JSON lines logs: what the first objects have, and how the file is cut into parts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.bytes.documents import document_in
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.jsonl.fragment import JsonFragment
from sla_audit.intake.formats.jsonl.objects import object_of
from sla_audit.intake.formats.jsonl.sample import Kinds, refuse_document, sample
from sla_audit.intake.formats.line_reader import line_readers
from sla_audit.intake.formats.recognition import Candidate, FirstLines, likeliest
from sla_audit.intake.formats.wrappers import Wrapper
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source

_BYTES_A_RANGE = 16 << 20


class JsonLog(OpenedLog):
    """A log of one JSON object a line; fields of an object within are joined by a dot."""

    has_objects = True

    def __init__(
        self,
        source: Source,
        head: Head,
        dialect: Dialect | None,
        wrapper: Wrapper | None = None,
        document: str | None = None,
    ) -> None:
        super().__init__(source, dialect, wrapper)
        self._head = head
        self._document = document

    @classmethod
    def open(cls, source: Source, head: Head, written: Written) -> OpenedLog:
        """Open a log that is called JSON: see `interface.Opener`. Raises `InputError` for one object over lines."""
        if suffix_unpacked(source.path) == ".json":
            refuse_document(head, source.shown)
        look = FirstLines.of(head)
        candidates = list(cls.recognised(source, head, written, look))
        return likeliest(candidates)[0].open() if candidates else cls(source, head, written.dialect)

    @classmethod
    def recognised(cls, source: Source, head: Head, written: Written, look: FirstLines) -> Iterator[Candidate]:
        """Tell how many of the first lines are objects, as they are and within each wrapper."""
        document = document_in(b"\n".join(look.lines))
        if document is not None:
            opened = partial(cls, source, head, written.dialect, None, document)
            yield look.seen(Candidate("JSON", len(look.lines), opened, is_object=True))
            return
        for wrapper, inner in look.within:
            count = sum(line.lstrip().startswith(b"{") and object_of(line) is not None for line in inner)
            if count:
                opened = partial(cls, source, head, written.dialect, wrapper)
                yield look.seen(Candidate("JSON lines", count, opened, wrapper, is_object=True))

    @property
    def around(self) -> str | None:
        """See `OpenedLog.around`: a document's layout is taken off too."""
        return self._document or super().around

    @property
    def names(self) -> list[str]:
        """The fields of the first objects.

        Raises `InputError` where none of the first lines is an object.
        """
        return list(self._kinds)

    @cached_property
    def _kinds(self) -> Kinds:
        return sample(self._head, self.wrapper, is_document=self._document is not None)

    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of the file: see `line_reader.line_readers`."""
        del options  # a line ends where it ends
        kinds, wrapper = self._kinds, self.wrapper
        is_document = self._document is not None
        for reader in line_readers(self.source, self._head.encoding, _BYTES_A_RANGE, document=is_document):
            yield JsonFragment(
                self.source, columns, zone, bytes=reader.bytes, kinds=kinds, reader=reader, wrapper=wrapper
            )
