"""Small files that are read whole, whatever a path leads to."""

from __future__ import annotations

import errno
from pathlib import Path

from sla_audit.sentence import Sentence, to_say

_NO_NAME = to_say("no file can have this name")


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
        raise OSError(errno.EINVAL, _NO_NAME) from error
    if len(blocks) > most:
        raise OSError(errno.EFBIG, Sentence("has more than {most:,} bytes", most=most))
    return bytes(blocks)


def read_document(path: Path, most: int) -> bytes:
    """Read a file whole, or what a pipe or a device gives, of at most so many bytes. Raises `OSError` as `read_whole`.

    A file has a size, and somebody has chosen it; nothing else says how much there is to come.
    """
    try:
        return path.read_bytes() if path.is_file() else read_whole(path, most)
    except ValueError as error:
        raise OSError(errno.EINVAL, _NO_NAME) from error


A_DIRECTORY = to_say("is a directory")


def no_plain_file(path: Path) -> str | None:
    """Say what a path leads to where it cannot be read more than once, or never ends; None: a file, or nothing."""
    try:
        there = path.exists()
    except (OSError, ValueError):
        return to_say("is no path that can be looked at")
    if not there or path.is_file():
        return None
    return A_DIRECTORY if path.is_dir() else to_say("is a pipe, a device or a socket")
