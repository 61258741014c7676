"""A store that speaks as much of S3 as the program asks for.

`python -m tests.builders.stores.server FOLDER PORT SECONDS` serves a folder whose first level are buckets, and takes
so many seconds for each answer.

Unlike servers over a file system it has keys as S3 has them, of any form, and pages of any length. Signatures are not
looked at.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from tests.builders.stores.http import Listener, fields_of, read_body, read_head


@dataclass(frozen=True)
class Stored:
    """What lies under a key, since when in seconds since 1970."""

    data: bytes
    modified: float = 1_796_000_000.0

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'


@dataclass
class Server(Listener):
    """Serves `objects`, by bucket and key, on a `port` of this machine."""

    objects: dict[str, Stored] = field(default_factory=dict)
    latency: float = 0.0
    keys_a_page: int = 1000
    port: int = 0
    _parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def put(self, place: str, data: bytes) -> None:
        self.objects[place] = Stored(data)

    def put_folder(self, place: str, folder: Path) -> None:
        """Put all files of a folder below a place."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.put(f"{place}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    async def serve_forever(self) -> None:
        async with await self.started() as server:
            await server.serve_forever()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await read_head(reader):
                fields = fields_of(head)
                _, body = await read_body(reader, fields, writer)
                if self.latency:
                    await asyncio.sleep(self.latency)
                method, target, _ = head.decode("latin-1").split(" ", 2)
                path, _, query = target.partition("?")
                said = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
                if "aws-chunked" in fields.get("content-encoding", ""):
                    body = _unchunked(body)
                writer.write(self._answer(method, unquote(path)[1:], said, fields, body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, place: str, said: dict[str, str], fields: dict[str, str], body: bytes) -> bytes:
        if method == "GET" and "list-type" in said:
            return _response(200, self._listing(place.strip("/"), said))
        if method in {"PUT", "POST"}:
            return self._written(method, place, said, body)
        if method == "HEAD" and "/" not in place and any(each.startswith(f"{place}/") for each in self.objects):
            return _response(200, b"")
        found = self.objects.get(place)
        if found is None:
            return _response(404, b"" if method == "HEAD" else _error("NoSuchKey", place))
        about = {
            "ETag": found.etag,
            "Last-Modified": formatdate(found.modified, usegmt=True),
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }
        if method == "HEAD":
            return _response(200, b"", {**about, "Content-Length": str(len(found.data))})
        if "range" not in fields:
            return _response(200, found.data, about)
        first, _, last = fields["range"].removeprefix("bytes=").partition("-")
        data = found.data[int(first) : int(last) + 1 if last else None]
        end = int(first) + len(data) - 1
        return _response(206, data, {**about, "Content-Range": f"bytes {first}-{end}/{len(found.data)}"})

    def _written(self, method: str, place: str, said: dict[str, str], body: bytes) -> bytes:
        """Write an object by one request; or begin to write one by parts, take one of them, or end."""
        if "uploads" in said:
            name = f"upload-{len(self._parts)}"
            self._parts[name] = {}
            return _response(
                200,
                f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>".encode(),
            )
        if "partNumber" in said:
            self._parts[said["uploadId"]][int(said["partNumber"])] = body
            return _response(200, b"", {"ETag": Stored(body).etag})
        if method == "POST":
            parts = self._parts.pop(said["uploadId"])
            self.put(place, b"".join(parts[number] for number in sorted(parts)))
            etag = escape(self.objects[place].etag)
            said_of_it = f"<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
            return _response(200, said_of_it.encode())
        self.put(place, body)
        return _response(200, b"", {"ETag": self.objects[place].etag})

    def _listing(self, bucket: str, said: dict[str, str]) -> bytes:
        prefix, delimiter, base = said.get("prefix", ""), said.get("delimiter"), f"{bucket}/"
        keys = sorted(each.removeprefix(base) for each in self.objects if each.startswith(base + prefix))
        entries: dict[str, None] = {}
        for key in keys:
            folder, slash, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            entries[prefix + folder + slash if slash else key] = None
        after = said.get("continuation-token", "")
        left = [each for each in entries if each > after]
        most = min(self.keys_a_page, int(said.get("max-keys", 1000)))
        page, more = left[:most], len(left) > most
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<MaxKeys>{most}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}"
            f"{''.join(self._entries(bucket, page))}</ListBucketResult>"
        ).encode()

    def _entries(self, bucket: str, page: Iterable[str]) -> Iterable[str]:
        for each in page:
            found = self.objects.get(f"{bucket}/{each}")
            if found is None:
                yield f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>"
            else:
                at = datetime.fromtimestamp(found.modified, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
                yield (
                    f"<Contents><Key>{escape(each)}</Key><LastModified>{at}</LastModified>"
                    f"<ETag>{escape(found.etag)}</ETag><Size>{len(found.data)}</Size>"
                    "<StorageClass>STANDARD</StorageClass></Contents>"
                )


def _error(code: str, place: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no such key</Message><Key>{escape(place)}</Key></Error>".encode()


def _response(status: int, body: bytes, fields: dict[str, str] | None = None) -> bytes:
    said = {"Content-Length": str(len(body)), **(fields or {})}
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _unchunked(body: bytes) -> bytes:
    """Take the chunks of a signed body apart."""
    chunks, at = list[bytes](), 0
    while at < len(body):
        end = body.index(b"\r\n", at)
        size = int(body[at:end].partition(b";")[0], 16)
        if not size:
            break
        chunks.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(chunks)


if __name__ == "__main__":
    server = Server(latency=float(sys.argv[3]), port=int(sys.argv[2]))
    for each in Path(sys.argv[1]).iterdir():
        server.put_folder(each.name, each)
    print("serving", flush=True)
    asyncio.run(server.serve_forever())
