"""How long a request took: when it was submitted, if a log has the time at which it ended, and over which limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.at_once.exact import cut, of_decimals
from sla_audit.intake.values.at_once.numbers import Millionths, Wholes, number_pattern
from sla_audit.intake.values.at_once.settle import NONE, Numbers, Settled, one_by_one, settle
from sla_audit.sentence import to_say

Unit = Literal["s", "ms", "us", "ns"]

UNITS: tuple[Unit, ...] = ("s", "ms", "us", "ns")

EXPECTED = to_say("how long the request took, a number in {unit} that is not negative")

_SCALES: dict[Unit, tuple[int, int]] = {"s": (10**6, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}
"""By what a duration in some unit is multiplied, and divided, for it to be one in microseconds."""
_NUMBER = re.compile(r"(?P<whole>\d+)(?:\.(?P<decimals>\d*))?(?:[eE](?P<exponent>[+-]?\d{1,2}))?", re.ASCII)
_LONGEST = 10**15  # microseconds, over thirty years
_UNREADABLE = -1
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


class Took(NamedTuple):
    """The column that says how long a request took, in which unit; and the limits, in microseconds, ascending."""

    column: str
    unit: Unit
    limits: tuple[int, ...] = ()


class Exceeded(NamedTuple):
    """The highest limit that each request took longer than, a dictionary, null for none; and the rows without a time.

    These are None where there are none.
    """

    limits: pa.DictionaryArray
    unreadable: npt.NDArray[np.bool_] | None


def exceeded(durations: pa.Array, unit: Unit, limits: Sequence[int]) -> Exceeded:
    """Tell which of some limits, in microseconds and in ascending order, durations are strictly longer than.

    Nothing is cut: the least that a duration is longer by counts. No duration at all is no short one, and unreadable.
    """
    if pa.types.is_dictionary(durations.type):
        table = np.append(_passed(durations.dictionary, unit, limits), _UNREADABLE)
        passed = table.take(durations.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False))
    else:
        passed = _passed(durations, unit, limits)
    indices = pa.array(np.maximum(passed - 1, 0), pa.int32(), mask=passed <= 0)
    bad = passed == _UNREADABLE
    found = pa.DictionaryArray.from_arrays(indices, pa.array(limits, pa.int64()), safe=False)
    return Exceeded(found, bad if bad.any() else None)


def _passed(durations: pa.Array, unit: Unit, limits: Sequence[int]) -> npt.NDArray[np.int32]:
    """Count the limits that each duration is longer than; `_UNREADABLE` where it is none."""
    durations = _exact(durations)
    cut = _lengths(durations, unit).fill_null(_UNREADABLE).to_numpy(zero_copy_only=False)
    passed: npt.NDArray[np.int32] = np.searchsorted(np.array(limits, np.int64), cut, side="left").astype(np.int32)
    passed[cut == _UNREADABLE] = _UNREADABLE
    # What was cut off decides where all the rest is just the limit.
    at_a_limit = np.flatnonzero(np.isin(cut, limits))
    if len(at_a_limit):
        encoded = durations.take(pa.array(at_a_limit)).dictionary_encode()
        some = (_fraction(value, unit) for value in encoded.dictionary.to_pylist())
        is_longer = np.array([each is not None and each.denominator > 1 for each in some], np.int32)
        passed[at_a_limit] += is_longer.take(encoded.indices.to_numpy())
    return passed


def _exact(durations: pa.Array) -> pa.Array:
    """Give floats of fewer bits as text: as floats of 64 bits they would be a little off."""
    kind = durations.type
    return durations.cast(pa.string()) if pa.types.is_floating(kind) and not pa.types.is_float64(kind) else durations


def _lengths(durations: pa.Array, unit: Unit) -> pa.Int64Array:
    """Give durations of any type in whole microseconds; null where one is none."""
    durations = _exact(durations)
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
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
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
    duration = _fraction(value, unit)
    return int(duration) if duration is not None and duration < _LONGEST else None


def _fraction(value: Any, unit: Unit) -> Fraction | None:
    """Give a duration in microseconds with all its digits; None where it is none."""
    text = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return None
    up, down = _SCALES[unit]
    return Fraction(text) * up / down  # which has all digits, as a product of decimals has not


def unknown(starts: pa.Array, ends: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which requests have an end, but no start that could be read."""
    missing: np.ndarray[Any, np.dtype[np.bool_]] = pc.and_(starts.is_null(), ends.is_valid()).to_numpy(
        zero_copy_only=False
    )
    return missing
