"""Plans, questions and answers as bytes, in which paths mean the same wherever they are read.

A relative path is sent as an absolute one, and comes back as it was given. The file in which a part of a run puts
something away is, elsewhere, one of a temporary folder there.
"""

from __future__ import annotations

import io
import pickle
import zlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from sla_audit.errors import InputError, renamed
from sla_audit.storage.location import is_stored
from sla_audit.system.temporary import is_numbered

_Named = tuple[str, ...]
_QUICK = 1
_GIVEN, _PUT_AWAY = "given", "put away"

Files = dict[tuple[str, str], bytes]
"""What was put away, by the names of the folder and the file that are meant for it where the run was started."""


class _End(ABC):
    """One end of the way: whoever started a run, or whoever works for it."""

    def send(self, value: Any) -> bytes:
        """Give a value as bytes for the other end."""
        with io.BytesIO() as file:
            _Pickler(file, self).dump(value)
            return zlib.compress(file.getvalue(), _QUICK)

    def receive(self, sent: bytes) -> Any:
        """Give a value that the other end sent."""
        return _Unpickler(io.BytesIO(zlib.decompress(sent)), self).load()

    @abstractmethod
    def named(self, path: Path) -> _Named | None:
        """Name a path for the other end; None: it means the same there."""

    @abstractmethod
    def path(self, named: _Named) -> Path:
        """Give a path that the other end named."""


class Here(_End):
    """Whoever started a run."""

    def __init__(self) -> None:
        self._folders: dict[str, Path] = {}

    def named(self, path: Path) -> _Named | None:
        """Name a path for those who work: see `_End`."""
        if is_numbered(path):
            self._folders[str(path.parent)] = path.parent
            return _PUT_AWAY, str(path.parent), path.name
        return None if path.is_absolute() or is_stored(path) else (_GIVEN, str(path), str(path.absolute()))

    def path(self, named: _Named) -> Path:
        """Give the path that somebody who works named: see `_End`."""
        if named[0] == _PUT_AWAY:
            return self._folders[named[1]] / Path(named[2]).name
        return Path(named[1])

    def put(self, files: Files) -> None:
        """Put away what was put away elsewhere."""
        for (folder, name), content in files.items():
            self.path((_PUT_AWAY, folder, name)).write_bytes(content)


class There(_End):
    """Whoever works for a run, with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._given: dict[str, str] = {}
        self._folders: list[str] = []

    def named(self, path: Path) -> _Named | None:
        """Name a path for whoever started the run: see `_End`."""
        if path.parent.parent == self._folder:
            return _PUT_AWAY, self._folders[int(path.parent.name)], path.name
        given = self._given.get(str(path))
        return None if given is None else (_GIVEN, given, str(path))

    def path(self, named: _Named) -> Path:
        """Give the path that whoever started the run named: see `_End`."""
        if named[0] == _PUT_AWAY:
            return self._folder_for(named[1]) / named[2]
        self._given[named[2]] = named[1]
        return Path(named[2])

    def take(self) -> Files:
        """Take what has been put away here."""
        files: Files = {}
        for number, folder in enumerate(self._folders):
            for file in sorted((self._folder / str(number)).iterdir()):
                files[folder, file.name] = file.read_bytes()
                file.unlink()
        return files

    def as_given(self, error: InputError) -> InputError:
        """Let a refusal name files as they were given."""
        return InputError(*(renamed(problem, self._given) for problem in error.problems))

    def _folder_for(self, folder: str) -> Path:
        if folder not in self._folders:
            (self._folder / str(len(self._folders))).mkdir()
            self._folders.append(folder)
        return self._folder / str(self._folders.index(folder))


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, end: _End) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._end = end

    def persistent_id(self, value: Any) -> _Named | None:
        return self._end.named(value) if isinstance(value, Path) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, end: _End) -> None:
        super().__init__(file)
        self._end = end

    def persistent_load(self, named: Any) -> Path:
        return self._end.path(named)
