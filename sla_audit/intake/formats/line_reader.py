"""Where the lines of a file come from: a range of its bytes, or a stream that is unpacked and brought to UTF-8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from sla_audit.intake.bytes.chunks import Piece, bounded, line_boundaries, line_pieces
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.bytes.documents import laid_out
from sla_audit.intake.bytes.encoding import open_utf8
from sla_audit.intake.bytes.line_counts import LineCounts
from sla_audit.intake.bytes.read_ahead import read_ahead
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.sources.source import Source


@dataclass(frozen=True)
class LineReader:
    """A part of one file, whole lines: `bytes` of it from `start` on or, with an `encoding`, all of it as it comes.

    Of a `document`, lines are made: see `documents`.
    """

    source: Source
    bytes: int
    start: int
    piece: int
    encoding: str | None
    counts: LineCounts
    document: bool = False

    def pieces(self, samples: Samples) -> Iterator[Piece]:
        """Read the lines, piece by piece, and take samples of those that come as a stream.

        Raises `InputError` for a line that is too long.
        """
        return bounded(self._pieces(samples), self.source.shown)

    def _pieces(self, samples: Samples) -> Iterator[Piece]:
        if self.encoding is not None:
            planned = self.source.planned
            with open_utf8(planned, self.encoding) as file, read_ahead(file, planned.size) as ahead:
                if self.document:
                    yield from line_pieces(laid_out(ahead, samples.take), 0, self.piece)
                else:
                    yield from samples.taken(line_pieces(ahead, 0, self.piece))
            return
        yield Piece(
            self.source.planned.range(self.start, self.bytes), self.start, partial(self.counts.before, self.start)
        )


def line_readers(source: Source, encoding: str, piece: int, *, document: bool = False) -> Iterator[LineReader]:
    """Plan the reading of a file: ranges of little more than `piece` bytes, which several threads may read at once.

    A file that is packed, in another encoding, or a `document`, can only be read from its start; one in a store is
    fetched but once.
    """
    counts = LineCounts(source.planned)
    if packing_of(source.path) or encoding != UTF_8 or document or not source.planned.near:
        yield LineReader(source, source.planned.size, 0, piece, encoding, counts, document)
        return
    for first, end in pairwise(line_boundaries(source.planned, 0, piece)):
        yield LineReader(source, end - first, first, piece, None, counts)
