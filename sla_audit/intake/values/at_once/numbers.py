"""Numbers written as text, many at once: whole digits, and decimals after a point."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sla_audit.intake.values.at_once.alike import Bytes, number
from sla_audit.intake.values.at_once.places import Places
from sla_audit.intake.values.at_once.settle import Numbers

_LONGEST = 19  # digits of a whole number of 64 bits
_PLACES = 6  # decimals that count

Wholes = npt.NDArray[np.integer[Any]]
Millionths = npt.NDArray[np.int64] | int
"""What comes after the point, in millionths, cut."""
Meaning = Callable[[Wholes, Millionths], tuple[Numbers, npt.NDArray[np.bool_]]]
"""Makes of numbers what they mean, and tells of which it can."""


class NumberPattern:
    """Numbers whose digits stand in the same places."""

    local = False

    def __init__(self, places: Places, whole: slice, decimals: slice, meaning: Meaning) -> None:
        self._places = places
        self._whole = whole
        self._decimals = decimals
        self._meaning = meaning

    def read(self, values: Bytes) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """Read numbers: see `settle.Pattern`."""
        digits, fits = self._places.read(values)
        decimals = digits[self._decimals]
        millionths: Millionths = 0
        if len(decimals):
            millionths = number(decimals).astype(np.int64) * 10 ** (_PLACES - len(decimals))
        numbers, known = self._meaning(number(digits[self._whole]), millionths)
        return numbers, fits & known


def number_pattern(text: str, form: re.Pattern[str], meaning: Meaning) -> NumberPattern | None:
    """Find where a text has the `whole` digits and the `decimals` of a form; None where it is not of it, or too long.

    Neither is one that has an `exponent`.
    """
    stripped = text.strip()
    found = form.fullmatch(stripped)
    if found is None or found["exponent"] is not None or len(found["whole"]) > _LONGEST:
        return None
    shift = text.index(stripped)
    places = Places.of(text)
    first, end = found.span("whole")
    whole = places.within((first + shift, end + shift))
    decimals = slice(whole.stop, whole.stop + min(len(found["decimals"] or ""), _PLACES))
    return NumberPattern(places, whole, decimals, meaning)
