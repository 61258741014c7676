"""What there is in stores: objects, and what they show as directories. Each is asked for once in a run."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage import objects
from sla_audit.storage.address import Address, refuse_unwritable
from sla_audit.storage.insisting import RefusedError, ShortError, insisting
from sla_audit.storage.stores import place_in, store_of

_FILE, _FOLDER = stat.S_IFREG | 0o444, stat.S_IFDIR | 0o555
_NANOSECONDS = 10**9
_MANY = 100
"""No store gives pages of fewer names, of which a later one might not come."""


@dataclass(frozen=True, slots=True)
class _Entry:
    is_folder: bool
    size: int = 0
    modified: int = 0
    """In nanoseconds since 1970."""


@dataclass(frozen=True)
class _Known:
    """What was found: at addresses, within directories, and which of these were listed with all below them."""

    entries: dict[Address, _Entry | None] = field(default_factory=dict)
    names: dict[Address, dict[str, None]] = field(default_factory=dict)
    whole: set[Address] = field(default_factory=set)

    def clear(self) -> None:
        for each in (self.entries, self.names, self.whole):
            each.clear()


_known = _Known()


def forget() -> None:
    """Begin anew."""
    _known.clear()


def status(address: Address) -> os.stat_result:
    """Say what is at an address, as of a file. Raises `FileNotFoundError` where nothing is."""
    entry = _entry(address)
    if entry is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(address))
    device, inode = address.numbers
    mode = _FOLDER if entry.is_folder else _FILE
    seconds = entry.modified / _NANOSECONDS
    times = (seconds, seconds, seconds)
    whole = tuple(map(int, times))
    in_nanoseconds = (entry.modified,) * 3
    return os.stat_result((mode, inode, device, 1, 0, 0, entry.size, *whole, *times, *in_nanoseconds))


def names(address: Address) -> list[str]:
    """List what lies directly in a directory. Raises `FileNotFoundError` where there is none."""
    if address not in _known.names:
        is_known_to_lack = address in _known.entries and _known.entries[address] is None
        if is_known_to_lack or _is_listed(address):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(address))
        _take(address, _listed(address, whole=False))
    return list(_known.names[address])


def list_whole(address: Address) -> None:
    """List a directory and all below it at once. Raises `FileNotFoundError` where there is none."""
    if not _is_listed(address):
        _take(address, _listed(address, whole=True))
        _known.whole.add(address)


def look_for_folders(addresses: Iterable[Address]) -> None:
    """Ask for many directories at a time; what is an object, or may not be listed, is taken for none."""
    unknown = [each for each in addresses if each not in _known.entries and not _is_listed(each)]
    for _ in objects.at_once(_look_for_folder, unknown):
        pass


def _look_for_folder(address: Address) -> None:
    found: list[Any] = []
    with suppress(RefusedError):  # of many around a directory, one may be nobody's business who may read this one
        found = _listed(address, whole=False, may_lack=True)
    _known.entries[address] = None
    if found:
        _take(address, found)


def _entry(address: Address) -> _Entry | None:
    if address not in _known.entries:
        _known.entries[address] = None if _is_listed(address) or not address.bucket else _asked_for(address)
    return _known.entries[address]


def _asked_for(address: Address) -> _Entry | None:
    """Ask for an object, which is opened by that; where there is none, for a directory."""
    if "/" in address.place:
        try:
            return _Entry(is_folder=False, size=objects.opened(address).size)
        except OSError:
            pass
    info = insisting(
        address, lambda: store_of(address, "listing").get_file_info(place_in(address)), to_say("cannot be looked for")
    )
    return _entry_of(info) if info.type.name in {"File", "Directory"} else None


def _entry_of(info: Any) -> _Entry:
    is_folder = info.type.name == "Directory"
    return _Entry(is_folder, 0 if is_folder else info.size, 0 if is_folder else info.mtime_ns or 0)


def _is_listed(address: Address) -> bool:
    """Tell whether a directory around an address was listed whole."""
    place, slash = address.place, "/"
    while slash and _known.whole:
        if Address(address.scheme, place) in _known.whole:
            return True
        place, slash, _ = place.rpartition("/")
    return False


def _listed(address: Address, *, whole: bool, may_lack: bool = False) -> list[Any]:
    from pyarrow import fs

    selector = fs.FileSelector(place_in(address), recursive=whole, allow_not_found=may_lack)

    def look() -> list[Any]:
        """List it: the library takes an answer without any content for the last page: many are asked for twice."""
        store = store_of(address, "listing")
        found: list[Any] = store.get_file_info(selector)
        again: list[Any] = found if len(found) < _MANY else store.get_file_info(selector)
        if len(again) < len(found):
            raise ShortError(Sentence("fewer names came than the {names:,} before", names=len(found)))
        return again

    return insisting(address, look, to_say("cannot be listed"))


def _take(address: Address, found: Iterable[Any]) -> None:
    """Take what was listed of a directory."""
    base = len(place_in(address)) + 1
    _known.entries[address] = _Entry(is_folder=True)
    _known.names.setdefault(address, {})
    for info in found:
        below = info.path[base:]
        if info.type.name == "File":  # the directories around it need not be asked of
            refuse_unwritable(f"{address}/{below}", below)
        elif {"", ".", ".."}.intersection(below.split("/")):
            continue
        *folders, name = below.split("/")
        at = address
        for folder in folders:
            _known.names.setdefault(at, {})[folder] = None
            at = at.within(folder)
            _known.entries.setdefault(at, _Entry(is_folder=True))
        _known.names.setdefault(at, {})[name] = None
        entry, at = _entry_of(info), at.within(name)
        before = _known.entries.setdefault(at, entry)
        if before is not None and before.is_folder != entry.is_folder:
            raise InputError(
                Problem(
                    str(at),
                    "is an object, and others lie below it as in a directory, so that a path names one or the other",
                    "Copy them to other keys.",
                )
            )
        _known.entries[at] = entry
