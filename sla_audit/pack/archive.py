"""A claim pack as a folder or a `.zip`: written alike each time, and read with care.

The zip holds its files as they are, not deflated: what deflates differs from one library to the next, and a pack has
the same bytes everywhere. So no pack is larger unpacked than packed, either.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sla_audit.errors import InputError, Problem, cannot_be_read, refuse
from sla_audit.limits import MOST_PACK_BYTES, MOST_PACK_FILES
from sla_audit.pack.manifest import AGREEMENT, ANSWERED, FACTS, LETTER, MANIFEST, REPORT, ROWS, SEAL
from sla_audit.sentence import Sentence, said_by, to_say

_NO_DAY = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_UNIX = 3
_REMEDY = to_say("Give the folder or the .zip that sla-audit claim pack made.")


_TOLD_BY = frozenset({AGREEMENT, ANSWERED, FACTS, LETTER, MANIFEST, REPORT, ROWS, SEAL})
_ENOUGH = 3  # one may be gone, and a folder of logs may have a manifest too

_LOOKED_AT = 1000

_DAMAGED = (zipfile.BadZipFile, OSError, RuntimeError, EOFError, LookupError, ArithmeticError, ValueError, struct.error)
"""What the library raises for bytes in memory that are no sound zip."""


class UnsoundPackError(InputError):
    """What should be a pack is none, or not as it was written."""


class Pack(NamedTuple):
    """A pack that was read: the name of its folder, its files, and the whole of the zip that it was read from."""

    folder: str
    files: Mapping[str, bytes]
    zipped: bytes | None


def zip_of(folder: str, files: Mapping[str, bytes]) -> bytes:
    """Write files as a zip with a folder in it; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(_entry(f"{folder}/{name}"), files[name])
    return made.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_DAY)
    entry.external_attr = (stat.S_IFREG | _MODE) << 16
    entry.create_system = _UNIX
    return entry


def looks_packed(path: Path) -> bool:
    """Tell whether a folder or a `.zip` is meant as a pack, sound or not: it has some files that are named as a pack's.

    Whatever cannot be looked at is none, but for a `.zip` that is damaged.
    """
    try:
        if path.is_dir():
            return sum((path / name).is_file() for name in _TOLD_BY) >= _ENOUGH
        if path.suffix.lower() != ".zip" or not path.is_file() or path.stat().st_size > MOST_PACK_BYTES:
            return False
        with zipfile.ZipFile(path) as archive:
            return len({name.rpartition("/")[2] for name in archive.namelist()} & _TOLD_BY) >= _ENOUGH
    except zipfile.BadZipFile:
        return True
    except _DAMAGED:
        return False


def packs_in(path: Path) -> list[Path]:
    """List some of the packs that lie in a folder, where they were made; none where it cannot be looked at."""
    try:
        with os.scandir(path) as entries:
            folders = sorted(Path(each.path) for each in islice(entries, _LOOKED_AT) if each.is_dir())
    except (OSError, ValueError):
        return []
    return [each for each in folders if looks_packed(each)]


def read_pack(path: Path) -> Pack:
    """Read a pack. Raises `UnsoundPackError` for what is none: too large, too many files, files that lie elsewhere.

    Raises another `InputError` where there is nothing to read.
    """
    where = path.as_posix()
    try:
        if path.exists():
            return _from_folder(path, where) if path.is_dir() else _from_zip(path, where)
    except InputError as error:
        raise UnsoundPackError(*error.problems) from error
    except (OSError, ValueError) as error:
        raise InputError(cannot_be_read(where, error, _REMEDY)) from error
    raise InputError(Problem(where, "is not there", _REMEDY))


def _from_folder(path: Path, where: str) -> Pack:
    with os.scandir(path) as entries:
        listed = sorted((entry for _, entry in zip(range(MOST_PACK_FILES + 1), entries, strict=False)), key=_name)
    odd = [entry.name for entry in listed if not entry.is_file(follow_symlinks=False)]
    refuse(Problem(f"{where}/{name}", "is no plain file, and no pack holds others", _REMEDY) for name in odd)
    refuse(_too_much(where, len(listed), sum(entry.stat(follow_symlinks=False).st_size for entry in listed)))
    files: dict[str, bytes] = {}
    left = MOST_PACK_BYTES
    for entry in listed:
        with Path(entry.path).open("rb") as file:
            files[entry.name] = file.read(left + 1)
        left -= len(files[entry.name])
        refuse(_too_much(where, len(listed), MOST_PACK_BYTES - left))
    return Pack(path.resolve().name, files, None)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _from_zip(path: Path, where: str) -> Pack:
    if not path.is_file():
        raise InputError(Problem(where, "is neither a folder nor a file", _REMEDY))
    refuse(_too_much(where, 1, path.stat().st_size))
    with path.open("rb") as file:
        content = file.read(MOST_PACK_BYTES + 1)
    refuse(_too_much(where, 1, len(content)))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            refuse(_too_much(where, len(entries), sum(entry.file_size for entry in entries)))
            refuse(_odd(entries, where))
            files = {entry.filename.partition("/")[2]: archive.read(entry) for entry in entries}
    except _DAMAGED as error:
        raise InputError(
            Problem(where, Sentence("is no zip, or a damaged one: {why}", why=said_by(error)), _REMEDY)
        ) from error
    return Pack(entries[0].filename.partition("/")[0] if entries else "", files, content)


def _odd(entries: list[zipfile.ZipInfo], where: str) -> Iterator[Problem]:
    folders = {entry.filename.partition("/")[0] for entry in entries}
    if len(folders) != 1:
        yield Problem(where, "has files of no folder, or of several", _REMEDY)
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        yield Problem(where, "has a file twice", _REMEDY)
    for entry in entries:
        name = entry.filename.partition("/")[2]
        if not name or "/" in name or "\\" in name or name in {".", ".."} or entry.filename.startswith("."):
            yield Problem(
                where, Sentence("has {file!r:.200}, which is no file of its folder", file=entry.filename), _REMEDY
            )
        elif entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            what = Sentence("has {file!r:.200} packed, as sla-audit claim pack does not", file=entry.filename)
            yield Problem(where, what, "Unpack it, and verify the folder.")


def _too_much(where: str, files: int, size: int) -> Iterator[Problem]:
    if files > MOST_PACK_FILES:
        yield Problem(where, Sentence("has more than {most} files, which no pack has", most=MOST_PACK_FILES), _REMEDY)
    if size > MOST_PACK_BYTES:
        yield Problem(where, Sentence("has more than {most:,} bytes, which no pack has", most=MOST_PACK_BYTES), _REMEDY)
