"""Logs recognised by what is in them, so that a copy under another name is not counted twice."""

from __future__ import annotations

import hashlib
import json
import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from types import MappingProxyType

from sla_audit.intake.bytes.chunks import Piece
from sla_audit.intake.bytes.planned import Planned
from sla_audit.intake.content import Content
from sla_audit.model.log_summary import Beginning

_SAMPLES = 16
_BYTES_A_SAMPLE = 1 << 14
_BYTES_BETWEEN = 16 << 20
_MOST_BYTES_HELD = 8 * _BYTES_A_SAMPLE

_BYTES_A_BEGINNING = 1 << 16
_BYTES_A_BLOCK = 1 << 20
_FILES_REMEMBERED = 1 << 17

SaidByPath = Mapping[str, str | None]
"""The columns that a file lacks and its path says, so that the same bytes elsewhere may be other requests."""

_NOTHING: SaidByPath = MappingProxyType({})


def fingerprint(planned: Planned, said_by_path: SaidByPath = _NOTHING) -> str:
    """Digest a file's size, its beginning, its end and samples between: the same for copies, at any size cheap."""
    digest = _sampled(planned).copy()
    if said_by_path:
        digest.update(json.dumps(dict(said_by_path), sort_keys=True).encode())
    return digest.hexdigest()


def whole(planned: Planned) -> str:
    """Digest all bytes of a file, as `sha256sum` does. Raises `InputError` where it is not the planned one any more."""
    digest = hashlib.sha256()
    with planned.open() as file:
        while block := file.read(_BYTES_A_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@lru_cache(_FILES_REMEMBERED)
def _sampled(planned: Planned) -> hashlib._Hash:
    """Digest the size and the samples of a file, once for all who ask."""
    size = planned.size
    digest = hashlib.sha256(size.to_bytes(8, "big"))
    places = [max(0, size - _BYTES_A_SAMPLE) * at // (_SAMPLES - 1) for at in range(_SAMPLES)]
    if size <= _SAMPLES * _BYTES_A_SAMPLE:  # it takes longer to go from place to place
        data = memoryview(planned.whole())
        for at in places:
            digest.update(data[at : at + _BYTES_A_SAMPLE])
        return digest
    for sample in planned.samples(places, _BYTES_A_SAMPLE):
        digest.update(sample)
    return digest


def beginning_of(content: Content, said_by_path: SaidByPath = _NOTHING) -> Beginning | None:
    """Digest what a text begins with; None where nothing stands in it. Raises `InputError` as `Content.open` does."""
    data = content.beginning(_BYTES_A_BEGINNING)
    return next(iter(_beginnings(data, [len(data)], said_by_path)), None) if data else None


def begins_as(content: Content, said_by_path: SaidByPath, sizes: Iterable[int]) -> list[Beginning]:
    """Digest the first bytes of a text, as many as each of some sizes that it has."""
    data = content.beginning(_BYTES_A_BEGINNING)
    return list(_beginnings(data, sorted({size for size in sizes if 0 < size <= len(data)}), said_by_path))


def _beginnings(data: bytes, sizes: Iterable[int], said_by_path: SaidByPath) -> Iterator[Beginning]:
    digest, taken = hashlib.sha256(json.dumps(dict(said_by_path), sort_keys=True).encode()), 0
    for size in sizes:
        digest.update(data[taken:size])
        taken = size
        yield Beginning(size, digest.hexdigest())


def content_fingerprint(content: Content, said_by_path: SaidByPath = _NOTHING) -> str:
    """Digest what a file holds: the same for copies that are packed, or written in another encoding.

    Only samples of a plain file are read; any other is read whole, so that it is cheaper to take `Samples` while it
    is counted. Raises `InputError` as `Content.open` does.
    """
    samples = Samples()
    if not content.is_at_hand:
        for block in content.blocks():
            samples.take(block)
        return samples.digest(said_by_path)
    if content.encoding is None:
        planned, size = content.source.planned, content.source.planned.size
        places = [*takewhile(size.__gt__, _places())]
        *found, last = planned.samples([*places, max(0, size - _BYTES_A_SAMPLE)], _BYTES_A_SAMPLE)
        for at, data in zip(places, found, strict=True):
            samples.take(data, at)
        samples.end(last, size)
        return samples.digest(said_by_path)
    with content.open() as file:
        first = file.tell()  # after a byte order mark
        size = file.seek(0, os.SEEK_END) - first
        for at in takewhile(size.__gt__, _places()):
            file.seek(first + at)
            samples.take(file.read(_BYTES_A_SAMPLE), at)
        file.seek(first + max(0, size - _BYTES_A_SAMPLE))
        samples.end(file.read(_BYTES_A_SAMPLE), size)
    return samples.digest(said_by_path)


class Samples:
    """Samples of a content, taken as it comes: at places that do not depend on its size, and at its end."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._places = _places()
        self._next = next(self._places)
        self._at = 0
        self._tail = bytearray()

    def take(self, data: bytes | memoryview, at: int | None = None) -> None:
        """Take samples of what comes next, or stands `at` a place further on with no sample between."""
        self._at = self._at if at is None else at
        end = self._at + len(data)
        while self._next < end:
            first = max(self._next - self._at, 0)
            self._digest.update(data[first : self._next + _BYTES_A_SAMPLE - self._at])
            if self._next + _BYTES_A_SAMPLE > end:
                break
            self._next = next(self._places)
        self._tail += data[-_BYTES_A_SAMPLE:]
        if len(self._tail) > _MOST_BYTES_HELD:
            del self._tail[:-_BYTES_A_SAMPLE]
        self._at = end

    def end(self, tail: bytes, size: int) -> None:
        """Take the last bytes, where not everything before was taken."""
        self._tail, self._at = bytearray(tail), size

    def taken(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Take samples of pieces as they are read; a byte order mark at the start is no part of the content."""
        for piece in pieces:
            data = memoryview(piece.data)
            is_marked = not piece.start and data[: len(BOM_UTF8)].tobytes() == BOM_UTF8
            self.take(data[len(BOM_UTF8) :] if is_marked else data)
            yield piece

    def digest(self, said_by_path: SaidByPath = _NOTHING) -> str:
        """Digest them, and the size of the whole."""
        digest = self._digest.copy()
        digest.update(self._tail[-_BYTES_A_SAMPLE:])
        digest.update(self._at.to_bytes(8, "big"))
        digest.update(json.dumps(dict(said_by_path), sort_keys=True).encode())
        return digest.hexdigest()


def _places() -> Iterator[int]:
    """Say where samples begin, without an end: close together at first, as most logs are small."""
    yield 0
    at = _BYTES_A_SAMPLE
    while True:
        yield at
        at += min(at, _BYTES_BETWEEN)
