"""Columns of text, a table of bytes for values of one length: the first byte of all of them, then the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.values.text import edges_of

Bytes = npt.NDArray[np.uint8]
"""A row for each place in a text, a column for each text."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """The bytes of a column of text, where each value begins in them, how long it is, and which are null, if any."""

    data: Bytes
    begins: npt.NDArray[np.integer[Any]]
    lengths: npt.NDArray[np.integer[Any]]
    null: npt.NDArray[np.bool_] | None

    @classmethod
    def of(cls, column: pa.Array) -> Self:
        """Take a column without copying it."""
        edges, data = edges_of(column), column.buffers()[2]
        null = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
        held = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
        return cls(held, edges[:-1], np.diff(edges), null)

    def by_length(self, first: int, end: int, longest: int) -> Iterator[tuple[Rows, int]]:
        """Give the rows of a stretch that have a value, those of one length together; not empty, `longest` at most."""
        lengths = self.lengths[first:end]
        least, most = int(lengths.min()), int(lengths.max())
        if least == most and self.null is None:
            if 0 < least <= longest:
                yield np.arange(first, end), least
            return
        lengths = np.minimum(lengths, longest + 1)
        if self.null is not None:
            lengths = np.where(self.null[first:end], 0, lengths)
        for length in (np.flatnonzero(np.bincount(lengths)[1 : longest + 1]) + 1).tolist():
            yield np.flatnonzero(lengths == length) + first, length

    def bytes_of(self, rows: Rows, length: int) -> Bytes:
        """Give the bytes of some rows, of which each has so many."""
        first, last = int(rows[0]), int(rows[-1])
        begin, end = int(self.begins[first]), int(self.begins[last]) + length
        if end - begin == len(rows) * length:  # one after the other: no row between them has a byte
            values = self.data[begin:end].reshape(len(rows), length)
        else:
            at = np.ndarray((len(self.data) - length + 1,), f"V{length}", self.data, strides=(1,))
            values = at[self.begins[rows]].view(np.uint8).reshape(len(rows), length)
        return np.ascontiguousarray(values.T)


def number(digits: Bytes) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Put together the number that rows of digits, from 0 to 9, make: of at most 19 of them, in as few bits as do."""
    width = len(digits)
    if width > 9:
        upper: npt.NDArray[np.uint64] = number(digits[:-9]).astype(np.uint64)
        return upper * np.uint64(10**9) + number(digits[-9:]).astype(np.uint64)
    kind = np.uint8 if width <= 2 else np.uint16 if width <= 4 else np.uint32
    total: npt.NDArray[np.unsignedinteger[Any]] = digits[0].astype(kind)
    for digit in digits[1:]:
        total *= kind(10)
        total += digit
    return total
