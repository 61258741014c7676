"""When a request was submitted, in every form that a log may write it.

Instants are kept as Arrow timestamps in UTC, in the unit they came in. A value without a zone is
read in the contract's time zone. Epoch numbers tell their unit by their size (see `epochs`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values import time_forms
from sla_audit.intake.values.dictionary import as_dictionary, occurring
from sla_audit.intake.values.epochs import UNITS, epoch_unit, is_number, microseconds_of, read_epoch
from sla_audit.intake.values.local_time import in_utc
from sla_audit.intake.values.text import as_bytes
from sla_audit.intake.values.time_forms import EXPECTED, DateOrder
from sla_audit.model.instant import EARLIEST, LATEST

_ISO_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(?::\d\d.*)?(?:Z|[+-]\d\d(?::?\d\d)?)", re.ASCII)
_DAY = 86_400  # seconds; more than any zone is from UTC
_LONGEST = 19  # digits of a whole number of nanoseconds


@dataclass(frozen=True)
class Instants:
    """A column of instants. Null where the value could not be read."""

    values: pa.Array  # timestamp(unit, UTC)
    local: bool = False
    """Whether some value carried no zone and was read in the contract's."""


def csv_type(sample: str) -> pa.DataType:
    """Choose the type as which Arrow may parse a timestamp column whose first value is `sample`.

    Text, where the form is not one that Arrow reads by itself; numbers too, of which Arrow reads several that are none.
    """
    return pa.timestamp("ns", "UTC") if _ISO_WITH_OFFSET.fullmatch(sample) else pa.string()


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
        try:
            return Instants(_epochs(column.cast(pa.int64())))
        except pa.ArrowInvalid:  # a number too large for any instant
            return _each(column, lambda value: (microseconds_of(int(value)), False))
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        raise TypeError(_too_coarse(column))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _each(column, lambda value: (microseconds_of(Decimal(str(value))), False))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        plain = None if pa.types.is_dictionary(column.type) else _whole_numbers(column)
        if plain is None and not pa.types.is_dictionary(column.type):
            plain = _wall_clock(column)
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
    step = Decimal(float(np.spacing(np.float32(max(found))))) / UNITS[unit]
    return f"{said}, which holds times only in steps of {step.quantize(Decimal('0.001')).normalize():f} s"


def read_date_and_time(dates: pa.Array, times: pa.Array, zone: ZoneInfo, order: DateOrder | None = None) -> Instants:
    """Read instants that a log writes as two columns.

    Both are settled once per distinct pair, of those that occur: the days and times of a log repeat.
    """
    days, day_codes = _distinct(dates)
    clocks, clock_codes = _distinct(times)
    codes = day_codes.astype(np.int64) * len(clocks) + clock_codes
    pairs, of_rows = occurring(codes, len(days) * len(clocks))
    instants = np.full(len(pairs), np.iinfo(np.int64).min, dtype=np.int64)
    local = False
    for at, pair in enumerate(pairs.tolist()):
        day, clock = divmod(pair, len(clocks))
        instant, was_local = instant_of(f"{days[day]}T{clocks[clock]}", zone, order)
        if instant is not None:
            instants[at] = instant
            local |= was_local
    return Instants(_array(instants[of_rows]), local)


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
    if not is_number(text):
        return time_forms.read(text, zone, order)
    instant = read_epoch(text)
    if instant is None:
        raise ValueError(EXPECTED)
    return instant, False


def _epochs(numbers: pa.Array) -> pa.Array:
    """Label integers with the unit that their size tells; microseconds, cut, where units are mixed."""
    if numbers.null_count < len(numbers):
        unit, latest_unit = (epoch_unit(bound) for bound in pc.min_max(numbers).as_py().values())
        if unit is not None and unit == latest_unit:
            return numbers.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))
    return _each(numbers, lambda value: (microseconds_of(value), False)).values


def _whole_numbers(column: pa.Array) -> pa.Array | None:
    """Read text that is all digits as numbers; None where some is not, or is too long for any instant."""
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    if not lengths["min"] or lengths["max"] > _LONGEST or not as_bytes(column).isdigit():
        return None
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


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
    """Take wall-clock times as those of `zone`; null where the clock skips or repeats the hour."""
    unit = column.type.unit
    column = _between(column, EARLIEST // 10**6 - _DAY, LATEST // 10**6 + _DAY)  # what no calendar can write goes
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    clocks = column.cast(pa.int64()).fill_null(_DAY * UNITS[unit]).to_numpy(zero_copy_only=False)
    instants, none = in_utc(clocks, UNITS[unit], zone)
    return pa.array(instants, pa.int64(), mask=none | ~valid).cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))


def finer_than_seconds(instants: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which instants are no whole second; one that is not known is none of them."""
    ticks = instants.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    finer: np.ndarray[Any, np.dtype[np.bool_]] = ticks % UNITS[instants.type.unit] != 0
    return finer


def within_reach(instants: pa.Array) -> pa.Array:
    """Make null what lies outside the years that can be audited: see `instant.EARLIEST`."""
    return _between(instants, EARLIEST // 10**6, LATEST // 10**6)


def _between(times: pa.Array, first: int, end: int) -> pa.Array:
    """Make null what lies outside some seconds, half-open."""
    scale = UNITS[times.type.unit]
    ticks = times.cast(pa.int64())
    bounds = pc.min_max(ticks).as_py()
    if bounds["min"] is None or first * scale <= bounds["min"] <= bounds["max"] < end * scale:
        return times
    reached = pc.and_(pc.greater_equal(ticks, first * scale), pc.less(ticks, end * scale))
    return pc.if_else(reached, times, pa.scalar(None, times.type))


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
