"""Files that are copies of others under other names: byte for byte, or packed."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.intake.fingerprint import fingerprint
from sla_audit.intake.packed import PACKED_SUFFIXES
from sla_audit.intake.sources import Source


def copies(said: Mapping[Path, Mapping[str, str | None]]) -> dict[Path, Path]:
    """Give each file that is a copy of an earlier one, and that one. Only files of the same size are read.

    Each file comes with what its path says in place of columns: where that differs, they are other requests.
    """
    found: dict[Path, Path] = {}
    for alike in _groups(((path.stat().st_size, tuple(columns.items())), path) for path, columns in said.items()):
        for same in _groups((fingerprint(path), path) for path in alike):
            for first, other in combinations(same, 2):
                if first not in found and other not in found and filecmp.cmp(first, other, shallow=False):
                    found[other] = first
    return found


def packed_twice(sources: Sequence[Source]) -> Iterator[Problem]:
    """Say which files stand beside a packed file of the same name, which is most likely the same log."""
    paths = {source.path for source in sources}
    for path in sorted(paths):
        if path.suffix.lower() in PACKED_SUFFIXES and path.with_suffix("") in paths:
            unpacked = path.with_suffix("").as_posix()
            found = f"stands beside {unpacked}, which would be the same log counted twice"
            yield Problem(path.as_posix(), found, "Leave one of them out, or rename it where it is another log.")


def _groups(keyed: Iterable[tuple[object, Path]]) -> Iterator[list[Path]]:
    """Collect the files that share a key, where there are several, in the order in which they come."""
    groups: dict[object, list[Path]] = {}
    for key, path in keyed:
        groups.setdefault(key, []).append(path)
    return (paths for paths in groups.values() if len(paths) > 1)
