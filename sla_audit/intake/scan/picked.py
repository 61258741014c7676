"""Some lines of a text, of which it is known where they begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from sla_audit.intake.bytes.chunks import Piece
from sla_audit.intake.scan.compiled import entry
from sla_audit.intake.scan.words import Bytes, Numbers

_LINE_END = ord("\n")


def lines_at(places: Numbers, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Give of each piece, if any, the lines that begin at some `places` of the text, which are in order.

    What was counted before a line, as what is said of where it is, does not hold of what is given.
    """
    for piece in pieces:
        first, end = np.searchsorted(places, (piece.start, piece.start + piece.data.size)).tolist()
        if first < end:
            text = np.frombuffer(piece.data, np.uint8)
            lines = np.empty_like(text)
            size = pick(text, places[first:end] - piece.start, lines)
            yield Piece(pa.py_buffer(lines[:size]), piece.start, piece.lines_before)


@entry
def pick(text: Bytes, places: Numbers, lines: Bytes) -> int:
    """Copy the lines that begin at some places to where there is room for them, and give how many bytes that are."""
    size = 0
    for place in places:
        end = place
        while end < len(text) - 1 and text[end] != _LINE_END:  # a file that is another by now may have none
            end += 1
        for each in range(place, end + 1):
            lines[size + each - place] = text[each]
        size += end + 1 - place
    return size
