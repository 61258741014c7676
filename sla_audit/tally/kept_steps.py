"""Which steps of which accounts are counted by themselves, and which rows of a batch lie in these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.same_request import id_hashes, instants
from sla_audit.tally.dedup.sought import Positions, are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.failing_intervals import by_steps
from sla_audit.tally.owners import Owners
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.steps import Instants
from sla_audit.tally.timeline import Timeline

_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_NOTHING = np.uint64(0x5851_F42D_4C95_7F2D)
_LEAST_BITS, _MOST_BITS, _BITS_MORE = 16, 26, 4  # a table of 16 places for each key, so that few others are searched


class KeptSteps(NamedTuple):
    """Accounts by steps, each as a number, and when these steps are; hardly ever are two of them the same number.

    It does no harm if they are: a step too many is counted by itself. `by` names columns by which accounts are told
    apart besides.
    """

    keys: Hashes
    starts: Instants
    ends: Instants
    by: tuple[str, ...]
    maybe: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls, tally: Tally, may_have_failed: pl.Series, grid: SlotGrid, by: tuple[str, ...], owners: Owners | None
    ) -> Self | None:
        """Give those in which requests of a tally may have failed, for all keys of their owners; None: there are none.

        `may_have_failed` tells it of each outcome.
        """
        counts = by_steps(tally, grid, by).filter(pl.lit(may_have_failed).gather(pl.col("outcome")))
        steps = counts.unique(["account", "step", *by]).select("account_id", "step", *by)
        if grid.steps is None or steps.is_empty():
            return None
        if owners is not None:
            steps = owners.all_keys(steps)
        starts = steps["step"].unique().sort().to_numpy()
        hashed = [_hashes(steps[name].to_arrow().cast(pa.string())) for name in ("account_id", *by)]
        keys = np.sort(_mixed(hashed, steps["step"].to_numpy()))
        bits = min(max(len(keys).bit_length() + _BITS_MORE, _LEAST_BITS), _MOST_BITS)
        maybe = np.zeros(1 << bits, dtype=np.bool_)
        maybe[keys >> np.uint64(64 - bits)] = True
        return cls(keys, starts, grid.steps.ends(starts), by, maybe)

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
        names = ("account_id", *self.by)
        numbers = _mixed([_of_rows(batch, known, name, positions) for name in names], starts[step[positions]])
        may_be = self.maybe[numbers >> np.uint64(64 - self._bits)]
        positions, numbers = positions[may_be], numbers[may_be]
        found: Positions = positions[are_in(numbers, self.keys)]
        return found

    @property
    def _bits(self) -> int:
        return len(self.maybe).bit_length() - 1


def _of_rows(batch: pa.RecordBatch, known: Mapping[str, Any], name: str, positions: Positions) -> Hashes:
    """Give a number for what a column says in some rows."""
    if name in known or name not in batch.schema.names:
        return _hashes(pa.array([known.get(name)], pa.string())).repeat(len(positions))
    column = batch.column(name)
    if not pa.types.is_dictionary(column.type):
        return _hashes(column.take(pa.array(positions)))
    values = np.append(_hashes(column.dictionary), _NOTHING)
    indices = column.indices
    if indices.null_count:
        indices = indices.fill_null(len(values) - 1)
    found: Hashes = values.take(indices.to_numpy()[positions])
    return found


def _hashes(texts: pa.Array) -> Hashes:
    numbers = id_hashes(texts)
    if texts.null_count:
        numbers = np.where(texts.is_null().to_numpy(zero_copy_only=False), _NOTHING, numbers)
    return numbers


def _mixed(hashed: Sequence[Hashes], steps: Instants) -> Hashes:
    """Make one number of those of the columns and the start of a step."""
    mixed: Hashes = steps.view(np.uint64) * _ODD
    for number in hashed:
        mixed = (mixed ^ number) * _ODD
    return mixed ^ (mixed >> np.uint64(32))
