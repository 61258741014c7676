"""Where the rows of texts begin, so that of a log that is looked at again only some lines are read.

Of each row that has an id, and of which it is known where it begins, three numbers are kept: the hash of its request,
that of its id, and its place. They take 24 bytes, in memory for as long as there is room.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.tally.dedup.sought import Positions, Sought, are_in
from sla_audit.tally.dedup.spill import Hashes, Run, SpillBuffer

Places = npt.NDArray[np.int64]
Rows = npt.NDArray[np.uint64]
"""Rows in columns: the hashes of their requests and, where they are placed, those of their ids, and their places."""

REQUESTS, IDS, PLACES = range(3)


class _Kept(NamedTuple):
    requests: Run
    ids: Run
    places: Run


class PlacedRows:
    """The rows of parts of which all have a place, by the number of each part; threads may share them."""

    def __init__(self, room: SpillBuffer) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._kept: defaultdict[int, list[_Kept]] = defaultdict(list)

    def keep(self, part: int, rows: Rows) -> Run:
        """Keep some rows of a part, in the order of the hashes of their requests, and give the run of these."""
        kept = _Kept(*map(self._room.keep, rows))
        with self._lock:
            self._kept[part].append(kept)
        return kept.requests

    def end(self, part: int, *, placed: bool) -> None:
        """Say whether all rows of a part were placed; if not, those that were are forgotten."""
        with self._lock:
            if placed:
                self._kept[part] += []
            else:
                self._kept.pop(part, None)

    def knows(self, part: int) -> bool:
        """Tell whether it is known where all its rows begin that may be looked for."""
        with self._lock:
            return part in self._kept

    def of_requests(self, part: int, wanted: Hashes) -> Places | None:
        """Give the places of rows that have some of sorted hashes, in order; None where they are not known."""
        return self._places(part, [np.flatnonzero(are_in(rows, wanted)) for rows in self._columns(part, REQUESTS)])

    def of_ids(self, part: int, sought: Sought) -> Places | None:
        """Give the places of rows whose ids are looked for, in order; None where they are not known."""
        return self._places(part, [sought.among(rows) for rows in self._columns(part, IDS)])

    def rows_of_ids(self, parts: Iterable[int], sought: Sought) -> npt.NDArray[np.int64]:
        """Count the rows of some parts that have each of the ids looked for."""
        columns = (rows for part in parts for rows in self._columns(part, IDS))
        found = [np.empty(0, np.uint64), *(rows[sought.maybe(rows)] for rows in columns)]
        maybe = np.sort(np.concatenate(found))
        first, end = (np.searchsorted(maybe, sought.numbers, side) for side in ("left", "right"))
        return end - first

    def _columns(self, part: int, column: int) -> Iterator[Hashes]:
        for kept in self._kept.get(part, ()):
            yield self._room.numbers(kept[column])

    def _places(self, part: int, positions: list[Positions]) -> Places | None:
        if part not in self._kept:
            return None
        some = [rows[at] for rows, at in zip(self._columns(part, PLACES), positions, strict=True)]
        places: Places = np.sort(np.concatenate([np.empty(0, np.uint64), *some])).view(np.int64)
        return places
