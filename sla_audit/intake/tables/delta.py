"""Delta Lake: the table's log, read by its own library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import deltalake
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.tables.live import DELTA, EXPORT, LiveFile, LiveTable, made_at
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.location import fetch_ahead, is_stored, list_whole, location

_LOG = "_delta_log"
_READER = 3
_HARMLESS = frozenset(
    {
        "deletionVectors",  # but for files that have one
        "columnMapping",  # but where it is used
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
        "variantType",
        "variantType-preview",
        "variantShredding-preview",
    }
)
"""What a reader must know of, and the list of files and their own footers say rightly without more ado."""


def read_delta(folder: Path, asked: AsOfVersion | None = None, metadata: Path | None = None) -> LiveTable:
    """Read the list of files of the latest version, or of the one that is asked for.

    Raises `InputError` for a version that the log does not have, and for tables whose files alone do not hold what the
    table does; what the library raises where the log cannot be read.
    """
    del metadata  # the log has a place of its own
    with _with_its_log_here(folder) as place:
        return _read(place, folder, asked)


@contextmanager
def _with_its_log_here(folder: Path) -> Iterator[Path]:
    """Give a directory that has the log of a table: of one in a store a copy, since its data are not looked at."""
    if not is_stored(folder):
        yield folder
        return
    with TemporaryDirectory(prefix="sla-audit-") as place:
        _copy(folder / _LOG, Path(place) / _LOG)
        yield Path(place)


def _copy(folder: Path, to: Path) -> None:
    list_whole(folder)
    to.mkdir()
    entries = sorted(folder.iterdir())
    fetch_ahead((each, False) for each in entries if each.is_file())
    for each in entries:
        if each.is_dir():
            _copy(each, to / each.name)
        else:
            (to / each.name).write_bytes(each.read_bytes())


def _read(place: Path, folder: Path, asked: AsOfVersion | None) -> LiveTable:
    table, where = deltalake.DeltaTable(place), folder.as_posix()
    if asked is not None:
        table.load_as_version(_number(table, where, asked))
    problems = [*_not_read(table, where), *_with_deletions(table, where)]
    if problems:
        raise InputError(*problems)
    made = {entry["version"]: entry["timestamp"] for entry in table.history(limit=1)}
    files = tuple(sorted(_files(table, folder), key=lambda file: file.path))
    return LiveTable(folder, DELTA, table.version(), made_at(made.get(table.version(), 0)), files)


def _number(latest: deltalake.DeltaTable, where: str, asked: AsOfVersion) -> int:
    """Give the number of the version that is asked for."""
    if asked.number is not None:
        if asked.number > latest.version():
            found = Sentence(
                "has no version {asked}; the latest is {latest}", asked=asked.number, latest=latest.version()
            )
            raise InputError(Problem(where, found, "Ask for a version that there is."))
        return asked.number
    made = [(made_at(entry["timestamp"]), int(entry["version"])) for entry in latest.history()]
    before = [version for at, version in made if asked.instant is not None and at <= asked.instant]
    if not before:
        oldest = min(at for at, _ in made)
        found = Sentence(
            "has no version of {asked}; the first that its log knows was made at {first}",
            asked=str(asked),
            first=oldest.isoformat(),
        )
        raise InputError(Problem(where, found, "Ask for a later instant."))
    return max(before)


def _not_read(table: deltalake.DeltaTable, where: str) -> Iterator[Problem]:
    """Say what the table asks of its readers that the files alone do not tell."""
    protocol = table.protocol()
    unknown = sorted(set(protocol.reader_features or ()) - _HARMLESS)
    if unknown or protocol.min_reader_version > _READER:
        needs = ", ".join(unknown) or f"minReaderVersion {protocol.min_reader_version}"
        yield Problem(where, Sentence("needs readers that know {needs}", needs=needs), EXPORT)
    mapping = table.metadata().configuration.get("delta.columnMapping.mode", "none")
    if mapping != "none":
        found = Sentence(
            "names the columns of its files otherwise (delta.columnMapping.mode is {mapping})", mapping=mapping
        )
        yield Problem(where, found, EXPORT)


def _with_deletions(table: deltalake.DeltaTable, where: str) -> Iterator[Problem]:
    """Say that some rows of a file are deleted, which the file does not show."""
    if "deletionVectors" not in (table.protocol().reader_features or ()):
        return
    names = [str(name) for batch in table.deletion_vectors() for name in pa.record_batch(batch)["filepath"].to_pylist()]
    if names:
        found = Sentence(
            "{files:,} of its files have deleted rows (deletion vectors), {first} first",
            files=len(names),
            first=min(names),
        )
        remedy = to_say(
            "Rewrite them (REORG TABLE … APPLY (PURGE)) and read the version that this makes, or export the rows."
        )
        yield Problem(where, found, remedy)


def _files(table: deltalake.DeltaTable, folder: Path) -> Iterator[LiveFile]:
    actions = pa.table(table.get_add_actions())
    columns = {"path", "size_bytes", "num_records", "partition"}.intersection(actions.column_names)
    for action in actions.select(sorted(columns)).to_pylist():
        path = unquote(action["path"], errors="strict")
        values = action.get("partition") or {}
        yield LiveFile(
            path=_place(folder, path),
            bytes=action["size_bytes"],
            rows=action.get("num_records"),
            values={name: None if value is None else _text(value) for name, value in values.items()},
        )


def _place(folder: Path, path: str) -> Path:
    """Give the place of a file, of which the path is relative, but where the table is a clone of another."""
    named = location(path)
    return named if is_stored(named) else folder / path.removeprefix("file://")


def _text(value: Any) -> str:
    """Write a value as it stands in the log."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return value.decode()
        case str() | int() | Decimal():
            return str(value)
        case _:
            return repr(value)
