"""Standard output and error for readers who may go away, be closed from the start, or have no room.

The exit code says what was found. Who reads no more, or never did, changes nothing of that.
"""

from __future__ import annotations

import io
import os
import select
import sys
from typing import Any, TextIO

from sla_audit.errors import InputError, cannot_be_written
from sla_audit.sentence import Sentence, to_say

_OUTPUT, _ERROR = 1, 2


def open_streams() -> None:
    """Put streams of this kind in place of `sys.stdout` and `sys.stderr`.

    What standard output has no room for raises `InputError`; on standard error there is nowhere left to say so.
    """
    open_descriptors()
    sys.stdout = _stream(_OUTPUT, sys.stdout, told=True)
    sys.stderr = _stream(_ERROR, sys.stderr, told=False)


def open_descriptors() -> None:
    """Let closed ones lead nowhere: else the next file that is opened, such as a log, would have the number of one."""
    for descriptor in (0, _OUTPUT, _ERROR):
        try:
            os.fstat(descriptor)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)


def _stream(descriptor: int, before: TextIO | None, *, told: bool) -> TextIO:
    """Wrap a descriptor; a terminal without Chinese still shows the figures."""
    raw = _Descriptor(descriptor, told=told)
    encoding = "utf-8" if before is None else before.encoding
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=raw.isatty() or not told
    )


class _Descriptor(io.RawIOBase):
    """A file descriptor to which everything can be written, whether anybody reads it or not."""

    def __init__(self, descriptor: int, *, told: bool) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._told = told
        self._read_by_somebody = True

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        if self._read_by_somebody:
            try:
                return self._written(data)
            except OSError as error:
                self._read_by_somebody = False
                if self._told and not isinstance(error, BrokenPipeError):
                    remedy = to_say("Free some space, or send it elsewhere.")
                    raise InputError(cannot_be_written(Sentence("standard output"), error, remedy)) from error
        return memoryview(data).nbytes

    def _written(self, data: Any) -> int:
        """Write some of it, also where whoever opened the other end does not want to be waited for."""
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])
