"""Which steps of which accounts are counted by themselves, and which rows of a batch lie in these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.same_request import instants
from sla_audit.tally.dedup.sought import Positions, are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.intervals.failing import by_steps, named_accounts
from sla_audit.tally.owners import Owners
from sla_audit.tally.row_numbers import mixed, numbers_of, numbers_of_rows
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.steps import Instants
from sla_audit.tally.timeline import Timeline

_STEP_BITS = 24  # of a key, from the left; the others are of the account
_TABLE_BITS = 24
_LEAST_BITS = 6


class KeptSteps(NamedTuple):
    """Accounts by steps, each as a number, and when these steps are; hardly ever are two of them the same number.

    It does no harm if they are: a step too many is counted by itself. `by` names columns by which accounts are told
    apart besides. Numbers are in the order of steps, and so is the table which tells of most others that they are none
    of them: rows that are in the order of time are looked for in a few places of memory.
    """

    keys: Hashes
    starts: Instants
    ends: Instants
    by: tuple[str, ...]
    maybe: npt.NDArray[np.bool_]
    bits: int

    @classmethod
    def of(
        cls, tally: Tally, may_have_failed: pl.Series, grid: SlotGrid, by: tuple[str, ...], owners: Owners | None
    ) -> Self | None:
        """Give those in which requests of a tally may have failed, for all keys of their owners; None: there are none.

        `may_have_failed` tells it of each outcome.
        """
        if grid.steps is None:
            return None
        steps = by_steps(tally, grid, by).filter(pl.lit(may_have_failed).gather(pl.col("outcome")))
        if steps.is_empty():
            return None
        if owners is None:
            hashed = [
                numbers_of(tally.accounts["account_id"].to_arrow().cast(pa.string()))[steps["account"].to_numpy()]
            ]
        else:
            steps = owners.all_keys(named_accounts(tally, steps).select("account_id", "step", *by).unique())
            hashed = [numbers_of(steps["account_id"].to_arrow().cast(pa.string()))]
        hashed += [numbers_of(steps[name].to_arrow().cast(pa.string())) for name in by]
        starts = steps["step"].unique().sort().to_numpy()
        keys = np.sort(_keys(mixed(hashed), np.searchsorted(starts, steps["step"].to_numpy())))
        bits = max(_TABLE_BITS - len(starts).bit_length(), _LEAST_BITS)
        maybe = np.zeros(len(starts) << bits, dtype=np.bool_)
        maybe[_places(keys, bits)] = True
        return cls(keys, starts, grid.steps.ends(starts), by, maybe, bits)

    def met_by(self, timeline: Timeline) -> bool:
        """Tell whether rows whose times are known so far may lie in one of the steps."""
        earliest, latest = timeline.bounds()
        return bool((np.searchsorted(self.starts, latest) > np.searchsorted(self.ends, earliest, side="right")).any())

    def among(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> Positions:
        """Give the positions of the rows of a batch that lie in a step of their account.

        The batch has `timestamp`, and other columns as `kernel.Kernel` takes them.
        """
        at = instants(batch)
        if not len(at):
            return np.zeros(0, dtype=np.int64)
        first = int(np.searchsorted(self.ends, at.min(), side="right"))
        end = int(np.searchsorted(self.starts, at.max(), side="right"))
        if first >= end:
            return np.zeros(0, dtype=np.int64)
        starts, ends = self.starts[first:end], self.ends[first:end]
        step = np.searchsorted(starts, at, side="right") - 1
        positions = np.flatnonzero((step >= 0) & (at < ends[np.maximum(step, 0)]))
        hashed = [numbers_of_rows(batch, known, name, positions) for name in ("account_id", *self.by)]
        numbers = _keys(mixed(hashed), step[positions] + first)
        may_be = np.flatnonzero(self.maybe.take(_places(numbers, self.bits)))
        found: Positions = positions[may_be[are_in(numbers[may_be], self.keys)]]
        return found


def _keys(hashed: Hashes, step: npt.NDArray[np.int64]) -> Hashes:
    """Put the number of the step before what tells accounts apart."""
    return (step.astype(np.uint64) << np.uint64(64 - _STEP_BITS)) | (hashed >> np.uint64(_STEP_BITS))


def _places(keys: Hashes, bits: int) -> npt.NDArray[np.int64]:
    """Give the places of keys in a table that has so many bits for each step."""
    return (keys >> np.uint64(64 - _STEP_BITS - bits)).astype(np.int64)
