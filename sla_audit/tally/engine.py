"""The local engine: fragments over threads, one set of counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TypeVar

import polars as pl

from sla_audit.model.flags import FlagCount
from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.detect import Search, SecondLook, changed
from sla_audit.tally.dedup.reused_ids import Reused, Suspects
from sla_audit.tally.dedup.same_request import Ids, added_up, surplus
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.planner import Fragment, count_fragment
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.timeline import Timeline

_SECONDS_BETWEEN_LOOKS = 0.1
_IDS_AT_ONCE = 1 << 22
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

Progress = Callable[[int, int, int], None]
"""Told of every fragment that has been counted: its rows, its bytes, and the bytes of all; called from any thread."""


@dataclass(frozen=True)
class Count:
    """A tally, how many rows are not in it, and when the rows were.

    `outside_period` rows were passed over because they lie in months not asked for; `ids` has the duplicates. `flags`
    are those of all rows in the period, also of duplicates. `timelines` has one for each fragment, in the order of the
    fragments.
    """

    tally: Tally
    outside_period: int
    timelines: tuple[Timeline, ...]
    flags: tuple[FlagCount, ...] = ()
    ids: Ids = field(default_factory=Ids)


def count_all(
    fragments: Sequence[Fragment],
    grid: SlotGrid,
    jobs: int,
    period: tuple[int, int] | None = None,
    progress: Progress | None = None,
    *,
    everywhere: bool = False,
    every_time: bool = False,
) -> Count:
    """Count fragments, `jobs` at a time. The result depends neither on `jobs` nor on their order.

    Rows outside of `period` (half-open, microseconds since 1970) may be passed over, unless `everywhere`; they are
    never looked at for duplicates. For `every_time` see `planner.count_fragment`. Memory is a few batches for each job,
    the counters, and what `duplicates` says. The first failure, or an interrupt, stops all threads after the batch
    they are at.
    """
    kernel, search, flags = Kernel(grid), Search(fragments, period), FlagCounter(grid.zone, period)
    without_ids = [fragment for fragment in fragments if not fragment.has_request_ids]
    total_bytes = sum(fragment.bytes for fragment in fragments)

    timelines = {id(fragment): Timeline() for fragment in fragments}

    def work(fragment: Fragment, stop: threading.Event) -> int:
        passed, look = 0, search.first_look(fragment)
        asked, watch = None if everywhere else period, None if look is None else look.look
        timeline = timelines[id(fragment)]
        counting = count_fragment(fragment, kernel, grid, asked, timeline, watch, flags=flags, every_time=every_time)
        for rows in counting:
            passed += rows
            if stop.is_set():
                return passed
        if look is not None:
            look.end()
        if progress is not None:
            progress(fragment.read, fragment.bytes, total_bytes)
        return passed

    with closing(search.room):
        outside_period = sum(_on_threads(work, [*without_ids, *search.fragments], jobs))
        count = Count(_tally(kernel), outside_period, tuple(timelines.values()), flags.counts())
        return _without_duplicates(count, search, grid, jobs)


@dataclass(frozen=True)
class _Taken:
    """What some second looks would take out: the counts, of which ids at which times, and what the ids told."""

    looks: list[SecondLook]
    tally: Tally
    moments: pl.DataFrame
    ids: Ids


def _without_duplicates(count: Count, search: Search, grid: SlotGrid, jobs: int) -> Count:
    """Look a second time at what may be of one request, and take out what is not to be counted: see `same_request`.

    Where that would be something, a third look tells which ids are used at several times; if any are, the second is
    repeated without them. So many ids are looked for at a time that memory stays bounded.

    Raises `InputError` where the logs do not hold what was counted.
    """
    rest, ids, known = count.tally, Ids(), list[Hashes]()
    rounds = search.rounds()
    while (taken := _second_looks(rounds, grid, jobs)).looks:
        if taken.ids.duplicate:
            suspects = Suspects(taken.moments, search.period)
            _on_threads(suspects.look, search.fragments, jobs)
            reused = suspects.reused()
            if len(reused.numbers):
                taken = _second_looks(iter(taken.looks), grid, jobs, reused)
                new = reused.less(known)
                known.append(reused.numbers)
                ids += Ids(reused=int(new.rows.sum()), reused_ids=len(new.numbers))
        ids += taken.ids
        try:
            rest = rest.less(taken.tally) if taken.ids.duplicate else rest
        except ValueError as error:
            raise changed() from error
    return replace(count, tally=rest, ids=ids)


def _second_looks(looks: Iterator[SecondLook], grid: SlotGrid, jobs: int, reused: Reused | None = None) -> _Taken:
    """Take the next looks, of so many ids as may be held, and say what they would take out, but for `reused` ids."""
    done, again, moments, ids = list[SecondLook](), Kernel(grid), list[pl.DataFrame](), Ids()
    for look in looks:
        rows = added_up(_on_threads(look.look, look.fragments, jobs))
        found = surplus(rows if reused is None else reused.out_of(rows))
        again.count(found.rows, {})
        done.append(look)
        moments.append(found.moments)
        ids += found.ids
        if sum(map(len, moments)) >= _IDS_AT_ONCE:
            break
    return _Taken(done, _tally(again), pl.concat(moments) if moments else pl.DataFrame(), ids)


def _on_threads(work: Callable[[_Item, threading.Event], _Done], items: Iterable[_Item], jobs: int) -> list[_Done]:
    """Do some work for each item, `jobs` at a time, and give the results in the order of the items.

    Work is told by an event to stop early.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures: list[Future[_Done]] = [pool.submit(work, item, stop) for item in items]
        try:
            running: set[Future[_Done]] = set(futures)
            while running:
                # Waking up now and then lets Ctrl-C through: Polars restarts whatever a signal interrupts.
                done, running = wait(running, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _tally(kernel: Kernel) -> Tally:
    slot, account, outcome, requests = kernel.cells.counts()
    counts = pl.DataFrame({"account": account, "slot": slot, "outcome": outcome, "requests": requests})
    return Tally(kernel.accounts.frame(), kernel.slots.frame(), kernel.outcomes.frame(), counts)
