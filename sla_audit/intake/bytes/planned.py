"""A file as it was when its reading was planned, and whether it still is: logs are written to, cut and replaced.

Whoever reads a part of a log opens it anew, so each time it must be seen that it is the file that was planned. A plain
text may have grown: then its planned bytes are read, and none after them. Nothing is mapped into memory: that would end
the process where a file is cut.
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Message, Sentence, as_phrase, said_by, to_say

BYTES_AT_AN_END = 1 << 12
"""So many bytes at its beginning and its end tell a file from others."""

_LOOKS = 5
_SECONDS_BETWEEN_LOOKS = 0.01
_LINE_ENDS = (b"\n", b"\n\0", b"\n\0\0\0")
_REMEDY = to_say("Run it again once nothing writes to it, or give a copy of it.")


class Planned(ABC):
    """A file as it was when its reading was planned; it `grows` if more may be written to it.

    Only what is `near` is read at many places as quickly as in one go. `ends` digests its first and its last bytes;
    `ends_a_line` says whether there can be no line that goes on.
    """

    path: Path
    grows: bool
    size: int
    near: bool
    ends: bytes
    ends_a_line: bool

    @abstractmethod
    def open(self) -> AbstractContextManager[io.BufferedReader[Any]]:
        """Open its planned bytes for reading. Raises `InputError` where they are not there any more."""

    @abstractmethod
    def unbuffered(self) -> AbstractContextManager[BinaryIO]:
        """Open all of it for reading at places. Raises `InputError` where it is not the planned file."""

    @abstractmethod
    def for_arrow(self) -> AbstractContextManager[pa.NativeFile]:
        """Open it for Arrow to read, which says where bytes are missing. Raises `InputError` as `open` does."""

    @abstractmethod
    def whole(self) -> bytes:
        """Read all of its planned bytes, where they are few. Raises `InputError` as `open` does."""

    @abstractmethod
    def range(self, start: int, size: int) -> pa.Buffer:
        """Read so many bytes from a place on. Raises `InputError` as `open` does."""

    @abstractmethod
    def samples(self, places: Sequence[int], size: int) -> list[bytes]:
        """Read some bytes at each of several places. Raises `InputError` as `open` does."""

    @abstractmethod
    def change(self) -> Problem | None:
        """Say in what the file is not the one that was planned any more, if in anything."""

    @abstractmethod
    def has_grown_within_a_line(self) -> bool:
        """Tell whether what has been written since begins within the last planned line."""

    def changed(self, how: Message) -> InputError:
        """Say that the file is not what was planned any more."""
        return InputError(self._problem(how))

    def ended(self, at: int) -> InputError:
        """Say that the file has no byte at a place where planned ones are."""
        return self.changed(Sentence("it ends after {at:,} of {size:,} bytes", at=at, size=self.size))

    def _problem(self, how: Message) -> Problem:
        return Problem(self.path.as_posix(), Sentence("changed while it was read: {how}", how=as_phrase(how)), _REMEDY)


@dataclass(frozen=True)
class PlannedFile(Planned):
    """A file of this machine and what tells it from another, or from itself at another time.

    `modified` is in nanoseconds since 1970. Device and inode are None where the plan was sent, as each machine numbers
    files for itself: there the file is known by its ends, each time.
    """

    path: Path
    grows: bool
    device: int | None
    inode: int | None
    size: int
    modified: int
    ends: bytes
    ends_a_line: bool
    near = True

    @classmethod
    def of(cls, path: Path, *, grows: bool = False) -> PlannedFile:
        """Plan to read a file. Raises `OSError` where that cannot be."""
        with path.open("rb", buffering=0) as file:
            known = os.fstat(file.fileno())
            first, last = _ends(file.fileno(), known.st_size)
        return cls(
            path,
            grows,
            known.st_dev,
            known.st_ino,
            known.st_size,
            known.st_mtime_ns,
            digest_of_ends(first, last),
            last.endswith(_LINE_ENDS),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Send what is true of it on another machine too."""
        return self.__dict__ | {"device": None, "inode": None}

    @contextmanager
    def open(self) -> Iterator[io.BufferedReader[Any]]:
        """Open its planned bytes for reading. Raises `InputError` where they are not there any more."""
        with self.unbuffered() as file, io.BufferedReader(_PlannedBytes(self, file.fileno())) as planned:
            yield planned
            self._check(file.fileno())

    @contextmanager
    def unbuffered(self) -> Iterator[io.FileIO]:
        """Open all of it for reading at places. Raises `InputError` where it is not the planned file."""
        with self._there():
            file = self.path.open("rb", buffering=0)
        with file:
            self._check(file.fileno())
            yield file

    @contextmanager
    def for_arrow(self) -> Iterator[pa.NativeFile]:
        """Open it for Arrow to read, which says where bytes are missing. Raises `InputError` as `open` does.

        Not every version of Arrow tells the descriptor of a file that it has opened, so it is checked by another one:
        both are of the planned file where its name is after the second was opened.
        """
        with self.unbuffered() as known:
            with self._there():
                file = pa.OSFile(str(self.path))
            with file:
                with self._there():
                    self._check_identity(self.path.stat())
                yield file
                self._check(known.fileno())

    def whole(self) -> bytes:
        """Read all of its planned bytes, where they are few. Raises `InputError` as `open` does."""
        with self.unbuffered() as file:
            data = os.pread(file.fileno(), self.size, 0)
            self._check(file.fileno())
        if len(data) != self.size:
            raise self.ended(len(data))
        return data

    def range(self, start: int, size: int) -> pa.Buffer:
        """Read so many bytes from a place on. Raises `InputError` as `open` does."""
        with self.for_arrow() as file:
            file.seek(start)
            data = file.read_buffer(size)
        if data.size != size:
            raise self.ended(start + data.size)
        return data

    def samples(self, places: Sequence[int], size: int) -> list[bytes]:
        """Read some bytes at each of several places. Raises `InputError` as `open` does."""
        found = []
        with self.open() as file:
            for at in places:
                file.seek(at)
                found.append(file.read(size))
        return found

    def change(self) -> Problem | None:
        """Say in what the file is not the one that was planned any more, if in anything."""
        try:
            with self.unbuffered() as file:
                self._check(file.fileno(), ends=True)
        except InputError as error:
            return error.problems[0]
        except OSError as error:
            return self._problem(Sentence("it cannot be read any more: {why}", why=said_by(error)))
        return None

    def has_grown_within_a_line(self) -> bool:
        """Tell whether what has been written since begins within the last planned line."""
        if self.ends_a_line or not self.size:
            return False
        with self.unbuffered() as file:
            more = os.pread(file.fileno(), BYTES_AT_AN_END, self.size)
        return bool(more) and not more.lstrip(b"\r\0").startswith(b"\n")

    @contextmanager
    def _there(self) -> Iterator[None]:
        """Raise `InputError` where no file has its name any more."""
        try:
            yield
        except FileNotFoundError as error:
            if self._is_sent:
                raise InputError(self._not_shared()) from error
            raise self.changed(to_say("it is gone")) from error

    @property
    def _is_sent(self) -> bool:
        """Whether it was planned in another process, which may be that of another machine."""
        return self.inode is None

    def _not_shared(self) -> Problem:
        found = Sentence("is not there on {machine}, which was to read it", machine=socket.gethostname())
        remedy = to_say(
            "Put the logs where every machine reads them by the same absolute path, or count with --engine local."
        )
        return Problem(self.path.as_posix(), found, remedy)

    def _check_identity(self, found: os.stat_result) -> None:
        """Raise `InputError` for the status of another file."""
        if not self._is_sent and (found.st_dev, found.st_ino) != (self.device, self.inode):
            raise self.changed(to_say("another file is in its place"))

    def _check(self, descriptor: int, *, ends: bool = False) -> None:
        """Raise `InputError` where an open file is not the planned one; also by its `ends`, or where it has grown."""
        for look in range(_LOOKS):
            now = os.fstat(descriptor)
            if not (self.grows and now.st_size == self.size and now.st_mtime_ns != self.modified):
                break
            if look:  # the system notes the time of a write before it notes the new size
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        self._check_identity(now)
        if now.st_size < self.size:
            raise self.changed(Sentence("it was cut from {size:,} to {now:,} bytes", size=self.size, now=now.st_size))
        if now.st_size > self.size and not self.grows:
            raise self.changed(Sentence("it has grown from {size:,} to {now:,} bytes", size=self.size, now=now.st_size))
        if now.st_size == self.size and now.st_mtime_ns != self.modified:
            raise self.changed(to_say("it was written to"))
        if (ends or self._is_sent or now.st_size > self.size) and digest_of_ends(
            *_ends(descriptor, self.size)
        ) != self.ends:
            raise self.changed(to_say("other bytes are at its beginning, or where its end was"))


class _PlannedBytes(io.RawIOBase):
    """The planned bytes of an open file: none after them, and an error where there are fewer."""

    def __init__(self, planned: PlannedFile, descriptor: int) -> None:
        super().__init__()
        self._planned = planned
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._planned.size}[whence]
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self._planned.size - self._at)
        if wanted <= 0:
            return 0
        done = os.preadv(self._descriptor, [memoryview(buffer)[:wanted]], self._at)
        if not done:
            raise self._planned.ended(self._at)
        self._at += done
        return done


def _ends(descriptor: int, size: int) -> tuple[bytes, bytes]:
    """Read the first and the last of so many bytes."""
    length = min(size, BYTES_AT_AN_END)
    return os.pread(descriptor, length, 0), os.pread(descriptor, length, size - length)


def digest_of_ends(first: bytes, last: bytes) -> bytes:
    """Digest the first and the last bytes of a file: `BYTES_AT_AN_END` of each, fewer where it has no more."""
    return hashlib.blake2b(first + last, digest_size=16).digest()
