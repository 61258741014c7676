"""Slots: the elementary stretches of time in which no rule changes."""

from __future__ import annotations

import secrets
import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.errors import InputError, Problem
from sla_audit.model.instant import microseconds, midnight, moment
from sla_audit.model.month import Month
from sla_audit.model.tally import SLOT
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.limits import MOST_SLOTS

_BITS = 128  # numbers of so many, drawn anew each time, have no two sums alike but those of the same

_DAYS_REMEMBERED = 1 << 12

Stretch = tuple[int, int]
"""A half-open stretch of time, in microseconds since 1970."""


class SlotGrid:
    """Time cut at every midnight of a zone, or of its months' first days only, at further edges and around windows.

    Instants are whole microseconds since 1970 in UTC. Stretches between edges are half-open. Those that
    only windows set apart, and the same windows cover, are one slot, known by the first of them.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        cuts: Iterable[datetime] = (),
        windows: Iterable[tuple[datetime, datetime]] = (),
        *,
        daily: bool = True,
    ) -> None:
        self.zone = self._zone = zone
        self._daily = daily
        self._apart = {microseconds(cut) for cut in cuts}
        self._windows = sorted({(microseconds(starts_at), microseconds(ends_at)) for starts_at, ends_at in windows})
        self._cuts = sorted(self._apart.union(*self._windows))
        self._stands_for: dict[Stretch, Stretch] = {}

    def edges(self, earliest: int, latest: int) -> npt.NDArray[np.int64]:
        """Give the edges of all stretches that meet `[earliest, latest]`, in order.

        The first is at or before `earliest`, the last after `latest`.
        """
        midnights = self._midnights(earliest, latest)
        inside = self._cuts[bisect_left(self._cuts, midnights[0]) : bisect_right(self._cuts, midnights[-1])]
        edges = np.array(sorted({*midnights, *inside}), dtype=np.int64)
        first = int(np.searchsorted(edges, earliest, side="right")) - 1
        last = int(np.searchsorted(edges, latest, side="right"))
        return edges[first : last + 1]

    def slots(self, edges: npt.NDArray[np.int64]) -> list[Stretch]:
        """Give the slot of each stretch between consecutive edges."""
        return [self._slot(stretch) for stretch in pairwise(edges.tolist())]

    def slot(self, earliest: int, latest: int) -> Stretch | None:
        """Give the one slot that `[earliest, latest]` lies in; None where it meets several."""
        slots = set(self.slots(self.edges(earliest, latest)))
        return slots.pop() if len(slots) == 1 else None

    def fold(self, stretch: Stretch) -> Stretch:
        """Give the slot that holds all of a tally's slot; one that none holds stays, as all do where days are kept."""
        return stretch if self._daily else self.slot(stretch[0], stretch[1] - 1) or stretch

    def _slot(self, stretch: Stretch) -> Stretch:
        if not self._windows:
            return stretch
        if stretch not in self._stands_for:
            since = max(edge for edge in self._midnights(*stretch) if edge <= stretch[0])
            self._stands_for |= self._alike(since)
        return self._stands_for[stretch]

    def _alike(self, since: int) -> dict[Stretch, Stretch]:
        """Find, for the stretches of the day or month that begins then, the first that the same rules cover."""
        until = min(edge for edge in self._midnights(since, since) if edge > since)
        inside = self._cuts[bisect_right(self._cuts, since) : bisect_left(self._cuts, until)]
        first: dict[tuple[int, int], Stretch] = {}
        stands_for = {}
        part, covering = since, 0
        changes: dict[int, int] = defaultdict(int)  # of what tells the windows that cover a stretch from others
        for window in self._windows:
            if window[0] < until and window[1] > since:
                number = secrets.randbits(_BITS)
                changes[max(window[0], since)] += number
                changes[window[1]] -= number
        for stretch in pairwise([since, *inside, until]):
            part = stretch[0] if stretch[0] in self._apart else part
            covering += changes[stretch[0]]
            stands_for[stretch] = first.setdefault((part, covering), stretch)
        return stands_for

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
        return _midnight(day, self._zone)


@lru_cache(_DAYS_REMEMBERED)
def _midnight(day: date, zone: ZoneInfo) -> int:
    return microseconds(midnight(day, zone))


class SlotIndex:
    """One code per slot, given out in the order of first sight and shared by all threads."""

    def __init__(self) -> None:
        self._codes: dict[Stretch, int] = {}
        self._lock = threading.Lock()

    def codes(self, slots: Iterable[Stretch]) -> npt.NDArray[np.int64]:
        """Give the code of each slot. Raises `InputError` where there are more than the counters have room for."""
        with self._lock:
            codes = [self._codes.setdefault(slot, len(self._codes)) for slot in slots]
            if len(self._codes) > MOST_SLOTS:
                remedy = to_say("Audit fewer months at a time (--cycle), or give fewer exclusions.")
                raise InputError(
                    Problem(
                        "exclusions", Sentence("cut time into more than {most:,} stretches", most=MOST_SLOTS), remedy
                    )
                )
        return np.array(codes, dtype=np.int64)

    def frame(self) -> pl.DataFrame:
        """List the slots by code, in the columns of `model.SLOT`."""
        return pl.DataFrame(list(self._codes), schema=SLOT, orient="row")
