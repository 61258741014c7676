"""Epoch numbers: instants as so many seconds, milliseconds, microseconds or nanoseconds since 1970.

A number tells its unit by its size: between the years 2000 and 2100 the ranges of the units do not touch. What it has
of finer digits than microseconds is cut, never rounded, and all arithmetic is that of integers.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of each unit are in a second."""

EARLIEST_SECOND, LATEST_SECOND = 946_684_800, 4_102_444_800
"""2000-01-01 and 2100-01-01: between them lies every instant that a number is taken for."""
_NUMBER = re.compile(r"\+?(?P<whole>\d+)(?:\.(?P<decimals>\d*))?(?:[eE](?P<exponent>[+-]?\d{1,2}))?", re.ASCII)
_LONGEST = 19  # digits of a whole number of nanoseconds

LOST_DIGITS = "an epoch number with all its digits: one in scientific notation, as spreadsheets write it, has lost some"


def epoch_unit(number: int | Decimal) -> str | None:
    """Tell the unit of an epoch number by its size; None where it lies in the years of none."""
    return next(
        (unit for unit, factor in UNITS.items() if EARLIEST_SECOND * factor <= number < LATEST_SECOND * factor), None
    )


def microseconds_of(number: int | Decimal) -> int | None:
    """Give the instant of a number in microseconds; None where it is none."""
    unit = epoch_unit(number) if isinstance(number, int) or number.is_finite() else None
    # A fraction has all digits; a product of decimals is rounded to those of its context.
    return None if unit is None else int(Fraction(number) * 10**6 // UNITS[unit])


def is_number(text: str) -> bool:
    """Tell whether a text is a number, as a log may write one, so that it can be no other form of a time."""
    return _NUMBER.fullmatch(text) is not None


def read_epoch(text: str) -> int | None:
    """Read a number written as text, in microseconds; None where it is no number, or lies in the years of no unit.

    Raises `ValueError` where it is in scientific notation and lacks digits before its point.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    decimals, exponent = found["decimals"] or "", int(found["exponent"] or 0)
    if exponent > len(decimals):
        raise ValueError(LOST_DIGITS)
    digits, point = found["whole"] + decimals, len(found["whole"]) + exponent
    whole = digits[: max(point, 0)].lstrip("0")
    if not 0 < len(whole) <= _LONGEST:
        return None
    unit = epoch_unit(int(whole))
    fraction = digits[point : point + 6].ljust(6, "0")
    return None if unit is None else int(whole + fraction) // UNITS[unit]
