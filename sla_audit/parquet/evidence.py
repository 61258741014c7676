"""Whether the pages of a column bear out what the footer says of its values.

A bit that is flipped in the footer makes other bounds, and no checksum is of the footer. So bounds and nulls are
believed only where what lies elsewhere in the file says the same: the dictionary, which is all that its codes can stand
for; the statistics in the headers of the pages; or the index of the pages.

SECURITY. What is left: a writer, or somebody who changes a file with intent, may say the same wrong thing in all of
these. Such a file is counted as it says, and otherwise by a reader that decodes the column. Whoever can do that can
write wrong rows as well; `--no-statistics` decodes everything. Of times, only that all lie in one slot or outside of
the period is taken from here; of other columns, only that they have one value.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from sla_audit.parquet.dictionary_page import dictionary_values
from sla_audit.parquet.footer import Bounds, Chunk, Statistics, bounds_of, read_at
from sla_audit.parquet.pages import Pages
from sla_audit.parquet.thrift import BINARY, I64, TRUE, UnsoundError, list_key, read_struct

_MOST_INDEX_BYTES = 1 << 20
_FEW_VALUES = 64


def borne_out(file: BinaryIO, pages: Pages) -> bool:
    """Tell whether something apart from the footer says that its nulls and its bounds are right.

    If not, look at the values: what says otherwise need not be right either, as an index may cut long texts, and a
    dictionary have values of no row.
    """
    chunk = pages.chunk
    said = chunk.statistics
    if said is None or said.nulls is None or chunk.leaf.repeats:
        return False
    claimed, nulls, bounds = bounds_of(said, chunk.leaf), pages.nulls, pages.bounds
    if nulls is None or (bounds is None and nulls != chunk.values):
        of_index = _index(file, chunk)
        nulls = of_index[0] if nulls is None else nulls
        bounds = of_index[1] if bounds is None else bounds
    if nulls != said.nulls:
        return False
    if nulls == chunk.values or claimed is None:
        return nulls == chunk.values and claimed is None
    few = pages.dictionary is not None and pages.dictionary.values <= _FEW_VALUES
    if pages.has_codes and (few or bounds is None):
        bounds = _bounds_of_dictionary(file, pages)
    return bounds is not None and claimed[0] <= bounds[0] and bounds[1] <= claimed[1]


def _bounds_of_dictionary(file: BinaryIO, pages: Pages) -> Bounds | None:
    """Give the bounds of a dictionary; None where it has none, or many texts."""
    page, leaf = pages.dictionary, pages.chunk.leaf
    if page is None or not page.values:
        return None
    whole = leaf.physical in {"INT32", "INT64"}
    if page.values > _FEW_VALUES and not whole:
        return None
    values = dictionary_values(file, pages)
    if values is None:
        return None
    if whole:
        numbers = np.frombuffer(b"".join(values), "<i4" if leaf.width == 4 else "<i8")
        return int(numbers.min()), int(numbers.max())
    texts = list(values)
    return min(texts), max(texts)


def _index(file: BinaryIO, chunk: Chunk) -> tuple[int | None, Bounds | None]:
    """Give the nulls and the bounds that the index of the pages says; None for each that it does not say."""
    if chunk.index is None:
        return None, None
    place, size = chunk.index
    if place < 0 or not 0 < size <= _MOST_INDEX_BYTES:
        return None, None
    try:
        said, _ = read_struct(read_at(file, place, size))
    except UnsoundError:
        return None, None
    empty: list[bool] = said.get(list_key(1, TRUE), [])
    least, most = (said.get(list_key(number, BINARY), []) for number in (2, 3))
    counts: list[int] = said.get(list_key(5, I64), [])
    if not empty or not len(empty) == len(least) == len(most):
        return None, None
    bounds: Bounds | None = None
    for nothing, low, high in zip(empty, least, most, strict=True):
        here: Any = None if nothing else bounds_of(Statistics(low, high, None), chunk.leaf)
        if here is not None:
            bounds = here if bounds is None else (min(bounds[0], here[0]), max(bounds[1], here[1]))
    return sum(counts) if len(counts) == len(empty) else None, bounds
