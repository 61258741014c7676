"""What a glob names: `**` is any number of directories, each searched once, so that loops of links end."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

_ANY_DEPTH = "**"
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))


def matches(pattern: str) -> list[Path]:
    """Give the files and directories that a pattern names, each path once, in order; with `/` at its end, folders."""
    found = set(_matches(Path(pattern)))
    return sorted(path for path in found if path.is_dir() or not pattern.endswith(_SEPARATORS))


def _matches(pattern: Path) -> Iterator[Path]:
    parts = pattern.parts
    if _ANY_DEPTH not in parts:
        yield from map(Path, glob.iglob(str(pattern)))
        return
    at = parts.index(_ANY_DEPTH)
    rest = Path(*parts[at + 1 :])
    for base in _bases(Path(*parts[:at])):
        for folder in _folders(base):
            if rest.parts:
                yield from _matches(Path(glob.escape(str(folder))) / rest)
            else:
                yield from (folder, *_entries(folder))


def _bases(pattern: Path) -> Iterator[Path]:
    """Give the directories in which a search begins."""
    found = map(Path, glob.iglob(str(pattern))) if glob.has_magic(str(pattern)) else [pattern]
    yield from (path for path in found if path.is_dir())


def _folders(base: Path) -> Iterator[Path]:
    """Give a directory and all below it, but for hidden names: links to directories after what lies there by itself."""
    seen: set[tuple[int, int]] = set()
    within, links = [base], deque[Path]()
    while within or links:
        at = within.pop() if within else links.popleft()
        try:
            known = at.stat()
        except OSError:
            continue
        if (known.st_dev, known.st_ino) in seen:
            continue
        seen.add((known.st_dev, known.st_ino))
        yield at
        folders = [path for path in _entries(at) if path.is_dir()]
        within += [path for path in reversed(folders) if not path.is_symlink()]
        links += [path for path in folders if path.is_symlink()]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
