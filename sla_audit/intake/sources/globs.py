"""What a glob names: `**` is any number of directories, each searched once, so that loops of links end."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from sla_audit.storage.location import is_stored, list_whole, location

_ANY_DEPTH = "**"
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))


def matches(pattern: str) -> list[Path]:
    """Give the files and directories that a pattern names, each path once, in order; with `/` at its end, folders."""
    path = location(pattern)
    found = set(_matches_stored(path) if is_stored(path) else _matches(path))
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


def _matches_stored(pattern: Path) -> Iterator[Path]:
    """Match the names in a store part by part; what is below `**` is listed at once."""
    parts = pattern.parts
    literal = next((at for at, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    found = [type(pattern)(*parts[:literal])]
    for part in parts[literal:]:
        if part == _ANY_DEPTH:
            found = [folder for base in found if base.is_dir() for folder in _with_all_below(base)]
        else:
            found = [
                path
                for folder in found
                for path in _entries(folder, hidden=part.startswith("."))
                if fnmatchcase(path.name, part)
            ]
    if parts[-1] == _ANY_DEPTH:
        found = [path for folder in found for path in (folder, *_entries(folder))]
    yield from (path for path in found if path.exists())


def _with_all_below(base: Path) -> Iterator[Path]:
    list_whole(base)
    return _folders(base)


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


def _entries(folder: Path, *, hidden: bool = False) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if hidden or not path.name.startswith("."))
    except OSError:
        return []
