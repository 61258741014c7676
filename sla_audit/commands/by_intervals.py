"""Counting for a contract that is judged by intervals, and what tallies can tell of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl
import pyarrow as pa

from sla_audit.contract.intervals import possible_failures, units_by
from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.model.instant import moment
from sla_audit.model.tally import SLOT, Tally
from sla_audit.report.measuring import INTERVALS
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.tally.intervals.failing import by_steps, named_accounts, only_failing
from sla_audit.tally.intervals.may_fail import MayFail
from sla_audit.tally.owners import Owners
from sla_audit.tally.planner import Ask
from sla_audit.tally.saved.head import Intervals
from sla_audit.tally.saved.tally_file import TallyFile
from sla_audit.tally.steps import Steps


def by_intervals(ask: Ask, contract: Contract, aliases: pl.DataFrame | None) -> Ask:
    """Ask for whatever an account had in intervals in which it may have failed; of keys, by the accounts of a file."""
    owners = None if aliases is None else Owners(aliases, contract.zone)
    return replace(ask, may_fail=MayFail(possible_failures(contract), units_by(contract)), owners=owners)


def failing_alone(tally: Tally, ask: Ask) -> Tally:
    """Leave of what was counted by intervals only those in which something may have failed."""
    if ask.may_fail is None or ask.grid.steps is None:
        return tally
    return only_failing(tally, ask.may_fail.among(tally.outcomes), ask.grid, ask.may_fail.by, ask.owners)


def intervals_of(contract: Contract) -> Intervals | None:
    """Say what a tally tells of intervals that is counted for a contract; None where it tells days."""
    if contract.measure is None:
        return None
    failures = possible_failures(contract)
    return Intervals(
        interval=contract.measure.interval,
        failures=tuple(sorted(failures.statuses.codes)),
        error_codes=failures.error_codes,
        took_over=failures.took_over,
        by=units_by(contract),
    )


def narrowed(tally: Tally, times: pl.DataFrame, steps: Steps) -> Tally:
    """Give slots that are longer than a step the bounds of the rows that may lie in them.

    `times` has the columns of `timeline.PIECE`. So logs of the next day, which have a few rows of the day before, do
    not leave open whether these lie in an interval of its morning.
    """
    starts, ends = times["starts_at"].to_numpy(), times["ends_at"].to_numpy()

    def bounds(starts_at: int, ends_at: int) -> tuple[int, int]:
        inside = (starts < ends_at) & (ends > starts_at)
        if ends_at - starts_at <= steps.length or not inside.any():
            return starts_at, ends_at
        first, end = max(starts_at, int(starts[inside].min())), min(ends_at, int(ends[inside].max()))
        # What is no longer than a step is taken as one of it.
        return (first, end) if end - first > steps.length or end <= steps.of(first)[1] else (starts_at, ends_at)

    slots = pl.DataFrame([bounds(*slot) for slot in tally.slots.iter_rows()], schema=SLOT, orient="row")
    return Tally.merge([replace(tally, slots=slots)])


def tells_other_intervals(tally: TallyFile, contract: Contract) -> Iterator[Problem]:
    """Say why a tally cannot answer a contract that is judged by intervals, if it cannot."""
    needed, told = intervals_of(contract), tally.head.intervals
    if needed is None:
        return
    found: Message | None = None
    if told is None or told.interval != needed.interval:
        found = Sentence(
            "counted by {told}; the contract {contract!r} is judged by intervals of {needed}",
            told=to_say("days") if told is None else Sentence("intervals of {long}", long=INTERVALS[told.interval]),
            contract=contract.id,
            needed=INTERVALS[needed.interval],
        )
    elif not told.possible.covers(needed.possible) or not set(told.by) <= set(needed.by):
        found = Sentence(
            "keeps the intervals in which requests failed under another contract; under {contract!r} others may matter",
            contract=contract.id,
        )
    if found is not None:
        yield Problem(
            tally.shown,
            found,
            Sentence(
                "Count the logs again with --contract {contract}, or give the logs themselves.", contract=contract.id
            ),
        )


def untold_intervals(tallies: Sequence[TallyFile], counted: Tally, ask: Ask) -> Iterator[Problem]:
    """Say which tallies have requests of an account that may lie in an interval in which others of it failed.

    A tally knows what lies in the intervals in which something failed that it counts itself. Where failures are
    counted elsewhere, or under another key of the account, its own requests are only known by the day.
    """
    if ask.may_fail is None or ask.grid.steps is None or not tallies:
        return
    by, length = list(ask.may_fail.by), ask.grid.steps.length
    key = ["account_id", "step", *by]
    steps = by_steps(counted, ask.grid, by)
    fail = pl.lit(ask.may_fail.among(counted.outcomes)).gather(pl.col("outcome"))
    failing = named_accounts(counted, steps.filter(fail)).select(key).unique()
    if ask.owners is not None:
        failing = ask.owners.all_keys(failing)
    for tally in tallies:
        if tally.times is None or not failing["step"].is_between(tally.times[0] - length, tally.times[1]).any():
            continue
        parts = [_slots_of_accounts(batch, by) for batch in tally.read()]
        if not parts:
            continue
        told = pl.concat(parts).unique()
        is_step = pl.col("ends_at") - pl.col("starts_at") <= length
        own = told.filter(is_step)
        own = own.with_columns(step=pl.Series(ask.grid.steps.starts(own["starts_at"].to_numpy()), dtype=pl.Int64))
        others = failing.join(own, on=key, how="anti", nulls_equal=True)
        unsure = others.join(told.filter(~is_step), on=["account_id", *by], how="inner", nulls_equal=True).filter(
            pl.col("starts_at") < pl.col("step") + length, pl.col("step") < pl.col("ends_at")
        )
        if unsure.height:
            account, step = unsure.sort(*key, nulls_last=True).select("account_id", "step").row(0)
            found = Sentence(
                "has requests of {account} by the day, and others of it failed in the interval of {time}: "
                "how many of these lie in it is not told",
                account=account,
                time=moment(step, ask.grid.zone).isoformat(" ", "minutes"),
            )
            yield Problem(tally.shown, found, to_say("Count all logs of a day in one tally, or give the logs."))


def _slots_of_accounts(batch: pa.RecordBatch, by: Sequence[str]) -> pl.DataFrame:
    """List which accounts, told apart by columns, have counts in which slots of a batch."""
    columns = {name: pl.Series(name, batch.column(name).cast(pa.int64())) for name in SLOT}
    texts = {
        name: pl.Series(name, batch.column(name).dictionary_decode().cast(pa.string())) for name in ("account_id", *by)
    }
    return pl.DataFrame([*texts.values(), *columns.values()]).unique()
