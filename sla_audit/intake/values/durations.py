"""When a request was submitted, where a log has the time at which it ended and how long it took."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.at_once.exact import cut, of_decimals
from sla_audit.intake.values.at_once.numbers import Millionths, Wholes, number_pattern
from sla_audit.intake.values.at_once.settle import NONE, Numbers, Settled, one_by_one, settle
from sla_audit.sentence import to_say

Unit = Literal["s", "ms", "us", "ns"]

EXPECTED = to_say("how long the request took, a number in {unit} that is not negative")

_SCALES: dict[Unit, tuple[int, int]] = {"s": (10**6, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}
"""By what a duration in some unit is multiplied, and divided, for it to be one in microseconds."""
_NUMBER = re.compile(r"(?P<whole>\d+)(?:\.(?P<decimals>\d*))?(?:[eE](?P<exponent>[+-]?\d{1,2}))?", re.ASCII)
_LONGEST = 10**15  # microseconds, over thirty years
_LEAST_FLOAT = 1e-99  # of which the exponent has two digits, as in text


def started(ends: pa.Array, durations: pa.Array, unit: Unit) -> pa.Array:
    """Give the instants at which requests began, in microseconds; null where the end or the duration is not known.

    Durations are exact decimals, cut to whole microseconds.
    """
    if pa.types.is_dictionary(durations.type):
        taken = _lengths(durations.dictionary, unit).take(durations.indices)
    else:
        taken = _lengths(durations, unit)
    ticks = ends.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return pc.subtract(ticks, taken).cast(pa.timestamp("us", "UTC"))


def _lengths(durations: pa.Array, unit: Unit) -> pa.Int64Array:
    """Give durations of any type in whole microseconds; null where one is none."""
    kind, (up, down) = durations.type, _SCALES[unit]

    def in_microseconds(wholes: Wholes, millionths: Millionths) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        known = (wholes >= 0) & (wholes < _LONGEST * down // up)
        return wholes.astype(np.int64) * up // down + millionths * up // 10**6, known

    if pa.types.is_integer(kind):
        found, known = in_microseconds(durations.fill_null(0).to_numpy(zero_copy_only=False), 0)
        return pa.array(found, pa.int64(), mask=~known | durations.is_null().to_numpy(zero_copy_only=False))
    if pa.types.is_decimal128(kind) or pa.types.is_decimal256(kind):
        wholes, millionths, sound = of_decimals(durations)
        found, known = in_microseconds(wholes, millionths)
        return pa.array(found, pa.int64(), mask=~(known & sound))
    if pa.types.is_float64(kind):
        return _of_floats(durations, up, down)
    if pa.types.is_floating(kind):
        durations = durations.cast(pa.string())  # as floats of 64 bits they would be a little off
    if pa.types.is_string(durations.type) or pa.types.is_large_string(durations.type):
        settled = settle(durations, lambda text: number_pattern(text, _NUMBER, in_microseconds))
    else:
        settled = Settled(np.full(len(durations), NONE), left=np.flatnonzero(durations.is_valid()))
    one_by_one(durations, settled, lambda value: (_microseconds(value, unit), False))
    return pa.array(settled.numbers, pa.int64(), mask=settled.numbers == NONE)


def _of_floats(durations: pa.Array, up: int, down: int) -> pa.Int64Array:
    floats = durations.fill_null(-1).to_numpy(zero_copy_only=False)
    sound = ((floats >= _LEAST_FLOAT) & (floats < _LONGEST * down // up)) | ((floats == 0) & ~np.signbit(floats))
    return pa.array(cut(np.where(sound, floats, 0), up, down).astype(np.int64), pa.int64(), mask=~sound)


def _microseconds(value: Any, unit: Unit) -> int | None:
    text = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return None
    up, down = _SCALES[unit]
    duration = Fraction(text) * up / down  # which has all digits, as a product of decimals has not
    return int(duration) if duration < _LONGEST else None


def unknown(starts: pa.Array, ends: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which requests have an end, but no start that could be read."""
    missing: np.ndarray[Any, np.dtype[np.bool_]] = pc.and_(starts.is_null(), ends.is_valid()).to_numpy(
        zero_copy_only=False
    )
    return missing
