"""A directory searched whole: its files, and whatever in it is no file that can be read."""

from __future__ import annotations

import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from sla_audit.intake.sources.left_out import BROKEN_LINK, CANNOT_BE_LISTED, NOT_A_FILE
from sla_audit.intake.sources.path_text import as_text
from sla_audit.intake.sources.table_formats import Table, Tables
from sla_audit.model.log_summary import LeftOut
from sla_audit.storage.location import list_whole

HIDDEN = (".", "_")
"""How names begin that are marks of a writer, such as `_SUCCESS`, and not meant to be seen."""


@dataclass
class Searched:
    """What a directory holds, in no order: files, what cannot be read, and where tables are, or links into one.

    Those are not searched.
    """

    files: list[Path] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    tables: list[tuple[Path, Table]] = field(default_factory=list)


def search(folder: Path, tables: Tables) -> Searched:
    """Search a directory and all below it, but for hidden names.

    Links to directories are followed, after what lies in it by itself; each directory is searched once, so that a loop
    ends. Raises `OSError` where the directory itself cannot be listed.
    """
    list_whole(folder)
    found = Searched()
    seen: set[tuple[int, int]] = set()
    within, links = [folder], list[Path]()
    while within or links:
        at = within.pop() if within else links.pop(0)
        try:
            known = at.stat()
            if (known.st_dev, known.st_ino) in seen:
                continue
            seen.add((known.st_dev, known.st_ino))
            names = sorted(path.name for path in at.iterdir())
        except OSError:
            if at == folder:
                raise
            found.left_out.append(LeftOut(as_text(at), None, CANNOT_BE_LISTED))
            continue
        table = tables.among(at, names)
        if table is not None:
            found.tables.append((at, table))
            continue
        _sort(at, names, found, within, links)
    return found


def _sort(at: Path, names: Collection[str], found: Searched, within: list[Path], links: list[Path]) -> None:
    """Tell the entries of a directory apart: files, directories to search, links to such, and what cannot be read."""
    for name in names:
        if name.startswith(HIDDEN):
            continue
        path = at / name
        try:
            mode = path.stat().st_mode
        except OSError:
            found.left_out.append(LeftOut(as_text(path), None, BROKEN_LINK))
            continue
        if stat.S_ISDIR(mode):
            (links if path.is_symlink() else within).append(path)
        elif stat.S_ISREG(mode):
            found.files.append(path)
        else:
            found.left_out.append(LeftOut(as_text(path), None, NOT_A_FILE))
