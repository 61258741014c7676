"""The counters: one number per slot, account and outcome, in one table that all threads add to."""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.integer[Any]]
Counts = npt.NDArray[np.int64]

_MOST_CELLS = 1 << 27  # 1 GiB of counters; beyond that, only the cells that are not zero are kept
_MOST_LISTED = 1 << 22
_SPARSE = 8  # a table of more cells than so many times the rows is not worth filling


class Coded:
    """A column of codes: `values[rows]`, or `values[0]` in every row where `rows` is None."""

    __slots__ = ("rows", "values")

    def __init__(self, values: Codes, rows: Codes | None = None) -> None:
        self.values = values
        self.rows = rows

    def at(self, positions: Codes) -> Coded:
        """Give the column of some of the rows."""
        return Coded(self.values, None if self.rows is None else self.rows[positions])

    def full(self, rows: int) -> Codes:
        """Give the code of every row."""
        return np.full(rows, self.values[0]) if self.rows is None else self.values.take(self.rows)


class Cells:
    """Counts of rows, laid out as slot x account x outcome, growing as codes appear.

    Adding to many cells at once is a single numpy call that holds the interpreter anyway, so one
    table under a lock costs no more than one for each thread, and needs no merging.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table: Counts = np.zeros((8, 1024, 16), dtype=np.int64)
        self._sparse: list[tuple[Counts, Counts]] | None = None

    def add(self, slot: Coded, account: Coded, outcome: Coded, rows: int) -> None:
        """Add 1 to the cell of each of `rows` rows."""
        self._add(slot.full(rows), account.full(rows), outcome.full(rows), np.int64(1))

    def add_alike(self, slot: Coded, account: Coded, outcome: int, rows: int, but: Codes) -> None:
        """Add 1 to the cell of each of `rows` rows that all have one outcome, `but` for some of them."""
        accounts = len(account.values)
        size = len(slot.values) * accounts
        if size > _SPARSE * rows:
            rest = np.delete(np.arange(rows), but)
            self.add(slot.at(rest), account.at(rest), Coded(np.array([outcome])), len(rest))
            return
        # Positions in the dictionaries of the batch are small and close together, which the processor likes.
        counts = _frequencies(slot, account, rows, size)
        if len(but):
            counts -= _frequencies(slot.at(but), account.at(but), len(but), size)
        cells = np.flatnonzero(counts)
        of_slot, of_account = np.divmod(cells, accounts)
        self._add(slot.values[of_slot], account.values[of_account], np.array([outcome]), counts[cells])

    def counts(self) -> tuple[Counts, Counts, Counts, Counts]:
        """Give slot, account, outcome and count of every cell that is not zero, in that order."""
        if self._sparse is not None:
            keys, counts = _summed(self._sparse)
            return keys >> 44, keys >> 12 & 0xFFFFFFFF, keys & 0xFFF, counts
        _, accounts, outcomes = self._table.shape
        flat = self._table.ravel()
        cells = np.flatnonzero(flat)
        rest, outcome = np.divmod(cells, outcomes)
        slot, account = np.divmod(rest, accounts)
        return slot, account, outcome, flat[cells]

    def _add(self, slot: Codes, account: Codes, outcome: Codes, by: Any) -> None:
        if not len(account):
            return
        wanted = tuple(int(codes.max()) + 1 for codes in (slot, account, outcome))
        shape = self._table.shape
        key = _flat(slot, account, outcome, shape)
        with self._lock:
            if self._sparse is None and any(need > have for need, have in zip(wanted, self._table.shape, strict=True)):
                self._grow(wanted)
            if self._sparse is not None:
                _list(self._sparse, slot, account, outcome, by)
                return
            if self._table.shape != shape:
                key = _flat(slot, account, outcome, self._table.shape)
            np.add.at(self._table.ravel(), key, by)  # a key may come more than once

    def _grow(self, wanted: tuple[int, ...]) -> None:
        shape = tuple(
            have if need <= have else max(need, have * 2) for need, have in zip(wanted, self._table.shape, strict=True)
        )
        if prod(shape) > _MOST_CELLS:
            counts = self.counts()
            self._sparse = []
            _list(self._sparse, *counts)
            self._table = np.zeros((0, 0, 0), dtype=np.int64)
            return
        # Untouched pages of a zeroed array take no memory, so room to grow is free.
        table = np.zeros(shape, dtype=np.int64)
        slots, accounts, outcomes = self._table.shape
        table[:slots, :accounts, :outcomes] = self._table
        self._table = table


def _list(listed: list[tuple[Counts, Counts]], slot: Codes, account: Codes, outcome: Codes, by: Any) -> None:
    """Add to cells that are listed, not laid out: many windows cut time for many accounts."""
    keys = slot.astype(np.int64) << 44 | account.astype(np.int64) << 12 | outcome.astype(np.int64)
    listed.append((keys, np.broadcast_to(np.asarray(by, dtype=np.int64), keys.shape)))
    if sum(len(keys) for keys, _ in listed) > _MOST_LISTED + 2 * len(listed[0][0]):
        listed[:] = [_summed(listed)]


def _summed(listed: list[tuple[Counts, Counts]]) -> tuple[Counts, Counts]:
    """Add up the counts of equal keys, in the order of the keys."""
    keys = np.concatenate([part for part, _ in listed])
    counts = np.concatenate([part for _, part in listed])
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[first], np.add.reduceat(counts[order], first)


def _flat(slot: Codes, account: Codes, outcome: Codes, shape: tuple[int, ...]) -> Counts:
    """Compute the position of each cell in the flat table."""
    key = account.astype(np.int64)
    key *= shape[2]
    key += slot.astype(np.int64) * (shape[1] * shape[2])
    key += outcome
    return key


def _frequencies(slot: Coded, account: Coded, rows: int, size: int) -> Counts:
    """Count the rows by their positions in the values of slot and account, slot by slot."""
    if account.rows is None:
        return np.array([rows]) if slot.rows is None else np.bincount(slot.rows, minlength=size)
    if slot.rows is None:
        return np.bincount(account.rows, minlength=size)
    return np.bincount(slot.rows * np.int64(len(account.values)) + account.rows, minlength=size)
