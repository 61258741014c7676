"""Scanners for a run: made where loops can be compiled, and handed from one part of a log to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sla_audit.intake.scan.kept import folder, is_compiled, note_compiled

if TYPE_CHECKING:
    from sla_audit.intake.scan.scanner import Scanner

WORTH_LOADING = 200 << 20
"""Bytes of text from which on a run gains what it takes to load numba and loops that are compiled: half a second."""

WORTH_COMPILING = 2 << 30
"""Likewise where they must be compiled first, which takes five to ten seconds for each format."""


def scanning(size: int, *, wanted: bool | None = None) -> Scanners | None:
    """Give scanners for a run over so many bytes of text, where that is worth while, or `wanted`, and can be."""
    if wanted is False or (wanted is None and size < WORTH_LOADING) or find_spec("numba") is None:
        return None
    return None if folder() is None else Scanners(wanted=bool(wanted) or size >= WORTH_COMPILING)


class Scanners:
    """The scanners that nobody uses at the moment, by what they are made for; threads may share them.

    There are some for the formats whose loops are compiled or, where they are `wanted`, for all. Sent to another
    process, they are none of these, but such as make new ones there.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._free: defaultdict[Hashable, list[Scanner | None]] = defaultdict(list)
        self._wanted = wanted
        self._noted: set[str] = set()

    def __reduce__(self) -> tuple[Callable[[bool], Scanners], tuple[bool]]:
        """Send what tells for which formats there are some."""
        return _scanners, (self._wanted,)

    def are_for(self, loops: str) -> bool:
        """Tell whether there are some for a format."""
        return self._wanted or loops in self._noted or is_compiled(loops)

    @contextmanager
    def one(self, loops: str, key: Hashable, make: Callable[[], Scanner | None]) -> Iterator[Scanner | None]:
        """Lend a scanner for a format that was made for the same, or a new one. Raises `OSError` where none is kept."""
        free = self._free[loops, key]
        try:
            scanner = free.pop()
        except IndexError:
            scanner = make()
        yield scanner
        free.append(scanner)
        if scanner is not None and loops not in self._noted:
            note_compiled(loops)
            self._noted.add(loops)


def _scanners(wanted: bool) -> Scanners:
    return Scanners(wanted=wanted)
