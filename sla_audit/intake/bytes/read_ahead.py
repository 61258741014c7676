"""A stream that another thread reads ahead: one unpacks while the other counts."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_FEW_BYTES = 1 << 20
_BYTES_A_BLOCK = 1 << 20
_BLOCKS_AHEAD = 8
_SECONDS_BETWEEN_LOOKS = 0.1


@contextmanager
def read_ahead(stream: BinaryIO, size: int) -> Iterator[BinaryIO]:
    """Read a stream of a file of some size on a thread of its own, a few megabytes ahead, where that is worth it.

    What it raises is raised where it is read. The thread has ended when this ends, whatever was not read.
    """
    if size <= _FEW_BYTES:
        yield stream
        return
    ahead = _Ahead(stream)
    try:
        yield io.BufferedReader(ahead, _BYTES_A_BLOCK)
    finally:
        ahead.stop()


class _Ahead(io.RawIOBase):
    """Blocks of a stream as they come from its thread: bytes, and at last nothing, or what was raised."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._blocks: queue.Queue[bytes | BaseException] = queue.Queue(_BLOCKS_AHEAD)
        self._stopped = threading.Event()
        self._rest = memoryview(b"")
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest and not self._ended:
            block = self._blocks.get()
            if isinstance(block, BaseException):
                self._ended = True
                raise block
            self._rest, self._ended = memoryview(block), not block
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def stop(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self._thread.join()

    def _read(self) -> None:
        try:
            while block := self._stream.read(_BYTES_A_BLOCK):
                if not self._put(block):
                    return
            self._put(b"")
        except BaseException as error:  # it is whoever reads that is to know
            self._put(error)

    def _put(self, block: bytes | BaseException) -> bool:
        """Hand a block over, and tell whether anybody waits for more."""
        while not self._stopped.is_set():
            try:
                self._blocks.put(block, timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Full:
                continue
            return True
        return False
