"""Tables of a lakehouse: directories whose files only the table's own log tells apart, rows of now from rows of before.

After a compaction, an update or a deletion the old files lie beside the new ones until they are cleaned away; to read
them as loose files would count their rows twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.intake.tables.live import DELTA, ICEBERG
from sla_audit.intake.tables.read import READ
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.location import around, location, look_for_folders, real

_REMEDY = to_say(
    "Read the table with a tool of its own, export the rows of the months asked for to Parquet or CSV, and give that; "
    "or name its live files one by one."
)
_WHOLE = to_say("Give the table, {folder}, which is read by its own log.")
METADATA = re.compile(r".+\.metadata\.json(\.gz)?")
_PAIMON = re.compile(r"snapshot-\d+")


@dataclass(frozen=True)
class Table:
    """A directory that is a table, what it is called, and by what it is told."""

    folder: Path
    format: str
    mark: str

    def refused(self, where: str) -> Problem:
        """Say why the files of a table are not read where a directory or a glob leads into it."""
        table = Sentence("a table")
        if real(location(where)) != real(self.folder):
            table = Sentence("the table {folder}", folder=self.folder.as_posix())
        found = Sentence(
            "holds files of {table} ({format}, told by {mark}), of which some may be no part of it any more, "
            "so that rows would be counted twice",
            table=table,
            format=self.format,
            mark=self.mark,
        )
        whole = self.format in READ and Sentence(_WHOLE, folder=self.folder.as_posix())
        return Problem(where, found, whole or _REMEDY)


@dataclass
class Tables:
    """Looks for tables; each directory is looked at once."""

    _looked_at: dict[Path, Table | None] = field(default_factory=dict)

    def around(self, folder: Path) -> Table | None:
        """Give the table that a directory is, or is a part of."""
        folders = around(real(folder))
        look_for_folders(each / mark for each in folders if each not in self._looked_at for mark in _MARKS)
        return next(filter(None, map(self._at, folders)), None)

    def among(self, folder: Path, names: Collection[str]) -> Table | None:
        """Give the table that a directory is, whose names are known; behind a link, also one that it is a part of."""
        return _table(folder, names) or (self.around(folder) if folder.is_symlink() else None)

    def _at(self, folder: Path) -> Table | None:
        if folder not in self._looked_at:
            self._looked_at[folder] = _table(folder, _MARKS)
        return self._looked_at[folder]


_MARKS = frozenset({"_delta_log", ".hoodie", "metadata", "snapshot", "manifest"})


def metadata_of(path: Path) -> Table | None:
    """Give the table of which a path names the metadata, as a catalog of Apache Iceberg does."""
    if path.parent.name != "metadata" or not METADATA.fullmatch(path.name):
        return None
    return Table(path.parent.parent, ICEBERG, path.name)


def _table(folder: Path, names: Collection[str]) -> Table | None:
    """Tell the format of a table by what its directory holds, if it is one. `names` may be in it; no others are."""
    if "_delta_log" in names and (folder / "_delta_log").is_dir():
        return Table(folder, DELTA, "_delta_log")
    if ".hoodie" in names and (folder / ".hoodie").is_dir():
        return Table(folder, "Apache Hudi", ".hoodie")
    if "metadata" in names and _has(folder / "metadata", METADATA):
        return Table(folder, ICEBERG, "metadata/*.metadata.json")
    if "snapshot" in names and "manifest" in names and _has(folder / "snapshot", _PAIMON):
        return Table(folder, "Apache Paimon", "snapshot/snapshot-*")
    return None


def _has(folder: Path, name: re.Pattern[str]) -> bool:
    """Tell whether a directory, if it is one that can be listed, holds such a name."""
    try:
        return any(name.fullmatch(each.name) for each in folder.iterdir())
    except OSError:
        return False
