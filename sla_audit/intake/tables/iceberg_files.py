"""The files of an Iceberg table, wherever the table was written: all that it names lie where the table lies now."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile

from sla_audit.errors import InputError, Problem
from sla_audit.intake.tables.live import EXPORT
from sla_audit.sentence import Sentence


class Files(FileIO):
    """Opens what is below the `location` that a table was written to, in the `folder` that holds it now."""

    def __init__(self, folder: Path, location: str) -> None:
        super().__init__()
        self._folder = folder
        self._locations = [
            each.rstrip("/") for each in (location, folder.as_posix(), folder.absolute().as_posix()) if each
        ]

    def place(self, location: str) -> Path:
        """Say where a file lies. Raises `InputError` for one that is not below the table's location."""
        for base in self._locations:
            if location.startswith(base + "/"):
                return self._folder / location[len(base) + 1 :]
        found = Sentence("has a file outside of itself, {location}", location=location)
        raise InputError(Problem(self._folder.as_posix(), found, EXPORT))

    def new_input(self, location: str) -> InputFile:
        """Open a file to be read."""
        return _LocalFile(location, self.place(location))

    def new_output(self, location: str) -> OutputFile:
        """Nothing is written."""
        raise PermissionError(location)

    def delete(self, location: str | InputFile | OutputFile) -> NoReturn:
        """Nothing is deleted."""
        raise PermissionError(str(location))


class _LocalFile(InputFile):
    def __init__(self, location: str, path: Path) -> None:
        super().__init__(location)
        self._path = path

    def __len__(self) -> int:
        return self._path.stat().st_size

    def exists(self) -> bool:
        return self._path.exists()

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002
        return cast(InputStream, cast(BinaryIO, self._path.open("rb")))
