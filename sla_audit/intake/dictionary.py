"""Columns as their distinct values, so that what is odd in a value is settled once."""

from __future__ import annotations

import pyarrow as pa


def as_dictionary(column: pa.Array) -> pa.DictionaryArray:
    """Give a column as a dictionary with 32-bit indices, whatever its type and the width it came in."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if encoded.indices.type == pa.int32():
        return encoded
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int32()), encoded.dictionary, safe=False)
