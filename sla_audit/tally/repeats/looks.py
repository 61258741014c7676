"""Two looks at logs that have been counted: at all errors, and at what came between those of each caller."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.tally.dedup.detect import Part, Period, Stop, read_again
from sla_audit.tally.dedup.placed import Places as PlacesInText
from sla_audit.tally.dedup.same_request import instants
from sla_audit.tally.dedup.sought import Sought
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.repeats.asked import Repeating
from sla_audit.tally.repeats.error_times import ErrorTimes, Places
from sla_audit.tally.repeats.rows import CallerRows

_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class AllErrors:
    """Gives the errors of parts, one by one: a `detect.Again`. Others are those outside of the period."""

    repeating: Repeating
    period: Period | None

    def of(self, part: Part, places: PlacesInText | None, stop: Stop) -> CallerRows:
        """Give those of a part: see `Again.of`."""
        del places
        found: list[CallerRows] = []
        for batch in read_again(part, None, stop):
            at = instants(batch)
            some = np.flatnonzero(self.repeating.errors_in(batch) & _looked_at(batch, at, self.repeating, self.period))
            if len(some):
                found.append(CallerRows.of(batch, at, some, self.repeating.callers.of(batch, at, some)))
        return CallerRows.together(found)


class Between(NamedTuple):
    """What came after errors, by their places, and is none: the first instant of each, and rows that may be repeated.

    These are of the instant of an error, or of the first instant after it.
    """

    place: Places
    first: Instants
    rows: CallerRows


@dataclass(frozen=True)
class AllBetween:
    """Gives what callers sent between their errors: a `detect.Again`.

    Of all that came after an error, and before the next one, only what came first can be repeated: it ends the row. So
    there is little to keep, however many requests there were.
    """

    repeating: Repeating
    errors: ErrorTimes
    period: Period | None

    def of(self, part: Part, places: PlacesInText | None, stop: Stop) -> Between:
        """Give that of a part: see `Again.of`."""
        del places
        sought, found = Sought(self.errors.callers), list[Between]()
        for batch in read_again(part, None, stop):
            at = instants(batch)
            others = ~self.repeating.errors_in(batch) & _looked_at(batch, at, self.repeating, self.period)
            some = np.flatnonzero(others & (at >= self.errors.instants[0]))
            caller = self.repeating.callers.of(batch, at, some)
            known = sought.among(caller)
            some, caller = some[known], caller[known]
            place = self.errors.last(caller, at[some])
            after = self._matters(place, at[some])
            if not after.any():
                continue
            some, caller, place = some[after], caller[after], place[after]
            of_first = first_of(place, at[some], self.errors)
            kept = is_kept(place, at[some], of_first, self.errors, self.repeating.waits.most)
            rows = CallerRows.of(batch, at, some[kept], caller[kept])
            found.append(Between(*of_first, rows))
            if sum(len(each.place) for each in found) > _AT_ONCE:
                found = [together(found, self.errors)]
        return together(found, self.errors)

    def _matters(self, place: Places, at: Instants) -> npt.NDArray[np.bool_]:
        """Tell which requests come after errors, and while the caller may have to wait, or before further errors."""
        known = place >= 0
        soon = at < self.errors.at[place] + self.repeating.waits.most
        matters: npt.NDArray[np.bool_] = known & (soon | self._goes_on[place])
        return matters

    @cached_property
    def _goes_on(self) -> npt.NDArray[np.bool_]:
        return self.errors.goes_on


class First(NamedTuple):
    """The first instant after errors, by their places, which are in order."""

    place: Places
    first: Instants


def first_of(place: Places, at: Instants, errors: ErrorTimes) -> First:
    """Find the first instant after each of some errors, of requests that came after them or with them."""
    later = np.flatnonzero(at > errors.at[place])
    order = later[np.lexsort((at[later], place[later]))]
    places, first = np.unique(place[order], return_index=True)
    return First(places, at[order][first])


def is_kept(place: Places, at: Instants, of_first: First, errors: ErrorTimes, most: int) -> npt.NDArray[np.bool_]:
    """Tell which requests came with an error, or first after it and before the longest wait was over."""
    since = errors.at[place]
    first = np.full(len(place), -1, dtype=np.int64)
    if len(of_first.place):
        found = np.minimum(np.searchsorted(of_first.place, place), len(of_first.place) - 1)
        first = np.where(of_first.place[found] == place, of_first.first[found], first)
    kept: npt.NDArray[np.bool_] = (at == since) | ((at == first) & (at < since + most))
    return kept


def together(found: Sequence[Between], errors: ErrorTimes) -> Between:
    """Put together what was found in several places."""
    none = np.zeros(0, dtype=np.int64)
    place = np.concatenate([none, *(each.place for each in found)])
    of_first = first_of(place, np.concatenate([none, *(each.first for each in found)]), errors)
    return Between(*of_first, CallerRows.together([each.rows for each in found]))


@dataclass(frozen=True)
class AskedOfErrors:
    """A look at errors: a `detect.Look`."""

    parts: Sequence[Part]
    again: AllErrors

    def look(self, part: Part, stop: Stop) -> CallerRows:
        """Give those of a part."""
        return self.again.of(part, None, stop)


@dataclass(frozen=True)
class AskedOfOthers:
    """A look at what came between errors: a `detect.Look`. What threads tell is put together as it comes."""

    parts: Sequence[Part]
    again: AllBetween
    _held: list[Between] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, part: Part, stop: Stop) -> Between:
        """Look at a part together with others; `together` has what comes of it."""
        found = self.again.of(part, None, stop)
        with self._lock:
            self._held.append(found)
            if sum(len(each.place) for each in self._held) > _AT_ONCE:
                self._held[:] = [together(self._held, self.again.errors)]
        return together([], self.again.errors)

    def together(self, told: Sequence[Between]) -> Between:
        """Put together what was found here, and what was told of parts."""
        return together([*self._held, *told], self.again.errors)


def _looked_at(
    batch: pa.RecordBatch, at: Instants, repeating: Repeating, period: Period | None
) -> npt.NDArray[np.bool_]:
    """Tell which rows are of the service, and lie in the period."""
    own = repeating.of_service_in(batch)
    return own if period is None else own & (at >= period[0]) & (at < period[1])
