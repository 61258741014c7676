"""Telling repeated requests from others, once all were counted: what is read again for it, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.model.tally import REQUESTS
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.dedup.detect import Part, changed
from sla_audit.tally.dedup.sought import are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.taking_out import Looks
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.engine import Count
from sla_audit.tally.intervals.kept import KeptSteps
from sla_audit.tally.limits import MOST_ERRORS
from sla_audit.tally.planner import Ask
from sla_audit.tally.repeats.asked import Repeating
from sla_audit.tally.repeats.error_times import ErrorTimes
from sla_audit.tally.repeats.looks import (
    AllBetween,
    AllErrors,
    AskedOfErrors,
    AskedOfOthers,
    Between,
    First,
    is_kept,
)
from sla_audit.tally.repeats.rows import CallerRows
from sla_audit.tally.repeats.waiting import waited
from sla_audit.tally.row_numbers import mixed
from sla_audit.tally.steps import Steps


@dataclass(frozen=True)
class Errors:
    """All errors of logs, one by one, and around when whose they were."""

    repeating: Repeating
    rows: CallerRows
    around: Hashes

    @classmethod
    def of(cls, count: Count, parts: Sequence[Part], ask: Ask, looks: Looks) -> Self | None:
        """Look for them; None where nothing is asked about them, or there are none.

        Memory is 32 bytes for each, and a hundred for each instant at which a caller had any. Raises `InputError` where
        there are too many.
        """
        if ask.repeating is None:
            return None
        is_error = ask.repeating.among(count.tally.outcomes)
        number = int(count.tally.counts.filter(pl.lit(is_error).gather(pl.col("outcome")))[REQUESTS].sum())
        if not number:
            return None
        if number > MOST_ERRORS:
            raise InputError(_too_many(number))
        some = [part for part in parts if _may_have_errors(part, ask.repeating)]
        rows = CallerRows.together(looks(AskedOfErrors(some, AllErrors(ask.repeating, ask.period))))
        if not len(rows):
            return None
        account, stretch = rows.numbers_of_accounts(ask.repeating.callers), rows.at // ask.repeating.waits.most
        around = np.unique(np.concatenate([_around(account, stretch), _around(account, stretch + 1)]))
        return cls(ask.repeating, rows, around)

    def near(self, listed: pl.DataFrame) -> pl.DataFrame:
        """Keep of rows, which have an `account_id` and an `instant`, those that may be of the wait after an error."""
        at = listed["instant"].to_numpy()
        account = self.repeating.callers.accounts(listed["account_id"].to_arrow().cast(pa.string()), at)
        near = are_in(_around(account, at // self.repeating.waits.most), self.around)
        return listed.filter(pl.Series(near, dtype=pl.Boolean))


def _around(account: Hashes, stretch: Instants) -> Hashes:
    return mixed([account, stretch.view(np.uint64)])


def _may_have_errors(part: Part, repeating: Repeating) -> bool:
    bounds = part.fragment.statuses
    return bounds is None or any(bounds[0] <= status <= bounds[1] for status in repeating.errors.codes)


def with_repeated(
    count: Count, errors: Errors | None, parts: Sequence[Part], ask: Ask, looks: Looks, kept: KeptSteps | None
) -> Count:
    """Say of requests that came too soon that they are repeated.

    `count` is without duplicates, and has as `surplus` those of them that are near errors. Raises `InputError` where
    the logs do not hold what was counted.
    """
    if errors is None:
        return count
    repeating = errors.repeating
    rows = errors.rows.counted_once(count.surplus)
    if not len(rows):
        return count
    times = ErrorTimes.of(rows.caller, rows.at)
    look = AskedOfOthers(_until_later(parts, int(times.instants[0])), AllBetween(repeating, times, ask.period))
    between = look.together(looks(look))
    found = _repeated(times, rows, _counted_once(between, times, repeating, count.surplus), repeating)
    if not len(found):
        return count
    kernel = ask.kernel(kept)
    kernel.count(found.batch(), {})
    away = kernel.tally()
    to = replace(away, outcomes=away.outcomes.with_columns(pl.lit(value=True).alias("repeated")))
    listed = found.some(found.accounts["account_id"].is_in(sorted(ask.listed)).to_numpy()[found.account])
    try:
        moved = count.tally.moved(away, to)
    except ValueError as error:
        raise changed() from error
    return replace(count, tally=moved, repeated=np.unique(callers_then(listed.caller, listed.at)))


def callers_then(caller: Hashes, at: Instants) -> Hashes:
    """Give a number for a caller at an instant: all its requests of that instant are repeated, or none is."""
    return mixed([caller, at.view(np.uint64)])


def _until_later(parts: Sequence[Part], first: int) -> list[Part]:
    """Leave out parts all of whose rows are earlier than the first error."""
    return [part for part in parts if part.fragment.times is None or part.fragment.times[1] >= first]


def _counted_once(between: Between, times: ErrorTimes, repeating: Repeating, surplus: pl.DataFrame) -> Between:
    """Leave out rows that are not counted, and those that are not the first after an error."""
    rows = between.rows.counted_once(surplus)
    place = times.last(rows.caller, rows.at)
    of_first = First(between.place, between.first)
    return between._replace(rows=rows.some(is_kept(place, rows.at, of_first, times, repeating.waits.most)))


def _repeated(times: ErrorTimes, errors: CallerRows, between: Between, repeating: Repeating) -> CallerRows:
    """Give the rows that are repeated: errors, and others."""
    others, zone = between.rows, repeating.callers.zone
    place = times.last(others.caller, others.at)
    with_error = others.at == times.at[place]
    ended, beside = np.zeros(len(times.at), np.bool_), np.zeros(len(times.at), np.bool_)
    ended[between.place] = True
    beside[place[with_error]] = True
    after = waited(times, ended, beside, repeating.waits, zone)
    day, _ = Steps(zone, timedelta(days=1)).days(others.at) if len(others) else (others.at, others.at)
    soon = np.where(with_error, after.repeated[place], after.comes_too_soon(place, others.at, day))
    return CallerRows.together([errors.some(after.repeated[times.last(errors.caller, errors.at)]), others.some(soon)])


def _too_many(number: int) -> Problem:
    found = Sentence(
        "{number:,} requests ended with an error after which callers have to wait; "
        "at most {most:,} can be looked at one by one",
        number=number,
        most=MOST_ERRORS,
    )
    return Problem(Sentence("logs"), found, to_say("Audit fewer months at a time (--cycle)."))
