"""The beginning of a text: read once, whoever looks at it, and however often."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.bytes.encoding import open_utf8
from sla_audit.intake.bytes.planned import Planned
from sla_audit.intake.bytes.text_format import UTF_8

_BYTES_A_BLOCK = 1 << 18


class Head:
    """The beginning of a text in UTF-8, as far as anybody has read it; the file stays open as long as the `Head` is.

    It is not opened before it is looked at. Memory is as much as has been read.
    """

    def __init__(self, planned: Planned, encoding: str) -> None:
        self.path: Path = planned.path
        self.planned = planned
        self.encoding = encoding
        self._opened = ExitStack()
        self._text: io.BufferedReader[Any] | None = None
        self._known = bytearray()

    def __enter__(self) -> Self:
        """Give the head, of which nothing has been read."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Close the file. Raises `InputError` where it is not the planned one any more, if nothing else is wrong."""
        self._opened.__exit__(*error)

    def open(self) -> io.BufferedReader[Any]:
        """Give the text from its start on, as `encoding.open_utf8` does and with the same errors."""
        if self._text is None:
            self._text = self._opened.enter_context(open_utf8(self.planned, self.encoding))
        in_blocks = packing_of(self.path) is not None or self.encoding != UTF_8
        return io.BufferedReader(_FromStart(self), _BYTES_A_BLOCK if in_blocks else io.DEFAULT_BUFFER_SIZE)

    def read_at(self, at: int, size: int) -> bytes:
        """Read some bytes from a place on that has been read, or is the next; nothing at the end of the text."""
        if at >= len(self._known) and self._text is not None:
            self._known += self._text.read1(size)
        return bytes(self._known[at : at + size])


class _FromStart(io.RawIOBase):
    """A head, from its start on."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self._head = head
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._head.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
