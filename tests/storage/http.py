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


async def read_body(
    reader: asyncio.StreamReader, fields: dict[str, str], writer: asyncio.StreamWriter | None = None
) -> tuple[bytes, bytes]:
    """Read a body, for which the other side may wait to be asked: as it was sent, and without the frames of chunks."""
    if writer is not None and "expect" in fields:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" not in fields.get("transfer-encoding", ""):
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        return body, body
    sent, chunks, size = list[bytes](), list[bytes](), 1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line.strip(), 16)
        chunk = await reader.readexactly(size + 2)
        sent += (line, chunk)
        chunks.append(chunk[:-2])
    return b"".join(sent), b"".join(chunks)


def without(head: bytes, name: bytes) -> bytes:
    """Take a field out of a head."""
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(name + b":"))
