"""Numbers that are looked for among very many others, of which hardly any is one of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sla_audit.tally.dedup.spill import Hashes

_BITS = 22

Positions = npt.NDArray[np.int64]


class Sought:
    """Sorted numbers, each once and one at least."""

    def __init__(self, numbers: Hashes) -> None:
        self.numbers = numbers
        self._maybe = np.zeros(1 << _BITS, np.bool_)  # most numbers are passed over without a search
        self._maybe[numbers >> np.uint64(64 - _BITS)] = True

    def __reduce__(self) -> tuple[type[Sought], tuple[Hashes]]:
        """Send the numbers alone."""
        return Sought, (self.numbers,)

    def among(self, found: Hashes, where: npt.NDArray[np.bool_] | None = None) -> Positions:
        """Give the positions of those numbers that are looked for, of all or of some."""
        maybe = self.maybe(found)
        positions = np.flatnonzero(maybe if where is None else maybe & where)
        return positions[are_in(found[positions], self.numbers)]

    def maybe(self, found: Hashes) -> npt.NDArray[np.bool_]:
        """Tell which numbers may be looked for: all that are, and few others."""
        maybe: npt.NDArray[np.bool_] = self._maybe[found >> np.uint64(64 - _BITS)]
        return maybe


def have_some(one: Hashes, other: Hashes) -> bool:
    """Tell whether two lists of sorted numbers, of which each has one at least, have one of them in common."""
    few, many = (one, other) if len(one) < len(other) else (other, one)
    first, end = np.searchsorted(few, many[[0, -1]]).tolist()
    few = few[first : end + 1]
    return bool(len(few)) and bool(are_in(few, many).any())


def are_in(numbers: Hashes, listed: Hashes) -> npt.NDArray[np.bool_]:
    """Tell which numbers are among sorted ones, of which there is one at least."""
    at = np.searchsorted(listed, numbers)
    found: npt.NDArray[np.bool_] = listed[np.minimum(at, len(listed) - 1)] == numbers
    return found
