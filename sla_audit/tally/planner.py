"""What is counted: a part of a log, read anywhere, and of it only what statistics do not answer already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.model.tally import CLIENT
from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.intervals.kept import KeptSteps
from sla_audit.tally.intervals.may_fail import MayFail
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.owners import Owners
from sla_audit.tally.repeats.asked import Repeating
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.timeline import Span, Timeline, in_one_quarter


class Account(Protocol):
    """What became of the rows of a fragment."""

    @property
    def rows(self) -> int:
        """How many were read."""
        ...

    @property
    def one_by_one(self) -> int:
        """How many of them were read one by one, which is slow."""
        ...


class Reading(Protocol):
    """One reading of a fragment, with all that changes by it; it is gone through once."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield its batches as `Kernel` takes them."""
        ...

    def account(self) -> Account:
        """Account for the rows read so far."""
        ...


class Fragment(Protocol):
    """A part of a log: a plan that does not change, and can be read in any order, on any thread or machine."""

    @property
    def rows(self) -> int | None:
        """How many rows it has, where that is known before it is read."""
        ...

    @property
    def bytes(self) -> int:
        """How many bytes are to be read for it."""
        ...

    @property
    def times(self) -> tuple[int, int] | None:
        """Bounds of its instants, in microseconds, both inclusive; None where they are not known."""
        ...

    @property
    def spans(self) -> Sequence[Span]:
        """Bounds of the instants of all its rows, part by part; none where they are not known."""
        ...

    @property
    def known(self) -> Mapping[str, Any]:
        """The columns that have one value in every row, and that value."""
        ...

    @property
    def statuses(self) -> tuple[int, int] | None:
        """Bounds of its statuses, both inclusive, where each row has one; None where they are not known."""
        ...

    @property
    def stays(self) -> bool:
        """Whether it is to be read where the run was started, since it is small."""
        ...

    @property
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids."""
        ...

    def again(self, *, compared: bool = False, places: npt.NDArray[np.int64] | None = None) -> Self:
        """Give the same part, to be read once more.

        Where rows are `compared`, its batches have the columns of `model.COMPARED`. Where there are `places`, which are
        some of those that its batches had in the column `model.PLACE`, in order, it is only the rows at these.
        """
        ...

    def read(self, without: Collection[str] = ()) -> Reading:
        """Begin to read it, leaving out the columns named."""
        ...

    def skip(self) -> Account:
        """Account for its rows as read without reading them."""
        ...


@dataclass(frozen=True)
class Ask:
    """What is asked of all fragments.

    Rows outside of `period` (half-open, microseconds since 1970) may be passed over, unless `everywhere`. With
    `every_time` the times of the others are decoded where that tells more than the statistics. Which rows of some
    accounts are duplicates is `listed`.

    Where something `may_fail`, the grid has steps, and is asked by these where it has; keys may have `owners`. Which
    requests came too soon is asked where it says how that is told, `repeating`.
    """

    grid: SlotGrid
    period: tuple[int, int] | None = None
    everywhere: bool = False
    every_time: bool = False
    listed: frozenset[str] = frozenset()
    may_fail: MayFail | None = None
    owners: Owners | None = None
    repeating: Repeating | None = None

    def kernel(self, kept: KeptSteps | None = None) -> Kernel:
        """Begin to count, steps that are `kept` by themselves."""
        return Kernel(self.grid, self.may_fail, kept)

    def passes_over(self, earliest: int, latest: int) -> bool:
        """Tell whether rows between two instants, both inclusive, need not be read."""
        if self.period is None or self.everywhere:
            return False
        return latest < self.period[0] or earliest >= self.period[1]


@dataclass(frozen=True)
class FragmentCount:
    """What is known of a fragment that was counted, beside the counts.

    What is known of the times of its rows is in `timeline`; `outside_period` rows were passed over.
    """

    account: Account
    timeline: Timeline
    outside_period: int = 0


def count_fragment(
    fragment: Fragment,
    kernel: Kernel | Gathered,
    ask: Ask,
    flags: FlagCounter,
    look: Callable[[pa.RecordBatch], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> FragmentCount:
    """Count a fragment, and its content flags; a fragment that lies outside of the period is not read at all.

    A column whose value the statistics give is not decoded, but for times where somebody is to `look` at each batch, or
    something may fail at some time.
    After each batch it may be told to `stop`.
    """
    known, timeline = dict(fragment.known), Timeline()
    if fragment.times is not None and fragment.rows is not None:
        if ask.passes_over(*fragment.times):
            timeline.add_spans(fragment.spans)
            account = fragment.skip()
            return FragmentCount(account, timeline, account.rows)
        slot = (ask.grid if ask.may_fail is None else ask.grid.rests).slot(*fragment.times)
        if slot is not None:
            known["timestamp"] = slot[0]  # the same for all fragments of the slot
    without = {*known, CLIENT}
    by_spans = "timestamp" in without and look is None and (not ask.every_time or in_one_quarter(fragment.spans))
    if by_spans:
        timeline.add_spans(fragment.spans)
    if not by_spans or (ask.may_fail is not None and ask.may_fail.among_those_between(fragment.statuses)):
        without.discard("timestamp")
    reading = fragment.read(without)
    for batch in reading:
        kernel.count(batch, known)
        flags.look(batch, known)
        if not (by_spans and fragment.spans):
            timeline.add(batch)
        if look is not None:
            look(batch)
        if stop():
            break
    return FragmentCount(reading.account(), timeline)
