"""One run at a time writes to a directory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = ".sla-audit.lock"
UPDATE = ".sla-audit-update.lock"
"""Of the file that locks a directory of tallies from when it is looked at until it is written to."""


@contextmanager
def locked(directory: Path, name: str = _NAME) -> Iterator[None]:
    """Wait until no other run writes to a directory, and keep others out.

    The lock is the system's and ends with the process; the file that carries it is gone in the end.
    Raises `OSError` where nothing can be written there.
    """
    path = directory / name
    descriptor = _lock(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(path.stat(), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # who held the lock has removed the file: it keeps nobody out any more
