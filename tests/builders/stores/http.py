"""As much of HTTP as a store and a proxy before it need."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self


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


class Listener(ABC):
    """Serves connections on a `port` of this machine, on a thread of its own, while it is entered."""

    port: int

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""

    async def started(self) -> asyncio.Server:
        """Begin to listen; port 0 becomes one that is free."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self.started(), self._loop).result()
        return self

    def __exit__(self, *error: object) -> None:
        async def end() -> None:
            self._server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
