"""The bytes of an object as a file that is read from place to place, a block at a time, the next ones ahead."""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from sla_audit.storage.objects import BYTES_AT_AN_END, StoredObject

_BYTES_A_BLOCK = 4 << 20
_BLOCKS_HELD, _BLOCKS_AHEAD = 12, 2
_THREADS = 16


class ObjectBytes(io.RawIOBase):
    """An object, read like a file. What is read in order is fetched ahead."""

    def __init__(self, stored: StoredObject) -> None:
        super().__init__()
        self._stored = stored
        self._at = 0
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._last = -1

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._stored.size}[whence]
        return self._at

    def tell(self) -> int:
        """Tell the place."""
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, as far as the object goes. Raises `InputError` where bytes cannot be fetched."""
        view = memoryview(buffer).cast("B")
        wanted, done = max(0, min(len(view), self._stored.size - self._at)), 0
        while done < wanted:
            data = self._from(self._at, wanted - done)
            view[done : done + len(data)] = data
            done += len(data)
            self._at += len(data)
        return done

    def _from(self, at: int, size: int) -> bytes | memoryview:
        """Give some bytes from a place on."""
        stored = self._stored
        first = min(BYTES_AT_AN_END, stored.size)
        if stored.is_small or at >= stored.size - BYTES_AT_AN_END or at + size <= first:
            return stored.read_at(at, size)
        if at < first:  # the beginning is mostly known already
            return stored.read_at(at, first - at)
        number, within = divmod(at - first, _BYTES_A_BLOCK)
        return memoryview(self._block(number))[within : within + size]

    def _block(self, number: int) -> bytes:
        future = self._blocks.get(number) or self._begun(number)
        self._blocks.move_to_end(number)
        if number == self._last + 1:
            for ahead in range(number + 1, number + 1 + _BLOCKS_AHEAD):
                if ahead not in self._blocks and self._range(ahead)[1] > 0:
                    self._begun(ahead)
        self._last = number
        while len(self._blocks) > _BLOCKS_HELD:
            self._blocks.popitem(last=False)[1].cancel()
        return future.result()

    def _begun(self, number: int) -> Future[bytes]:
        future = self._blocks[number] = _threads().submit(self._stored.read_at, *self._range(number))
        return future

    def _range(self, number: int) -> tuple[int, int]:
        start = BYTES_AT_AN_END + number * _BYTES_A_BLOCK
        return start, min(_BYTES_A_BLOCK, self._stored.size - start)


@lru_cache(1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, "sla-audit-blocks")
