"""Slots: the elementary stretches of time in which no rule changes."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.contract.instant import microseconds, midnight, moment
from sla_audit.contract.month import Month
from sla_audit.tally.model import SLOT


class SlotGrid:
    """Time cut at every midnight of a zone, or of its months' first days only, and at further edges.

    Instants are whole microseconds since 1970 in UTC. Slots are half-open, `[starts_at, ends_at)`.
    """

    def __init__(self, zone: ZoneInfo, cuts: Iterable[datetime] = (), *, daily: bool = True) -> None:
        self._zone = zone
        self._daily = daily
        self._cuts = sorted({microseconds(cut) for cut in cuts})

    def edges(self, earliest: int, latest: int) -> npt.NDArray[np.int64]:
        """Give the edges of all slots that meet `[earliest, latest]`, in order.

        The first is at or before `earliest`, the last after `latest`.
        """
        midnights = self._midnights(earliest, latest)
        inside = self._cuts[bisect_left(self._cuts, midnights[0]) : bisect_right(self._cuts, midnights[-1])]
        edges = np.array(sorted({*midnights, *inside}), dtype=np.int64)
        first = int(np.searchsorted(edges, earliest, side="right")) - 1
        last = int(np.searchsorted(edges, latest, side="right"))
        return edges[first : last + 1]

    def _midnights(self, earliest: int, latest: int) -> list[int]:
        day, last = self._local_date(earliest), self._local_date(latest)
        midnights = [self._midnight(self._start(day))]
        while midnights[-1] <= latest or day <= last:
            day = self._next(self._start(day))
            midnights.append(self._midnight(day))
        return midnights

    def _start(self, day: date) -> date:
        return day if self._daily else day.replace(day=1)

    def _next(self, day: date) -> date:
        return day + timedelta(days=1) if self._daily else Month.of(day).plus(1).first_day

    def _local_date(self, instant: int) -> date:
        return moment(instant, self._zone).date()

    def _midnight(self, day: date) -> int:
        return microseconds(midnight(day, self._zone))


class SlotIndex:
    """One code per slot, given out in the order of first sight and shared by all threads."""

    def __init__(self) -> None:
        self._codes: dict[tuple[int, int], int] = {}
        self._lock = threading.Lock()

    def codes(self, edges: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give the codes of the slots between consecutive edges."""
        slots = list(pairwise(edges.tolist()))
        with self._lock:
            return np.array([self._codes.setdefault(slot, len(self._codes)) for slot in slots], dtype=np.int64)

    def frame(self) -> pl.DataFrame:
        """List the slots by code, in the columns of `model.SLOT`."""
        return pl.DataFrame(list(self._codes), schema=SLOT, orient="row")
