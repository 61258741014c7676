"""How much memory the columns of a file take when they are read, told from the headers of their pages.

Values are unpacked page by page, and come in batches. A few kilobytes may say a page of gigabytes, or one long value in each
of a million rows: batches are made so short that they stay small, and what is too large for that is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from sla_audit.limits import MOST_LINE_BYTES
from sla_audit.parquet.dictionary_page import dictionary_values
from sla_audit.parquet.front_coded import expanded
from sla_audit.parquet.pages import Pages
from sla_audit.parquet.thrift import UnsoundError

MOST_PAGES_BYTES = 96 << 20
"""One page of each column that is read and its dictionary, unpacked, together: writers make pages of one megabyte."""

MOST_BATCH_BYTES = 64 << 20
"""The values of a batch, of all columns."""

_MOST_ROWS = 1 << 21
_COPIES = 3  # of a dictionary: as it was unpacked, as Arrow keeps it, and as it is read
_BYTES_A_CODE = 4
_BYTES_OF_AN_ITEM = 16  # of a list: its value, its level and its share of the list

_Numbers = npt.NDArray[np.int64]


def rows_at_once(
    file: BinaryIO, columns: Mapping[str, Sequence[Pages]], coded: Collection[str], most: Mapping[str, int]
) -> int:
    """Say how many rows may be read at once, of columns whose pages are given row group by row group.

    `coded` columns of text come as dictionaries; of some, a value may have so many bytes at `most`. Raises `UnsoundError`
    where even few rows would take too much.
    """
    held = {name: max(map(_held, pages)) for name, pages in columns.items() if pages}
    if sum(held.values()) > MOST_PAGES_BYTES:
        name = max(held, key=held.__getitem__)
        found = f"a page of column {name!r} takes {held[name]} bytes when it is unpacked"
        together = f"those of all columns may take {MOST_PAGES_BYTES >> 20} MB; write it with smaller pages"
        raise UnsoundError(f"{found}; {together}")
    loads = [
        _Load(file, pages, coded=name in coded, most=most.get(name, MOST_LINE_BYTES)) for name, pages in columns.items()
    ]
    rows = _MOST_ROWS
    while rows > 1 and sum(load.of(rows) for load in loads) > MOST_BATCH_BYTES:
        rows //= 2
    return rows


def _held(pages: Pages) -> int:
    return pages.largest + _COPIES * pages.dictionary_bytes


class _Load:
    """What the rows of one column take."""

    def __init__(self, file: BinaryIO, groups: Sequence[Pages], *, coded: bool, most: int) -> None:
        self._rows = np.concatenate([np.array(pages.rows, np.int64) for pages in groups] or [np.zeros(0, np.int64)])
        self._begins = np.cumsum(self._rows) - self._rows
        self._a_row, sizes = 0, list[_Numbers]()
        for pages in groups:
            self._a_row = max(self._a_row, self._fixed(file, pages, coded=coded, most=most))
            sizes.append(_sizes(file, pages, most))
        self._behind = np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes]))

    def of(self, rows: int) -> int:
        """Give the bytes that so many rows take at most, wherever they begin."""
        if not len(self._rows):
            return 0
        rows = min(rows, int(self._rows.sum()))
        last = np.searchsorted(self._begins, self._begins + self._rows - 1 + rows)
        return rows * self._a_row + int((self._behind[last] - self._behind[:-1]).max())

    @staticmethod
    def _fixed(file: BinaryIO, pages: Pages, *, coded: bool, most: int) -> int:
        """Give the bytes that each row takes, whatever the sizes of the pages."""
        leaf = pages.chunk.leaf
        if leaf.repeats:
            items = sum(pages.rows) * (leaf.width or _BYTES_OF_AN_ITEM)
            if items > MOST_BATCH_BYTES or sum(pages.sizes) > MOST_BATCH_BYTES:
                raise UnsoundError(f"column {leaf.name!r} holds lists of {sum(pages.rows)} values in one row group")
            return _BYTES_OF_AN_ITEM
        if leaf.width is not None:
            return leaf.width
        if leaf.physical == "BOOLEAN":
            return 1
        longest = _longest(file, pages, most)
        return _BYTES_A_CODE if coded else _BYTES_A_CODE + longest


def _longest(file: BinaryIO, pages: Pages, most: int) -> int:
    """Give the bytes of the longest text of a dictionary, which any row may have; or a number above that."""
    if not pages.any_codes or pages.dictionary is None:
        return 0
    size = pages.dictionary_bytes
    if size <= most and size * min(sum(pages.rows), _MOST_ROWS) <= MOST_BATCH_BYTES:
        return size
    values = dictionary_values(file, pages)
    longest = size if values is None else max(map(len, values), default=0)
    if longest > most:
        raise too_long(pages.chunk.leaf.name, longest, most)
    return longest


def too_long(name: str, found: int, most: int) -> UnsoundError:
    """Say that a value is too long."""
    return UnsoundError(f"column {name!r} has a value of {found} bytes; at most {most} are read")


def _sizes(file: BinaryIO, pages: Pages, most: int) -> _Numbers:
    """Give what the values of each page take together, where they are texts that are written one by one."""
    sizes = np.array(pages.sizes, np.int64)
    if pages.chunk.leaf.width is not None or pages.chunk.leaf.physical == "BOOLEAN":
        return np.zeros_like(sizes)
    for number, page in pages.front_coded.items():
        longest, sizes[number] = expanded(file, pages.chunk, page)
        if longest > most:
            raise too_long(pages.chunk.leaf.name, longest, most)
    return sizes
