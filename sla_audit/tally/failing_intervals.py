"""Counts by intervals, but only where something may have failed: all others matter in total only.

A tally then has slots of two kinds. Those of steps, which are no longer than a step, have whatever an account had in
an interval in which it may have failed. Rests, which are longer, have all else that it had on a day, or in a month;
where the edges of exclusions are closer to each other than a step is long, rests are slots of steps too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sla_audit.model.tally import REQUESTS, SLOT, Tally
from sla_audit.tally.slots import SlotGrid


def only_failing(tally: Tally, possible: pl.Series, grid: SlotGrid, by: Sequence[str] = ()) -> Tally:
    """Move what an account had in steps without a request that may have failed to the slots of `grid.rests`.

    `possible` tells of each of the tally's outcomes whether it may be a failure, and `by` names columns of outcomes
    (`region`, `api`) by which accounts are told apart besides. Each request is counted once, as before.
    """
    steps = grid.steps
    if steps is None or tally.counts.is_empty():
        return tally
    starts = tally.slots["starts_at"].to_numpy()
    is_step = tally.slots["ends_at"] - tally.slots["starts_at"] <= steps.length
    apart = {name: _of(tally.outcomes[name], "outcome") for name in by}
    counts = tally.counts.with_columns(step=_of(pl.Series(steps.starts(starts)), "slot"), **apart)
    key = ["account", "step", *by]
    failing = (
        counts.filter(_of(is_step, "slot"), _of(possible, "outcome"))
        .select(key)
        .unique()
        .with_columns(may_have_failed=True)
    )
    told = counts.join(failing, on=key, how="left", nulls_equal=True)
    moves = _of(is_step, "slot") & pl.col("may_have_failed").is_null()
    rests, positions = grid.rests.slots_at(starts)
    slots = pl.concat([tally.slots, pl.DataFrame(rests, schema=SLOT, orient="row")])
    rest = pl.Series(positions + tally.slots.height, dtype=pl.UInt32)
    placed = told.select(
        "account", slot=pl.when(moves).then(_of(rest, "slot")).otherwise("slot"), outcome="outcome", requests=REQUESTS
    )
    used = placed["slot"].unique()
    listed = slots.gather(used)
    code = pl.Series(range(len(used)), dtype=pl.UInt32)
    counts = placed.with_columns(pl.col("slot").replace_strict(used, code))
    return Tally.merge([replace(tally, slots=listed, counts=counts)])


def _of(values: pl.Series, code: str) -> pl.Expr:
    return pl.lit(values).gather(pl.col(code))
