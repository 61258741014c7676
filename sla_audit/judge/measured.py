"""What a contract measures by intervals: the mean of their failure rates, or the share of time that is not bad.

Only intervals in which something failed matter: the others are good, and how many there are follows from the calendar.
Rates are exact fractions, since those of a mean have unlike denominators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.measure import Bad, Measure, Run
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.allocation.service import stretches_of
from sla_audit.judge.availability import RATE_DIGITS, steps, tier_of
from sla_audit.judge.classification.classes import add_up
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.exact_rate import written
from sla_audit.judge.steps import NumberedSteps
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.verdicts import EXACT_RATE

Numbers = npt.NDArray[np.int64]

_Found = TypeVar("_Found")
_NOTHING = Fraction(0)
_WIDE = pl.Int128()
_FEW = 30
_COMMON = lcm(*range(1, _FEW + 1))
"""What every interval of few requests has its rate over: as many such numerators as a year has minutes fit 64 bits."""


@dataclass(frozen=True)
class Measured:
    """The exact rate of each cycle, `kept` of a `total`, which is 0 where nothing was counted; how long faults were."""

    kept: Sequence[int]
    total: Sequence[int]
    fault_minutes: Sequence[int]

    def columns(self, contract: Contract) -> list[pl.Series]:
        """Give the columns of verdicts that follow: rates are in millionths, cut, and exact as `exact_rate.written`.

        How many failures another tier is away cannot be said: it depends on when they are.
        """
        rates, taken = list(zip(self.kept, self.total, strict=True)), steps(contract)
        known = {  # many cycles have one rate
            (kept, total): (kept * 10**RATE_DIGITS // total, tier_of(kept, total, taken), *written(kept, total))
            if total
            else (None,) * 4
            for kept, total in set(rates)
        }
        cut, tiers, *exact = zip(*map(known.__getitem__, rates), strict=True) if rates else ((),) * 4
        return [
            *(pl.Series(name, each, dtype=pl.String) for name, each in zip(EXACT_RATE, exact, strict=True)),
            pl.Series("success_rate", cut, dtype=pl.Int64),
            pl.Series("tier", tiers, dtype=pl.Int8),
            pl.Series("failures_to_edge", [None] * len(cut), dtype=pl.Int64),
            pl.Series("fault_minutes", self.fault_minutes, dtype=pl.Int64),
        ]


def measure(allocated: AllocatedCounts, cycles: pl.DataFrame, contract: Contract) -> dict[str, Measured]:
    """Measure cycles by their intervals, under each reading; none where the contract measures requests.

    `cycles` are those of `cycles.service_cycles` with their `number`. Intervals are counted once for all readings.
    """
    if contract.measure is None:
        return {}
    intervals = _Intervals.of(allocated, contract, contract.measure)
    return {name: _measured(intervals, cycles, contract.under(name), name) for name in contract.readings}


def _measured(intervals: _Intervals, cycles: pl.DataFrame, contract: Contract, reading: str) -> Measured:
    terms, around, seen = contract.measure, intervals.around, intervals.units.seen
    assert terms is not None  # which no reading changes  # noqa: S101
    failing = intervals.failing(contract, reading)
    lengths, numbers = intervals.lengths(cycles, contract), cycles["number"].to_list()
    lost: Mapping[int, Fraction | int]
    if terms.bad is None:
        lost, minutes = around.inside(mean_loss(failing)), 0
        totals = [length if number in seen else 0 for length, number in zip(lengths, numbers, strict=True)]
    else:
        lost = around.inside(bad_intervals(failing, terms.bad, terms.run, len(around.cycles)))
        minutes = terms.step // timedelta(minutes=1)
        totals = [length * seen.get(number, 0) for length, number in zip(lengths, numbers, strict=True)]
    parts = [lost.get(number, 0).as_integer_ratio() for number in numbers]
    wholes = [total * over for total, (_, over) in zip(totals, parts, strict=True)]
    kept = [whole - part for whole, (part, _) in zip(wholes, parts, strict=True)]
    return Measured(kept, wholes, [part // over * minutes for part, over in parts])


def intervals_in(cycles: pl.DataFrame, contract: Contract) -> list[int]:
    """Count the intervals of each cycle, as a contract takes it that measures them."""
    assert contract.measure is not None  # noqa: S101
    named = [contract.cycles.parse(cycle) for cycle in cycles["cycle"].unique()]
    return _lengths(cycles, NumberedSteps(named, contract.zone, contract.measure.step), contract)


INTERVAL = {
    "starts_at": pl.Int64(),
    "ends_at": pl.Int64(),
    "unit": pl.String(),
    "failed": pl.Int64(),
    "total": pl.Int64(),
}
"""The columns of an interval, half-open in microseconds since 1970; and whether it `counts` as bad, or in a mean."""


def failing_intervals(allocated: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """List the intervals in which requests failed under a reading, in their order; none where requests are measured.

    Those beside the cycles of the audit are listed too, where a contract looks there. Gives `account_id` and what
    `INTERVAL` has; `unit` is the sub-unit, where these are told apart.
    """
    terms = contract.under(reading).measure
    if terms is None:
        return pl.DataFrame(schema={"account_id": pl.String(), **INTERVAL, "counts": pl.Boolean()})
    intervals = _Intervals.of(allocated, contract, terms)
    failing, around = intervals.failing(contract, reading), intervals.around
    counting = failing if terms.bad is None else _counting(failing, terms.bad, terms.run, len(around.cycles))
    key = ["number", "unit", "step"]
    marked = failing.join(counting.select(key).with_columns(counts=True), on=key, how="left", maintain_order="left")
    bounds = [intervals.steps.bounds(step) for step in marked["step"]]
    account = marked["number"] // max(len(around.cycles), 1)
    return marked.select(
        allocated.dimensions.accounts.gather(account).alias("account_id"),
        pl.Series("starts_at", [start for start, _ in bounds], dtype=pl.Int64),
        pl.Series("ends_at", [end for _, end in bounds], dtype=pl.Int64),
        intervals.units.names.gather(marked["unit"]).alias("unit"),
        "failed",
        "total",
        pl.col("counts").fill_null(value=False),
    ).sort("account_id", "starts_at", "unit", nulls_last=True)


def mean_loss(failing: pl.DataFrame) -> dict[int, Fraction]:
    """Add up the failure rates of intervals by the `number` of their cycle, exactly.

    `failing` has `number`, `failed` and `total`, a row for each interval.
    """
    few = pl.col("total") <= _FEW
    of_few = failing.filter(few).group_by("number").agg((pl.col("failed") * (_COMMON // pl.col("total"))).sum())
    lost = {number: Fraction(parts, _COMMON) for number, parts in of_few.iter_rows()}
    of_many = failing.filter(~few).group_by("number", "total").agg(pl.col("failed").sum())
    for number, total, failed in of_many.iter_rows():
        lost[number] = lost.get(number, _NOTHING) + Fraction(failed, total)
    return lost


def bad_intervals(failing: pl.DataFrame, bad: Bad, run: Run, cycles: int) -> dict[int, int]:
    """Count the bad intervals of each cycle that are in a run which counts.

    `failing` has, besides what `mean_loss` reads, the `unit` and the number of the `step`; cycles are numbered account
    by account, so many `cycles` for each.
    """
    return dict(_counting(failing, bad, run, cycles).group_by("number").len().iter_rows())


def _counting(failing: pl.DataFrame, bad: Bad, run: Run, cycles: int) -> pl.DataFrame:
    """Leave of the intervals in which something failed those that are bad, and in a run which counts."""
    few = pl.col("total") < bad.least_requests
    if bad.rate_over is not None:
        share, whole = bad.rate_over.as_integer_ratio()
        is_bad = pl.col("failed").cast(_WIDE) * whole > pl.col("total").cast(_WIDE) * share
    elif bad.failures_from is not None:
        is_bad = pl.col("failed") >= bad.failures_from
    else:
        is_bad = pl.col("failed") == pl.col("total")
    found = failing.filter(is_bad & ~few)
    if run != Run(over_cycle_edges=run.over_cycle_edges):
        found = _in_runs(found, run, cycles)
    return found


def _in_runs(bad: pl.DataFrame, run: Run, cycles: int) -> pl.DataFrame:
    """Leave of bad intervals those that are in a run which counts."""
    within = pl.col("number") // max(cycles, 1) if run.over_cycle_edges == "joined" else pl.col("number")
    found = bad.with_columns(within=within).sort("within", "unit", "step")
    begins = pl.any_horizontal(
        pl.col("within") != pl.col("within").shift(1),
        pl.col("unit") != pl.col("unit").shift(1),
        pl.col("step") != pl.col("step").shift(1) + 1,
    )
    first = found.select(begins.fill_null(value=True)).to_series().arg_true().to_numpy()
    lengths = np.diff(np.append(first, found.height))
    requests = np.add.reduceat(found["total"].to_numpy(), first) if len(first) else lengths
    counts = (lengths >= run.intervals_from) & (requests >= run.least_requests)
    return found.filter(pl.Series(np.repeat(counts, lengths)))


@dataclass(frozen=True)
class _Units:
    """The sub-units of which intervals are told apart: that of each outcome, and how many each cycle has seen."""

    of_outcome: pl.Series
    many: int
    seen: dict[int, int]
    names: pl.Series

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract) -> _Units:
        dimensions = allocated.dimensions
        number = dimensions.cycle_number()
        nobody = pl.Series([None], dtype=pl.String)
        if contract.unit.pooled is None:
            seen = np.flatnonzero(np.bincount(allocated.counts.select(number=number)["number"].to_numpy())).tolist()
            return cls(
                pl.repeat(0, dimensions.outcomes.height, dtype=pl.Int64, eager=True), 1, dict.fromkeys(seen, 1), nobody
            )
        codes = dimensions.outcomes[contract.unit.pooled].rank("dense").fill_null(0).cast(pl.Int64)
        numbered = allocated.counts.select(number=number, unit=pl.lit(codes).gather(pl.col("outcome"))).unique()
        seen_by = numbered.group_by("number").len()
        named = dimensions.outcomes[contract.unit.pooled].drop_nulls().unique().sort()  # as their ranks are
        many = int(codes.max() or 0) + 1  # type: ignore[arg-type]
        return cls(codes, many, dict(seen_by.iter_rows()), pl.concat([nobody, named]))


class _Around(NamedTuple):
    """The cycles of an audit; where runs may go there, also the one before and the one after: then `edge` is 1."""

    cycles: tuple[ServiceCycle, ...]
    edge: int

    @classmethod
    def of(cls, allocated: AllocatedCounts) -> _Around:
        cycles = allocated.cycles
        if not allocated.beside.height or not cycles:
            return cls(cycles, 0)
        return cls((cycles[0].plus(-1), *cycles, cycles[-1].plus(1)), 1)

    def place_of(self, slots: pl.DataFrame) -> pl.Series:
        """Give the position of the cycle of each slot among these; null where it is none of them."""
        position = {str(cycle): at for at, cycle in enumerate(self.cycles)}
        return pl.Series([position.get(cycle) for cycle in slots["cycle"]], dtype=pl.Int64)

    def inside(self, found: Mapping[int, _Found]) -> dict[int, _Found]:
        """Give what was found of the cycles of the audit by the numbers that their cycles have there."""
        many, of_audit = len(self.cycles), len(self.cycles) - 2 * self.edge
        return {
            number // many * of_audit + number % many - self.edge: each
            for number, each in found.items()
            if self.edge <= number % many < many - self.edge
        }


@dataclass(frozen=True)
class _Intervals:
    """The requests of intervals by what became of them.

    `at` has an interval each, by cycle, sub-unit and step as one number, in order. Its requests stand from its
    position in `first` on, by their `classification`, of which `classifications` tells.
    """

    around: _Around
    steps: NumberedSteps
    units: _Units
    at: Numbers
    first: Numbers
    requests: Numbers
    classification: Numbers
    classifications: pl.DataFrame
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract, terms: Measure) -> _Intervals:
        around, units, dimensions = _Around.of(allocated), _Units.of(allocated, contract), allocated.dimensions
        steps = NumberedSteps(around.cycles, contract.zone, terms.step)
        step, place = steps.of_slots(dimensions.slots), around.place_of(dimensions.slots)
        is_told = pl.lit(step.is_not_null() & place.is_not_null()).gather(pl.col("slot"))
        counts = pl.concat([each.filter(is_told) for each in (allocated.counts, allocated.beside)])
        cycle = pl.col("account").cast(pl.Int64) * len(around.cycles) + pl.lit(place).gather(pl.col("slot"))
        unit = pl.lit(units.of_outcome).gather(pl.col("outcome"))
        number = (cycle * units.many + unit) * steps.number + pl.lit(step).gather(pl.col("slot"))
        numbers = len(dimensions.accounts) * len(around.cycles) * units.many * max(steps.number, 1)
        sums = add_up(counts, dimensions, contract, allocated.findings, number, numbers)
        cells = sums.cells.sort("number")
        at, requests, classification = (cells[name].to_numpy() for name in ("number", "requests", "classification"))
        first = np.flatnonzero(np.append(len(at) > 0, at[1:] != at[:-1]))
        return cls(around, steps, units, at[first], first, requests, classification, sums.classifications)

    def failing(self, contract: Contract, reading: str) -> pl.DataFrame:
        """Give cycle (`number`), `unit`, `step`, `failed` and `total` of each interval in which something failed."""
        ends = self.classifications.filter(pl.col("reading") == reading).sort("classification")["class"]
        sums = {name: self._sums((ends == name).to_numpy()) for name in CLASSES}
        _, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
        at, steps, units = pl.col("at"), self.steps.number, self.units.many
        some = pl.DataFrame({"at": self.at} | sums).filter(pl.col("explicit_failure") > 0)
        return some.select(
            number=at // (units * steps),
            unit=at // steps % units,
            step=at % steps,
            failed="explicit_failure",
            total=total,
        )

    def lengths(self, cycles: pl.DataFrame, contract: Contract) -> list[int]:
        """Count the intervals of each cycle, as a reading takes it: those of its days of service, or of all days."""
        partial = contract.cycle.partial
        if partial not in self._lengths:
            self._lengths[partial] = _lengths(cycles, self.steps, contract)
        return self._lengths[partial]

    def _sums(self, is_meant: npt.NDArray[np.bool_]) -> Numbers:
        """Add up, for each interval, the requests of some classifications."""
        meant = np.where(is_meant[self.classification], self.requests, 0)
        return np.add.reduceat(meant, self.first) if len(self.first) else meant


def _lengths(cycles: pl.DataFrame, steps: NumberedSteps, contract: Contract) -> list[int]:
    """Count the intervals of each cycle: those of its days of service, or all of it."""
    if contract.cycle.partial == "as_whole":
        whole = map(cycle_named, cycles["cycle"])
        return [steps.between(cycle.first_day, cycle.last_day) for cycle in whole]
    known: dict[tuple[date, date], int] = {}

    def between(first: date, last: date) -> int:
        if (first, last) not in known:
            known[first, last] = steps.between(first, last)
        return known[first, last]

    uncompensated = contract.compensation.uncompensated_plans
    return [sum(between(*days) for days in stretches) for stretches in stretches_of(cycles, uncompensated)]
