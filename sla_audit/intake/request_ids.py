"""The ids by which gateways tell requests apart, as text."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.spellings import NOTHING

_LONGEST_NOTHING = max(map(len, NOTHING))
_UUID = r"^(.{8})(.{4})(.{4})(.{4})(.{12})$"


def read_request_ids(column: pa.Array, name: str) -> pa.StringArray:
    """Give ids as text, null where a row has none: null, empty, or what gateways write for nothing.

    Raises `TypeError` for a type that holds no ids.
    """
    ids = _texts(column, name)
    lengths = pc.binary_length(ids)
    shortest = pc.min(lengths).as_py()
    if shortest is None or shortest > _LONGEST_NOTHING:
        return ids
    spelt = pc.utf8_lower(pc.utf8_trim_whitespace(ids))
    return pc.if_else(pc.is_in(spelt, pa.array(sorted(NOTHING), pa.string())), None, ids)


def _texts(column: pa.Array, name: str) -> pa.StringArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if isinstance(kind, pa.UuidType):
        ids = pl.Series(column.storage.cast(pa.binary())).bin.encode("hex").str.replace(_UUID, "$1-$2-$3-$4-$5")
        return ids.to_arrow().cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pl.Series(column.cast(pa.large_binary())).bin.encode("hex").to_arrow().cast(pa.string())
    if pa.types.is_string(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    expected = "expected request ids as text, whole numbers or bytes; --keep-duplicates does without them"
    raise TypeError(f"column {name!r} is of type {kind}; {expected}")
