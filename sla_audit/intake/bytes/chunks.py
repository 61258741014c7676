"""Whole rows of a text file, in pieces that are read one at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, TypeVar

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.limits import MOST_LINE_BYTES
from sla_audit.sentence import Sentence

_BYTES_A_LOOK = 1 << 16
_BYTES_A_BLOCK = 4 << 20
_ITEMS_AT_ONCE, _SIZE_AT_ONCE = 50_000, 4 << 20
_Item = TypeVar("_Item")


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


def numbered_lines(text: bytes, lines_before: int) -> Iterator[tuple[int, bytes]]:
    """Give the lines of a text that are not blank, one at a time, with their numbers and without their ends."""
    for number, line in enumerate(io.BytesIO(text), lines_before + 1):
        if line.strip():
            yield number, line.removesuffix(b"\n")


def line_boundaries(planned: PlannedFile, start: int, piece: int) -> list[int]:
    """Cut the lines of a file, from `start` on, into ranges of little more than `piece` bytes.

    A range that ends within a line has more of that than a line may have: see `bounded`.
    """
    size = planned.size
    cuts = [start]
    with planned.open() as file:
        while size - cuts[-1] > piece:
            file.seek(cuts[-1] + piece)
            file.readline(MOST_LINE_BYTES + 1)
            cuts.append(min(file.tell(), size))
    return [*cuts, size] if cuts[-1] < size or size == start else cuts


def line_pieces(stream: BinaryIO, start: int, piece: int) -> Iterator[Piece]:
    """Cut a stream of lines, which `start` at some byte, into pieces of little more than `piece` bytes.

    A piece that ends within a line has more of that than a line may have: see `bounded`.
    """
    return placed(_whole_lines(stream, piece), start, 0)


def bounded(pieces: Iterable[Piece], where: str) -> Iterator[Piece]:
    """Pass pieces on. Raises `InputError` where one has a line that is longer than a line may be."""
    for piece in pieces:
        at = _long_line(memoryview(piece.data))
        if at is not None:
            line = piece.lines_before() + piece.data.slice(0, at).to_pybytes().count(b"\n") + 1
            raise InputError(endless(f"{where}, line {line}"))
        yield piece


def first_lines(stream: BinaryIO, lines: int, where: str) -> Iterator[bytes]:
    """Read the first lines of a stream, fewer where they are long. Raises `InputError` for one that is too long."""
    size = 0
    for number in range(1, lines + 1):
        line = stream.readline(MOST_LINE_BYTES + 1)
        size += len(line)
        if len(line) > MOST_LINE_BYTES:
            raise InputError(endless(f"{where}, line {number}"))
        if not line or (number > 1 and size > MOST_LINE_BYTES):
            return
        yield line


def endless(where: str) -> Problem:
    """Say that a line is longer than a line may be."""
    found = Sentence("the line does not end within {most:,} bytes", most=MOST_LINE_BYTES)
    return Problem(where, found, "Check that it is a log, with a line end after each request, or export it again.")


def some_at_a_time(items: Iterable[_Item], size: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    """Give items in lists that are neither long nor, by the `size` of each, large."""
    some, total = list[_Item](), 0
    for item in items:
        some.append(item)
        total += size(item)
        if len(some) >= _ITEMS_AT_ONCE or total >= _SIZE_AT_ONCE:
            yield some
            some, total = [], 0
    if some:
        yield some


def _long_line(text: memoryview) -> int | None:
    """Find where a line begins that is too long, if any: lines that lie between two looks are not looked at."""
    start = 0
    while len(text) - start > MOST_LINE_BYTES:
        end = _last_line_end(text, start, start + MOST_LINE_BYTES + 1)
        if end is None:
            return start
        start = end
    return None


def _last_line_end(text: memoryview, start: int, end: int) -> int | None:
    """Find the place after the last line end between two places."""
    look = _BYTES_A_LOOK
    while end > start:
        first = max(start, end - look)
        found = text[first:end].tobytes().rfind(b"\n")
        if found >= 0:
            return first + found + 1
        end, look = first, look * 2
    return None


def _whole_lines(stream: BinaryIO, piece: int) -> Iterator[bytes]:
    while data := stream.read(piece):
        yield data if data.endswith(b"\n") else data + stream.readline(MOST_LINE_BYTES + 1)


def line_ends(file: BinaryIO, end: int) -> int:
    """Count the line ends before a place of a file, holding a small part of it at a time."""
    found = 0
    while end > 0 and (block := file.read(min(end, _BYTES_A_BLOCK))):
        found += block.count(b"\n")
        end -= len(block)
    return found


def lines_in(text: bytes) -> int:
    """Count the lines that are not blank: one by one only where not all of them begin as an object does."""
    ends = text.count(b"\n")
    lines = ends if text.endswith(b"\n") else ends + 1
    if text.startswith(b"{") and text.count(b"\n{") + 1 == lines:
        return lines
    return sum(1 for line in text.split(b"\n") if line.strip())
