"""Epoch numbers: instants as so many seconds, milliseconds, microseconds or nanoseconds since 1970.

A number tells its unit by its size: between the years 2000 and 2100 the ranges of the units do not touch. What it has
of finer digits than microseconds is cut, never rounded, and all arithmetic is that of integers.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.values.at_once.exact import cut, of_decimals
from sla_audit.sentence import to_say

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of each unit are in a second."""

EARLIEST_SECOND, LATEST_SECOND = 946_684_800, 4_102_444_800
"""2000-01-01 and 2100-01-01: between them lies every instant that a number is taken for."""
NUMBER = re.compile(r"\+?(?P<whole>\d+)(?:\.(?P<decimals>\d*))?(?:[eE](?P<exponent>[+-]?\d{1,2}))?", re.ASCII)
_LONGEST = 19  # digits of a whole number of nanoseconds

LOST_DIGITS = to_say(
    "an epoch number with all its digits: one in scientific notation, as spreadsheets write it, has lost some"
)


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


def instants_of(
    wholes: npt.NDArray[np.integer[Any]], millionths: npt.NDArray[np.int64] | int = 0
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Give the instants of many numbers in microseconds, and tell which are any: see `microseconds_of`.

    Of each number comes what is before the point, and what is after it in millionths.
    """
    instants, known = np.zeros(len(wholes), np.int64), np.zeros(len(wholes), np.bool_)
    for factor in UNITS.values():
        within = (wholes >= EARLIEST_SECOND * factor) & (wholes < LATEST_SECOND * factor)
        if not within.any():
            continue
        # One of the two scales is 1: so no product is larger than an instant.
        of_unit = wholes.astype(np.int64) * max(10**6 // factor, 1) // max(factor // 10**6, 1) + millionths // factor
        if within.all():
            return of_unit, within
        np.copyto(instants, of_unit, where=within)
        known |= within
    return instants, known


def instants_of_decimals(column: pa.Array) -> pa.Array:
    """Give the instants of a column of decimals."""
    wholes, millionths, known = of_decimals(column)
    instants, within = instants_of(wholes, millionths)
    return _array(instants, known & within)


def instants_of_floats(column: pa.Array) -> pa.Array:
    """Give the instants of a column of floats of 64 bits, as their shortest decimals say."""
    floats = column.fill_null(0).to_numpy(zero_copy_only=False)
    instants, known = np.zeros(len(floats), np.int64), np.zeros(len(floats), np.bool_)
    for factor in UNITS.values():
        within = (floats >= EARLIEST_SECOND * factor) & (floats < LATEST_SECOND * factor)
        if within.any():
            up, down = max(10**6 // factor, 1), max(factor // 10**6, 1)
            instants[within] = cut(floats[within], up, down).astype(np.int64)
            known |= within
    return _array(instants, known)


def _array(instants: npt.NDArray[np.int64], known: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(instants, pa.int64(), mask=~known).cast(pa.timestamp("us", "UTC"))


def is_number(text: str) -> bool:
    """Tell whether a text is a number, as a log may write one, so that it can be no other form of a time."""
    return NUMBER.fullmatch(text) is not None


def read_epoch(text: str) -> int | None:
    """Read a number written as text, in microseconds; None where it is no number, or lies in the years of no unit.

    Raises `ValueError` where it is in scientific notation and lacks digits before its point.
    """
    found = NUMBER.fullmatch(text)
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
