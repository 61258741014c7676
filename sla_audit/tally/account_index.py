"""One code per account, the same for every batch of every thread."""

from __future__ import annotations

import secrets
import threading

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.limits import LONG_ID_BYTES, MOST_LONG_IDS_BYTES
from sla_audit.sentence import Sentence
from sla_audit.tally.limits import ACCOUNT_BITS, MOST_ACCOUNTS

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint64]

_ROOM = 1 << 14
_SPARSE = 4  # so many places for each account keep most of them where they are looked for first
_FREE = 0
_CODE = np.uint64(MOST_ACCOUNTS)
_BITS = np.uint64(ACCOUNT_BITS)


class _Table:
    """A hash table laid out in an array: an id is at the place of its hash, or the next one that was free.

    A place holds, in one number, the upper bits of the hash above the code with 1 added, so that a single look finds
    it, and a reader on another thread all of it or nothing.
    """

    def __init__(self, size: int) -> None:
        self._places = np.zeros(size, dtype=np.uint64)
        self._last = size - 1

    def __len__(self) -> int:
        return len(self._places)

    def find(self, hashes: Hashes) -> Places:
        """Look up a whole column at a time: the place of each hash, `_FREE` where it is not there."""
        at = self._first(hashes)
        found = self._places.take(at)
        pending = np.flatnonzero(_is_another(found, hashes))
        while len(pending):
            further = (at.take(pending) + 1) & self._last
            again = self._places.take(further)
            at[pending], found[pending] = further, again
            pending = pending[_is_another(again, hashes.take(pending))]
        return found

    def put(self, hashes: Hashes, first: int) -> None:
        """Add hashes, each of them new and there once, under codes from `first` on."""
        wanted = hashes >> _BITS << _BITS | np.arange(first + 1, first + 1 + len(hashes), dtype=np.uint64)
        at = self._first(hashes)
        while len(wanted):
            free = np.flatnonzero(self._places.take(at) == _FREE)
            # Where several want one place, the last is in it. What another thread read of the others stays true.
            self._places[at.take(free)] = wanted.take(free)
            further = np.flatnonzero(self._places.take(at) != wanted)
            at, wanted = (at.take(further) + 1) & self._last, wanted.take(further)

    def _first(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return (hashes & np.uint64(self._last)).view(np.int64)


def _is_another(found: Places, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Tell which places are taken by another hash."""
    another: npt.NDArray[np.bool_] = (found ^ hashes) > _CODE
    another &= found != _FREE
    return another


class AccountIndex:
    """Codes of account ids, given out in the order of first sight.

    Ids are looked up by a hash, a column at a time, in an array that threads read without a lock. A part
    of a second hash tells whether two ids ever share what is kept of the first one: then the run stops, and
    another, which draws other hashes, will do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._table = _Table(_ROOM)
        self._ids: list[pl.Series] = []
        self._hashes: list[Hashes] = []
        self._checks = np.zeros(_ROOM, dtype=np.uint32)
        self._size = 0
        self._long_bytes = 0

    def codes(self, ids: pa.Array) -> Codes:
        """Give the code of each id of a column of text. Raises `InputError` for more ids than there are codes."""
        texts = pl.Series("account_id", ids)
        if texts.null_count():
            texts = texts.fill_null("")
        hashes, checks = (texts.hash(seed).to_numpy() for seed in self._seeds)
        checks = checks.astype(np.uint32)
        found = self._table.find(hashes)
        unknown = np.flatnonzero(found == _FREE)
        if len(unknown):
            with self._lock:
                found[unknown] = self._learn(texts, hashes, checks, unknown)
        codes = (found.astype(np.uint32) & np.uint32(_CODE)) - np.uint32(1)
        if np.any(self._checks.take(codes) != checks):
            raise RuntimeError("two account ids have the same hash; run the program again")
        return codes

    def frame(self) -> pl.DataFrame:
        """List the ids by code, as `account_id`."""
        return pl.DataFrame({"account_id": pl.concat(self._ids) if self._ids else pl.Series([], dtype=pl.String)})

    def _learn(self, texts: pl.Series, hashes: Hashes, checks: Codes, unknown: npt.NDArray[np.int64]) -> Places:
        """Find rows that were unknown a moment ago, giving out new codes where they still are."""
        found = self._table.find(hashes[unknown])  # another thread may have come first
        still = unknown[found == _FREE]
        if len(still):
            new = still[pl.Series(hashes[still]).arg_unique().to_numpy()]
            known, self._size = self._size, self._size + len(new)
            if self._size > MOST_ACCOUNTS:
                raise InputError(
                    Problem(
                        "logs", Sentence("have more than {most:,} accounts", most=MOST_ACCOUNTS), "Audit fewer logs."
                    )
                )
            self._make_room()
            ids = texts.gather(new)
            self._refuse_too_long(ids)
            self._ids.append(ids)
            self._hashes.append(hashes[new])
            self._checks[known : self._size] = checks[new]  # before others can find them
            self._table.put(hashes[new], known)
            found = self._table.find(hashes[unknown])
        return found

    def _refuse_too_long(self, ids: pl.Series) -> None:
        lengths = ids.str.len_bytes()
        self._long_bytes += int(lengths.filter(lengths > LONG_ID_BYTES).sum())
        if self._long_bytes > MOST_LONG_IDS_BYTES:
            found = Sentence(
                "ids of accounts that are longer than {bytes} bytes take more than {most:,}",
                bytes=LONG_ID_BYTES,
                most=MOST_LONG_IDS_BYTES,
            )
            raise InputError(
                Problem(Sentence("logs"), found, "Check that account_id is a column of the ids of accounts.")
            )

    def _make_room(self) -> None:
        """Have a place for all ids, the new ones too, which are not there yet."""
        if self._size > len(self._checks):
            self._checks = np.append(self._checks, np.zeros(self._size, dtype=np.uint32))
        size = len(self._table)
        if size >= _SPARSE * self._size:
            return
        while size < 2 * _SPARSE * self._size:
            size *= 2
        table = _Table(size)
        table.put(np.concatenate([np.zeros(0, dtype=np.uint64), *self._hashes]), 0)
        self._table = table
