"""The bytes of a page, unpacked by Arrow's own codecs."""

from __future__ import annotations

import pyarrow as pa

from sla_audit.parquet.footer import Chunk
from sla_audit.parquet.thrift import UnsoundError

CODECS = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
"""Those of the format's that can be had by themselves, by their number."""


def unpacked(data: bytes, chunk: Chunk, size: int) -> bytes:
    """Unpack the bytes of a page. Raises `UnsoundError` where Arrow cannot, or where they are of another size."""
    if not chunk.codec:
        return data
    if chunk.codec not in CODECS or size < 0:
        raise UnsoundError(f"column {chunk.leaf.name!r} is packed in a way that is not read")
    try:
        unpacked: bytes = pa.Codec(CODECS[chunk.codec]).decompress(data, size, asbytes=True)
    except (OSError, pa.ArrowException) as error:
        raise UnsoundError(f"a page of column {chunk.leaf.name!r} cannot be unpacked") from error
    return unpacked
