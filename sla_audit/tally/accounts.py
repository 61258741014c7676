"""One code per account, the same for every batch of every thread."""

from __future__ import annotations

import secrets
import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Places = np.ndarray[Any, np.dtype[np.void]]

_ROOM = 1 << 14
_SPARSE = 4  # so many places for each account keep most of them where they are looked for first
_UNKNOWN = 0  # codes are kept with 1 added
_PLACE = np.dtype([("hash", np.uint64), ("check", np.uint32), ("code", np.uint32)])  # found with a single look


class _Table:
    """A hash table laid out in an array: an id is at the place of its hash, or the next one that was free."""

    def __init__(self, size: int) -> None:
        self._places = np.zeros(size, _PLACE)
        self._last = size - 1

    def __len__(self) -> int:
        return len(self._places)

    def known(self) -> Places:
        """Give the places that are taken, in the order of their codes."""
        taken: Places = self._places[self._places["code"] != _UNKNOWN]
        return taken.take(np.argsort(taken["code"]))

    def find(self, hashes: Hashes) -> Places:
        """Look up a whole column at a time: the place of each hash, `_UNKNOWN` where it is not there."""
        at = self._first(hashes)
        found: Places = self._places.take(at)
        pending = np.flatnonzero((found["hash"] != hashes) & (found["code"] != _UNKNOWN))
        while len(pending):
            at[pending] = (at[pending] + 1) & self._last
            found[pending] = self._places.take(at[pending])
            again = found[pending]
            pending = pending[(again["hash"] != hashes[pending]) & (again["code"] != _UNKNOWN)]
        return found

    def put(self, hashes: Hashes, checks: Codes, first: int) -> None:
        """Add hashes, each of them new and there once, under codes from `first` on."""
        wanted = np.empty(len(hashes), _PLACE)
        wanted["hash"], wanted["check"] = hashes, checks
        wanted["code"] = np.arange(first, first + len(hashes))
        at, claims = self._first(hashes), np.empty(len(self), np.uint32)
        while len(wanted):
            # Each place has one writer, so that whoever reads meanwhile finds it free, whole or not yet his.
            claims[at] = wanted["code"]
            placed = (self._places["code"].take(at) == _UNKNOWN) & (claims.take(at) == wanted["code"])
            here, further = np.flatnonzero(placed), np.flatnonzero(~placed)
            self._places[at.take(here)] = wanted.take(here)
            at, wanted = (at.take(further) + 1) & self._last, wanted.take(further)

    def _first(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return (hashes & np.uint64(self._last)).astype(np.int64)


class AccountIndex:
    """Codes of account ids, given out in the order of first sight.

    Ids are looked up by a hash, a column at a time, in an array that threads read without a lock. A part
    of a second hash tells whether two ids ever share the first one: then the run stops, and another, which
    draws other hashes, will do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._table = _Table(_ROOM)
        self._ids: list[pl.Series] = []
        self._size = 0

    def codes(self, ids: pa.Array) -> Codes:
        """Give the code of each id of a column of text."""
        texts = pl.Series("account_id", ids)
        if texts.null_count():
            texts = texts.fill_null("")
        hashes, checks = (texts.hash(seed).to_numpy() for seed in self._seeds)
        checks = checks.astype(np.uint32)
        found = self._table.find(hashes)
        unknown = np.flatnonzero(found["code"] == _UNKNOWN)
        if len(unknown):
            with self._lock:
                found[unknown] = self._learn(texts, hashes, checks, unknown)
        if np.any(found["check"] != checks):
            raise RuntimeError("two account ids have the same hash; run the program again")
        return found["code"] - np.uint32(1)

    def frame(self) -> pl.DataFrame:
        """List the ids by code, as `account_id`."""
        return pl.DataFrame({"account_id": pl.concat(self._ids) if self._ids else pl.Series([], dtype=pl.String)})

    def _learn(self, texts: pl.Series, hashes: Hashes, checks: Codes, unknown: npt.NDArray[np.int64]) -> Places:
        """Find rows that were unknown a moment ago, giving out new codes where they still are."""
        found = self._table.find(hashes[unknown])  # another thread may have come first
        still = unknown[found["code"] == _UNKNOWN]
        if len(still):
            new, at = np.unique(hashes[still], return_index=True)
            self._make_room(self._size + len(new))
            self._table.put(new, checks[still[at]], self._size + 1)
            self._size += len(new)
            self._ids.append(texts.gather(still[at]))
            found = self._table.find(hashes[unknown])
        return found

    def _make_room(self, wanted: int) -> None:
        size = len(self._table)
        if size >= _SPARSE * wanted:
            return
        while size < 2 * _SPARSE * wanted:
            size *= 2
        table, known = _Table(size), self._table.known()
        table.put(known["hash"], known["check"], 1)
        self._table = table
