"""Objects as they were when they were first asked for, and their bytes: fetched whole, or not at all.

A small object is fetched by one request, and put away; of a large one its beginning and its end are, which are asked
for again and again. Everything else is fetched as it is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.address import Address
from sla_audit.storage.insisting import ShortError, insisting
from sla_audit.storage.kept import Kept
from sla_audit.storage.stores import place_in, store_of

SMALL_BYTES = 4 << 20
"""Such an object is fetched whole."""

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
    """An object of some version. Its bytes are those that the store gives at its place, whatever has become of it."""

    def __init__(self, address: Address, handle: Any, version: Version, room: Kept) -> None:
        self.address = address
        self.version = version
        self.size = version.size
        self._handle = handle
        self._lock = threading.Lock()
        self._room = room
        self._kept: dict[int, int] = {}

    @property
    def is_small(self) -> bool:
        """Whether it is fetched whole."""
        return self.size <= SMALL_BYTES

    def read_at(self, at: int, size: int) -> bytes:
        """Read so many bytes at a place; fewer where it ends. Raises `InputError` where they cannot be fetched."""
        size = max(0, min(size, self.size - at))
        if not size:
            return b""
        for start, end in self._parts():
            if start <= at and at + size <= end:
                return self._part(start, end, at, size)
        return self._fetched(at, size)

    def _parts(self) -> Iterator[tuple[int, int]]:
        """Give the parts that are put away once they have been fetched."""
        if self.is_small:
            yield 0, self.size
        else:
            yield 0, BYTES_AT_AN_END
            yield self.size - BYTES_AT_AN_END, self.size

    def _part(self, start: int, end: int, at: int, size: int) -> bytes:
        with self._lock:
            place = self._kept.get(start)
            if place is None:
                data = self._fetched(start, end - start)
                place = self._room.put(data)
                if place is not None:
                    self._kept[start] = place
                return data[at - start : at - start + size]
        return self._room.get(place + at - start, size)

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


def forget() -> None:
    """Begin anew: an earlier run of the process may have seen other versions."""
    _Run.known = _Known()


def opened(address: Address) -> StoredObject:
    """Give an object, which is looked at once. Raises `OSError` where there is none, `InputError` as `insisting`."""
    known = _Run.known
    found = known.opened.get(address)
    if found is not None:
        return found
    with known.locks.setdefault(address, threading.Lock()):
        found = known.opened.get(address)
        if found is None:
            found = known.opened[address] = _looked_at(address)
        return found


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


@lru_cache(1)
def _ahead() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, "sla-audit-fetch")


def _prepare(address: Address, its_end: bool) -> None:
    found = opened(address)
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
