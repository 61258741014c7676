"""The bytes of a text file, unpacked where its suffix says that it is packed.

A file that is not what its suffix says is named for what it is: the decoder's complaint would not tell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.bytes.rotation import unrotated
from sla_audit.intake.bytes.unpacking import Packing, unpacked_stream
from sla_audit.intake.log_formats import BY_SUFFIX
from sla_audit.sentence import Sentence, as_phrase, to_say

_PACKINGS: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd"}

_BYTES_A_LOOK = 512
_FEW_BYTES = 4  # a file so short may be the first bytes of any kind, cut


@dataclass(frozen=True)
class _Kind:
    """A kind of file that is no text: how it begins, what it is called, and what to do with it."""

    begins: re.Pattern[bytes]
    name: str
    remedy: str


_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
_UNPACK = to_say("Unpack it, and give the file in it.")
_KINDS = (
    _Kind(re.compile(rb"\x1f\x8b"), "gzip", to_say("Rename it, so that it ends with {suffix}.gz.")),
    _Kind(_ZSTD, "zstd", to_say("Rename it, so that it ends with {suffix}.zst.")),
    _Kind(re.compile(rb"PAR1\x15"), "Parquet", to_say("Rename it, so that it ends with .parquet.")),
    _Kind(re.compile(rb"PK(\x03\x04|\x05\x06)"), to_say("a zip archive or a workbook"), _UNPACK),
    _Kind(re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)"), "bzip2", _UNPACK),
    _Kind(re.compile(rb"\xfd7zXZ\x00"), "xz", _UNPACK),
    _Kind(re.compile(rb".{257}ustar", re.DOTALL), to_say("a tar archive"), _UNPACK),
)


def packing_of(path: Path) -> Packing | None:
    """Tell by its suffix what a file is packed with, if anything."""
    return _PACKINGS.get(_suffix(unrotated(path.name)))


def packing_in(head: bytes) -> Packing | None:
    """Tell by its first bytes what a file is packed with, if anything that can be unpacked."""
    kind = _kind(head)
    return None if kind is None else next((each for each in _PACKINGS.values() if each == kind.name), None)


def suffix_unpacked(path: Path) -> str:
    """Give the suffix that says what a file holds: the last but those that say how it is packed, and rotated."""
    name = unrotated(path.name)
    suffix = _suffix(name)
    return _suffix(unrotated(name[: -len(suffix)])) if suffix in _PACKINGS else suffix


def _suffix(name: str) -> str:
    """Give the suffix of a name, as pathlib has it: there may be many names."""
    at = name.rfind(".")
    return name[at:].lower() if 0 < at < len(name) - 1 else ""


@contextmanager
def unpacked(planned: PlannedFile) -> Iterator[io.BufferedReader[Any]]:
    """Open a text file for reading its planned bytes, unpacked: all members of a gzip file, all frames of a zstd file.

    Raises `InputError` for a file that is not what its suffix says and, when they are read, for packed bytes that are
    cut, damaged or followed by anything else; and as `PlannedFile.open` does.
    """
    path = planned.path
    where, packing = path.as_posix(), packing_of(path)
    with planned.open() as file:
        head = file.peek(_BYTES_A_LOOK)
        if packing is None or not head:
            _refuse_other_kinds(path, head, packed=False)
            yield file
            return
        kind = _kind(head)
        if len(head) >= _FEW_BYTES and (kind is None or kind.name != packing):
            name = to_say("plain text or damaged") if kind is None else kind.name
            remedy = to_say("Rename it, so that it ends with {suffix}, or copy it again.")
            raise InputError(
                Problem(
                    where,
                    Sentence(
                        "is not packed with {packing}, as its suffix says: it is {found}",
                        packing=packing,
                        found=as_phrase(name),
                    ),
                    Sentence(remedy if kind is None else kind.remedy, suffix=suffix_unpacked(path)),
                )
            )
        with unpacked_stream(file, packing, where) as text:
            _refuse_other_kinds(path, text.peek(_BYTES_A_LOOK), packed=True)
            yield text


def kind_of(planned: PlannedFile) -> str | None:
    """Name the kind of a file that is no text, as far as its first bytes tell."""
    with planned.open() as file:
        kind = _kind(file.read(_BYTES_A_LOOK))
    return None if kind is None else kind.name


def _kind(head: bytes) -> _Kind | None:
    return next((kind for kind in _KINDS if kind.begins.match(head)), None)


def _refuse_other_kinds(path: Path, head: bytes, *, packed: bool) -> None:
    kind = _kind(head)
    if kind is not None:
        suffix = suffix_unpacked(path)
        said = BY_SUFFIX.get(suffix)
        text = (
            to_say("unpacks to {found}, not {expected}, as its suffix says")
            if packed
            else to_say("holds {found}, not {expected}, as its suffix says")
        )
        expected = said.title if said is not None and said.is_text else "text"
        found = Sentence(text, found=as_phrase(kind.name), expected=as_phrase(expected))
        remedy = _UNPACK if packed else kind.remedy
        raise InputError(Problem(path.as_posix(), found, Sentence(remedy, suffix=suffix)))
