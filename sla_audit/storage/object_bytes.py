"""The bytes of an object as a file that is read from place to place, a block at a time, the next ones ahead."""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from sla_audit.storage.objects import StoredObject

_BLOCKS_HELD, _BLOCKS_AHEAD = 6, 2
_THREADS = 16


class ObjectBytes(io.RawIOBase):
    """An object, read like a file. What is read in order is fetched ahead."""

    def __init__(self, stored: StoredObject) -> None:
        super().__init__()
        self._stored = stored
        self._at = 0
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._next = 0
        self._whole = b""

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

    def _from(self, at: int, size: int) -> memoryview:
        """Give some bytes from a place on."""
        stored = self._stored
        if stored.is_small:
            self._whole = self._whole or stored.block(0, stored.size)
            return memoryview(self._whole)[at : at + size]
        start, _ = stored.block_at(at)
        return memoryview(self._block(start))[at - start : at - start + size]

    def _block(self, start: int) -> bytes:
        future = self._blocks.get(start) or self._begun(start)
        self._blocks.move_to_end(start)
        if start == self._next:
            ahead = start
            for _ in range(_BLOCKS_AHEAD):
                ahead = self._stored.block_at(ahead)[1]
                if ahead < self._stored.size and ahead not in self._blocks:
                    self._begun(ahead)
        self._next = self._stored.block_at(start)[1]
        while len(self._blocks) > _BLOCKS_HELD:
            self._blocks.popitem(last=False)[1].cancel()
        return future.result()

    def _begun(self, start: int) -> Future[bytes]:
        future = self._blocks[start] = _threads().submit(self._stored.block, *self._stored.block_at(start))
        return future


@lru_cache(1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, "sla-audit-blocks")
