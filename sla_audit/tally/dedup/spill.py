"""Sorted numbers in bounded memory, and which of them come more than once."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, said_by, to_say

Hashes = npt.NDArray[np.uint64]

_MOST_HELD = 1 << 24
_AT_ONCE = 1 << 21
_FEW_RUNS = 4  # sorting anew costs less than merging more of them


class Run(NamedTuple):
    """Sorted numbers: in memory, or where in the temporary file they lie."""

    size: int
    held: Hashes | None
    start: int = 0


class SpillBuffer:
    """Keeps sorted numbers: in memory for as long as there is room, then in a temporary file, 8 bytes each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = _MOST_HELD
        self._file: BinaryIO | None = None
        self._written = 0
        self._mapped: Hashes = np.empty(0, np.uint64)

    def close(self) -> None:
        """Remove the temporary file, if there is one."""
        if self._file is not None:
            self._file.close()

    def keep(self, numbers: Hashes) -> Run:
        """Keep sorted numbers. Raises `InputError` where the disk has no room for them either."""
        size = len(numbers)
        with self._lock:
            if size <= self._free:
                self._free -= size
                return Run(size, numbers)
            try:
                left = memoryview(numbers.tobytes())
                while left:
                    left = left[self._opened().write(left) :]
            except OSError as error:
                remedy = to_say("Make room there, name another folder with TMPDIR, or give --keep-duplicates.")
                found = Sentence("no room to look for duplicates: {why}", why=said_by(error))
                raise InputError(Problem(tempfile.gettempdir(), found, remedy)) from error
            self._written += size
            return Run(size, None, self._written - size)

    def numbers(self, run: Run) -> Hashes:
        """Give the numbers that were kept."""
        if run.held is not None:
            return run.held
        with self._lock:
            if len(self._mapped) < self._written:
                self._mapped = np.memmap(self._opened(), np.uint64, "r", shape=(self._written,))
        return self._mapped[run.start : run.start + run.size]

    def drop(self, run: Run) -> None:
        """Give the memory of numbers back."""
        if run.held is not None:
            with self._lock:
                self._free += run.size

    def _opened(self) -> BinaryIO:
        """Give the temporary file, of which parts are mapped into memory: nobody can cut it, as it has no name."""
        if self._file is None:
            self._file = cast(BinaryIO, tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - closed with the room
        return self._file


def repeated(runs: Sequence[Hashes]) -> Iterator[Hashes]:
    """Yield the numbers that come more than once, sorted, each once; a share of all numbers is merged at a time."""
    shares = -(-sum(map(len, runs)) // _AT_ONCE)
    edges = np.array([share * (1 << 64) // shares for share in range(1, shares)], np.uint64)
    cuts = [[0, *np.searchsorted(run, edges).tolist(), len(run)] for run in runs]
    for share in range(shares):
        parts = [run[at[share] : at[share + 1]] for run, at in zip(runs, cuts, strict=True)]
        parts = [part for part in parts if len(part)]
        merged = np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else np.empty(0, np.uint64)
        if len(parts) > 1:
            merged.sort(kind="stable" if len(parts) <= _FEW_RUNS else None)
        again = merged[1:] == merged[:-1]
        if again.any():
            yield np.unique(merged[1:][again])
