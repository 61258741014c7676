"""What need not be read: a part of a log whose statistics already give the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, Self

import pyarrow as pa

from sla_audit.tally.flags import FlagCounter
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.timeline import Span, Timeline, in_one_quarter


class Fragment(Protocol):
    """A part of a log that can be read by itself, in any order and on any thread."""

    @property
    def rows(self) -> int | None:
        """How many rows it has, where that is known before it is read."""
        ...

    @property
    def bytes(self) -> int:
        """How many bytes are to be read for it."""
        ...

    @property
    def read(self) -> int:
        """How many of its rows have been read so far."""
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
    def has_request_ids(self) -> bool:
        """Whether its batches have a column of request ids."""
        ...

    def again(self, *, compared: bool = False) -> Self:
        """Give the same part as one of which nothing has been read yet.

        Where rows are `compared`, its batches have the columns of `model.COMPARED`.
        """
        ...

    def batches(self, without: Collection[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield its batches as `Kernel` takes them, leaving out the columns named."""
        ...

    def skip(self) -> int:
        """Account for its rows as read without reading them, and give their number."""
        ...


def count_fragment(
    fragment: Fragment,
    kernel: Kernel,
    grid: SlotGrid,
    period: tuple[int, int] | None,
    timeline: Timeline,
    look: Callable[[pa.RecordBatch], None] | None = None,
    *,
    flags: FlagCounter,
    every_time: bool,
) -> Iterator[int]:
    """Count a fragment, yielding the rows that were passed over after each batch: mostly 0.

    `period` is the half-open stretch of time that was asked for. A fragment that lies outside it is not read at all. A
    column whose value the statistics give is not decoded. What is known of the times of the rows goes to `timeline`,
    and what their content flags are to `flags`. With `every_time` they are decoded where that tells more than the
    statistics, and always where somebody is to `look` at each batch.
    """
    known = dict(fragment.known)
    if fragment.times is not None and fragment.rows is not None:
        earliest, latest = fragment.times
        if period is not None and (latest < period[0] or earliest >= period[1]):
            timeline.add_spans(fragment.spans)
            yield fragment.skip()
            return
        if grid.slot(earliest, latest) is not None:
            known["timestamp"] = earliest
    without = set(known)
    if look is not None or (every_time and not in_one_quarter(fragment.spans)):
        without.discard("timestamp")
    if "timestamp" in without:
        timeline.add_spans(fragment.spans)
    for batch in fragment.batches(without):
        kernel.count(batch, known)
        flags.look(batch, known)
        timeline.add(batch)
        if look is not None:
            look(batch)
        yield 0
