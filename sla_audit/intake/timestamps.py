"""When a request was submitted, in every form that a log may write it.

Instants are kept as Arrow timestamps in UTC, in the unit they came in. A value without a zone is
read in the contract's time zone. Epoch numbers tell their unit by their size: between the years 2000
and 2100 the ranges of seconds, milliseconds, microseconds and nanoseconds do not touch.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake import time_forms
from sla_audit.intake.dictionary import as_dictionary
from sla_audit.intake.time_forms import EXPECTED, DateOrder

_ISO_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(?::\d\d.*)?(?:Z|[+-]\d\d(?::?\d\d)?)", re.ASCII)
_EPOCH = re.compile(r"\d+(?:\.\d*)?", re.ASCII)
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # 2000-01-01 and 2100-01-01, in seconds
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_REACH = 7_258_118_400  # 2200-01-01, in seconds


@dataclass(frozen=True)
class Instants:
    """A column of instants. Null where the value could not be read."""

    values: pa.Array  # timestamp(unit, UTC)
    local: bool = False
    """Whether some value carried no zone and was read in the contract's."""


def csv_type(sample: str) -> pa.DataType:
    """Choose the type as which Arrow may parse a timestamp column whose first value is `sample`.

    Text, where the form is not one that Arrow reads by itself.
    """
    if _ISO_WITH_OFFSET.fullmatch(sample):
        return pa.timestamp("ns", "UTC")
    if sample.isascii() and sample.isdigit():
        return pa.decimal128(19, 0)  # as an integer, Arrow would take hexadecimal too
    return pa.string()


def read_instants(column: pa.Array, zone: ZoneInfo, order: DateOrder | None = None) -> Instants:
    """Read one column of timestamps, whatever its type; `order` is that of day and month in text, where it is known.

    Raises `TypeError` for a type that holds no instants.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_timestamp(kind):
        column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        return Instants(_relabel(column), local=False) if kind.tz else Instants(_in_zone(column, zone), local=True)
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        with suppress(pa.ArrowInvalid):  # a number too large for any instant
            return Instants(_epochs(column.cast(pa.int64())))
        return _each(column, lambda value: (_epoch_microseconds(Decimal(value)), False))
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        raise TypeError(_too_coarse(column))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _each(column, lambda value: (_epoch_microseconds(Decimal(str(value))), False))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        plain = None if pa.types.is_dictionary(column.type) else _wall_clock(column)
        if plain is None:
            return _each(column, lambda value: instant_of(value, zone, order))
        return read_instants(plain, zone)
    raise TypeError(f"type {kind}")


def _too_coarse(column: pa.Array) -> str:
    """Say why a column of small floats holds no times: which of them it can tell apart."""
    bits = (column.type.value_type if pa.types.is_dictionary(column.type) else column.type).bit_width
    said = f"type float{bits}"
    if bits == 16:
        return f"{said}, which ends at 65504, before any time of the years 2000 to 2100"
    values, _ = _distinct(column)
    found = [value for value in values if value is not None and isfinite(value)]
    unit = epoch_unit(Decimal(max(found))) if found else None
    if unit is None:
        return f"{said}, which has 24 binary digits, too few for a time"
    step = Decimal(float(np.spacing(np.float32(max(found))))) / _UNITS[unit]
    return f"{said}, which holds times only in steps of {step.quantize(Decimal('0.001')).normalize():f} s"


def epoch_unit(number: int | Decimal) -> str | None:
    """Tell the unit of an epoch number by its size; None where it lies in the years of none."""
    return next((unit for unit, factor in _UNITS.items() if _EARLIEST * factor <= number < _LATEST * factor), None)


def read_date_and_time(dates: pa.Array, times: pa.Array, zone: ZoneInfo, order: DateOrder | None = None) -> Instants:
    """Read instants that a log writes as two columns.

    Both are settled once per distinct value, then joined: the days and times of a log repeat.
    """
    days, day_codes = _distinct(dates)
    clocks, clock_codes = _distinct(times)
    combined = np.full((len(days), len(clocks)), np.iinfo(np.int64).min, dtype=np.int64)
    pairs = np.unique(day_codes.astype(np.int64) * max(len(clocks), 1) + clock_codes)
    local = False
    for pair in pairs.tolist():
        day, clock = divmod(pair, len(clocks))
        instant, was_local = instant_of(f"{days[day]}T{clocks[clock]}", zone, order)
        if instant is not None:
            combined[day, clock] = instant
            local |= was_local
    return Instants(_array(combined[day_codes, clock_codes]), local)


def instant_of(text: Any, zone: ZoneInfo, order: DateOrder | None = None) -> tuple[int | None, bool]:
    """Read one timestamp: microseconds since 1970 in UTC, and whether it lacked a zone.

    None where it cannot be read. Finer digits than microseconds are cut, which no window edge can see.
    """
    try:
        return _read(str(text).strip(), zone, order)
    except ValueError:
        return None, False


def expected_of(text: Any, zone: ZoneInfo, order: DateOrder | None = None) -> str:
    """Say what was expected instead of a timestamp that cannot be read."""
    try:
        _read(str(text).strip(), zone, order)
    except ValueError as error:
        return str(error)
    return EXPECTED


def _read(text: str, zone: ZoneInfo, order: DateOrder | None) -> tuple[int, bool]:
    if not _EPOCH.fullmatch(text):
        return time_forms.read(text, zone, order)
    instant = _epoch_microseconds(Decimal(text))
    if instant is None:
        raise ValueError(EXPECTED)
    return instant, False


def _epoch_microseconds(number: Decimal) -> int | None:
    unit = epoch_unit(number) if number.is_finite() else None
    # A fraction has all digits; a product of decimals is rounded to those of its context.
    return None if unit is None else int(Fraction(number) * 10**6 // _UNITS[unit])


def _epochs(numbers: pa.Array) -> pa.Array:
    """Label integers with the unit that their size tells; microseconds, cut, where units are mixed."""
    if numbers.null_count < len(numbers):
        unit, latest_unit = (epoch_unit(bound) for bound in pc.min_max(numbers).as_py().values())
        if unit is not None and unit == latest_unit:
            return numbers.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))
    return _each(numbers, lambda value: (_epoch_microseconds(Decimal(value)), False)).values


def _wall_clock(column: pa.Array) -> pa.Array | None:
    """Parse text that is all ISO 8601 without a zone, to the minute or finer; None where some is not."""
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    if lengths["min"] is None or lengths["min"] < len("2026-10-01T00:00"):  # Arrow takes a mere date for midnight
        return None
    try:
        return column.cast(pa.timestamp("ns"))
    except pa.ArrowInvalid:
        return None


def _in_zone(column: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Take wall-clock times as those of `zone`; null where the clock skips or repeats the hour.

    Polars carries its own time zone data, so no system package is needed.
    """
    column = within_reach(column)  # Polars breaks off at times that no calendar can write
    if column.type.unit == "s":
        column = column.cast(pa.timestamp("ms"))
    clocks = pl.Series(column)
    instants = clocks.dt.replace_time_zone(zone.key, ambiguous="null", non_existent="null")
    return instants.dt.convert_time_zone("UTC").to_arrow()


def finer_than_seconds(instants: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which instants are no whole second; one that is not known is none of them."""
    ticks = instants.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    finer: np.ndarray[Any, np.dtype[np.bool_]] = ticks % _UNITS[instants.type.unit] != 0
    return finer


def within_reach(instants: pa.Array) -> pa.Array:
    """Make null what lies outside the years that can be audited, 1970 to 2199."""
    scale = _UNITS[instants.type.unit]
    ticks = instants.cast(pa.int64())
    bounds = pc.min_max(ticks).as_py()
    latest = _REACH * scale
    if bounds["min"] is None or 0 <= bounds["min"] <= bounds["max"] < latest:
        return instants
    reached = pc.and_(pc.greater_equal(ticks, 0), pc.less(ticks, latest))
    return pc.if_else(reached, instants, pa.scalar(None, instants.type))


def _relabel(column: pa.Array) -> pa.Array:
    """Call a zoned column UTC: Arrow keeps instants in UTC whatever the zone it shows them in."""
    return column.cast(pa.timestamp(column.type.unit, "UTC"))


def _each(column: pa.Array, read: Callable[[Any], tuple[int | None, bool]]) -> Instants:
    """Read a column through its distinct values."""
    values, codes = _distinct(column)
    unreadable = np.iinfo(np.int64).min
    meanings = [(None, False) if value is None else read(value) for value in values]
    table = np.array([unreadable if instant is None else instant for instant, _ in meanings], dtype=np.int64)
    return Instants(_array(table[codes]), local=any(local for _, local in meanings))


def _distinct(column: pa.Array) -> tuple[list[Any], np.ndarray[Any, np.dtype[np.int32]]]:
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())  # Python has no nanoseconds
    encoded = as_dictionary(column)
    values = [*encoded.dictionary.to_pylist(), None]
    codes = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    return values, codes


def _array(microseconds: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    """Turn microseconds into an Arrow column, the smallest integer standing for null."""
    return pa.array(microseconds, pa.int64(), mask=microseconds == np.iinfo(np.int64).min).cast(
        pa.timestamp("us", "UTC")
    )
