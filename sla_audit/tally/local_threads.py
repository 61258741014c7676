"""The local engine: fragments over threads, one set of counters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from sla_audit.system.portions import in_portions
from sla_audit.tally.dedup.detect import Look, Search
from sla_audit.tally.engine import Count, Progress
from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.looking_again import looked_again
from sla_audit.tally.planner import Ask, Fragment, FragmentCount, count_fragment

_SECONDS_BETWEEN_LOOKS = 0.1
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
        kernel, search, flags = ask.kernel(), Search(fragments, ask.period), FlagCounter(ask.grid.zone, ask.period)
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
                tally=kernel.tally(),
                outside_period=sum(found.outside_period for found in in_order),
                accounts=tuple(found.account for found in in_order),
                timelines=tuple(found.timeline for found in in_order),
                flags=flags.counts(),
            )
            return looked_again(count, fragments, search, ask, self._looks)

    def close(self) -> None:
        """Give back what it holds, which is nothing between two counts."""

    def _looks(self, look: Look[_Done]) -> list[_Done]:
        return _on_threads(lambda part, stop: look.look(part, stop.is_set), look.parts, self.jobs)


def _units(order: Sequence[int], sizes: Sequence[int], jobs: int) -> Iterator[list[int]]:
    """Collect small fragments, by their numbers, that one thread counts one after the other; the others stay alone.

    Each thread has several of these, if there are enough fragments.
    """
    most = min(_FRAGMENTS_A_UNIT, len(order) // (_UNITS_A_THREAD * jobs))
    return in_portions(order, lambda number: sizes[number], _BYTES_A_UNIT, most)


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
