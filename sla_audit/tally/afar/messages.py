"""What tasks tell each other and whoever started them: messages, as rows of Arrow that a cluster may shuffle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa

BYTES_A_PIECE = 1 << 20
"""A longer message comes in pieces: clusters hold rows in memory, many at a time."""

SCHEMA = pa.schema(
    {
        "key": pa.int64(),
        "kind": pa.string(),
        "number": pa.int64(),
        "piece": pa.int32(),
        "pieces": pa.int32(),
        "payload": pa.binary(),
    }
)
"""A piece of a message as a row; those of one `key` meet where messages are merged."""


class Message(NamedTuple):
    """So many bytes of some `kind`; `number` tells those of one key and kind apart, but for messages of one piece."""

    key: int
    kind: str
    number: int
    payload: bytes


def as_rows(messages: Iterable[Message]) -> Iterator[pa.RecordBatch]:
    """Give messages as batches of `SCHEMA`, none of which has much more than a piece."""
    rows, held = list[tuple[int, str, int, int, int, bytes]](), 0
    for key, kind, number, payload in messages:
        pieces = max(1, -(-len(payload) // BYTES_A_PIECE))
        for piece in range(pieces):
            part = payload[piece * BYTES_A_PIECE : (piece + 1) * BYTES_A_PIECE]
            rows.append((key, kind, number, piece, pieces, part))
            held += len(part)
            if held >= BYTES_A_PIECE:
                yield _batch(rows)
                rows, held = [], 0
    if rows:
        yield _batch(rows)


def from_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Message]:
    """Give the messages of batches, each once all its pieces have come, in whatever order."""
    waiting: dict[tuple[int, str, int], dict[int, bytes]] = {}
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in SCHEMA.names)
        for key, kind, number, piece, pieces, payload in zip(*columns, strict=True):
            if pieces == 1:
                yield Message(key, kind, number, payload)
                continue
            come = waiting.setdefault((key, kind, number), {})
            come[piece] = payload
            if len(come) == pieces:
                del waiting[key, kind, number]
                yield Message(key, kind, number, b"".join(come[at] for at in range(pieces)))
    if waiting:
        raise RuntimeError(f"pieces of {len(waiting)} messages are missing")


def _batch(rows: list[tuple[int, str, int, int, int, bytes]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
