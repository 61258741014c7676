"""Numbers of 64 bits for what columns say in rows: the same for the same, hardly ever the same for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.tally.dedup.same_request import id_hashes
from sla_audit.tally.dedup.spill import Hashes

_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_NOTHING = np.uint64(0x5851_F42D_4C95_7F2D)


def numbers_of_rows(
    batch: pa.RecordBatch, known: Mapping[str, Any], name: str, positions: npt.NDArray[np.int64]
) -> Hashes:
    """Give a number for what a text column says in some rows of a batch, as `kernel.Kernel` takes these."""
    if name in known or name not in batch.schema.names:
        return numbers_of(pa.array([known.get(name)], pa.string())).repeat(len(positions))
    column = batch.column(name)
    if not pa.types.is_dictionary(column.type):
        return numbers_of(column.take(pa.array(positions)))
    values = np.append(numbers_of(column.dictionary), _NOTHING)
    indices = column.indices
    if indices.null_count:
        indices = indices.fill_null(len(values) - 1)
    found: Hashes = values.take(indices.to_numpy()[positions])
    return found


def numbers_of(texts: pa.Array) -> Hashes:
    """Give a number for each text, and one for null."""
    numbers = id_hashes(texts)
    if texts.null_count:
        numbers = np.where(texts.is_null().to_numpy(zero_copy_only=False), _NOTHING, numbers)
    return numbers


def mixed(numbers: Sequence[Hashes]) -> Hashes:
    """Make one number of those of several columns."""
    found = numbers[0]
    for number in numbers[1:]:
        found = (found ^ (found >> np.uint64(29))) * _ODD ^ number
    return found
