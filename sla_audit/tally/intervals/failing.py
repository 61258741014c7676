"""Counts by intervals, but only where something may have failed: all others matter in total only.

A tally then has slots of two kinds. Those of steps, which are no longer than a step, have whatever an account had in
an interval in which it may have failed. Rests, which are longer, have all else that it had on a day, or in a month;
where the edges of exclusions are closer to each other than a step is long, rests are slots of steps too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sla_audit.model.tally import SLOT, Tally
from sla_audit.tally.owners import Owners
from sla_audit.tally.slots import SlotGrid


def only_failing(
    tally: Tally, possible: pl.Series, grid: SlotGrid, by: Sequence[str] = (), owners: Owners | None = None
) -> Tally:
    """Move what an account had in steps without a request that may have failed to the slots of `grid.rests`.

    `possible` tells of each of the tally's outcomes whether it may be a failure, and `by` names columns of outcomes
    (`region`, `api`) by which accounts are told apart besides. Where keys have `owners`, these are the accounts. Each
    request is counted once, as before.
    """
    steps = by_steps(tally, grid, by)
    if owners is not None:
        named = named_accounts(tally, steps)
        steps = named.with_columns(account_id=owners.of(named))
    key = ["account" if owners is None else "account_id", "step", *by]
    failing = steps.filter(pl.lit(possible).gather(pl.col("outcome"))).select(key).unique()
    moved = steps.join(failing, on=key, how="anti", nulls_equal=True).select(tally.counts.columns)
    if moved.is_empty():
        return tally
    kept = tally.counts.join(moved, on=["account", "slot", "outcome"], how="anti")
    return Tally.merge([replace(tally, counts=kept), in_rests(replace(tally, counts=moved), grid)])


def by_steps(tally: Tally, grid: SlotGrid, by: Sequence[str] = ()) -> pl.DataFrame:
    """Give those counts of a tally that are by steps, with the start of the `step` and columns `by`."""
    if grid.steps is None:
        raise ValueError("a grid without steps")
    is_step = tally.slots["ends_at"] - tally.slots["starts_at"] <= grid.steps.length
    starts = pl.Series(grid.steps.starts(tally.slots["starts_at"].to_numpy()), dtype=pl.Int64)
    return tally.counts.filter(pl.lit(is_step).gather(pl.col("slot"))).with_columns(
        step=pl.lit(starts).gather(pl.col("slot")),
        **{name: pl.lit(tally.outcomes[name]).gather(pl.col("outcome")) for name in by},
    )


def named_accounts(tally: Tally, counts: pl.DataFrame) -> pl.DataFrame:
    """Give counts of a tally with `account_id`."""
    return counts.with_columns(account_id=pl.lit(tally.accounts["account_id"]).gather(pl.col("account")))


def in_rests(tally: Tally, grid: SlotGrid) -> Tally:
    """Give counts by steps as counts in the slots of `grid.rests`."""
    used = tally.counts["slot"].unique().sort()
    if used.is_empty():
        return tally
    rests, positions = grid.rests.slots_at(tally.slots["starts_at"].gather(used).to_numpy())
    slot_of = pl.Series(positions, dtype=pl.UInt32)
    counts = tally.counts.with_columns(pl.col("slot").replace_strict(used, slot_of))
    return Tally.merge([replace(tally, slots=pl.DataFrame(rests, schema=SLOT, orient="row"), counts=counts)])
