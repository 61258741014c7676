"""The name of a file: a path of this machine or, as `s3://bucket/key`, of an object, which is a path all the same.

What paths answer of their files, such a one answers from the store: whoever opens, looks or lists need not know which
it has. It is no path of the file system, and whoever takes it for one is told so.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PosixPath
from typing import IO, Any

from sla_audit.sentence import to_say
from sla_audit.storage import catalogue, objects
from sla_audit.storage.address import SCHEMES, Address, refuse_unwritable
from sla_audit.storage.object_bytes import ObjectBytes

_OR_STORED = re.compile(rf"(?:(?:{'|'.join(SCHEMES)})://)?[^{os.pathsep}]*")
_STORED = re.compile(rf"({'|'.join(SCHEMES)}):/{{1,2}}(?P<rest>.*)", re.DOTALL)


def location(written: str | Path) -> Path:
    """Make the path of a file from what a user writes; what is a path already stays as it is.

    Raises `InputError` for a key that no path can name.
    """
    found = _STORED.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return Path(written)
    place = found["rest"].removesuffix("/")
    refuse_unwritable(str(written), place)
    return StoredPath(f"{found[1]}:", place)


def beside(folder: Path, written: str | Path) -> Path:
    """Give a path that may be relative to a folder: an object's never is, nor one of this machine from its root on."""
    path = location(written)
    if is_stored(path) or not isinstance(folder, StoredPath) or path.is_absolute():
        return path if is_stored(path) else folder / path
    scheme, *parts = folder.parts
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return StoredPath(scheme, *parts)


def parted(written: str) -> list[str]:
    """Part names that stand one after the other with the sign of the system between, as in variables: `a:s3://b/c`."""
    return [each for each in _OR_STORED.findall(written) if each]


def list_whole(folder: Path) -> None:
    """List a directory of a store and all below it, where that is more quickly done at once. Raises `OSError`."""
    if isinstance(folder, StoredPath):
        catalogue.list_whole(folder.address)


def look_for_folders(paths: Iterable[Path]) -> None:
    """Ask stores for directories that may be there, many at a time."""
    catalogue.look_for_folders(path.address for path in paths if isinstance(path, StoredPath))


def around(folder: Path) -> list[Path]:
    """Give a directory and all around it, the nearest first: in a store, up to the bucket."""
    above = [folder, *folder.parents]
    return [each for each in above if len(each.parts) > 1] if is_stored(folder) else above


def fetch_ahead(paths: Iterable[tuple[Path, bool]]) -> None:
    """Begin to fetch the beginnings of objects or, so said, their ends, which somebody is about to read."""
    objects.fetch_ahead((path.address, its_end) for path, its_end in paths if isinstance(path, StoredPath))


def write_whole(path: Path, data: bytes) -> None:
    """Write an object, which appears whole or not at all. Raises `InputError` where it cannot be written."""
    if not isinstance(path, StoredPath):
        raise TypeError(f"{path} is no object")
    objects.write(path.address, data)


def is_stored(path: Path) -> bool:
    """Tell whether a path is that of an object, or of what a store shows as a directory."""
    return isinstance(path, StoredPath)


def real(path: Path) -> Path:
    """Follow all links of a path. Raises `OSError` where they cannot be followed."""
    return path if is_stored(path) else Path(os.path.realpath(path))


class StoredPath(PosixPath):
    """The path of an object: scheme, bucket, and the parts of the key.

    Raises `InputError` where the store does not answer, and `OSError` where there is nothing of that name.
    """

    __slots__ = ()

    @property
    def address(self) -> Address:
        """Where the object is."""
        scheme, *rest = self.parts
        return Address(scheme.removesuffix(":"), "/".join(rest))

    def __str__(self) -> str:
        """Write it as the user did."""
        parts = self.parts
        is_whole = bool(parts) and parts[0].removesuffix(":") in SCHEMES
        return f"{parts[0]}//{'/'.join(parts[1:])}" if is_whole else super().__str__()

    def __fspath__(self) -> str:
        """Refuse to be a path of this machine."""
        raise OSError(
            errno.EOPNOTSUPP, to_say("it is an object in a store; expected a file of this machine"), str(self)
        )

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Say what it is: a file with its size and the time of its last change, or a directory."""
        del follow_symlinks
        return catalogue.status(self.address)

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Tell whether an object or a directory has its name. Newer Pythons would ask the file system, as below."""
        del follow_symlinks
        return self._mode() is not None

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Tell whether it is an object."""
        del follow_symlinks
        mode = self._mode()
        return mode is not None and stat.S_ISREG(mode)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Tell whether it is a directory."""
        del follow_symlinks
        mode = self._mode()
        return mode is not None and stat.S_ISDIR(mode)

    def _mode(self) -> int | None:
        try:
            return self.stat().st_mode
        except OSError:
            return None

    def iterdir(self) -> Iterator[StoredPath]:  # type: ignore[override]
        """List what lies directly in it."""
        yield from map(self.joinpath, catalogue.names(self.address))

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """Open it for reading, at any place of it."""
        if mode not in {"r", "rb"}:
            raise OSError(errno.EOPNOTSUPP, to_say("objects in a store are not written to"), str(self))
        raw = ObjectBytes(objects.opened(self.address))
        if mode == "rb" and not buffering:
            return raw  # type: ignore[return-value]
        file = io.BufferedReader(raw)
        return file if mode == "rb" else io.TextIOWrapper(file, encoding, errors, newline)

    def resolve(self, strict: bool = False) -> StoredPath:
        """Give it as it is: there are no links."""
        del strict
        return self

    def absolute(self) -> StoredPath:
        """Give it as it is."""
        return self

    def is_symlink(self) -> bool:
        """Say that it is none."""
        return False
