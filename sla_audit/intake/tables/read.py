"""Read which files a table has: by the library of its format, which an extra of the program installs."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from pathlib import Path

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.tables.live import DELTA, ICEBERG, LiveTable
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.location import list_whole

_READERS = {
    DELTA: "sla_audit.intake.tables.delta:read_delta",
    ICEBERG: "sla_audit.intake.tables.iceberg:read_iceberg",
}
READ = frozenset(_READERS)
"""The formats that are read; tables of others are refused."""
_INSTALL = to_say("Install it: pip install 'sla-audit[tables]'.")
_SOUND = to_say("Look at the table with a tool of its own; or export the rows of the months asked for, and give that.")


def read_table(folder: Path, form: str, asked: AsOfVersion | None = None, metadata: Path | None = None) -> LiveTable:
    """Give the files of a table in one of the formats in `READ`, at a version, or now.

    Raises `InputError` where the table cannot be read, where there is no such version, where the files alone do not
    hold what the table does (deleted rows, columns of other names), where one of them is gone or has another size, and
    where the library is not installed.
    """
    try:
        table = _read(folder, form, asked, metadata)
    except ImportError as error:
        found = Sentence("is a table of {format}, which is read by {library}", format=form, library=error.name or "")
        raise InputError(Problem(folder.as_posix(), found, _INSTALL)) from error
    list_whole(folder)
    refuse(problem for file in table.files for problem in file.changed(file.path.as_posix()))
    return table


def _read(folder: Path, form: str, asked: AsOfVersion | None, metadata: Path | None) -> LiveTable:
    read: Callable[[Path, AsOfVersion | None, Path | None], LiveTable] = pkgutil.resolve_name(_READERS[form])
    try:
        return read(folder, asked, metadata)
    except (InputError, ImportError):
        raise
    except Exception as error:
        # A damaged log makes the library raise whatever it stumbles over.
        first, *_ = [*str(error).splitlines(), ""]
        found = Sentence("cannot be read as a table of {format}: {why}", format=form, why=first or type(error).__name__)
        raise InputError(Problem(folder.as_posix(), found, _SOUND)) from error
