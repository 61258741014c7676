"""The local engine: fragments over threads, one set of counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

import polars as pl

from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.detect import Search, SecondLook, changed
from sla_audit.tally.dedup.reused_ids import Reused, Suspects
from sla_audit.tally.dedup.same_request import Ids, added_up, surplus
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.engine import Count, Progress
from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.planner import Ask, Fragment, FragmentCount, count_fragment

_SECONDS_BETWEEN_LOOKS = 0.1
_IDS_AT_ONCE = 1 << 22
_BYTES_A_UNIT, _FRAGMENTS_A_UNIT, _UNITS_A_THREAD = 1 << 20, 64, 8
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


@dataclass(frozen=True)
class LocalThreads:
    """Counts `jobs` fragments at a time. Memory is a few batches for each, the counters, and what duplicates take.

    The first failure, or an interrupt, stops all threads after the batch they are at.
    """

    jobs: int = 1

    def count(self, fragments: Sequence[Fragment], ask: Ask, progress: Progress | None = None) -> Count:
        """Count fragments: see `engine.Engine.count`."""
        kernel, search, flags = Kernel(ask.grid), Search(fragments, ask.period), FlagCounter(ask.grid.zone, ask.period)
        total_bytes = sum(fragment.bytes for fragment in fragments)

        def count_one(number: int, gathered: Gathered, stop: threading.Event) -> FragmentCount:
            fragment, look = fragments[number], search.first_look(number)
            watch = None if look is None else look.look
            found = count_fragment(fragment, gathered, ask, flags, watch, stop.is_set)
            if stop.is_set():
                return found
            if look is not None:
                look.end(found.account.rows)
            if progress is not None:
                progress(found.account, fragment.bytes, total_bytes)
            return found

        def work(numbers: Sequence[int], stop: threading.Event) -> dict[int, FragmentCount]:
            gathered = Gathered(kernel)
            counted = {number: count_one(number, gathered, stop) for number in numbers if not stop.is_set()}
            gathered.flush()
            return counted

        with closing(search.room):
            units = list(_units(search.order, [fragment.bytes for fragment in fragments], self.jobs))
            counted = dict(each for unit in _on_threads(work, units, self.jobs) for each in unit.items())
            in_order = [counted[number] for number in range(len(fragments))]
            count = Count(
                tally=_tally(kernel),
                outside_period=sum(found.outside_period for found in in_order),
                accounts=tuple(found.account for found in in_order),
                timelines=tuple(found.timeline for found in in_order),
                flags=flags.counts(),
            )
            return _without_duplicates(count, search, ask, self.jobs)


@dataclass(frozen=True)
class _Taken:
    """What some second looks would take out: the counts, of which ids at which times, and what the ids told.

    Of rows that are asked for, `listed` has each.
    """

    looks: list[SecondLook]
    tally: Tally
    moments: pl.DataFrame
    ids: Ids
    listed: list[pl.DataFrame]


def _without_duplicates(count: Count, search: Search, ask: Ask, jobs: int) -> Count:
    """Look a second time at what may be of one request, and take out what is not to be counted: see `same_request`.

    Where that would be something, a third look tells which ids are used at several times; if any are, the second is
    repeated without them. So many ids are looked for at a time that memory stays bounded.

    Raises `InputError` where the logs do not hold what was counted.
    """
    rest, ids, known, duplicates = count.tally, Ids(), list[Hashes](), [count.duplicates]
    rounds = search.rounds()
    while (taken := _second_looks(rounds, ask, jobs)).looks:
        if taken.ids.duplicate:
            suspects = Suspects(taken.moments, search)
            _on_threads(suspects.look, suspects.parts, jobs)
            reused = suspects.reused()
            if len(reused.numbers):
                taken = _second_looks(iter(taken.looks), ask, jobs, reused)
                new = reused.less(known)
                known.append(reused.numbers)
                ids += Ids(reused=int(new.rows.sum()), reused_ids=len(new.numbers))
        ids += taken.ids
        duplicates += taken.listed
        try:
            rest = rest.less(taken.tally) if taken.ids.duplicate else rest
        except ValueError as error:
            raise changed() from error
    return replace(count, tally=rest, ids=ids, duplicates=pl.concat(duplicates))


def _second_looks(looks: Iterator[SecondLook], ask: Ask, jobs: int, reused: Reused | None = None) -> _Taken:
    """Take the next looks, of so many ids as may be held, and say what they would take out, but for `reused` ids."""
    done, again, ids = list[SecondLook](), Kernel(ask.grid), Ids()
    moments, listed = list[pl.DataFrame](), list[pl.DataFrame]()
    for look in looks:
        rows = added_up(_on_threads(look.look, look.parts, jobs))
        found = surplus(rows if reused is None else reused.out_of(rows))
        again.count(found.rows, {})
        done.append(look)
        moments.append(found.moments)
        listed.append(found.listed.filter(pl.col("account_id").is_in(sorted(ask.listed))))
        ids += found.ids
        if sum(map(len, moments)) >= _IDS_AT_ONCE:
            break
    return _Taken(done, _tally(again), pl.concat(moments) if moments else pl.DataFrame(), ids, listed)


def _units(order: Sequence[int], sizes: Sequence[int], jobs: int) -> Iterator[list[int]]:
    """Collect small fragments, by their numbers, that one thread counts one after the other; the others stay alone.

    Each thread has several of these, if there are enough fragments.
    """
    most = min(_FRAGMENTS_A_UNIT, len(order) // (_UNITS_A_THREAD * jobs))
    unit, held = list[int](), 0
    for number in order:
        if unit and (len(unit) >= most or held + sizes[number] > _BYTES_A_UNIT):
            yield unit
            unit, held = [], 0
        unit.append(number)
        held += sizes[number]
    if unit:
        yield unit


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
