"""One version of a table: the files that are part of it, and what the table says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.model.instant import moment
from sla_audit.sentence import Sentence, to_say

DELTA, ICEBERG = "Delta Lake", "Apache Iceberg"
"""The formats of tables that are read."""
EXPORT = to_say("Export the rows of the months asked for with the table's own engine, and give that.")
"""What to do with a table whose files alone do not hold what it does."""
_GONE = to_say(
    "Was it cleaned away, as by VACUUM or the expiry of snapshots? Read a newer version, or bring the file back."
)
_CHANGED = to_say(
    "Something other than the table's own writer has changed it; mend the table, or read another version."
)


def made_at(milliseconds: int) -> datetime:
    """Give the moment, in UTC, that logs of tables write as milliseconds since 1970."""
    return moment(milliseconds * 1000)


@dataclass(frozen=True)
class LiveFile:
    """A file of a table, and what the table says of it.

    `values` are those of all its rows in columns that the file itself need not have, as texts, null where there is
    none. `columns` gives the names that columns now have, by the ids that the file knows them by; None: they go by
    their names alone. `rows` may be unknown; `bytes` is the size of the file.
    """

    path: Path
    bytes: int
    rows: int | None
    values: Mapping[str, str | None] = field(default_factory=dict)
    columns: Mapping[int, str] | None = None

    def changed(self, shown: str) -> Iterator[Problem]:
        """Say whether the file is not there, or is not the one that the table means."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            yield Problem(shown, "is part of the table at this version, but is not there", _GONE)
            return
        if size != self.bytes:
            found = Sentence("has {size:,} bytes; the table says {said:,}", size=size, said=self.bytes)
            yield Problem(shown, found, _CHANGED)

    def other_rows(self, shown: str, rows: int) -> Iterator[Problem]:
        """Say whether the file has not as many rows as the table says."""
        if self.rows is not None and rows != self.rows:
            yield Problem(
                shown, Sentence("has {rows:,} rows; the table says {said:,}", rows=rows, said=self.rows), _CHANGED
            )


@dataclass(frozen=True)
class LiveTable:
    """A table at one version: what it is called, the version as its log names it, when that was made, and its files.

    `read_from` names the file that says so, where that is not always the same.
    """

    folder: Path
    format: str
    version: int
    made_at: datetime
    files: tuple[LiveFile, ...]
    read_from: Path | None = None
