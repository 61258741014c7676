"""Clusters without one: tasks are done in this process, or in others, after everything was sent as bytes."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.tally.afar.by_tasks import ByTasks
from sla_audit.tally.afar.cluster import Done
from sla_audit.tally.afar.messages import SCHEMA, Message, as_rows, from_rows
from sla_audit.tally.afar.tasks import do, merged

ELSEWHERE = Path(os.sep)
"""A folder from which no relative path leads to a log."""


@dataclass(frozen=True)
class Elsewhere:
    """Does tasks in this process, one after the other in any order, and some of them twice, in another folder."""

    slots: int = 2
    seed: int = 0

    def run(self, work: bytes, tasks: Sequence[bytes], partitions: int, done: Done) -> Iterable[Message]:
        chance = random.Random(self.seed)
        order = chance.sample(range(len(tasks)), len(tasks))
        tables = []
        for position, number in enumerate(order):
            for _ in range(chance.choice([1, 2])):  # of what is done again, only one answer is taken
                table = did(work, tasks[number], number)
            tables.append(table)
            done(position + 1)
        return from_rows(shuffled(tables, partitions, chance, merge))

    def close(self) -> None:
        """Nothing is held."""


class Processes:
    """Does tasks in worker processes, which were started anew in another folder."""

    slots = 2

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self.slots, spawn, initializer=os.chdir, initargs=(ELSEWHERE,))

    def run(self, work: bytes, tasks: Sequence[bytes], partitions: int, done: Done) -> Iterable[Message]:
        futures = [self._pool.submit(did, work, task, number) for number, task in enumerate(tasks)]
        tables = [future.result() for future in futures]
        done(len(tasks))
        merge_there = lambda table: self._pool.submit(merge, table).result()  # noqa: E731
        return from_rows(shuffled(tables, partitions, random.Random(0), merge_there))

    def close(self) -> None:
        self._pool.shutdown()


def did(work: bytes, task: bytes, number: int) -> pa.Table:
    """Do a task in another folder, and give its messages as rows."""
    with chdir(ELSEWHERE):
        return pa.Table.from_batches(as_rows(do(work, task, number)), SCHEMA)


def merge(table: pa.Table) -> pa.Table:
    with chdir(ELSEWHERE):
        return pa.Table.from_batches(as_rows(merged(from_rows(table.to_batches()))), SCHEMA)


def shuffled(
    tables: Sequence[pa.Table], partitions: int, chance: random.Random, merge: Callable[[pa.Table], pa.Table]
) -> Iterator[pa.RecordBatch]:
    """Bring rows together by their keys, in any order, and merge them; or give them as they are."""
    rows = pa.concat_tables(tables)
    if not partitions:
        return iter(rows.to_batches())
    rows = rows.take(pa.array(chance.sample(range(len(rows)), len(rows))))
    places = pa.array([key % partitions for key in rows["key"].to_pylist()], pa.int64())
    parts = [merge(rows.filter(pc.equal(places, partition))) for partition in range(partitions)]
    return iter(pa.concat_tables(parts).to_batches())


def small_tasks(seed: int = 0) -> ByTasks:
    """Give an engine that has each part counted by a task of its own, and compares few rows at a time."""
    return ByTasks(Elsewhere(seed=seed), least_bytes=1, rows_together=3)


@contextmanager
def worker_processes() -> Iterator[ByTasks]:
    """Give an engine that has parts counted by other processes."""
    with closing(Processes()) as cluster:
        yield ByTasks(cluster, least_bytes=1, rows_together=3)
