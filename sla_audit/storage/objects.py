"""Objects as they were when they were first asked for, and their bytes: fetched whole, or not at all.

What has been fetched is put away, since it is asked for again: to tell the format, to count, to compare rows that may
be one request logged twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sla_audit.errors import InputError
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.address import Address
from sla_audit.storage.insisting import ShortError, insisting
from sla_audit.storage.kept import Kept
from sla_audit.storage.stores import place_in, store_of

BYTES_A_BLOCK = 4 << 20
"""So many are fetched by one request; an object that has no more is fetched whole."""

BYTES_AT_AN_END = 1 << 18
_AT_ONCE = 32
_MARKS = (0xA5, 0x5A)  # a last byte that is one of them is not the other
_OF_A_VERSION = frozenset({"etag", "generation", "last-modified", "updated", "timeupdated", "x-ms-version-id"})
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


@dataclass(frozen=True)
class Version:
    """What tells an object from what it was at another time: its size, and what the store says of it."""

    size: int
    marks: tuple[tuple[str, str], ...]


class StoredObject:
    """An object of some version. Its bytes are those that the store gives at its place, whatever has become of it.

    A small one is one block. A larger one has its beginning, its end, and blocks of equal size between them, which
    are fetched by a request each and put away, as far as there is room.
    """

    def __init__(self, address: Address, handle: Any, version: Version, room: Kept) -> None:
        self.address = address
        self.version = version
        self.size = version.size
        self._handle = handle
        self._room = room
        self._lock = threading.Lock()
        self._locks: dict[int, threading.Lock] = {}
        self._kept: dict[int, int] = {}

    @property
    def is_small(self) -> bool:
        """Whether it is fetched whole."""
        return self.size <= BYTES_A_BLOCK

    @property
    def has_room(self) -> bool:
        """Whether what is fetched of it now can be put away, to be read later."""
        return self._room.has_for(min(self.size, BYTES_A_BLOCK))

    def block_at(self, at: int) -> tuple[int, int]:
        """Give the half-open range of the block that a byte lies in."""
        first, end = min(BYTES_AT_AN_END, self.size), max(0, self.size - BYTES_AT_AN_END)
        if self.is_small:
            return 0, self.size
        if at < first:
            return 0, first
        if at >= end:
            return end, self.size
        start = first + (at - first) // BYTES_A_BLOCK * BYTES_A_BLOCK
        return start, min(start + BYTES_A_BLOCK, end)

    def block(self, start: int, end: int) -> bytes:
        """Read a block. Raises `InputError` where it cannot be fetched."""
        return self._of_block(start, end, start, end)

    def sample(self, at: int, size: int) -> bytes:
        """Read some bytes as `read_at` does, but of a block that nobody has asked for yet no others than these."""
        start, end = self.block_at(at)
        is_asked_for = start in self._locks or not start or end == self.size
        return self.read_at(at, size) if is_asked_for else self._fetched(at, min(size, self.size - at))

    def read_at(self, at: int, size: int) -> bytes:
        """Read so many bytes at a place; fewer where it ends. Raises `InputError` where they cannot be fetched."""
        parts, last = [], max(at, min(at + size, self.size))
        while at < last:
            start, end = self.block_at(at)
            parts.append(self._of_block(start, end, at, min(end, last)))
            at = end
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _of_block(self, start: int, end: int, first: int, last: int) -> bytes:
        """Read a part of a block, which is fetched whole where it was not put away."""
        with self._lock:
            lock = self._locks.setdefault(start, threading.Lock())
        with lock:
            place = self._kept.get(start)
            if place is None:
                data = self._fetched(start, end - start)
                place = self._room.put(data)
                if place is not None:
                    self._kept[start] = place
                return data[first - start : last - start]
        return self._room.get(place + first - start, last - first)

    def _fetched(self, at: int, size: int) -> bytes:
        def fetch() -> bytes:
            """Fetch them: the library believes an answer that is too short, and leaves the rest as it was."""
            for mark in _MARKS:
                data = bytearray(size)
                data[-1] = mark
                with self._handle.get_stream(at, size) as stream:
                    done = stream.readinto(data)
                if done == size and data[-1] != mark:
                    return bytes(data)
            raise ShortError(Sentence("fewer bytes came than the {size:,} that were asked for", size=size))

        return insisting(self.address, fetch, to_say("cannot be fetched"))


@dataclass(frozen=True)
class _Known:
    """The objects that this process has opened, and the locks of those that it is about to."""

    opened: dict[Address, StoredObject] = field(default_factory=dict)
    locks: dict[Address, threading.Lock] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)


class _Run:
    known = _Known()
    ahead: ThreadPoolExecutor | None = None


def forget() -> None:
    """Begin anew: an earlier run of the process may have seen other versions, and still fetch some ahead."""
    if _Run.ahead is not None:
        _Run.ahead.shutdown(wait=False, cancel_futures=True)
    _Run.known.kept.close()
    _Run.known, _Run.ahead = _Known(), None


def opened(address: Address, version: Version | None = None) -> StoredObject:
    """Give an object, which is looked at once, and again where it should be of another version.

    Raises `OSError` where there is none, `InputError` as `insisting`.
    """
    known = _Run.known
    found = known.opened.get(address)
    if found is not None and version in {None, found.version}:
        return found
    with known.locks.setdefault(address, threading.Lock()):
        found = known.opened.get(address)
        if found is None or version not in {None, found.version}:
            found = known.opened[address] = _looked_at(address)
        return found


def write(address: Address, data: bytes) -> None:
    """Write an object: by one request, or by parts that are ended by one. Raises `InputError` where that cannot be.

    It is as it was before then: the library ends no parts of which one has failed.
    """

    def put() -> None:
        with store_of(address, "writing").open_output_stream(place_in(address), compression=None) as stream:
            stream.write(data)

    insisting(address, put, to_say("cannot be written"))


def version_now(address: Address) -> Version:
    """Look at an object anew. Raises as `opened` does."""
    return _looked_at(address).version


def fetch_ahead(addresses: Iterable[tuple[Address, bool]]) -> None:
    """Begin to fetch what is asked for first of each object, many at a time: its beginning or, so said, its end."""
    for address, its_end in addresses:
        if address not in _Run.known.opened:
            _ahead().submit(_prepare, address, its_end)


def at_once(work: Callable[[_Item], _Done], items: Iterable[_Item]) -> Iterator[_Done]:
    """Do some work with a store for each item, many at a time; give the results in the order of the items."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        yield from threads.map(work, items)


def _ahead() -> ThreadPoolExecutor:
    if _Run.ahead is None:
        _Run.ahead = ThreadPoolExecutor(_AT_ONCE, "sla-audit-fetch")
    return _Run.ahead


def _prepare(address: Address, its_end: bool) -> None:
    with suppress(OSError, InputError):  # whoever needs it will be told
        found = opened(address)
        if found.size and found.has_room:
            found.read_at(found.size - 1 if its_end else 0, 1)


def _looked_at(address: Address) -> StoredObject:
    def look() -> StoredObject:
        handle = store_of(address).open_input_file(place_in(address))
        marks = ((str(name).lower(), _text(value)) for name, value in handle.metadata().items())
        kept = tuple(sorted((name, value) for name, value in marks if name in _OF_A_VERSION))
        return StoredObject(address, handle, Version(handle.size(), kept), _Run.known.kept)

    return insisting(address, look, to_say("cannot be opened"))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
