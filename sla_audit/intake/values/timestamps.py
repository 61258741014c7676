"""When a request was submitted, in every form that a log may write it.

Instants are kept as Arrow timestamps in UTC, in the unit they came in. A value without a zone is
read in the contract's time zone. Epoch numbers tell their unit by their size (see `epochs`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values import time_forms
from sla_audit.intake.values.at_once.numbers import number_pattern
from sla_audit.intake.values.at_once.settle import NONE, Pattern, one_by_one, settle
from sla_audit.intake.values.at_once.times import time_pattern
from sla_audit.intake.values.dictionary import as_dictionary, occurring
from sla_audit.intake.values.epochs import (
    NUMBER,
    UNITS,
    epoch_unit,
    instants_of,
    instants_of_decimals,
    instants_of_floats,
    is_number,
    read_epoch,
)
from sla_audit.intake.values.local_time import in_utc
from sla_audit.intake.values.text import as_bytes
from sla_audit.intake.values.time_forms import EXPECTED, DateOrder
from sla_audit.model.instant import EARLIEST, LATEST
from sla_audit.sentence import Sentence, said_by

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
        known = read_instants(column.dictionary, zone, order)
        return Instants(known.values.take(column.indices), known.local)
    if pa.types.is_timestamp(kind):
        return Instants(_relabel(column), local=False) if kind.tz else Instants(_in_zone(column, zone), local=True)
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return Instants(_epochs(_whole(column)))
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        raise TypeError(_too_coarse(column))
    if pa.types.is_decimal(kind):
        return Instants(instants_of_decimals(column))
    if pa.types.is_floating(kind):
        return Instants(instants_of_floats(column))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _written(column, zone, order)
    raise TypeError(Sentence("type {type}", type=kind))


def _too_coarse(column: pa.Array) -> Sentence:
    """Say why a column of small floats holds no times: which of them it can tell apart."""
    bits = (column.type.value_type if pa.types.is_dictionary(column.type) else column.type).bit_width
    if bits == 16:
        return Sentence("type float16, which ends at 65504, before any time of the years 2000 to 2100")
    found = [value for value in column.to_pylist() if value is not None and isfinite(value)]
    unit = epoch_unit(Decimal(max(found))) if found else None
    if unit is None:
        return Sentence("type float32, which has 24 binary digits, too few for a time")
    step = Decimal(float(np.spacing(np.float32(max(found))))) / UNITS[unit]
    return Sentence(
        "type float32, which holds times only in steps of {step:f} s",
        step=step.quantize(Decimal("0.001")).normalize(),
    )


def read_date_and_time(dates: pa.Array, times: pa.Array, zone: ZoneInfo, order: DateOrder | None = None) -> Instants:
    """Read instants that a log writes as two columns.

    Both are settled once per distinct pair, of those that occur: the days and times of a log repeat.
    """
    days, day_codes = _distinct(dates)
    clocks, clock_codes = _distinct(times)
    codes = day_codes.astype(np.int64) * len(clocks) + clock_codes
    pairs, of_rows = occurring(codes, len(days) * len(clocks))
    day, clock = np.divmod(pairs, len(clocks))
    written = pc.binary_join_element_wise(days.take(pa.array(day)), clocks.take(pa.array(clock)), "T")
    known = _written(written, zone, order)
    return Instants(known.values.take(pa.array(of_rows)), known.local)


def instant_of(text: Any, zone: ZoneInfo, order: DateOrder | None = None) -> tuple[int | None, bool]:
    """Read one timestamp: microseconds since 1970 in UTC, and whether it lacked a zone.

    None where it cannot be read. Finer digits than microseconds are cut, which no window edge can see.
    """
    try:
        return _read(str(text).strip(), zone, order)
    except ValueError:
        return None, False


def expected_of(text: Any, zone: ZoneInfo, order: DateOrder | None = None) -> Sentence:
    """Say what was expected instead of a timestamp that cannot be read."""
    try:
        _read(str(text).strip(), zone, order)
    except ValueError as error:
        return said_by(error)
    return EXPECTED


def _read(text: str, zone: ZoneInfo, order: DateOrder | None) -> tuple[int, bool]:
    if not is_number(text):
        return time_forms.read(text, zone, order)
    instant = read_epoch(text)
    if instant is None:
        raise ValueError(EXPECTED)
    return instant, False


def _whole(column: pa.Array) -> pa.Array:
    """Give whole numbers of any width as integers; null where one is too large for any instant, or negative."""
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        fits = pc.and_(
            pc.greater_equal(column, pa.scalar(0, column.type)), pc.less(column, pa.scalar(1 << 62, column.type))
        )
        return pc.if_else(fits, column, pa.scalar(None, column.type)).cast(pa.int64())


def _epochs(numbers: pa.Array) -> pa.Array:
    """Label integers with the unit that their size tells; microseconds, cut, where units are mixed."""
    if numbers.null_count < len(numbers):
        unit, latest_unit = (epoch_unit(bound) for bound in pc.min_max(numbers).as_py().values())
        if unit is not None and unit == latest_unit:
            return numbers.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, "UTC"))
    instants, known = instants_of(numbers.fill_null(0).to_numpy(zero_copy_only=False))
    return _array(np.where(known, instants, NONE))


def _written(column: pa.Array, zone: ZoneInfo, order: DateOrder | None) -> Instants:
    """Read text: by its patterns, and what has none one by one."""
    numbers = _whole_numbers(column)
    if numbers is not None:
        return Instants(_epochs(numbers))

    def pattern(text: str) -> Pattern | None:
        if is_number(text.strip()):
            return number_pattern(text, NUMBER, instants_of)
        return time_pattern(text, zone, order)

    found = settle(column, pattern)
    one_by_one(column, found, lambda value: instant_of(value, zone, order))
    return Instants(_array(found.numbers), found.local)


def _whole_numbers(column: pa.Array) -> pa.Array | None:
    """Read text that is all digits as numbers; None where some is not, or is too long for any instant."""
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    if not lengths["min"] or lengths["max"] > _LONGEST or not as_bytes(column).isdigit():
        return None
    try:
        return column.cast(pa.int64())
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


def _distinct(column: pa.Array) -> tuple[pa.StringArray, np.ndarray[Any, np.dtype[np.int64]]]:
    """Give the distinct values of a column as text, and the code of each row among them; that of null is the last."""
    encoded = as_dictionary(column)
    values = encoded.dictionary
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type) or pa.types.is_temporal(values.type):
        texts = values.cast(pa.string()).to_pylist()  # Python has no nanoseconds
    else:
        texts = [None if value is None else str(value) for value in values.to_pylist()]
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return pa.array([*texts, None], pa.string()), codes


def _array(microseconds: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    """Turn microseconds into an Arrow column, the smallest integer standing for null."""
    return pa.array(microseconds, pa.int64(), mask=microseconds == NONE).cast(pa.timestamp("us", "UTC"))
