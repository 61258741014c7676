"""Scanners for a run: made where loops can be compiled, and handed from one part of a log to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sla_audit.intake.scan.scanner import Scanner

_WORTH_WHILE = 64 << 20
"""Bytes of text from which on a run gains what it takes to load numba and the loops: some tenths of a second."""


def scanning(size: int, *, wanted: bool | None = None) -> Scanners | None:
    """Give scanners for a run over so many bytes of text, where that is worth while, or `wanted`, and can be."""
    if wanted is False or (wanted is None and size < _WORTH_WHILE) or find_spec("numba") is None:
        return None
    from sla_audit.intake.scan.compiled import CACHE

    return None if CACHE is None else Scanners()


class Scanners:
    """The scanners that nobody uses at the moment, by what they are made for; threads may share them."""

    def __init__(self) -> None:
        self._free: defaultdict[Any, list[Scanner | None]] = defaultdict(list)

    @contextmanager
    def one(self, key: Any, make: Callable[[], Scanner | None]) -> Iterator[Scanner | None]:
        """Lend a scanner that was made for the same, or a new one."""
        free = self._free[key]
        try:
            scanner = free.pop()
        except IndexError:
            scanner = make()
        yield scanner
        free.append(scanner)
