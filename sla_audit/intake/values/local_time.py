"""Wall-clock times to instants, many at once, by the one time zone database that the whole program uses: `zoneinfo`.

Polars has a database of its own, of another version, that ends in 2099.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

_DAY = 86_400
_STEP = 6 * 3_600  # seconds; no zone has changed its clocks twice in so short a time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Seconds = npt.NDArray[np.int64]


class _Clocks(NamedTuple):
    """The offsets from UTC of a zone in some years, in seconds, and the changes between them.

    Of each change, `begins` and `ends` are between which two times on the wall, half-open, none or two instants lie.
    """

    offsets: Seconds
    begins: Seconds
    ends: Seconds


def in_utc(clocks: npt.NDArray[np.int64], per_second: int, zone: ZoneInfo) -> tuple[Seconds, npt.NDArray[np.bool_]]:
    """Give the instants of wall-clock times since 1970, and which are none: clocks of the zone skip or repeat the hour.

    Both are in ticks, of which so many are in a second. The times must be of years that `zoneinfo` knows.
    """
    if not len(clocks):
        return clocks, np.zeros(0, np.bool_)
    first, last = ((int(each) // per_second // _DAY) for each in (clocks.min(), clocks.max()))
    known = _clocks(zone, *(_year(day) for day in (first - 1, last + 1)))
    at = np.searchsorted(known.ends * per_second, clocks, side="right")
    open_ = np.append(known.begins, np.iinfo(np.int64).max // per_second) * per_second
    return clocks - known.offsets[at] * per_second, clocks >= open_[at]


def _year(day: int) -> int:
    return (_EPOCH + timedelta(days=day)).year


@lru_cache(maxsize=64)
def _clocks(zone: ZoneInfo, first_year: int, last_year: int) -> _Clocks:
    """Find the offsets of a zone in some years: at steps and, between two that differ, to the second."""
    changes = [change for year in range(first_year, last_year + 1) for change in _changes(zone, year)]
    begin = int((datetime(first_year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
    before = [_offset(zone, begin), *(offset for _, offset in changes)]
    edges = [(at + min(pair), at + max(pair)) for (at, _), pair in zip(changes, pairwise(before), strict=True)]
    return _Clocks(
        np.array(before, np.int64),
        np.array([edge[0] for edge in edges], np.int64),
        np.array([edge[1] for edge in edges], np.int64),
    )


@lru_cache(maxsize=1024)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """List at which seconds of a year the offset from UTC changes, and to what."""
    begin, end = (int((datetime(each, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for each in (year, year + 1))
    found, before = [], _offset(zone, begin)
    for at in range(begin + _STEP, end + 1, _STEP):
        after = _offset(zone, at)
        if after != before:
            low, high = at - _STEP, at
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            found.append((high, after))
        before = after
    return tuple(found)


def _offset(zone: ZoneInfo, second: int) -> int:
    found = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return 0 if found is None else round(found.total_seconds())
