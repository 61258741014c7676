"""Whole rows of a text file, in pieces that are read one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.planned import Planned

_BYTES_A_LINE = 64 << 20


class EndlessPieceError(Exception):
    """No row ends, at which a stream could be cut, for more bytes than may be held; it has the line ends before."""

    def __init__(self, lines: int = 0) -> None:
        super().__init__(lines)
        self.lines = lines


@dataclass(frozen=True)
class Piece:
    """Whole rows in UTF-8, and where in the text they begin; lines are only counted where they are asked for."""

    data: pa.Buffer
    start: int
    lines_before: Callable[[], int]


def placed(pieces: Iterable[bytes], start: int, lines: int) -> Iterator[Piece]:
    """Say of each piece of a stream where it begins. Raises `EndlessPieceError` with the lines before it."""
    try:
        for data in pieces:
            yield Piece(pa.py_buffer(data), start, partial(int, lines))
            start, lines = start + len(data), lines + data.count(b"\n")
    except EndlessPieceError as error:
        raise EndlessPieceError(lines) from error


def line_boundaries(planned: Planned, start: int, piece: int) -> list[int]:
    """Cut the lines of a file, from `start` on, into ranges of little more than `piece` bytes."""
    size = planned.size
    cuts = [start]
    with planned.open() as file:
        while size - cuts[-1] > piece:
            file.seek(cuts[-1] + piece)
            file.readline()
            cuts.append(min(file.tell(), size))
    return [*cuts, size] if cuts[-1] < size or size == start else cuts


def line_pieces(stream: BinaryIO, start: int, piece: int, where: str) -> Iterator[Piece]:
    """Cut a stream of lines, which `start` at some byte, into pieces of little more than `piece` bytes.

    Raises `InputError` rather than hold a line that does not end.
    """
    try:
        yield from placed(_whole_lines(stream, piece), start, 0)
    except EndlessPieceError as error:
        found = f"no line ends within {_BYTES_A_LINE:,} bytes"
        raise InputError(Problem(f"{where}, after line {error.lines}", found, "Export the log again.")) from error


def _whole_lines(stream: BinaryIO, piece: int) -> Iterator[bytes]:
    while data := stream.read(piece):
        if not data.endswith(b"\n"):
            end = stream.readline(_BYTES_A_LINE)
            if len(end) == _BYTES_A_LINE:
                raise EndlessPieceError
            data += end
        yield data
