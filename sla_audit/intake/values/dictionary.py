"""Columns as their distinct values, so that what is odd in a value is settled once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_MOST_CODES = 1 << 22

Codes = npt.NDArray[np.int64]


def as_dictionary(column: pa.Array) -> pa.DictionaryArray:
    """Give a column as a dictionary with 32-bit indices, whatever its type and the width it came in."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if encoded.indices.type == pa.int32():
        return encoded
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int32()), encoded.dictionary, safe=False)


def occurring(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Give the codes, of `size` possible ones, that occur, and for each row the position of its code among them."""
    if size > _MOST_CODES:
        found, positions = np.unique(codes, return_inverse=True)
        return found, positions
    found = np.flatnonzero(np.bincount(codes, minlength=size))
    position_of = np.zeros(size, dtype=np.int64)
    position_of[found] = np.arange(len(found))
    return found, position_of[codes]
