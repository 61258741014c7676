"""Tables of a lakehouse: directories whose files only the table's own log tells apart, rows of now from rows of before.

After a compaction, an update or a deletion the old files lie beside the new ones until they are cleaned away; to read
them as loose files would count their rows twice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.sentence import Sentence, to_say

_REMEDY = to_say(
    "Read the table with a tool of its own, export the rows of the months asked for to Parquet or CSV, and give that; "
    "or name its live files one by one."
)
_ICEBERG = re.compile(r".+\.metadata\.json(\.gz)?")
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
        if os.path.realpath(where) != os.path.realpath(self.folder):
            table = Sentence("the table {folder}", folder=self.folder.as_posix())
        found = Sentence(
            "holds files of {table} ({format}, told by {mark}), of which some may be no part of it any more, "
            "so that rows would be counted twice",
            table=table,
            format=self.format,
            mark=self.mark,
        )
        return Problem(where, found, _REMEDY)


@dataclass
class Tables:
    """Looks for tables; each directory is looked at once."""

    _looked_at: dict[Path, Table | None] = field(default_factory=dict)

    def around(self, folder: Path) -> Table | None:
        """Give the table that a directory is, or is a part of."""
        real = Path(os.path.realpath(folder))
        return next(filter(None, map(self._at, (real, *real.parents))), None)

    def among(self, folder: Path, names: Collection[str]) -> Table | None:
        """Give the table that a directory is, whose names are known; behind a link, also one that it is a part of."""
        return _table(folder, names) or (self.around(folder) if folder.is_symlink() else None)

    def _at(self, folder: Path) -> Table | None:
        if folder not in self._looked_at:
            self._looked_at[folder] = _table(folder, _MARKS)
        return self._looked_at[folder]


_MARKS = frozenset({"_delta_log", ".hoodie", "metadata", "snapshot", "manifest"})


def _table(folder: Path, names: Collection[str]) -> Table | None:
    """Tell the format of a table by what its directory holds, if it is one. `names` may be in it; no others are."""
    if "_delta_log" in names and (folder / "_delta_log").is_dir():
        return Table(folder, "Delta Lake", "_delta_log")
    if ".hoodie" in names and (folder / ".hoodie").is_dir():
        return Table(folder, "Apache Hudi", ".hoodie")
    if "metadata" in names and _has(folder / "metadata", _ICEBERG):
        return Table(folder, "Apache Iceberg", "metadata/*.metadata.json")
    if "snapshot" in names and "manifest" in names and _has(folder / "snapshot", _PAIMON):
        return Table(folder, "Apache Paimon", "snapshot/snapshot-*")
    return None


def _has(folder: Path, name: re.Pattern[str]) -> bool:
    """Tell whether a directory, if it is one that can be listed, holds such a name."""
    try:
        return any(name.fullmatch(each.name) for each in folder.iterdir())
    except OSError:
        return False
