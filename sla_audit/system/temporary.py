"""Temporary folders, which are gone however a run ends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.system.interrupts import before_the_end, postponed

_PREFIX = "sla-audit-"
_folders: set[Path] = set()
_of_numbered: set[Path] = set()


class TemporaryFolder:
    """A folder of its own below the system's for temporary files, until it is closed."""

    def __init__(self) -> None:
        with postponed():
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            _folders.add(self.path)

    def close(self) -> None:
        """Remove the folder, with what is in it."""
        with postponed():
            shutil.rmtree(self.path, ignore_errors=True)
            _folders.discard(self.path)


class NumberedFiles:
    """Names of files in a temporary folder, one for each part of a run that has something to put away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _of_numbered.add(folder)
        self._numbers = count(1)

    def next(self) -> Path:
        """Name one more file, which is not made yet."""
        return self._folder / str(next(self._numbers))


def is_numbered(file: Path) -> bool:
    """Tell whether a path is one that `NumberedFiles` gave: a part of a run puts something away in it."""
    return file.parent in _of_numbered


@contextmanager
def numbered_files() -> Iterator[NumberedFiles]:
    """Make room for such files, as long as they are needed; then it is gone."""
    with closing(TemporaryFolder()) as folder:
        try:
            yield NumberedFiles(folder.path)
        finally:
            _of_numbered.discard(folder.path)


@contextmanager
def put_away(file: Path, whose: str) -> Iterator[None]:
    """Tell the user where something that is put away, `whose` ever it is, finds no room."""
    try:
        yield
    except OSError as error:
        found = Sentence("cannot be kept in a temporary file, {file}: {why}", file=file.as_posix(), why=said_by(error))
        remedy = to_say("Make room, or name a folder that has some in the variable TMPDIR.")
        raise InputError(Problem(whose, found, remedy)) from error


def _remove_all() -> None:
    for path in list(_folders):
        shutil.rmtree(path, ignore_errors=True)


before_the_end(_remove_all)
