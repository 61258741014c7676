"""The slots of a batch of counts, which lie together: a tally is in the order of its slots."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.model.tally import SLOT

Numbers = npt.NDArray[np.int64]


class SlotRuns(NamedTuple):
    """Stretches of rows of one slot each: its edges in microseconds, and the `first` row. A slot may come again."""

    starts_at: Numbers
    ends_at: Numbers
    first: Numbers

    def slots(self) -> list[tuple[int, int]]:
        """Give the slot of each run."""
        return list(zip(self.starts_at.tolist(), self.ends_at.tolist(), strict=True))


def slot_runs(batch: pa.RecordBatch) -> SlotRuns:
    """Find the runs of a batch that has the columns of `model.SLOT`, without nulls."""
    starts_at, ends_at = (batch.column(name).cast(pa.int64()).to_numpy() for name in SLOT)
    changes = (starts_at[1:] != starts_at[:-1]) | (ends_at[1:] != ends_at[:-1])
    first = np.flatnonzero(np.append(batch.num_rows > 0, changes))
    return SlotRuns(starts_at[first], ends_at[first], first)
