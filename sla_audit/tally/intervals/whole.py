"""The look at what else there was in steps in which something may have failed.

While rows are counted, only those that may have failed are counted by steps, for that others may have failed in the
same step is not known before all rows were seen, in whatever order logs have them. Then the parts of logs whose times
meet such a step of some account are read once more, and its other requests are counted by steps too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
import pyarrow as pa

from sla_audit.model.tally import CLIENT, OUTCOME, REQUEST_ID, Tally
from sla_audit.tally.dedup.detect import Part, Stop, changed
from sla_audit.tally.dedup.placed import Places
from sla_audit.tally.dedup.taking_out import Looks
from sla_audit.tally.engine import Count
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.intervals.failing import in_rests
from sla_audit.tally.intervals.kept import KeptSteps
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.planner import Ask
from sla_audit.tally.slots import SlotGrid


@dataclass(frozen=True)
class OfSteps:
    """Counts the rows of parts that lie in some steps of their accounts: a `detect.Again`."""

    grid: SlotGrid
    kept: KeptSteps

    def of(self, part: Part, places: Places | None, stop: Stop) -> Tally:
        """Count a part: see `Again.of`."""
        del places
        kernel = Kernel(self.grid, few=True)
        self.count(part, kernel, stop)
        return kernel.tally()

    def count(self, part: Part, kernel: Kernel, stop: Stop) -> None:
        """Count a part in a kernel. Raises `InputError` where it does not hold as many rows as before."""
        known = {name: value for name, value in part.fragment.known.items() if name != "timestamp"}
        gathered = Gathered(kernel)
        reading = part.fragment.again().read({*known, REQUEST_ID, CLIENT})
        for batch in reading:
            positions = self.kept.among(batch, known)
            if len(positions):
                names = [name for name in ("timestamp", "account_id", *OUTCOME) if name in batch.schema.names]
                gathered.count(batch.select(names).take(pa.array(positions)), known)
            if stop():
                return
        gathered.flush()
        if reading.account().rows != part.rows:
            raise changed()


class StepLook:
    """Takes that look, at all parts together: a `detect.Look`."""

    def __init__(self, parts: Sequence[Part], grid: SlotGrid, kept: KeptSteps) -> None:
        self.parts = parts
        self.again = OfSteps(grid, kept)
        self._kernel = Kernel(grid, few=True)

    def look(self, part: Part, stop: Stop) -> Tally:
        """Count a part together with others; `together` has what comes of it."""
        self.again.count(part, self._kernel, stop)
        return Tally.empty()

    def together(self, told: Sequence[Tally]) -> Tally:
        """Add up what was counted here, and what was told of parts."""
        if not any(tally.counts.height for tally in told):
            return self._kernel.tally()
        return Tally.merge([self._kernel.tally(), *(tally for tally in told if tally.counts.height)])


def with_whole_steps(count: Count, parts: Sequence[Part], ask: Ask, looks: Looks) -> tuple[Count, KeptSteps | None]:
    """Count all requests by steps that lie in one of an account in which some may have failed; say which these are.

    `parts` are those of logs, by their numbers among all that was counted. Tallies stay as they are: they have such
    steps whole. Raises `InputError` where the logs do not hold what was
    counted.
    """
    if ask.may_fail is None:
        return count, None
    failing = ask.may_fail.among(count.tally.outcomes)
    kept = KeptSteps.of(count.tally, failing, ask.grid, ask.may_fail.by, ask.owners)
    if kept is None:
        return count, None
    look = StepLook([part for part in parts if kept.met_by(count.timelines[part.number])], ask.grid, kept)
    found = look.together(looks(look))
    others = ask.may_fail.among(found.outcomes)
    good = replace(found, counts=found.counts.filter(~pl.lit(others).gather(pl.col("outcome"))))
    return replace(count, tally=_moved(count.tally, good, ask.grid)), kept


def _moved(tally: Tally, to_steps: Tally, grid: SlotGrid) -> Tally:
    """Count by steps what is counted in rests. Raises `InputError` where it is not."""
    if grid.steps is None or to_steps.counts.is_empty():
        return tally
    rests, positions = grid.rests.slots_at(to_steps.slots["starts_at"].to_numpy())
    # A rest that is no longer than a step is one itself, and has nothing to be moved.
    moves = pl.Series([rests[at][1] - rests[at][0] > grid.steps.length for at in positions.tolist()])
    given = replace(to_steps, counts=to_steps.counts.filter(pl.lit(moves).gather(pl.col("slot"))))
    try:
        return tally.moved(in_rests(given, grid), given)
    except ValueError as error:
        raise changed() from error
