"""A proxy before a store that counts requests, takes its time, and does to some what networks do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from tests.builders.stores.http import Listener, fields_of, read_body, read_head, without

_SECONDS_OF_A_STALL = 3600.0


@dataclass(frozen=True)
class Asked:
    """A request: its method, bucket and key, what is asked of them, and the bytes that are wanted, if not all."""

    method: str
    key: str
    query: str
    range: str

    @property
    def is_listing(self) -> bool:
        return "list-type" in self.query


@dataclass(frozen=True)
class Fault:
    """What becomes of an answer.

    It has another `status`; ends after so many bytes of the body, `cut` off or said to have no more (`short`); never
    comes or goes on (`stall`); or the connection is closed before it (`kill`).
    """

    kind: Literal["status", "cut", "short", "stall", "kill"]
    number: int = 0


Faulty = Callable[[Asked], Fault | None]


@dataclass
class Proxy(Listener):
    """Passes requests on to `port` of this machine, and keeps `seen` ones."""

    to: int
    latency: float = 0.0
    faulty: Faulty = lambda _: None
    seen: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, key: str) -> list[Asked]:
        """Give the requests for one object."""
        return [each for each in self.seen if each.key == key]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while head := await read_head(reader):
                asked = _asked(head)
                self.seen.append(asked)
                body, _ = await read_body(reader, fields_of(head), writer)
                await asyncio.sleep(self.latency)
                fault = self.faulty(asked)
                if fault is not None and fault.kind == "kill":
                    return
                if fault is not None and fault.kind == "status":
                    writer.write(f"HTTP/1.1 {fault.number} No\r\nContent-Length: 0\r\n\r\n".encode())
                    continue
                there = there or await asyncio.open_connection("127.0.0.1", self.to)
                there[1].write(without(head, b"expect") + body)
                if not await _answer(there[0], writer, asked, fault):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for each in filter(None, (writer, there and there[1])):
                each.close()


def _asked(head: bytes) -> Asked:
    method, target, _ = head.decode("latin-1").split(" ", 2)
    path, _, query = target.partition("?")
    return Asked(method, unquote(path).strip("/"), query, fields_of(head).get("range", ""))


async def _answer(there: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked, fault: Fault | None) -> bool:
    """Pass an answer on; tell whether the connection goes on."""
    head = await there.readuntil(b"\r\n\r\n")
    fields = fields_of(head)
    if asked.method == "HEAD":
        body = b""
    elif "chunked" in fields.get("transfer-encoding", ""):
        _, body = await read_body(there, fields)
        head = without(head, b"transfer-encoding")[:-2] + f"Content-Length: {len(body)}\r\n\r\n".encode()
    else:
        body, _ = await read_body(there, fields)
    if fault is not None and fault.kind == "short":
        body = body[: fault.number]
        head = without(head, b"content-length")[:-2] + f"Content-Length: {len(body)}\r\n\r\n".encode()
    writer.write(head + (body if fault is None else body[: fault.number]))
    await writer.drain()
    if fault is not None and fault.kind == "stall":
        await asyncio.sleep(_SECONDS_OF_A_STALL)
    return fault is None or fault.kind == "short"
