"""What has been fetched and may be asked for again: on disk, in a nameless file that is gone with the process."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from contextlib import suppress
from typing import IO

_SHARE_OF_FREE_SPACE = 4
_MOST_BYTES = 16 << 30


class Kept:
    """Bytes that are put away, as far as there is room; what there is none for is fetched anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = self._room = 0
        self._closed = False

    def put(self, data: bytes) -> int | None:
        """Put bytes away, and give the place to find them by; None where there is no room."""
        with self._lock:
            place = self._end
            if place + len(data) > self._room_there() or self._file is None or self._closed:
                return None
            self._end += len(data)
        try:
            done = os.pwrite(self._file.fileno(), data, place)
        except (OSError, ValueError):  # no room after all, or the run is over
            return None
        return place if done == len(data) else None

    def has_for(self, size: int) -> bool:
        """Tell whether there is room for so many bytes more."""
        with self._lock:
            return self._end + size <= self._room_there()

    def get(self, place: int, size: int) -> bytes:
        """Give bytes that were put away."""
        if self._file is None:
            raise ValueError("nothing is kept")
        return os.pread(self._file.fileno(), size, place)

    def close(self) -> None:
        """Give the room back."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._closed = True

    def _room_there(self) -> int:
        """Tell how many bytes there is room for in all."""
        if self._file is None:
            with suppress(OSError):  # there is no place for such files
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # as long as anybody reads it
                self._room = min(_MOST_BYTES, shutil.disk_usage(tempfile.gettempdir()).free // _SHARE_OF_FREE_SPACE)
        return self._room
