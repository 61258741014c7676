"""What is done elsewhere: parts are counted, or looked at once more, and what many tell is merged.

A task is some parts, and its answer one message; what is told besides is merged by keys. Nothing of it depends on how
parts were put together to tasks, nor on which of them were done twice because a machine went away.
"""

from __future__ import annotations

import pickle
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from sla_audit.errors import InputError, Problem
from sla_audit.model.flags import FlagCount
from sla_audit.model.tally import Tally
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.tally.afar.messages import BYTES_A_PIECE, Message
from sla_audit.tally.afar.sending import Files, There
from sla_audit.tally.afar.versions import without_versions
from sla_audit.tally.dedup.detect import Again, FirstLook, Part, Period, repeats, twice_at_most
from sla_audit.tally.dedup.placed import REQUESTS, Rows
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Stretches
from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.planner import Ask, Fragment, FragmentCount, count_fragment

ANSWER, TALLY, HASHES, REPEATED, SEEN = "answer", "tally", "hashes", "repeated", "seen"
_BITS = 64
_PACKAGE = __name__.partition(".")[0]


class Work(Protocol):
    """What is done with the parts of a task; it is sent once, and tasks take it with them."""

    def of(self, parts: Any, number: int, there: There) -> Iterator[Message]:
        """Do it with the parts of a task, by its number, and tell what comes of it."""
        ...


def do(work: bytes, parts: bytes, number: int) -> Iterator[Message]:
    """Do a task that was sent, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="sla-audit-") as folder:
        there = There(Path(folder))
        try:
            asked: Work = there.receive(without_versions(work))
        except InputError as error:
            yield Message(number, ANSWER, number, there.send(Answer({}, failure=Failure(number, error))))
        else:
            yield from asked.of(there.receive(parts), number, there)


class Failure(NamedTuple):
    """Why a part could not be read, with its number: whoever started the run raises that of the first."""

    part: int
    error: Exception


@dataclass(frozen=True)
class Answer:
    """What a task told of its parts, each by its number, and what it put away; or why it could not be done.

    So many `hashes` went to be merged.
    """

    told: dict[int, Any]
    flags: tuple[FlagCount, ...] = ()
    hashes: int = 0
    files: Files | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class ToCount:
    """A fragment by its number; with request ids also by that among those (see `detect.Search`), and its first time."""

    number: int
    fragment: Fragment
    part: int | None
    earliest: int | None


@dataclass(frozen=True)
class Counting:
    """Counts fragments, and tells the hashes of their requests, by stretches of time and `shares` of all hashes.

    There are 2 to the power of `share_bits` shares; the tallies of so many tasks are added up in each of `groups`.
    """

    ask: Ask
    stretches: Stretches
    share_bits: int
    groups: int

    def of(self, parts: Sequence[ToCount], number: int, there: There) -> Iterator[Message]:
        """Count fragments: see `Work.of`."""
        kernel, flags = self.ask.kernel(), FlagCounter(self.ask.grid.zone, self.ask.period)
        gathered, looks = Gathered(kernel), _Told(self.stretches, self.ask.period, self.share_bits)
        counted, failure = dict[int, FragmentCount](), None
        for each in parts:
            try:
                counted[each.number] = _count(each, gathered, self.ask, flags, looks)
            except Exception as error:  # as a value: a cluster does again what fails
                failure = Failure(each.number, _to_be_told(error, there))
                break
            yield from looks.take()
        key = -1 - number % self.groups
        if failure is None:
            try:
                gathered.flush()
            except InputError as error:
                failure = Failure(parts[-1].number, error)
        if failure is None:
            yield Message(key, TALLY, number, pickle.dumps(kernel.tally()))
        answer = Answer(counted, flags.counts(), looks.hashes, there.take(), failure)
        yield Message(key, ANSWER, number, there.send(answer))


@dataclass(frozen=True)
class LookingAgain:
    """Looks once more at parts that have been counted."""

    again: Again[Any]

    def of(self, parts: Sequence[tuple[int, Part]], number: int, there: There) -> Iterator[Message]:
        """Ask it of parts, each by its number among all that are asked: see `Work.of`."""
        told, failure = dict[int, Any](), None
        for position, part in parts:
            try:
                told[position] = self.again.of(part, None, _never)
            except Exception as error:  # as a value: a cluster does again what fails
                failure = Failure(position, _to_be_told(error, there))
                break
        yield Message(number, ANSWER, number, there.send(Answer(told, failure=failure)))


def merged(messages: Iterable[Message]) -> Iterator[Message]:
    """Merge all messages that have some keys: tallies are added up, and of hashes those told that come again.

    How many hashes were seen is told too: that none went astray on the way.
    """
    tallies = defaultdict[int, list[Tally]](list)
    runs = defaultdict[int, list[tuple[int, Hashes]]](list)
    for message in messages:
        if message.kind == TALLY:
            tallies[message.key].append(pickle.loads(message.payload))  # noqa: S301 - our own workers wrote it
        elif message.kind == HASHES:
            runs[message.key].append((message.number, np.frombuffer(message.payload, np.uint64)))
        else:
            yield message
    for key, some in tallies.items():
        yield Message(key, TALLY, key, pickle.dumps(Tally.merge(some)))
    for key, of_parts in runs.items():
        yield Message(key, SEEN, key, pickle.dumps(sum(len(run) for _, run in of_parts)))
        for number, found in enumerate(repeats(of_parts)):
            yield Message(key, REPEATED, number, pickle.dumps(found))


class _Told:
    """Takes what first looks at parts give, as messages of which each has the hashes of one key: a `FirstLooks`."""

    def __init__(self, stretches: Stretches, period: Period | None, share_bits: int) -> None:
        self.stretches = stretches
        self.period = period
        self._bits = share_bits
        shares = np.arange(1, 1 << share_bits, dtype=np.uint64)
        self._edges = shares << np.uint64(_BITS - share_bits) if share_bits else shares
        self._messages: list[Message] = []
        self.hashes = 0
        """How many have been told."""

    def keep(self, part: int, stretch: int, rows: Rows) -> None:
        """Keep the hashes of a part in a stretch."""
        found = twice_at_most(np.sort(rows[REQUESTS]))
        self.hashes += len(found)
        for share, some in enumerate(np.split(found, np.searchsorted(found, self._edges))):
            key = (stretch << self._bits) + share
            for block in range(0, some.nbytes, BYTES_A_PIECE):
                payload = some.tobytes()[block : block + BYTES_A_PIECE]
                self._messages.append(Message(key, HASHES, part, payload))

    def end(self, part: int, rows: int, *, placed: bool) -> None:
        """Take a part as read: how many rows it has, the account says."""

    def take(self) -> list[Message]:
        """Take the messages that have come together."""
        taken, self._messages = self._messages, []
        return taken


def _count(each: ToCount, gathered: Gathered, ask: Ask, flags: FlagCounter, looks: _Told) -> FragmentCount:
    look = None if each.part is None else FirstLook(looks, each.part, each.earliest, placed=False)
    found = count_fragment(each.fragment, gathered, ask, flags, None if look is None else look.look)
    if look is not None:
        look.end(found.account.rows)
    return found


def _to_be_told(error: Exception, there: There) -> Exception:
    """Give what is to be told of a failure as a value; raise what is for the cluster to do again, or a bug."""
    if isinstance(error, InputError):
        return there.as_given(error)
    if isinstance(error, OSError):
        where = Sentence("the machine {machine}", machine=socket.gethostname())
        found = Sentence("has failed to count: {why}", why=said_by(error))
        return InputError(Problem(where, found, to_say("Mend it, and run this again.")))
    if type(error).__module__.partition(".")[0] == _PACKAGE:
        return error
    raise error


def _never() -> bool:
    return False
