"""The rows behind a figure: each request of an account in a month, what became of it, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.commands.audit import Request, facts_of, wanted, with_neighbours
from sla_audit.commands.count import count
from sla_audit.commands.duplicate_rows import DuplicateRows
from sla_audit.commands.one_account import OneAccount, count_one, facts_and_keys
from sla_audit.commands.repeated_requests import RepeatedRows, repeating
from sla_audit.commands.traced_logs import Traced
from sla_audit.contract.model import Contract
from sla_audit.errors import Problem, refuse
from sla_audit.intake.bytes.chunks import some_at_a_time
from sla_audit.intake.reject_store import all_of, reject_files
from sla_audit.intake.rejects import Tolerance, reject_rows
from sla_audit.intake.traced.tracing import Tracing
from sla_audit.judge.allocation.place import days_of
from sla_audit.judge.breakdown.fates import fates
from sla_audit.judge.classification.rules import always_success
from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.tally import OUTCOME, REQUESTS, SAYS_MORE, SLOT
from sla_audit.model.traced import INSTANT, KEY, PLACE, TRACED
from sla_audit.sentence import Sentence
from sla_audit.system.temporary import numbered_files
from sla_audit.tally.apart import name_of
from sla_audit.tally.engine import Progress
from sla_audit.tally.slots import SlotGrid

RowClass = Literal["success", "explicit_failure", "excluded", "duplicate", "outside_cycle", "other_service"]
"""What becomes of a row: the class of its request, or why it is not counted."""

_TOLD_BY_STATUS: frozenset[RowClass] = frozenset({"explicit_failure", "excluded"})
_CODES = ("slot", "outcome")
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class RowsAsked:
    """Which rows of an account are asked for: all, or those of some classes, a clause, an exclusion, a day.

    All `but_plain` ones: those are left out that say nothing but a status which is a success under every reading.
    """

    account: str
    classes: frozenset[RowClass] = frozenset()
    clause: int | None = None
    exclusion: str | None = None
    day: date | None = None
    but_plain: bool = False


@dataclass(frozen=True)
class Rows:
    """Rows that were asked for: what was counted of their account, and tables of them, in the order of the logs.

    The first table has none of them. A table has `file`, `place`, the columns of `model.traced.TRACED`, `class` (see
    `RowClass`), `clause`, `exclusion` and `rule` under the reading in force, and for each reading the same as
    `reading/class` and so on.
    """

    case: OneAccount
    tables: Iterator[pl.DataFrame]


@contextmanager
def rows(request: Request, asked: RowsAsked, progress: Progress | None = None) -> Iterator[Rows]:
    """Count the logs as for a report, and keep the rows that are asked for; they are there as long as this lasts.

    Raises `InputError` for whatever the user can mend.
    """
    facts, keys = facts_and_keys(request, asked.account)
    grid = SlotGrid(
        request.contract.zone,
        facts.service_edges(request.contract.zone),
        facts.windows(),
        daily=asked.day is not None,
    )
    is_stream = any(source.is_stream for source in request.logs.find().sources)  # which is read only once
    alone = not is_stream and request.contract.repeats is None  # or else other rows are compared with these
    with kept_rows(request, asked, keys, alone=alone) as traced:
        case = count_one(request, asked.account, facts, grid, traced, progress)
        if not case.is_known:  # only where all are counted is it told which are near
            raise (count_one(request, asked.account, facts, grid) if alone else case).no_result()
        yield Rows(case, tables_of(case, asked))


@contextmanager
def kept_rows(
    request: Request, asked: RowsAsked, keys: frozenset[str], *, alone: bool = False, beside: bool = False
) -> Iterator[Traced]:
    """Say which rows are to be kept, be it `alone`, and make room for them as long as this lasts.

    Those `beside` the month are kept too where a contract looks there. Raises `InputError` where the agreement tells an
    account apart by what stands in rows, and keys stand for accounts besides.
    """
    refuse(_told_apart(request))
    zone, period = request.contract.zone, request.period.instants(request.contract.zone)
    if beside:
        period = with_neighbours(period, request.contract)
    if asked.day is not None:
        day = pl.Series([asked.day])
        period = microseconds(midnight(asked.day, zone)), microseconds(midnight(day.dt.offset_by("1d")[0], zone))
    with numbered_files() as files:
        yield Traced(Tracing(keys, period, _passed_over(asked, request.contract, request.reading), alone=alone), files)


def _told_apart(request: Request) -> Iterator[Problem]:
    if request.contract.unit.apart and request.alias is not None:
        yield Problem(
            Sentence("the contract {contract}", contract=request.contract.id),
            Sentence(
                "judges an account apart by {columns}; rows are not told of keys that stand for such accounts",
                columns=", ".join(request.contract.unit.apart),
            ),
            "See sla-audit explain without --rows, or ask for the rows without --alias.",
        )


def _passed_over(asked: RowsAsked, contract: Contract, reading: str) -> frozenset[int]:
    """Tell which statuses are successes, whatever else there is to know, where these are not asked for."""
    if asked.but_plain:
        return plain_statuses(contract)
    if not asked.classes or not asked.classes <= _TOLD_BY_STATUS:
        return frozenset()
    return always_success(contract, contract.readings[reading])


def plain_statuses(contract: Contract) -> frozenset[int]:
    """Tell which statuses, where nothing else is said, are successes under every reading."""
    return frozenset.intersection(*(always_success(contract, reading) for reading in contract.readings.values()))


def rejected_tables(request: Request, progress: Progress | None = None) -> Iterator[pl.DataFrame]:
    """Give all rows of the logs that cannot be read, whosever they are, in the columns of `rejects.reject_rows`."""
    with reject_files(wanted=True) as files:
        logs = replace(request.logs, reject_files=files, tolerance=Tolerance(share=Fraction(1)))
        facts = facts_of(request)
        counted = count(logs, request.contract, SlotGrid(request.contract.zone), wanted(request, facts), progress)
        rejects = reject_rows(all_of(counted.rejects))
        schema = dict.fromkeys(next(rejects), pl.String())
        yield pl.DataFrame(schema=schema)
        while some := list(islice(rejects, _ROWS_AT_ONCE)):
            yield pl.DataFrame(some, schema=schema, orient="row")


def tables_of(case: OneAccount, asked: RowsAsked) -> Iterator[pl.DataFrame]:
    """Give the rows that are asked for; at the end, all that were kept are as many as were counted."""
    ends = fates(case.tally, case.allocated(), case.contract)
    codes = _Codes(case)
    duplicates = DuplicateRows(case.counted.duplicates, map(codes.own, _kept(case)))
    found = pl.DataFrame(schema=dict.fromkeys(_CODES, pl.UInt32()) | {REQUESTS: pl.UInt32()})
    for some in _kept(case):
        own = codes.own(some)
        surplus = duplicates.among(own)
        counted = own.filter(~pl.Series(surplus, dtype=pl.Boolean)).group_by(_CODES).agg(pl.len().alias(REQUESTS))
        found = pl.concat([found, counted]).group_by(_CODES).agg(pl.col(REQUESTS).sum())
        told = _told(own, ends, surplus, case.scope.reading)
        yield told.filter(_asked(asked))
    _refuse_other_numbers(found, ends, asked, case)


def _kept(case: OneAccount) -> Iterator[pl.DataFrame]:
    """Give the rows that were kept, some at a time, each with its `file` and the `unit` of its place."""
    yield pl.DataFrame(schema=TRACED | {"file": pl.String(), "unit": pl.String()})
    batches = ((log, batch) for log in case.counted.traced for part in log.parts for batch in part)
    for some in some_at_a_time(batches, lambda each: each[1].nbytes):
        frames = [pl.DataFrame(batch, schema_overrides=TRACED) for _, batch in some]
        yield pl.concat(
            frame.with_columns(file=pl.lit(log.path), unit=pl.lit(log.unit))
            for (log, _), frame in zip(some, frames, strict=True)
        )


class _Codes:
    """The codes of rows that were kept: in which slot they lie, how they ended, and whether they are the account's."""

    def __init__(self, case: OneAccount) -> None:
        self._grid, self._account, self._apart = case.grid, case.account, case.contract.unit.apart
        asked = repeating(case.contract, case.all_facts.aliases, case.scope.apis)
        self._repeated = RepeatedRows(case.counted.repeated, asked)
        self._slots = {slot: code for code, slot in enumerate(case.tally.slots.select(*SLOT).iter_rows())}
        self._of_steps = None if case.grid.steps is None else case.tally.counts.select(_CODES).unique()
        self._outcomes = case.tally.outcomes.with_row_index("outcome")
        self._account_of = None if case.keys is None else case.keys.account_of

    def own(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Leave out what is another account's, and add the codes."""
        if self._account_of is None:  # those of other accounts may have been kept too
            rows = rows.filter(name_of(pl.col(KEY), *map(pl.col, self._apart)) == self._account)
        rows = self._repeated.told(rows)
        coded = rows.with_columns(slot=self._slot(rows[INSTANT], self._grid)).join(
            self._outcomes, on=list(OUTCOME), how="left", nulls_equal=True, maintain_order="left"
        )
        coded = self._in_steps(coded)
        if self._account_of is None:
            return coded
        named = coded.join(
            self._account_of, left_on=[KEY, "slot"], right_on=[KEY, "slot"], how="left", maintain_order="left"
        )
        return named.filter(pl.coalesce("account", KEY) == self._account).drop("account")

    def _in_steps(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Put rows that are not counted by steps into the slots of the rests (see `tally.intervals.failing`)."""
        if self._of_steps is None:
            return rows
        is_counted = rows.join(
            self._of_steps.with_columns(counted=True), on=list(_CODES), how="left", maintain_order="left"
        )["counted"]
        rests = self._slot(rows[INSTANT], self._grid.rests)
        return rows.with_columns(slot=pl.when(is_counted.fill_null(value=False)).then("slot").otherwise(rests))

    def _slot(self, instants: pl.Series, grid: SlotGrid) -> pl.Series:
        at = instants.to_numpy()
        if not len(at):
            return pl.Series([], dtype=pl.UInt32)
        slots, positions = grid.slots_at(at)
        codes = np.array([self._slots.get(slot, -1) for slot in slots])[positions]
        return pl.Series(codes).cast(pl.UInt32, strict=False)  # null where nothing is counted in it


def _told(
    rows: pl.DataFrame,
    ends: pl.DataFrame,
    surplus: npt.NDArray[np.bool_],
    reading: str,
) -> pl.DataFrame:
    """Say of rows what became of them."""
    ended = rows.join(ends.drop(REQUESTS).rename({"place": "fate"}), on=_CODES, how="left", maintain_order="left")
    is_surplus = pl.lit(pl.Series(surplus, dtype=pl.Boolean))
    why_not = pl.when(is_surplus).then(pl.lit("duplicate")).when(pl.col("fate") != "counted").then("fate")
    judged = [name for name in ends.columns if "/" in name]
    return ended.with_columns(
        pl.when(why_not.is_null()).then(pl.col(name)).alias(name) for name in judged
    ).with_columns(
        pl.format("{} {}", "unit", PLACE).alias(PLACE),
        pl.coalesce(why_not, f"{reading}/class").alias("class"),
        *(pl.col(f"{reading}/{name}").alias(name) for name in ("clause", "exclusion", "rule")),
    )


def _asked(asked: RowsAsked) -> pl.Expr:
    chosen = pl.col("class").is_in(sorted(asked.classes)) if asked.classes else pl.lit(value=True)
    for column, value in (("clause", asked.clause), ("exclusion", asked.exclusion)):
        if value is not None:
            chosen &= pl.col(column) == value
    return chosen


def _refuse_other_numbers(found: pl.DataFrame, ends: pl.DataFrame, asked: RowsAsked, case: OneAccount) -> None:
    """See to it that as many rows were kept of each kind as were counted: whatever else would be a bug."""
    passed_over = _passed_over(asked, case.contract, case.scope.reading)
    kept = case.tally.outcomes.select(SAYS_MORE | ~pl.col("status").is_in(sorted(passed_over)).fill_null(value=False))
    counted = ends.filter(pl.lit(kept.to_series()).gather(pl.col("outcome")))
    counted = counted.select(*_CODES, "place", pl.col(REQUESTS).alias("counted"))
    if asked.day is not None:
        days = days_of(case.tally.slots, case.contract.time_zone)
        counted = counted.filter(pl.lit(days).gather(pl.col("slot")) == asked.day)
    both = counted.join(found, on=_CODES, how="full", coalesce=True)
    other = both.filter(
        pl.col("counted").ne_missing(pl.col(REQUESTS).cast(pl.Int64)), pl.col("place").ne_missing("outside_period")
    )
    if other.height:
        raise RuntimeError(f"the rows that were kept are not those that were counted: {other.head().to_dicts()}")
