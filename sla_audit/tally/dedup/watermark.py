"""Stretches of time that are complete once nothing unread reaches into them."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.int64]

_ROWS_A_STRETCH = 1 << 18


@dataclass(frozen=True)
class Stretches:
    """Time, cut at some instants, in order; a stretch is a number, from 0."""

    cuts: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Count the stretches."""
        return len(self.cuts) + 1

    def of(self, instants: Instants) -> npt.NDArray[np.int64]:
        """Give the number of the stretch that each instant lies in."""
        return np.searchsorted(self.cuts, instants, side="right")


class Watermark:
    """Time, cut where parts of logs begin.

    A part is a number: its place among all parts, in the order of the first instant that each may hold. That of
    the first parts may be None: they reach into any stretch. `rows` says how many rows a part has, where that is known.
    """

    def __init__(self, earliest: Sequence[int | None], rows: Sequence[int | None]) -> None:
        self.earliest = earliest
        self.stretches = Stretches(tuple(_cuts(earliest, rows)))
        self._unread = [True] * len(earliest)
        self._first_unread = self._complete = 0
        self._lock = threading.Lock()

    def read(self, part: int) -> range:
        """Take a part as read, and give the stretches that are complete by that."""
        with self._lock:
            self._unread[part] = False
            while self._first_unread < len(self._unread) and not self._unread[self._first_unread]:
                self._first_unread += 1
            before, self._complete = self._complete, self._reached()
            return range(before, self._complete)

    def _reached(self) -> int:
        if self._first_unread == len(self._unread):
            return len(self.stretches)
        unread_from = self.earliest[self._first_unread]
        return 0 if unread_from is None else bisect_right(self.stretches.cuts, unread_from)


def _cuts(earliest: Sequence[int | None], rows: Sequence[int | None]) -> list[int]:
    """Choose where to cut: where a part begins, and enough rows for a stretch begin before."""
    cuts: list[int] = []
    before, last = 0, -inf
    for begins, size in zip(earliest, rows, strict=True):
        if begins is not None and before >= _ROWS_A_STRETCH and begins > last:
            cuts.append(begins)
            before, last = 0, begins
        before += size or 0
    return cuts
