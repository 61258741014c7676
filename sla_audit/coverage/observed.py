"""What is certain about the rows of the logs in a stretch of time: how many there are at least, and where none is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from sla_audit.model.instant import QUARTER


class Observed:
    """When the rows of the logs were, as far as it is known.

    `times` has `starts_at`, `ends_at` (microseconds since 1970, half-open) and `rows`: so many rows lie in that
    stretch, where in it is not known; it is in order. Whatever is asked is about a stretch, `[since, until)`.
    """

    def __init__(self, times: pl.DataFrame) -> None:
        self._starts, self._ends, self._rows = (times[name].to_numpy() for name in ("starts_at", "ends_at", "rows"))
        self._ended = np.maximum.accumulate(self._ends)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The stretch from the first row to the last; None where there is none."""
        return (int(self._starts[0]), int(self._ended[-1])) if len(self._rows) else None

    def at_least(self, since: int, until: int) -> int:
        """How many rows certainly lie in a stretch."""
        begun = slice(*np.searchsorted(self._starts, (since, until)))
        return int(self._rows[begun][self._ends[begun] <= until].sum())

    def at_most(self, since: int, until: int) -> int:
        """How many rows may lie in a stretch."""
        begun = slice(*self._meeting(since, until))
        return int(self._rows[begun][self._ends[begun] > since].sum())

    def exactly(self, since: int, until: int) -> bool:
        """Tell whether the time of every row that may lie in a stretch is known to the quarter of an hour."""
        begun = slice(*self._meeting(since, until))
        lengths = self._ends[begun] - self._starts[begun]
        return not np.any((self._ends[begun] > since) & (lengths > QUARTER))

    def empty(self, since: int, until: int) -> Iterator[tuple[int, int]]:
        """Yield the parts of a stretch in which there certainly is no row, in order, each as long as can be."""
        first, end = self._meeting(since, until)
        at = since
        for starts_at, ended in zip(self._starts[first:end].tolist(), self._ended[first:end].tolist(), strict=True):
            if starts_at > at:
                yield at, starts_at
            at = max(at, ended)
        if at < until:
            yield at, until

    def _meeting(self, since: int, until: int) -> tuple[int, int]:
        """Give the positions among which are all pieces that meet a stretch."""
        return int(np.searchsorted(self._ended, since, side="right")), int(np.searchsorted(self._starts, until))
