"""The local engine: fragments over threads, one set of counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import polars as pl

from sla_audit.tally.kernel import Kernel
from sla_audit.tally.model import Tally
from sla_audit.tally.planner import Fragment, count_fragment
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.timeline import Timeline

_SECONDS_BETWEEN_LOOKS = 0.1

Progress = Callable[[int, int, int], None]
"""Told of every fragment that has been counted: its rows, its bytes, and the bytes of all; called from any thread."""


@dataclass(frozen=True)
class Count:
    """A tally, how many rows were passed over because they lie in months not asked for, and when the rows were.

    `timelines` has one for each fragment, in the order of the fragments.
    """

    tally: Tally
    outside_period: int
    timelines: tuple[Timeline, ...]


def count_all(
    fragments: Sequence[Fragment],
    grid: SlotGrid,
    jobs: int,
    period: tuple[int, int] | None = None,
    progress: Progress | None = None,
    *,
    every_time: bool = False,
) -> Count:
    """Count fragments, `jobs` at a time. The result depends neither on `jobs` nor on their order.

    `period` is half-open, in microseconds since 1970; for `every_time` see `planner.count_fragment`. Memory is a few
    batches for each job, and the counters. The first failure, or an interrupt, stops all threads after the batch they
    are at.
    """
    kernel = Kernel(grid)
    stop = threading.Event()
    total_bytes = sum(fragment.bytes for fragment in fragments)

    timelines = tuple(Timeline() for _ in fragments)

    def work(fragment: Fragment, timeline: Timeline) -> int:
        passed = 0
        for rows in count_fragment(fragment, kernel, grid, period, timeline, every_time=every_time):
            passed += rows
            if stop.is_set():
                return passed
        if progress is not None:
            progress(fragment.read, fragment.bytes, total_bytes)
        return passed

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures: list[Future[int]] = [pool.submit(work, *each) for each in zip(fragments, timelines, strict=True)]
        try:
            running: set[Future[int]] = set(futures)
            while running:
                # Waking up now and then lets Ctrl-C through: Polars restarts whatever a signal interrupts.
                done, running = wait(running, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return Count(_tally(kernel), sum(future.result() for future in futures), timelines)


def _tally(kernel: Kernel) -> Tally:
    slot, account, outcome, requests = kernel.cells.counts()
    codes = {"account": account, "slot": slot, "outcome": outcome}
    counts = pl.DataFrame({name: values.astype("uint32") for name, values in codes.items()} | {"requests": requests})
    return Tally(kernel.accounts.frame(), kernel.slots.frame(), kernel.outcomes.frame(), counts)
