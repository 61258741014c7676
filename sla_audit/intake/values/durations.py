"""When a request was submitted, where a log has the time at which it ended and how long it took."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.dictionary import as_dictionary

Unit = Literal["s", "ms", "us", "ns"]

EXPECTED = "how long the request took, a number in {unit} that is not negative"

_MICROSECONDS: dict[Unit, Decimal] = {
    "s": Decimal(10**6),
    "ms": Decimal(1000),
    "us": Decimal(1),
    "ns": Decimal("0.001"),
}
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_LONGEST = Decimal(10**15)  # microseconds, over thirty years


def started(ends: pa.Array, durations: pa.Array, unit: Unit) -> pa.Array:
    """Give the instants at which requests began, in microseconds; null where the end or the duration is not known.

    Durations are exact decimals, cut to whole microseconds.
    """
    encoded = as_dictionary(durations)
    written = encoded.dictionary
    if pa.types.is_floating(written.type):
        written = written.cast(pa.string())  # as Python's own floats, those of 32 bits would be a little off
    values = [_microseconds(value, unit) for value in written.to_pylist()]
    table = pa.array([*values, None], pa.int64())
    taken = table.take(encoded.indices.fill_null(len(values)))
    ticks = ends.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return pc.subtract(ticks, taken).cast(pa.timestamp("us", "UTC"))


def _microseconds(value: Any, unit: Unit) -> int | None:
    text = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return None
    duration = Decimal(text) * _MICROSECONDS[unit]
    return int(duration) if duration < _LONGEST else None


def unknown(starts: pa.Array, ends: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which requests have an end, but no start that could be read."""
    missing: np.ndarray[Any, np.dtype[np.bool_]] = pc.and_(starts.is_null(), ends.is_valid()).to_numpy(
        zero_copy_only=False
    )
    return missing
