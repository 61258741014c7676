"""When callers had errors, so that what lies between these is found."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from sla_audit.tally.dedup.sought import are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Instants

Places = npt.NDArray[np.int64]


class ErrorTimes(NamedTuple):
    """Each instant at which a caller had errors, in the order of callers and time: `many` of `callers[caller]` at `at`.

    `callers` and `instants` are all that occur, sorted; `keys` put both into one number, in the same order.
    """

    callers: Hashes
    instants: Instants
    keys: Places
    caller: Places
    at: Instants
    many: Places

    @classmethod
    def of(cls, caller: Hashes, at: Instants) -> Self:
        """Sort the errors of callers; there is one at least."""
        callers, which = np.unique(caller, return_inverse=True)
        instants, when = np.unique(at, return_inverse=True)
        keys, many = np.unique(which * (len(instants) + 1) + when + 1, return_counts=True)
        place, instant = np.divmod(keys, len(instants) + 1)
        return cls(callers, instants, keys, place, instants[instant - 1], many)

    def some(self, which: slice) -> Self:
        """Give some of them."""
        keys, caller, at, many = (each[which] for each in (self.keys, self.caller, self.at, self.many))
        return self._replace(keys=keys, caller=caller, at=at, many=many)

    @property
    def goes_on(self) -> npt.NDArray[np.bool_]:
        """Which are not the last errors of their caller."""
        return np.append(self.caller[1:] == self.caller[:-1], [False])

    def last(self, caller: Hashes, at: Instants) -> Places:
        """Give for some callers the place of their last errors until then; -1: there are none."""
        which = np.searchsorted(self.callers, caller)
        known = np.flatnonzero(are_in(caller, self.callers))
        place = np.full(len(caller), -1, dtype=np.int64)
        key = which[known] * (len(self.instants) + 1) + np.searchsorted(self.instants, at[known], side="right")
        found = np.searchsorted(self.keys, key, side="right") - 1
        own = (found >= 0) & (self.caller[found] == which[known])
        place[known[own]] = found[own]
        return place
