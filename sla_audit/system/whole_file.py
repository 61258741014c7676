"""Small files that are read whole, whatever a path leads to."""

from __future__ import annotations

import errno
from pathlib import Path


def read_whole(path: Path, most: int) -> bytes:
    """Read a file, or a pipe, of at most so many bytes.

    Raises `OSError` where it has more (a device may never end), cannot be read, or the path cannot be one.
    """
    try:
        with path.open("rb", buffering=0) as file:
            blocks = bytearray()
            while len(blocks) <= most and (block := file.read(most + 1 - len(blocks))):
                blocks += block
    except ValueError as error:  # a NUL in the path, or a character that no name of a file has
        raise OSError(errno.EINVAL, "no file can have this name") from error
    if len(blocks) > most:
        raise OSError(errno.EFBIG, f"has more than {most:,} bytes")
    return bytes(blocks)


def read_document(path: Path, most: int) -> bytes:
    """Read a file whole, or what a pipe or a device gives, of at most so many bytes. Raises `OSError` as `read_whole`.

    A file has a size, and somebody has chosen it; nothing else says how much there is to come.
    """
    try:
        return path.read_bytes() if path.is_file() else read_whole(path, most)
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have this name") from error


def no_plain_file(path: Path) -> str | None:
    """Say what a path leads to where it cannot be read more than once, or never ends; None: a file, or nothing."""
    try:
        there = path.exists()
    except (OSError, ValueError):
        return "is no path that can be looked at"
    if not there or path.is_file():
        return None
    return "is a directory" if path.is_dir() else "is a pipe, a device or a socket"
