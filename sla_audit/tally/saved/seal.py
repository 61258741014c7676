"""The digests that a tally carries, by which any change that is made to it afterwards is told.

They show damage and careless edits; whoever means to deceive can make them again, as the README says.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

HEAD = b"sla-audit"
"""The key of a Parquet file's metadata under which a tally says of itself what it is."""

_SEAL = b"sla-audit-digest"
_END = 8  # bytes: the length of the footer, and the mark of the format
_BYTES_A_BLOCK = 1 << 20


class Seal(NamedTuple):
    """The SHA-256 of what a tally says of itself, and of all that stands before the footer of its file."""

    head: str
    rows: str


def sealed(table: pa.Table, head: str | bytes, coded: Sequence[str]) -> bytes:
    """Write a table as Parquet with a head and its digests; `coded` columns as dictionaries."""
    head = head if isinstance(head, bytes) else head.encode()
    file = io.BytesIO()
    # Also in the schema, where some readers of Parquet look for metadata.
    schema = table.schema.with_metadata({HEAD: head})
    with pq.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=list(coded), write_page_checksum=True
    ) as writer:
        writer.write_table(table.replace_schema_metadata(schema.metadata))
        seal = Seal(_digest(head), _digest(file.getbuffer()))
        writer.add_key_value_metadata({_SEAL: json.dumps(seal._asdict())})
    return file.getvalue()


def seal_of(metadata: pq.FileMetaData) -> Seal | None:
    """Give the digests that a file carries; None where it has none. Raises `ValueError` where they are none."""
    written = metadata.metadata.get(_SEAL)
    if written is None:
        return None
    said = json.loads(written)
    if not isinstance(said, dict) or set(said) != set(Seal._fields):
        raise ValueError("its digest is none")
    return Seal(**said)


def seals_head(seal: Seal, head: bytes) -> bool:
    """Tell whether a head is the one that was sealed."""
    return seal.head == _digest(head)


def seals_rows(seal: Seal, file: pa.NativeFile, size: int, footer: int) -> bool:
    """Tell whether what stands before the footer of a file, both of so many bytes, is what was sealed."""
    digest, left = hashlib.sha256(), size - _END - footer
    while left > 0 and (block := file.read(min(left, _BYTES_A_BLOCK))):
        digest.update(block)
        left -= len(block)
    return seal.rows == digest.hexdigest()


def _digest(content: bytes | memoryview) -> str:
    return hashlib.sha256(content).hexdigest()
