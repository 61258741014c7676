"""Steps: days of a zone cut into pieces of one length, by which some agreements are judged."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from sla_audit.model.instant import microseconds, midnight, moment

_DAYS_REMEMBERED = 1 << 12
_DAYS_OF_STEPS_REMEMBERED = 1 << 8
_MICROSECOND = timedelta(microseconds=1)

Instants = npt.NDArray[np.int64]


@lru_cache(_DAYS_REMEMBERED)
def midnight_of(day: date, zone: ZoneInfo) -> int:
    """Give the instant at which a day begins in a zone."""
    return microseconds(midnight(day, zone))


class Steps:
    """Days cut at every `length` of real time from their midnight, in microseconds since 1970.

    A day of 23 or 25 hours has that many hours of steps. Its last step is shorter where the day is no multiple of it.
    """

    def __init__(self, zone: ZoneInfo, length: timedelta) -> None:
        self.zone = zone
        self.length = length // _MICROSECOND

    def edges(self, earliest: int, latest: int) -> Instants:
        """Give the edges of all steps that meet `[earliest, latest]`, in order; the last is after `latest`."""
        first, last = (moment(instant, self.zone).date() for instant in (earliest, latest))
        days = (first + timedelta(days=day) for day in range((last - first).days + 1))
        starts = [_starts(day, self.zone, self.length) for day in days]
        edges = np.append(np.concatenate(starts), midnight_of(last + timedelta(days=1), self.zone))
        return edges[_after(edges, earliest) - 1 : _after(edges, latest) + 1]

    def starts(self, instants: Instants) -> Instants:
        """Give where the step begins that each instant lies in."""
        if not len(instants):
            return instants
        since, _ = self.days(instants)
        return instants - (instants - since) % self.length

    def ends(self, starts: Instants) -> Instants:
        """Give where steps end that begin at some instants."""
        if not len(starts):
            return starts
        return np.minimum(starts + self.length, self.days(starts)[1])

    def of(self, instant: int) -> tuple[int, int]:
        """Give the edges of the step that an instant lies in."""
        starts_at, ends_at = self.edges(instant, instant).tolist()
        return starts_at, ends_at

    def days(self, instants: Instants) -> tuple[Instants, Instants]:
        """Give the edges of the day that each instant lies in; there is one at least."""
        first, last = (moment(int(each), self.zone).date() for each in (instants.min(), instants.max()))
        days = (first + timedelta(days=day) for day in range((last - first).days + 2))
        midnights = np.array([midnight_of(day, self.zone) for day in days], dtype=np.int64)
        day = np.searchsorted(midnights, instants, side="right")
        return midnights[day - 1], midnights[day]


def _after(edges: Instants, instant: int) -> int:
    return int(np.searchsorted(edges, instant, side="right"))


@lru_cache(_DAYS_OF_STEPS_REMEMBERED)
def _starts(day: date, zone: ZoneInfo, length: int) -> Instants:
    starts = np.arange(midnight_of(day, zone), midnight_of(day + timedelta(days=1), zone), length, dtype=np.int64)
    starts.flags.writeable = False
    return starts
