"""Cells that are listed, not laid out: a number for each, and its count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.tally.limits import ACCOUNT_BITS, OUTCOME_BITS

Codes = npt.NDArray[np.integer[Any]]
Counts = npt.NDArray[np.int64]

_MOST_LISTED = 1 << 22


class ListedCells:
    """Counts of rows by slot, outcome and account, in memory that grows with the cells that are not zero."""

    def __init__(self) -> None:
        self._parts = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
        self._size = 0

    def __len__(self) -> int:
        """How many numbers are held; those of one cell that have not been added up yet are several."""
        return self._size

    def add(self, slot: Any, outcome: Any, account: Codes, by: Counts) -> None:
        """Add to cells, of which one may come more than once."""
        pair = np.asarray(slot, dtype=np.int64) << OUTCOME_BITS | np.asarray(outcome, dtype=np.int64)
        some = by != 0
        self._parts.append(((pair << ACCOUNT_BITS | account.astype(np.int64))[some], by[some]))
        self._size += len(self._parts[-1][0])
        if self._size > _MOST_LISTED + 2 * len(self._parts[0][0]):
            self._add_up()

    def by_pair(self) -> dict[tuple[int, int], tuple[Codes, Counts]]:
        """Give the accounts and their counts by slot and outcome, each cell once; none is zero."""
        self._add_up()
        ((keys, counts),) = self._parts
        pair = keys >> ACCOUNT_BITS
        first = _first(pair)
        slots, outcomes = pair[first] >> OUTCOME_BITS, pair[first] & (1 << OUTCOME_BITS) - 1
        pairs = zip(slots.tolist(), outcomes.tolist(), strict=True)
        cells = zip(np.split(keys & (1 << ACCOUNT_BITS) - 1, first[1:]), np.split(counts, first[1:]), strict=True)
        return dict(zip(pairs, cells, strict=bool(len(first))))

    def _add_up(self) -> None:
        keys, counts = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        if (counts == 1).all():  # then how often a number comes says it
            keys = pl.Series(keys).sort().to_numpy()  # on all cores
            first = _first(keys)
            self._parts = [(keys[first], np.diff(np.append(first, len(keys))))]
        else:
            order = pl.Series(keys).arg_sort().to_numpy()
            keys = keys[order]
            first = _first(keys)
            self._parts = [(keys[first], np.add.reduceat(counts[order], first) if len(first) else counts)]
        self._size = len(first)


def _first(keys: Codes) -> Codes:
    """Give the positions at which another number begins, of some in order."""
    return np.flatnonzero(np.append(len(keys) > 0, keys[1:] != keys[:-1]))
