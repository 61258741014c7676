"""How much memory the columns of a file take when they are read, told from the headers of their pages.

Values are unpacked page by page, and come in batches. A few kilobytes may say a page of gigabytes, or one long value in
each of a million rows: batches are made so short that they stay small, and what is too large for that is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from sla_audit.limits import MOST_BATCH_BYTES, MOST_LINE_BYTES, MOST_PAGES_BYTES, MOST_TABLE_BYTES
from sla_audit.parquet.dictionary_page import longest_text
from sla_audit.parquet.footer import footer_of
from sla_audit.parquet.front_coded import expanded
from sla_audit.parquet.pages import Pages, pages_of
from sla_audit.parquet.thrift import UnsoundError
from sla_audit.sentence import Sentence, to_say

_MOST_ROWS, _FEWEST_ROWS = 1 << 21, 1 << 10
_COPIES = 3  # of a dictionary: as it was unpacked, as Arrow keeps it, and as it is read
_BYTES_A_CODE = 4
_BYTES_OF_AN_ITEM = 16  # of a list: its levels, and its share of the list

_Numbers = npt.NDArray[np.int64]


def rows_at_once(
    file: BinaryIO, columns: Mapping[str, Sequence[Pages]], coded: Collection[str], most: Mapping[str, int]
) -> int:
    """Say how many rows may be read at once, of columns whose pages are given row group by row group.

    `coded` columns of text come as dictionaries; a value of some may have so many bytes at `most`. Raises
    `UnsoundError` where even few rows would take too much.
    """
    held = {name: max(map(_held, pages)) for name, pages in columns.items() if pages}
    if sum(held.values()) > MOST_PAGES_BYTES:
        raise _too_large(
            to_say("a page of column {name!r} takes {bytes} bytes when it is unpacked"), held, MOST_PAGES_BYTES
        )
    loads = _loads(file, columns, coded, most)
    rows = _MOST_ROWS
    while sum(load.of(rows) for load in loads.values()) > MOST_BATCH_BYTES:
        rows //= 2
        if rows < _FEWEST_ROWS:
            found = {name: load.of(rows) for name, load in loads.items()}
            raise _too_large(
                to_say("{rows} rows of column {name!r} may take {bytes} bytes"), found, MOST_BATCH_BYTES, rows
            )
    return rows


def refuse_large(path: Path) -> None:
    """Raise `UnsoundError` for a file that is read whole, and takes too much memory or is none that Arrow can read."""
    footer = footer_of(path)
    with path.open("rb", buffering=0) as file:
        columns = {
            leaf.name: [pages_of(file, footer.chunk(group, at)) for group in footer.groups]
            for at, leaf in enumerate(footer.leaves)
        }
        rows_at_once(file, columns, (), {})
        found = {name: load.of(footer.rows) for name, load in _loads(file, columns, (), {}).items()}
    if sum(found.values()) > MOST_TABLE_BYTES:
        raise _too_large(to_say("column {name!r} may take {bytes} bytes"), found, MOST_TABLE_BYTES)


def _too_large(what: str, found: Mapping[str, int], most: int, rows: int | None = None) -> UnsoundError:
    """Say which column takes the most of what all may take together."""
    name = max(found, key=found.__getitem__)
    return UnsoundError(
        Sentence(
            "{what}; all columns may take {most} MB; write it with smaller pages or shorter values",
            what=Sentence(what, name=name, bytes=found[name], rows=rows),
            most=most >> 20,
        )
    )


def _held(pages: Pages) -> int:
    return pages.largest + _COPIES * pages.dictionary_bytes


def _loads(
    file: BinaryIO, columns: Mapping[str, Sequence[Pages]], coded: Collection[str], most: Mapping[str, int]
) -> dict[str, _Load]:
    return {
        name: _Load(file, pages, coded=name in coded, most=most.get(name, MOST_LINE_BYTES))
        for name, pages in columns.items()
        if any(each.rows for each in pages)
    }


class _Load:
    """What the rows of one column take. Of lists, it is never known where a row begins: they count as a whole."""

    def __init__(self, file: BinaryIO, groups: Sequence[Pages], *, coded: bool, most: int) -> None:
        self._rows = np.concatenate([np.array(pages.rows, np.int64) for pages in groups])
        self._begins = np.cumsum(self._rows) - self._rows
        self._whole = groups[0].chunk.leaf.repeats
        self._most = most
        self._a_row = max(_fixed(file, pages, coded=coded, most=most) for pages in groups)
        sizes = [_sizes(file, pages, most) for pages in groups]
        self._behind = np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes]))

    def of(self, rows: int) -> int:
        """Give the bytes that so many rows take at most, wherever they begin."""
        every = int(self._rows.sum())
        if self._whole or rows >= every:
            return every * self._a_row + int(self._behind[-1])
        last = np.searchsorted(self._begins, self._begins + self._rows - 1 + rows)
        texts = int((self._behind[last] - self._behind[:-1]).max())
        return rows * self._a_row + min(texts, rows * self._most)


def _fixed(file: BinaryIO, pages: Pages, *, coded: bool, most: int) -> int:
    """Give the bytes that each value takes, whatever the sizes of the pages."""
    leaf = pages.chunk.leaf
    more = _BYTES_OF_AN_ITEM if leaf.repeats else 0
    if leaf.width is not None:
        return more + leaf.width
    if leaf.physical == "BOOLEAN":
        return more + 1
    return more + _BYTES_A_CODE + (0 if coded else _longest(file, pages, most))


def _longest(file: BinaryIO, pages: Pages, most: int) -> int:
    """Give the bytes of the longest text of a dictionary, which any row may have; or a number above that."""
    if not pages.any_codes or pages.dictionary is None:
        return 0
    size = pages.dictionary_bytes
    if size <= most and size * min(sum(pages.rows), _MOST_ROWS) <= MOST_BATCH_BYTES:
        return size
    found = longest_text(file, pages)
    longest = size if found is None else found
    if longest > most:
        raise _too_long(pages.chunk.leaf.name, longest, most)
    return longest


def _too_long(name: str, found: int, most: int) -> UnsoundError:
    """Say that a value is too long."""
    return UnsoundError(
        Sentence(
            "column {name!r} has a value of {found} bytes; at most {most} are read", name=name, found=found, most=most
        )
    )


def _sizes(file: BinaryIO, pages: Pages, most: int) -> _Numbers:
    """Give what the values of each page take together, where they are texts that are written one by one."""
    sizes = np.array(pages.sizes, np.int64)
    if pages.chunk.leaf.width is not None or pages.chunk.leaf.physical == "BOOLEAN":
        return np.zeros_like(sizes)
    for number, page in pages.front_coded.items():
        longest, sizes[number] = expanded(file, pages.chunk, page)
        if longest > most:
            raise _too_long(pages.chunk.leaf.name, longest, most)
    return sizes
