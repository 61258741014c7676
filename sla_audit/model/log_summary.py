"""An account of the logs of a run, which reports and tallies keep: what was read of each, and what was not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LeftOut:
    """Something in a directory that is not read: its size in bytes, where there is one, and the code of the reason."""

    path: str
    bytes: int | None
    reason: str


@dataclass(frozen=True)
class Beginning:
    """How many bytes a text begins with, and their SHA-256, with what its path says: it keeps them as it grows."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class LogSummary:
    """An account of a log that has been read: its rows, and what could be told from it.

    `columns` are those of the canonical columns that it has, none where nothing stands in it; `notes` are those of its
    `dialect`; `fingerprint` is the same for copies of the file, `content` for copies that are packed or encoded
    otherwise too; `assumed_utc` says that timestamps were kept as INT96, without a zone; `wrapper` is what was taken
    off each line (see `wrappers`). By what it is known again, those two and what a text has as its `beginning`, is only
    said where it is to be kept.
    """

    path: str
    bytes: int
    rows: int
    rejected: int
    local_time: bool
    columns: tuple[str, ...]
    fingerprint: str | None = None
    dialect: str | None = None
    notes: tuple[str, ...] = ()
    assumed_utc: bool = False
    wrapper: str | None = None
    content: str | None = None
    beginning: Beginning | None = None
