"""An object of a store as it was when its reading was planned. It never grows; written anew, it is another."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, cast

import pyarrow as pa

from sla_audit.errors import Problem
from sla_audit.intake.bytes.planned import BYTES_AT_AN_END, Planned, digest_of_ends
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.storage import objects
from sla_audit.storage.location import StoredPath
from sla_audit.storage.object_bytes import ObjectBytes
from sla_audit.storage.objects import StoredObject, Version
from sla_audit.storage.settings import StorageSettings, in_use, use


@dataclass(frozen=True, eq=False)
class PlannedObject(Planned):
    """An object of a version, and what is said of its store; whoever reads it elsewhere finds that said as well.

    It equals no other plan: where the object was written anew after it was planned, the bytes that were read of it, and
    what is remembered of them until the run is refused for it, are not those of its version.
    """

    path: StoredPath
    version: Version
    settings: StorageSettings
    grows = False
    near = False
    ends_a_line = True

    @classmethod
    def of(cls, path: StoredPath) -> Self:
        """Plan to read an object. Raises `OSError` where there is none, `InputError` where it cannot be opened."""
        return cls(path, objects.opened(path.address).version, in_use())

    @property
    def size(self) -> int:  # type: ignore[override]
        """Its size."""
        return self.version.size

    @property
    def ends(self) -> bytes:  # type: ignore[override]
        """A digest of its first and its last bytes."""
        first, last = self.samples((0, max(0, self.size - BYTES_AT_AN_END)), BYTES_AT_AN_END)
        return digest_of_ends(first, last)

    @contextmanager
    def open(self) -> Iterator[io.BufferedReader[Any]]:
        """Open its bytes for reading. Raises `InputError` where it is another, or they cannot be fetched."""
        yield io.BufferedReader(ObjectBytes(self._stored()))

    @contextmanager
    def unbuffered(self) -> Iterator[BinaryIO]:
        """Open it for reading at places. Raises `InputError` as `open` does."""
        yield cast("BinaryIO", ObjectBytes(self._stored()))

    @contextmanager
    def for_arrow(self) -> Iterator[pa.NativeFile]:
        """Open it for Arrow to read. Raises `InputError` as `open` does."""
        with pa.PythonFile(ObjectBytes(self._stored()), mode="r") as file:
            yield file

    def whole(self) -> bytes:
        """Read all of its bytes. Raises `InputError` as `open` does."""
        return self._stored().read_at(0, self.size)

    def range(self, start: int, size: int) -> pa.Buffer:
        """Read so many bytes from a place on. Raises `InputError` as `open` does."""
        return pa.py_buffer(self._stored().read_at(start, size))

    def samples(self, places: Sequence[int], size: int) -> list[bytes]:
        """Read some bytes at each of several places, together. Raises `InputError` as `open` does."""
        stored = self._stored()
        if stored.is_small:
            data = stored.read_at(0, self.size)
            return [data[at : at + size] for at in places]
        return list(objects.at_once(lambda at: stored.sample(at, size), places))

    def change(self) -> Problem | None:
        """Say in what the object is not the one that was planned any more, if in anything."""
        try:
            now = objects.version_now(self.path.address)
        except OSError as error:
            return self._problem(Sentence("it cannot be read any more: {why}", why=said_by(error)))
        if now == self.version:
            return None
        if now.size != self.size:
            return self._problem(Sentence("it had {size:,} bytes, and has {now:,} now", size=self.size, now=now.size))
        return self._problem(to_say("it was written anew"))

    def has_grown_within_a_line(self) -> bool:
        """Say that it has not: objects are written whole."""
        return False

    def _stored(self) -> StoredObject:
        """Give the object. Raises `InputError` where it is another than was planned.

        A process that has read one of an earlier plan looks anew.
        """
        try:
            stored = objects.opened(self.path.address, self.version)
        except FileNotFoundError as error:
            raise self.changed(to_say("it is gone")) from error
        if stored.version != self.version:
            raise self.changed(to_say("it was written anew"))
        return stored

    def __reduce__(self) -> tuple[Callable[..., PlannedObject], tuple[StoredPath, Version, StorageSettings]]:
        """Send what is said of the store along, to be said where it is read."""
        return _sent, (self.path, self.version, self.settings)


def _sent(path: StoredPath, version: Version, settings: StorageSettings) -> PlannedObject:
    """Take a plan that was sent to this process."""
    use(settings)
    return PlannedObject(path, version, settings)
