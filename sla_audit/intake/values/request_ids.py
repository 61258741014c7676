"""The ids by which gateways tell requests apart, as text."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.spellings import NOTHING
from sla_audit.limits import LONG_ID_BYTES, MOST_ID_BYTES
from sla_audit.sentence import Sentence

_LONGEST_NOTHING = max(map(len, NOTHING))
_UUID = r"^(.{8})(.{4})(.{4})(.{4})(.{12})$"


EXPECTED = Sentence("an id of at most {most:,} bytes", most=MOST_ID_BYTES)


def read_request_ids(column: pa.Array, name: str) -> tuple[pa.StringArray, npt.NDArray[np.bool_] | None]:
    """Give ids as text, and which are too long; null where a row has none: null, empty, or what is written for nothing.

    They are only compared, and many rows are held to be: long ones come as digests, which are the same for the same.
    Raises `TypeError` for a type that holds no ids.
    """
    ids = _texts(column, name)
    lengths = pc.binary_length(ids)
    bounds = pc.min_max(lengths).as_py()
    if bounds["max"] is None:
        return ids, None
    too_long = None
    if bounds["max"] > MOST_ID_BYTES:
        too_long = pc.fill_null(pc.greater(lengths, MOST_ID_BYTES), False).to_numpy(zero_copy_only=False)
        ids = pc.if_else(pa.array(too_long), None, ids)
    if bounds["max"] > LONG_ID_BYTES:
        ids = _digested(ids, pc.fill_null(pc.greater(pc.binary_length(ids), LONG_ID_BYTES), False))
    if bounds["min"] > _LONGEST_NOTHING:
        return ids, too_long
    spelt = pc.utf8_lower(pc.utf8_trim_whitespace(ids))
    return pc.if_else(pc.is_in(spelt, pa.array(sorted(NOTHING), pa.string())), None, ids), too_long


def _digested(ids: pa.StringArray, which: pa.BooleanArray) -> pa.StringArray:
    """Put a digest in place of some ids."""
    encoded = ids.filter(which).dictionary_encode()
    digests = pa.array([hashlib.sha256(value.as_buffer()).hexdigest() for value in encoded.dictionary], pa.string())
    return pc.replace_with_mask(ids, which, digests.take(encoded.indices))


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
    raise TypeError(
        Sentence(
            "column {name!r} is of type {type}; expected request ids as text, whole numbers or bytes; "
            "--keep-duplicates does without them",
            name=name,
            type=kind,
        )
    )
