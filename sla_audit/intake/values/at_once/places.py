"""Where digits, and what is around them, stand in texts of one length."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from sla_audit.intake.values.at_once.alike import Bytes

_DIGITS = re.compile(r"\d", re.ASCII)
_ZERO = np.uint8(ord("0"))


@dataclass(frozen=True)
class Places:
    """Where texts have digits, which may be any, and where what a sample has, byte for byte.

    `of_digit` tells at which place among the digits each place in the text is.
    """

    digits: npt.NDArray[np.intp]
    of_digit: dict[int, int]
    others: npt.NDArray[np.intp]
    expected: Bytes

    @classmethod
    def of(cls, sample: str, free: Collection[int] = ()) -> Self:
        """Take them from a text in ASCII, of which some places are `free`: what stands there is looked at elsewhere."""
        digits = [found.start() for found in _DIGITS.finditer(sample) if found.start() not in free]
        others = [at for at in range(len(sample)) if at not in digits and at not in free]
        return cls(
            np.array(digits, np.intp),
            {place: at for at, place in enumerate(digits)},
            np.array(others, np.intp),
            np.array([[ord(sample[at])] for at in others], np.uint8).reshape(len(others), 1),
        )

    def read(self, values: Bytes) -> tuple[Bytes, npt.NDArray[np.bool_]]:
        """Give the digits of values as numbers, and which of them are in place."""
        digits = values.take(self.digits, axis=0) - _ZERO  # what is below a zero becomes large
        fits: npt.NDArray[np.bool_] = np.max(digits, axis=0, initial=0) <= 9
        if len(self.others):
            fits &= np.bitwise_or.reduce(values.take(self.others, axis=0) ^ self.expected, axis=0) == 0
        return digits, fits

    def within(self, span: tuple[int, int]) -> slice:
        """Tell which of the digits stand in a part of the text that is nothing but digits."""
        first = self.of_digit[span[0]]
        return slice(first, first + span[1] - span[0])
