"""The local engine: logs over threads, partial tallies added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from sla_audit.tally.kernel import count
from sla_audit.tally.model import Tally
from sla_audit.tally.slots import SlotGrid

Batches = Callable[[], Iterable[pa.RecordBatch]]
"""A log that yields its batches, canonical as `kernel.count` takes them, when it is called."""


def count_all(logs: Sequence[Batches], grid: SlotGrid, jobs: int) -> Tally:
    """Count many logs, `jobs` at a time. The result does not depend on `jobs`, nor on their order."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            return Tally.merge(pool.map(lambda log: count(log(), grid), logs))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
