"""Until when callers have to wait after their errors, and which errors came sooner: see `contract.terms.repeats`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.repeats.asked import Waits
from sla_audit.tally.repeats.error_times import ErrorTimes, Places
from sla_audit.tally.steps import Steps

_A_DAY = timedelta(days=1)
_ERRORS_AT_ONCE = 1 << 18
_Which = npt.NDArray[np.bool_]


class Waited(NamedTuple):
    """Which errors are repeated, by their places in `ErrorTimes`, and until when to wait after them.

    On the day of an error it is to wait until `until`, and on the next one, on which less is looked at of what came
    before, `until_next`; `day` and `next_day` are when these begin.
    """

    repeated: _Which
    day: Instants
    next_day: Instants
    until: Instants
    until_next: Instants

    def some(self, which: slice) -> Self:
        """Give those of some errors; what is written into them is written here."""
        repeated, day, next_day = self.repeated[which], self.day[which], self.next_day[which]
        return type(self)(repeated, day, next_day, self.until[which], self.until_next[which])

    def comes_too_soon(self, place: Places, at: Instants, day: Instants) -> _Which:
        """Tell which requests come too soon that are the first after errors, by the places of these.

        Each is `at` an instant of a `day` that begins then.
        """
        until = np.where(
            day == self.day[place], self.until[place], np.where(day == self.next_day[place], self.until_next[place], at)
        )
        soon: _Which = at < until
        return soon


def waited(errors: ErrorTimes, ended: _Which, beside: _Which, waits: Waits, zone: ZoneInfo) -> Waited:
    """Go through all errors of each caller, in their order, many callers at once.

    `ended` tells after which something came before the next ones that is no error, and `beside` at which instants
    something did. What came before is looked at from the beginning of the day before on: so errors are gone through
    with those of their day and of the day before it.
    """
    number = len(errors.at)
    day, next_day = Steps(zone, _A_DAY).days(errors.at)
    ends = Waited(np.zeros(number, np.bool_), day, next_day, np.zeros(number, np.int64), np.zeros(number, np.int64))
    for some in _at_once(errors.caller):
        _go_through(errors.some(some), ends.some(some), ended[some], beside[some], waits)
    return ends


def _at_once(caller: Places) -> Iterator[slice]:
    """Cut errors where those of another caller begin, so that what is made of some takes little memory."""
    edges = np.append(np.flatnonzero(np.diff(caller, prepend=-1)), len(caller))
    first = 0
    for begin, end in pairwise(edges.tolist()):
        if end - first > _ERRORS_AT_ONCE and begin > first:
            yield slice(first, begin)
            first = begin
    yield slice(first, len(caller))


def _go_through(errors: ErrorTimes, ends: Waited, ended: _Which, beside: _Which, waits: Waits) -> None:
    """Write down what becomes of the errors of some callers, in `ends`, which are theirs."""
    number = len(errors.at)
    place, on = np.concatenate([np.arange(number)] * 2), np.concatenate([ends.day, ends.next_day])
    order = np.lexsort((place, on, errors.caller[place]))
    found, on = place[order], on[order]
    at, caller = errors.at[found], errors.caller[found]

    follows = (caller[1:] == caller[:-1]) & (on[1:] == on[:-1]) & ~ended[found[:-1]]
    has_to_wait = np.append([False], follows)
    begins = ~has_to_wait | beside[found]
    until = (_after_each if waits.after_each else _after_first)(errors, found, begins, waits)
    repeated = has_to_wait & (at < np.append([0], until[:-1]))

    own, other = order < number, order >= number
    ends.repeated[found[own]] = repeated[own]
    ends.until[found[own]] = until[own]
    ends.until_next[found[other]] = until[other]


def _after_each(errors: ErrorTimes, found: Places, begins: _Which, waits: Waits) -> Instants:
    """Give until when to wait after each error: the longer, the more there are in its row."""
    so_far = np.cumsum(errors.many[found])
    first = np.maximum.accumulate(np.where(begins, np.arange(len(found)), 0))
    in_row = so_far - (so_far - errors.many[found])[first]
    growing = waits.growing()
    until: Instants = errors.at[found] + growing[np.minimum(in_row, len(growing)) - 1]
    return until


def _after_first(errors: ErrorTimes, found: Places, begins: _Which, waits: Waits) -> Instants:
    """Give until when to wait after the last first error: the next one that is not within its wait is one again."""
    number = len(found)
    row, ranks = np.cumsum(begins), len(errors.instants) + 1
    keys = row * ranks + np.searchsorted(errors.instants, errors.at[found])
    over = row * ranks + np.searchsorted(errors.instants, errors.at[found] + waits.first)
    following = np.searchsorted(keys, over)
    following = np.where(np.append(row, 0)[following] == row, following, number)
    is_first = np.append(begins, [True])
    leaps = np.append(following, number)
    while (leaps[:-1] < number).any():  # of all first ones that are known, to those so many further; then twice as many
        is_first[leaps[is_first]] = True
        leaps = leaps[leaps]
    first = np.maximum.accumulate(np.where(is_first[:-1], np.arange(number), 0))
    until: Instants = errors.at[found][first] + waits.first
    return until
