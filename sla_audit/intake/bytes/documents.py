"""JSON that is no object a line, laid out so: an array, the records of a service, objects with nothing between them.

It is read as it comes, whatever its size. What stands between objects and is no part of such a layout becomes a line of
its own, which whoever reads the lines rejects.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from sla_audit.limits import MOST_LINE_BYTES

LAYOUTS = _OF_AN_ARRAY, _OF_RECORDS_IN_ONE, _OF_OBJECTS = (
    "the layout of a JSON array",
    "the layout of records in a JSON object",
    "the layout of JSON objects without line ends",
)
"""What is taken off, as the report names it."""

_BYTES_A_BLOCK = 1 << 18
_RECORDS = rb"\{\s*+\"[Rr]ecords\"\s*+:\s*+\["
_ARRAY = re.compile(rb"\s*+\[\s*+(?:\{|\]?\s*+\Z)")
_OF_RECORDS = re.compile(rb"\s*+" + _RECORDS)
_BETWEEN = re.compile(rb"(?:[\s,\[]|\]\s*+\}|\]|" + _RECORDS + rb")++")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}]', re.DOTALL)
_LINE_ENDS = re.compile(rb"[\r\n]++")


def document_in(beginning: bytes) -> str | None:
    """Tell by its beginning how a text is laid out that is no object a line; None where it may be one."""
    if _ARRAY.match(beginning):
        return _OF_AN_ARRAY
    if _OF_RECORDS.match(beginning):
        return _OF_RECORDS_IN_ONE
    first = beginning.lstrip().partition(b"\n")[0]
    if first.startswith(b"{"):
        end = _end_of_object(first, 0)
        if end is not None and first[end:].lstrip().startswith(b"{"):
            return _OF_OBJECTS
    return None


def laid_out(text: BinaryIO, take: Callable[[bytes], Any] | None = None) -> io.BufferedReader[Any]:
    """Give the objects of a document, one a line; `take` is shown the bytes as they are read."""
    return io.BufferedReader(_LaidOut(text, take), _BYTES_A_BLOCK)


class _LaidOut(io.RawIOBase):
    """The objects of a document, one a line."""

    def __init__(self, text: BinaryIO, take: Callable[[bytes], Any] | None) -> None:
        super().__init__()
        self._lines = _lines(_blocks(text, take))
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._ready:
            self._ready = memoryview(next(self._lines, b""))
        done = min(len(buffer), len(self._ready))
        buffer[:done] = self._ready[:done]
        self._ready = self._ready[done:]
        return done


def _blocks(text: BinaryIO, take: Callable[[bytes], Any] | None) -> Iterator[bytes]:
    is_first = True
    while block := text.read(_BYTES_A_BLOCK):
        block = block.removeprefix(BOM_UTF8) if is_first else block
        is_first = False
        if take is not None:
            take(block)
        yield block


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give lines, some at a time; what is left of an object that does not end comes last, without a line end."""
    held = b""
    for block in blocks:
        held += block
        done, lines = _whole_objects(held)
        if lines:
            yield b"".join(lines)
        held = held[done:]
        if len(held) > MOST_LINE_BYTES + _BYTES_A_BLOCK:
            yield held  # whoever reads it finds the line too long
            return
    rest = _BETWEEN.sub(b"", held, 1) if _BETWEEN.match(held) else held
    if rest.strip():
        yield _LINE_ENDS.sub(b" ", rest)


def _whole_objects(text: bytes) -> tuple[int, list[bytes]]:
    """Give the objects that end in a text as lines, and where the last of them ends."""
    lines: list[bytes] = []
    at = 0
    while True:
        between = _BETWEEN.match(text, at)
        start = at if between is None else between.end()
        if start >= len(text) or (between is not None and start == len(text)):
            return at, lines
        if text[start : start + 1] != b"{":
            found = text.find(b"{", start)
            if found < 0:
                return at, lines
            lines.append(_LINE_ENDS.sub(b" ", text[start:found]) + b"\n")
            at = found
            continue
        end = _end_of_object(text, start)
        if end is None:
            return start if lines else at, lines
        lines.append(_LINE_ENDS.sub(b" ", text[start:end]) + b"\n")
        at = end


def _end_of_object(text: bytes, start: int) -> int | None:
    """Find where an object ends that begins at a place; None where it does not end in the text."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if not depth:
                return token.end()
    return None
