"""The bytes of a page, unpacked by Arrow's own codecs."""

from __future__ import annotations

import pyarrow as pa

from sla_audit.parquet.footer import Chunk
from sla_audit.parquet.thrift import UnsoundError
from sla_audit.sentence import Sentence

CODECS = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
"""Those of the format's that can be had by themselves, by their number."""


def unpacked(data: bytes, chunk: Chunk, size: int) -> bytes:
    """Unpack the bytes of a page. Raises `UnsoundError` where Arrow cannot, or where they are of another size."""
    if not chunk.codec:
        return data
    if chunk.codec not in CODECS or size < 0:
        raise UnsoundError(Sentence("column {name!r} is packed in a way that is not read", name=chunk.leaf.name))
    try:
        unpacked: bytes = pa.Codec(CODECS[chunk.codec]).decompress(data, size, asbytes=True)
    except (OSError, pa.ArrowException) as error:
        raise UnsoundError(Sentence("a page of column {name!r} cannot be unpacked", name=chunk.leaf.name)) from error
    return unpacked
