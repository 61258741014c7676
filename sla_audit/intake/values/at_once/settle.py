"""Columns of text that are settled by a few patterns, which are learnt from their values as these come.

Logs write a time, or a number, alike in all rows but for its digits and the names in it. So one value tells where each
part stands, and all that are the same around these parts are read by arithmetic. What no pattern settles is left to be
read one by one: the patterns only have to be right in what they take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.values.at_once.alike import Bytes, Rows, Texts

_ROWS_AT_ONCE = 1 << 15  # so many that the processor's cache holds what is made of them
_LONGEST = 64  # bytes
_MOST_PATTERNS = 64
_SAMPLES = 8  # of each length, of so many rows at once

Numbers = npt.NDArray[np.int64]
NONE = np.iinfo(np.int64).min
"""What stands for no number at all."""


class Pattern(Protocol):
    """Where each part stands in texts of one length."""

    @property
    def local(self) -> bool:
        """Whether what it reads lacks a zone, and is read in that of the contract."""
        ...

    def read(self, values: Bytes) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """Read values of its length, and tell which of them it settles."""
        ...


Learn = Callable[[str], Pattern | None]
"""Finds the pattern of a text in ASCII; None where it has none."""


@dataclass
class Settled:
    """The numbers of a column, `NONE` where there is none, and whether some lacked a zone.

    The rows that are `left` are to be read one by one.
    """

    numbers: Numbers
    local: bool = False
    left: Rows = field(default_factory=lambda: np.empty(0, np.int64))


def settle(column: pa.Array, learn: Learn) -> Settled:
    """Read a column of text by the patterns of some of its values."""
    texts, rows = Texts.of(column), len(column)
    found, known = Settled(np.full(rows, NONE)), dict[int, list[Pattern]]()
    left = [found.left]
    for first in range(0, rows, _ROWS_AT_ONCE):
        end = min(first + _ROWS_AT_ONCE, rows)
        other = np.ones(end - first, np.bool_) if texts.null is None else ~texts.null[first:end]
        for at, length in texts.by_length(first, end, _LONGEST):
            other[at - first] = False
            alike = _Alike(texts.bytes_of(at, length), at)
            _by_patterns(alike, known.setdefault(length, []), learn, found)
            left.append(alike.rows)
        left.append(np.flatnonzero(other) + first)
    found.left = np.sort(np.concatenate(left))
    return found


@dataclass
class _Alike:
    """Values of one length that are not settled yet, and their rows."""

    values: Bytes
    rows: Rows

    def sample(self, part: float) -> str:
        """Give one of them, the one after such a part of all; those that are no ASCII make no sense."""
        return self.values[:, int(part * len(self.rows))].tobytes().decode("latin-1")

    def settle(self, pattern: Pattern, found: Settled) -> bool:
        """Settle those that a pattern takes; tell whether there were any."""
        numbers, taken = pattern.read(self.values)
        if taken.all():
            found.numbers[self.rows] = numbers
            self.values, self.rows = self.values[:, :0], self.rows[:0]
        elif taken.any():
            found.numbers[self.rows[taken]] = numbers[taken]
            rest = np.flatnonzero(~taken)
            self.values, self.rows = self.values.take(rest, axis=1), self.rows.take(rest)
        else:
            return False
        found.local |= pattern.local
        return True


def _by_patterns(alike: _Alike, known: list[Pattern], learn: Learn, found: Settled) -> None:
    """Settle values by the patterns of their length that are known, and by some that become so."""
    for pattern in known:
        if not len(alike.rows):
            return
        alike.settle(pattern, found)
    for at in range(_SAMPLES):
        if not len(alike.rows) or len(known) >= _MOST_PATTERNS:
            return
        sample = alike.sample((at + 0.5) / _SAMPLES)
        new = learn(sample) if sample.isascii() else None
        if new is not None and alike.settle(new, found):
            known.append(new)


def one_by_one(column: pa.Array, found: Settled, read: Callable[[Any], tuple[int | None, bool]]) -> None:
    """Read what is left, once for each distinct value: its number, if any, and whether it lacked a zone."""
    if not len(found.left):
        return
    encoded = column.take(pa.array(found.left)).dictionary_encode()
    meanings = [read(value) for value in encoded.dictionary.to_pylist()]
    table = np.array([NONE if number is None else number for number, _ in meanings], np.int64)
    found.numbers[found.left] = table[encoded.indices.to_numpy()]
    found.local |= any(local for _, local in meanings)
    found.left = found.left[:0]
