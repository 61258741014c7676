"""Slots: the elementary stretches of time in which no rule changes."""

from __future__ import annotations

import secrets
import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.errors import InputError, Problem
from sla_audit.model.instant import microseconds, moment
from sla_audit.model.month import Month
from sla_audit.model.tally import SLOT
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.limits import MOST_SLOTS
from sla_audit.tally.steps import Steps, midnight_of

_BITS = 128  # numbers of so many, drawn anew each time, have no two sums alike but those of the same

_DAY = 86_400 * 10**6
_FEW_DAYS = 64 * _DAY

Stretch = tuple[int, int]
"""A half-open stretch of time, in microseconds since 1970."""


class SlotGrid:
    """Time cut at every midnight of a zone, or of its months' first days only, at further edges and around windows.

    Instants are whole microseconds since 1970 in UTC. Stretches between edges are half-open. Those that
    only windows set apart, and the same windows cover, are one slot, known by the first of them.

    With a `step`, time is cut besides at every step of a day (see `steps.Steps`), and slots lie within one step. What
    need not be told by steps goes to the slots of `rests`.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        cuts: Iterable[datetime] = (),
        windows: Iterable[tuple[datetime, datetime]] = (),
        *,
        daily: bool = True,
        step: timedelta | None = None,
    ) -> None:
        self.zone = zone
        self.steps = None if step is None else Steps(zone, step)
        self._daily = daily
        self._apart = {microseconds(cut) for cut in cuts}
        self._windows = sorted({(microseconds(starts_at), microseconds(ends_at)) for starts_at, ends_at in windows})
        self._cuts = sorted(self._apart.union(*self._windows))
        self._rests_of: Steps | None = None
        self._stands_for: dict[Stretch, Stretch] = {}

    @cached_property
    def rests(self) -> SlotGrid:
        """The grid without steps, but that all its slots are longer than a step, or lie in one.

        So a slot that is no longer than a step is one of a step, with all that was counted in it, in both grids.
        """
        if self.steps is None:
            return self
        rests = copy(self)
        rests.steps, rests._rests_of, rests._stands_for = None, self.steps, {}
        rests._cuts = sorted({*self._cuts, *self._steps_in_short_stretches(self.steps)})
        return rests

    def edges(self, earliest: int, latest: int) -> npt.NDArray[np.int64]:
        """Give the edges of all stretches that meet `[earliest, latest]`, in order.

        The first is at or before `earliest`, the last after `latest`.
        """
        ends = self._ends(earliest, latest)
        inside = self._cuts[bisect_left(self._cuts, int(ends[0])) : bisect_right(self._cuts, int(ends[-1]))]
        edges = np.union1d(ends, np.array(inside, dtype=np.int64)) if inside else ends
        first = int(np.searchsorted(edges, earliest, side="right")) - 1
        last = int(np.searchsorted(edges, latest, side="right"))
        return edges[first : last + 1]

    def slots(self, edges: npt.NDArray[np.int64]) -> list[Stretch]:
        """Give the slot of each stretch between consecutive edges."""
        return [self._slot(stretch) for stretch in pairwise(edges.tolist())]

    def slots_at(self, instants: npt.NDArray[np.int64]) -> tuple[list[Stretch], npt.NDArray[np.int64]]:
        """Give the slots that some instants lie in, and for each instant the position of its slot among them.

        A slot may come more than once. Days without an instant are not cut into steps: one row of another year may not
        cost as much as all steps since.
        """
        bounds = int(instants.min()), int(instants.max())
        if self.steps is None or bounds[1] - bounds[0] <= _FEW_DAYS:
            edges = self.edges(*bounds)
        else:
            days = np.unique(instants // _DAY) * _DAY
            edges = np.unique(np.concatenate([self.edges(day, day + _DAY - 1) for day in days.tolist()]))
        occurring, positions = np.unique(np.searchsorted(edges, instants, side="right") - 1, return_inverse=True)
        ends = zip(edges[occurring].tolist(), edges[occurring + 1].tolist(), strict=True)
        return list(map(self._slot, ends)), positions

    def slot(self, earliest: int, latest: int) -> Stretch | None:
        """Give the one slot that `[earliest, latest]` lies in; None where it meets several."""
        if self.steps is not None and latest - earliest >= self.steps.length:
            return None
        slots = set(self.slots(self.edges(earliest, latest)))
        return slots.pop() if len(slots) == 1 else None

    def fold(self, stretch: Stretch) -> Stretch:
        """Give the slot that holds all of a tally's slot; one that none holds stays, as all do where days are kept.

        One that is longer than a step may go to a slot of `rests`, no other does.
        """
        if self.steps is not None and stretch[1] - stretch[0] > self.steps.length:
            return self.rests.fold(stretch)
        return stretch if self._daily else self.slot(stretch[0], stretch[1] - 1) or stretch

    def _slot(self, stretch: Stretch) -> Stretch:
        if not self._windows:
            return stretch
        if stretch not in self._stands_for:
            since, until = self._unit(stretch[0])
            if bisect_right(self._cuts, since) == bisect_left(self._cuts, until):
                return stretch
            self._stands_for |= self._alike(since, until)
        return self._stands_for[stretch]

    def _alike(self, since: int, until: int) -> dict[Stretch, Stretch]:
        """Find, for the stretches of a step, a day or a month, the first that the same rules cover.

        Of rests it is the first that is longer than a step; where there is none, the first in the same step.
        """
        inside = self._cuts[bisect_right(self._cuts, since) : bisect_left(self._cuts, until)]
        alike: dict[tuple[int, int], list[Stretch]] = defaultdict(list)
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
            alike[part, covering].append(stretch)
        return {stretch: first for group in alike.values() for stretch, first in self._firsts(group)}

    def _firsts(self, alike: Sequence[Stretch]) -> Iterator[tuple[Stretch, Stretch]]:
        steps = self._rests_of
        if steps is None:
            yield from ((stretch, alike[0]) for stretch in alike)
            return
        rest = next((stretch for stretch in alike if stretch[1] - stretch[0] > steps.length), None)
        first: dict[int, Stretch] = {}
        for stretch in alike:
            yield stretch, rest or first.setdefault(steps.of(stretch[0])[0], stretch)

    def _steps_in_short_stretches(self, steps: Steps) -> Iterator[int]:
        """Give the edges of steps inside of stretches, between cuts, that are no longer than a step."""
        for at, cut in enumerate(self._cuts):
            until = min([self._day_or_month(cut)[1], *self._cuts[at + 1 : at + 2]])
            if until - cut <= steps.length:
                yield from (edge for edge in steps.edges(cut, until - 1).tolist() if cut < edge < until)

    def _unit(self, instant: int) -> Stretch:
        """Give the step, the day or the month that an instant lies in."""
        return self._day_or_month(instant) if self.steps is None else self.steps.of(instant)

    def _day_or_month(self, instant: int) -> Stretch:
        midnights = self._midnights(instant, instant)
        at = bisect_right(midnights, instant)
        return midnights[at - 1], midnights[at]

    def _ends(self, earliest: int, latest: int) -> npt.NDArray[np.int64]:
        if self.steps is None:
            return np.unique(np.array(self._midnights(earliest, latest), dtype=np.int64))
        return self.steps.edges(earliest, latest)

    def _midnights(self, earliest: int, latest: int) -> list[int]:
        day, last = self._local_date(earliest), self._local_date(latest)
        midnights = [midnight_of(self._start(day), self.zone)]
        while midnights[-1] <= latest or day <= last:
            day = self._next(self._start(day))
            midnights.append(midnight_of(day, self.zone))
        return midnights

    def _start(self, day: date) -> date:
        return day if self._daily else day.replace(day=1)

    def _next(self, day: date) -> date:
        return day + timedelta(days=1) if self._daily else Month.of(day).plus(1).first_day

    def _local_date(self, instant: int) -> date:
        return moment(instant, self.zone).date()


class SlotIndex:
    """One code per slot, given out in the order of first sight and shared by all threads.

    Some may be `steps` of days: there are many then, whatever the exclusions.
    """

    def __init__(self, *, steps: bool = False) -> None:
        self._steps = steps
        self._codes: dict[Stretch, int] = {}
        self._lock = threading.Lock()

    def codes(self, slots: Iterable[Stretch]) -> npt.NDArray[np.int64]:
        """Give the code of each slot. Raises `InputError` where there are more than the counters have room for."""
        with self._lock:
            codes = [self._codes.setdefault(slot, len(self._codes)) for slot in slots]
            if len(self._codes) > MOST_SLOTS:
                raise InputError(_too_many_stretches() if self._steps else _too_many_exclusions())
        return np.array(codes, dtype=np.int64)

    def frame(self) -> pl.DataFrame:
        """List the slots by code, in the columns of `model.SLOT`."""
        return pl.DataFrame(list(self._codes), schema=SLOT, orient="row")


def _too_many_exclusions() -> Problem:
    remedy = to_say("Audit fewer months at a time (--cycle), or give fewer exclusions.")
    return Problem("exclusions", Sentence("cut time into more than {most:,} stretches", most=MOST_SLOTS), remedy)


def _too_many_stretches() -> Problem:
    found = Sentence(
        "requests that may have failed in more than {most:,} of the intervals by which the contract judges",
        most=MOST_SLOTS,
    )
    return Problem(Sentence("logs"), found, to_say("Audit fewer months at a time (--cycle)."))
