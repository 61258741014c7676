"""One code per account, the same for every batch of every thread."""

from __future__ import annotations

import secrets
import threading
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

_ROOM = 1 << 14
_SPARSE = 4  # so many places for each account keep most of them where they are looked for first
_UNKNOWN = 0  # codes are kept with 1 added


class _Table(NamedTuple):
    """A hash table laid out in arrays: `code_at[hash % size]`, or the next place after it, is the code."""

    code_at: Codes
    hash_of: Hashes
    check_of: Hashes

    @classmethod
    def of_size(cls, size: int) -> _Table:
        room = size // _SPARSE + 1
        return cls(np.zeros(size, np.uint32), np.zeros(room, np.uint64), np.zeros(room, np.uint64))

    @property
    def room(self) -> int:
        return len(self.hash_of) - 1

    def find(self, hashes: Hashes) -> Codes:
        """Look up whole columns at a time; `_UNKNOWN` where a hash is not there."""
        last = np.uint64(len(self.code_at) - 1)
        at = (hashes & last).astype(np.int64)
        found = self.code_at.take(at)
        pending = np.flatnonzero((self.hash_of.take(found) != hashes) & (found != _UNKNOWN))
        while len(pending):
            at[pending] = (at[pending] + 1) & int(last)
            found[pending] = self.code_at[at[pending]]
            another = (self.hash_of[found[pending]] != hashes[pending]) & (found[pending] != _UNKNOWN)
            pending = pending[another]
        return found

    def put(self, hashes: Hashes, checks: Hashes, first: int) -> None:
        """Add hashes, each of them new and there once, under codes from `first` on."""
        codes = np.arange(first, first + len(hashes), dtype=np.uint32)
        self.hash_of[codes], self.check_of[codes] = hashes, checks  # readers need these before the code
        last = len(self.code_at) - 1
        at = (hashes & np.uint64(last)).astype(np.int64)
        while len(codes):
            free = np.flatnonzero(self.code_at[at] == _UNKNOWN)
            _, one_each = np.unique(at[free], return_index=True)
            placed = free[one_each]
            self.code_at[at[placed]] = codes[placed]
            at, codes = (np.delete(at, placed) + 1) & last, np.delete(codes, placed)


class AccountIndex:
    """Codes of account ids, given out in the order of first sight.

    Ids are looked up by a hash, a column at a time, in arrays that threads read without a lock. A
    second hash tells whether two ids ever share the first one: then the run stops, and another, which
    draws other hashes, will do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._table = _Table.of_size(_ROOM)
        self._ids: list[pl.Series] = []
        self._size = 0

    def codes(self, ids: pa.Array) -> Codes:
        """Give the code of each id of a column of text."""
        texts = pl.Series("account_id", ids)
        if texts.null_count():
            texts = texts.fill_null("")
        hashes, checks = (texts.hash(seed).to_numpy() for seed in self._seeds)
        table = self._table
        codes = table.find(hashes)
        unknown = np.flatnonzero(codes == _UNKNOWN)
        if len(unknown):
            with self._lock:
                codes[unknown] = self._learn(texts, hashes, checks, unknown)
                table = self._table
        if np.any(table.check_of.take(codes) != checks):
            raise RuntimeError("two account ids have the same hash; run the program again")
        return codes - np.uint32(1)

    def frame(self) -> pl.DataFrame:
        """List the ids by code, as `account_id`."""
        return pl.DataFrame({"account_id": pl.concat(self._ids) if self._ids else pl.Series([], dtype=pl.String)})

    def _learn(self, texts: pl.Series, hashes: Hashes, checks: Hashes, unknown: npt.NDArray[np.int64]) -> Codes:
        """Give the codes of rows that were unknown a moment ago, new ones where they still are."""
        codes = self._table.find(hashes[unknown])  # another thread may have come first
        still = unknown[codes == _UNKNOWN]
        if len(still):
            new, at = np.unique(hashes[still], return_index=True)
            if self._size + len(new) > self._table.room:
                self._grow(self._size + len(new))
            self._table.put(new, checks[still[at]], self._size + 1)
            self._size += len(new)
            self._ids.append(texts.gather(still[at]))
            codes = self._table.find(hashes[unknown])
        return codes

    def _grow(self, wanted: int) -> None:
        old, size = self._table, len(self._table.code_at)
        while size // _SPARSE < 2 * wanted:
            size *= 2
        table = _Table.of_size(size)
        table.put(old.hash_of[1 : self._size + 1], old.check_of[1 : self._size + 1], 1)
        self._table = table
