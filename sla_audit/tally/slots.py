"""Slots: the elementary stretches of time in which no rule changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000


class SlotGrid:
    """Time cut at every midnight of a zone and at given further edges.

    Instants are whole microseconds since 1970 in UTC. Slots are half-open, `[starts_at, ends_at)`.
    """

    def __init__(self, zone: ZoneInfo, cuts: Iterable[datetime] = ()) -> None:
        self._zone = zone
        self._cuts = sorted({_microseconds(cut) for cut in cuts})

    def edges(self, earliest: int, latest: int) -> npt.NDArray[np.int64]:
        """Give the edges of all slots that meet `[earliest, latest]`, in order.

        The first is at or before `earliest`, the last after `latest`.
        """
        first_day = self._local_date(earliest)
        days = self._local_date(latest).toordinal() - first_day.toordinal() + 2
        midnights = [self._midnight(first_day + timedelta(days=day)) for day in range(days)]
        # Where the clock jumps at midnight, the day's first instant can lie on the far side.
        while midnights[0] > earliest:
            midnights.insert(0, midnights[0] - _DAY)
        while midnights[-1] <= latest:
            midnights.append(midnights[-1] + _DAY)
        inside = self._cuts[bisect_left(self._cuts, midnights[0]) : bisect_right(self._cuts, midnights[-1])]
        edges = np.array(sorted({*midnights, *inside}), dtype=np.int64)
        first = int(np.searchsorted(edges, earliest, side="right")) - 1
        last = int(np.searchsorted(edges, latest, side="right"))
        return edges[first : last + 1]

    def _local_date(self, instant: int) -> date:
        return (_UNIX_EPOCH + timedelta(microseconds=instant)).astimezone(self._zone).date()

    def _midnight(self, day: date) -> int:
        return _microseconds(datetime(day.year, day.month, day.day, tzinfo=self._zone))


def _microseconds(moment: datetime) -> int:
    return (moment - _UNIX_EPOCH) // _MICROSECOND
