"""As much of HTTP as a store and a proxy before it need."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Read a head; nothing where the other side has closed the connection."""
    with suppress(asyncio.IncompleteReadError):
        return await reader.readuntil(b"\r\n\r\n")
    return b""


def fields_of(head: bytes) -> dict[str, str]:
    """Give the fields of a head, by their names in small letters."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


async def read_body(reader: asyncio.StreamReader, fields: dict[str, str]) -> tuple[bytes, bytes]:
    """Read a body: as it was sent, and without what its chunks are framed by."""
    if "chunked" not in fields.get("transfer-encoding", ""):
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        return body, body
    sent, body, size = b"", b"", 1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line.strip(), 16)
        chunk = await reader.readexactly(size + 2)
        sent, body = sent + line + chunk, body + chunk[:-2]
    return sent, body
