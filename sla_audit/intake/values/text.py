"""Columns of text as the bytes they are made of, which tell at once what is in none of the values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def holds_nul(column: pa.Array) -> bool:
    """Tell whether some value of a column of text has a NUL character."""
    return b"\0" in as_bytes(column)


def edges_otherwise(column: pa.Array, characters: bytes) -> npt.NDArray[np.bool_]:
    """Tell which values of a column of text without nulls begin or end with none of some bytes, or are empty."""
    edges = edges_of(column)
    data = column.buffers()[2]
    if data is None or not data.size:
        return np.ones(len(column), dtype=np.bool_)
    other = np.ones(256, dtype=np.bool_)
    other[list(characters)] = False
    within = np.frombuffer(data, np.uint8)
    otherwise = other.take(within.take(edges[:-1], mode="clip"))
    otherwise |= other.take(within.take(edges[1:] - 1, mode="clip"))
    otherwise |= edges[1:] == edges[:-1]
    return otherwise


def short_and_begin(column: pa.Array, characters: bytes, most: int) -> npt.NDArray[np.int64]:
    """Find the values of a column of text without nulls that begin with one of some bytes, and have at most so many."""
    edges = edges_of(column)
    short = np.flatnonzero(edges[1:] - edges[:-1] <= most)
    data = column.buffers()[2]
    if data is None or not data.size or not len(short):
        return short
    wanted = np.zeros(256, dtype=np.bool_)
    wanted[list(characters)] = True
    return short[wanted.take(np.frombuffer(data, np.uint8).take(edges.take(short), mode="clip"))]


def longer_than(column: pa.Array, most: int) -> npt.NDArray[np.int64]:
    """Find the values of a column of text that have more bytes than so many."""
    edges = edges_of(column)
    if not len(column) or int(edges[-1]) - int(edges[0]) <= most:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(edges[1:] - edges[:-1] > most)


def is_sound(column: pa.Array) -> bool:
    """Tell whether text is UTF-8, and whether all codes of a dictionary have a value: Arrow believes what it reads."""
    if pa.types.is_dictionary(column.type):
        bounds = pc.min_max(column.indices).as_py()
        in_bounds = bounds["min"] is None or 0 <= bounds["min"] <= bounds["max"] < len(column.dictionary)
        return in_bounds and is_sound(column.dictionary)
    if not _is_text(column.type) or as_bytes(column).isascii():
        return True
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def first_longer_than(column: pa.Array, most: int) -> int | None:
    """Give the position of the first text of a column, or a dictionary of text, that has more bytes; None for none."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_text(values.type):
        return None
    lengths = pc.binary_length(values)
    longest = pc.max(lengths).as_py()
    if longest is None or longest <= most:
        return None
    long = pc.greater(lengths, most)
    found: int = pc.index(long if values is column else long.take(column.indices), True).as_py()
    return None if found < 0 else found


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def as_bytes(column: pa.Array) -> bytes:
    """Give all values of a column one after the other."""
    data = column.buffers()[2]
    if data is None or not len(column):
        return b""
    first, end = edges_of(column)[[0, -1]].tolist()
    return bytes(data.slice(first, end - first).to_pybytes())


def edges_of(column: pa.Array) -> npt.NDArray[np.integer[Any]]:
    """Say where in the data each value begins, and where the last one ends."""
    width: type[np.integer[Any]] = np.int64 if pa.types.is_large_string(column.type) else np.int32
    return np.frombuffer(column.buffers()[1], width)[column.offset : column.offset + len(column) + 1]
