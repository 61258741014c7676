"""Batches of few rows, counted together: the kernel takes about as long for a thousand rows as for fifty thousand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from sla_audit.model.tally import OUTCOME, REQUESTS
from sla_audit.tally.kernel import Kernel

_FEW_ROWS = 1 << 14
_ROWS_AT_ONCE = 1 << 16
_COUNTED = ("timestamp", "account_id", *OUTCOME)


class Gathered:
    """Hands batches on to a kernel, small ones when there are enough of them; it is not shared, and `flush` ends it.

    Those are counted together that have the same columns, and of which the same is known.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._held: list[pa.RecordBatch] = []
        self._known: Mapping[str, Any] = {}
        self._rows = 0

    def count(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        """Count a batch as `Kernel.count` does, now or later."""
        names = batch.schema.names
        if batch.num_rows > _FEW_ROWS or REQUESTS in names:
            self._kernel.count(batch, known)
            return
        counted = batch.select([name for name in _COUNTED if name in names])
        if self._held and not (known == self._known and counted.schema.equals(self._held[0].schema)):
            self.flush()
        self._known = known
        self._held.append(counted)
        self._rows += batch.num_rows
        if self._rows >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Count what is held."""
        held, self._held, self._rows = self._held, [], 0
        for batch in _joined(held):
            self._kernel.count(batch, self._known)


def _joined(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Make one batch of several; they stay as they are where Arrow cannot make one dictionary of theirs."""
    try:
        return [pa.concat_batches(batches)] if len(batches) > 1 else batches
    except pa.ArrowInvalid:  # a null in one of them, or too many values for the codes
        return batches
