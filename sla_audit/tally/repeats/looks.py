"""Two looks at logs that have been counted: at all errors, and at what came between those of each caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.tally.dedup.detect import Part, Period, Stop, read_again
from sla_audit.tally.dedup.placed import Places as PlacesInText
from sla_audit.tally.dedup.same_request import instants
from sla_audit.tally.dedup.sought import Sought
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.repeats.asked import Repeating
from sla_audit.tally.repeats.error_times import ErrorTimes, Places
from sla_audit.tally.repeats.rows import CallerRows


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
            some = np.flatnonzero(self.repeating.errors_in(batch) & _inside(at, self.period))
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
            others = ~self.repeating.errors_in(batch) & _inside(at, self.period) & (at >= self.errors.instants[0])
            some = np.flatnonzero(others)
            caller = self.repeating.callers.of(batch, at, some)
            known = sought.among(caller)
            some, caller = some[known], caller[known]
            place = self.errors.last(caller, at[some])
            after = place >= 0
            if not after.any():
                continue
            some, caller, place = some[after], caller[after], place[after]
            of_first = first_of(place, at[some], self.errors)
            kept = is_kept(place, at[some], of_first, self.errors, self.repeating.waits.most)
            rows = CallerRows.of(batch, at, some[kept], caller[kept])
            found.append(Between(*of_first, rows))
        return together(found, self.errors)


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
    """A look at what came between errors: a `detect.Look`."""

    parts: Sequence[Part]
    again: AllBetween

    def look(self, part: Part, stop: Stop) -> Between:
        """Give that of a part."""
        return self.again.of(part, None, stop)


def _inside(at: Instants, period: Period | None) -> npt.NDArray[np.bool_]:
    if period is None:
        return np.ones(len(at), dtype=np.bool_)
    inside: npt.NDArray[np.bool_] = (at >= period[0]) & (at < period[1])
    return inside
