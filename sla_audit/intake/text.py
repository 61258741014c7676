"""Columns of text as the bytes they are made of, which tell at once what is in none of the values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def holds_nul(column: pa.Array) -> bool:
    """Tell whether some value of a column of text has a NUL character."""
    return b"\0" in _characters(column)


def begins_otherwise(column: pa.StringArray, characters: bytes) -> npt.NDArray[np.int64]:
    """Find the values of a column of text without nulls that begin with none of some characters, or are empty."""
    if not len(column):
        return np.zeros(0, dtype=np.int64)
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    other = np.ones(256, dtype=np.bool_)
    other[list(characters)] = False
    if data is None or not data.size:
        return np.arange(len(column))
    begins = other.take(np.frombuffer(data, np.uint8).take(ends[:-1], mode="clip"))
    return np.flatnonzero(begins | (ends[1:] == ends[:-1]))


def is_sound(column: pa.Array) -> bool:
    """Tell whether text is UTF-8, and whether all codes of a dictionary have a value: Arrow believes what it reads."""
    if pa.types.is_dictionary(column.type):
        bounds = pc.min_max(column.indices).as_py()
        in_bounds = bounds["min"] is None or 0 <= bounds["min"] <= bounds["max"] < len(column.dictionary)
        return in_bounds and is_sound(column.dictionary)
    if not _is_text(column.type) or _characters(column).isascii():
        return True
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _characters(column: pa.Array) -> bytes:
    """Give all values of a column one after the other."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return b""
    width = np.int64 if pa.types.is_large_string(column.type) else np.int32
    first, end = np.frombuffer(offsets, width)[[column.offset, column.offset + len(column)]].tolist()
    return bytes(data.slice(first, end - first).to_pybytes())
