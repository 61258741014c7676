"""The engine that has tasks done by a cluster: parts are sent, and what they come to is added up here."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, to_say
from sla_audit.system.portions import in_portions
from sla_audit.tally.afar.cluster import Cluster, Done
from sla_audit.tally.afar.messages import Message
from sla_audit.tally.afar.sending import Here
from sla_audit.tally.afar.tasks import ANSWER, SEEN, TALLY, Answer, Counting, Failure, LookingAgain, ToCount, Work
from sla_audit.tally.afar.versions import with_versions
from sla_audit.tally.dedup.detect import Look, Repeats, Search
from sla_audit.tally.engine import Count, Progress
from sla_audit.tally.flags import added_up
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.looking_again import looked_again
from sla_audit.tally.planner import Ask, Fragment, FragmentCount
from sla_audit.tally.spelt import as_batch

_TASKS_A_SLOT = 3
_MOST_BYTES = 128 << 20  # of a task, if not of one part
_TASKS_A_GROUP = 16
_BYTES_A_ROW = 100  # of a text, about
_MOST_TOGETHER = 1 << 20
_MOST_IDS = 1 << 20
_Told = TypeVar("_Told")
_Part = TypeVar("_Part")


@dataclass(frozen=True)
class _Nothing:
    """An account of no rows."""

    rows: int = 0
    one_by_one: int = 0


@dataclass(frozen=True)
class ByTasks:
    """Counts by tasks of a cluster. Memory is the tally, the account of each part, and what duplicates take.

    Parts that are to be read where the run was started, since they are few and hold no rows, are counted there. Of
    several failures, that of the first part is raised, once all tasks are done.

    A task has `least_bytes` of the logs, where they are not fewer; about `rows_together` are compared at a time.
    """

    cluster: Cluster
    least_bytes: int = 4 << 20
    rows_together: int = 1 << 22

    def count(self, fragments: Sequence[Fragment], ask: Ask, progress: Progress | None = None) -> Count:
        """Count fragments: see `engine.Engine.count`."""
        here = [number for number, fragment in enumerate(fragments) if fragment.stays]
        local = LocalThreads().count([fragments[number] for number in here], ask, progress)
        kernel, search = ask.kernel(), Search(fragments, ask.period)
        kernel.count(as_batch(local.tally), {})
        with closing(search.room):
            sent = [number for number, fragment in enumerate(fragments) if not fragment.stays]
            answers = self._count_sent({number: fragments[number] for number in sent}, ask, search, kernel, progress)
            counted = {number: found for answer in answers for number, found in answer.told.items()}
            outside_period = local.outside_period + sum(found.outside_period for found in counted.values())
            found_here = map(FragmentCount, local.accounts, local.timelines)
            counted |= dict(zip(here, found_here, strict=True))
            count = Count(
                tally=kernel.tally(),
                outside_period=outside_period,
                accounts=tuple(counted[number].account for number in range(len(fragments))),
                timelines=tuple(counted[number].timeline for number in range(len(fragments))),
                flags=added_up([*local.flags, *(flag for answer in answers for flag in answer.flags)]),
            )
            return looked_again(count, fragments, search, ask, self._looks, _MOST_IDS)

    def close(self) -> None:
        """Give back what the cluster holds."""
        self.cluster.close()

    def _count_sent(
        self, sent: Mapping[int, Fragment], ask: Ask, search: Search, kernel: Kernel, progress: Progress | None
    ) -> list[Answer]:
        """Have fragments counted, by their numbers, and add up what comes of them in the search and the kernel."""
        parts = [
            ToCount(number, each, part, None if part is None or each.times is None else each.times[0])
            for number, each in sent.items()
            for part in [search.part_of(number)]
        ]
        if not parts:
            return []
        tasks = self._tasks(parts, lambda each: each.fragment.bytes)
        bits, partitions = self._shares(
            [each.fragment for each in parts if each.part is not None], len(search.stretches)
        )
        again, seen = defaultdict[int, list[Repeats]](list), list[int]()

        def take(message: Message) -> None:
            found = pickle.loads(message.payload)  # noqa: S301 - those who work for the run wrote it
            if message.kind == TALLY:
                kernel.count(as_batch(found), {})
            elif message.kind == SEEN:
                seen.append(found)
            else:
                again[message.key >> bits].append(found)

        groups = -(-len(tasks) // _TASKS_A_GROUP)
        work = Counting(ask, search.stretches, bits, groups)
        answers = self._run(
            work, tasks, partitions + (groups if groups > 1 else 0), take, _Share(progress, parts, tasks)
        )
        if sum(seen) != sum(answer.hashes for answer in answers):
            raise _astray()
        for stretch, repeated in again.items():
            search.take(stretch, _together(repeated))
        for answer in answers:
            for number, found in answer.told.items():
                part = search.part_of(number)
                if part is not None:
                    search.took(part, found.account.rows)
        return answers

    def _looks(self, look: Look[_Told]) -> list[_Told]:
        parts = list(enumerate(look.parts))
        tasks = self._tasks(parts, lambda each: each[1].fragment.bytes)
        answers = self._run(LookingAgain(look.again), tasks, 0, _surprised, lambda _: None)
        told = {position: each for answer in answers for position, each in answer.told.items()}
        return [told[position] for position, _ in parts]

    def _run(
        self, work: Work, tasks: Sequence[Any], partitions: int, take: Callable[[Message], None], done: Done
    ) -> list[Answer]:
        """Have tasks done, and give their answers; others `take` what is told besides."""
        here, answers, failures = Here(), list[Answer](), list[Failure]()
        if not tasks:
            return answers
        sent = with_versions(here.send(work))
        for message in self.cluster.run(sent, list(map(here.send, tasks)), partitions, done):
            if message.kind != ANSWER:
                take(message)
                continue
            answer: Answer = here.receive(message.payload)
            here.put(answer.files or {})
            answers.append(answer)
            if answer.failure is not None:
                failures.append(answer.failure)
        if failures:
            raise min(failures, key=lambda failure: failure.part).error
        return answers

    def _tasks(self, parts: Sequence[_Part], size_of: Callable[[_Part], int]) -> list[list[_Part]]:
        """Put parts that follow each other together, so many bytes in a task."""
        share = sum(map(size_of, parts)) // (_TASKS_A_SLOT * self.cluster.slots)
        return list(in_portions(parts, size_of, min(max(share, self.least_bytes), _MOST_BYTES)))

    def _shares(self, with_ids: Sequence[Fragment], stretches: int) -> tuple[int, int]:
        """Say in how many shares hashes are told apart, by bits, and in how many partitions they are compared.

        There are none of the latter where no part has request ids.
        """
        rows = sum(part.bytes // _BYTES_A_ROW if part.rows is None else part.rows for part in with_ids)
        partitions = -(-rows // self.rows_together) if rows else len(with_ids[:1])
        return max(0, (partitions - 1) // stretches).bit_length(), partitions


class _Share:
    """Turns tasks that have been done into bytes that have been counted, about, and at the end into rows."""

    def __init__(self, progress: Progress | None, parts: Sequence[ToCount], tasks: Sequence[Sequence[ToCount]]) -> None:
        self._progress = progress
        self._total = sum(part.fragment.bytes for part in parts)
        self._tasks = len(tasks)
        self._told = 0

    def __call__(self, done: int) -> None:
        """Tell how many bytes more have been counted, by how many tasks are done."""
        counted = self._total * done // self._tasks
        if self._progress is not None and counted > self._told:
            self._progress(_Nothing(), counted - self._told, self._total)
            self._told = counted


def _together(repeated: Sequence[Repeats]) -> Iterator[Repeats]:
    """Put what comes more than once in a stretch together, so many numbers at a time."""
    for some in in_portions(repeated, lambda each: len(each.numbers), _MOST_TOGETHER):
        numbers = np.sort(np.concatenate([each.numbers for each in some]))
        yield Repeats(numbers, frozenset[int]().union(*(each.parts for each in some)))


def _astray() -> InputError:
    """Say that what was merged is not what tasks told: one was done again, and came to something else."""
    found = to_say("lost a part of what its tasks told")
    return InputError(Problem(Sentence("the cluster"), found, to_say("Run this again once all its machines are well.")))


def _surprised(message: Message) -> None:
    raise RuntimeError(f"a message of the kind {message.kind!r} where only answers were expected")
