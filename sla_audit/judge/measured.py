"""What a contract measures by intervals: the mean of their failure rates, or the share of time that is not bad.

Only intervals in which something failed matter: the others are good, and how many there are follows from the calendar.
Rates are exact fractions, since those of a mean have unlike denominators.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.measure import Bad, Measure, Run
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.allocation.service import stretches_of
from sla_audit.judge.availability import RATE_DIGITS, tier_of
from sla_audit.judge.classification.classes import ClassCounts, add_up
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.steps import NumberedSteps
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.cycle_lengths import cycle_named

_WIDE = pl.Int128()


@dataclass(frozen=True)
class Measured:
    """The exact rate of each cycle, None where nothing was counted; its tier; and how long its faults were."""

    rates: Sequence[Fraction | None]
    tiers: Sequence[int | None]
    fault_minutes: Sequence[int]

    def columns(self) -> list[pl.Series]:
        """Give the columns of verdicts that follow: rates are in millionths, cut.

        How many failures another tier is away cannot be said: it depends on when they are.
        """
        cut = [None if rate is None else rate.numerator * 10**RATE_DIGITS // rate.denominator for rate in self.rates]
        return [
            pl.Series("success_rate", cut, dtype=pl.Int64),
            pl.Series("tier", self.tiers, dtype=pl.Int8),
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
    terms, around, units = contract.measure, intervals.around, intervals.units
    assert terms is not None  # which no reading changes  # noqa: S101
    failing = intervals.failing(contract, reading)
    lengths = _lengths(cycles, intervals.steps, contract)
    if terms.bad is None:
        lost = around.inside(mean_loss(failing))
        totals: Iterable[int] = lengths
    else:
        faults = bad_intervals(failing, terms.bad, terms.run, len(around.cycles))
        lost = around.inside({number: Fraction(intervals) for number, intervals in faults.items()})
        totals = [length * units.seen.get(number, 1) for length, number in zip(lengths, cycles["number"], strict=True)]
    numbers = cycles["number"].to_list()
    rates = [
        1 - lost.get(number, Fraction(0)) / total if number in units.seen else None
        for number, total in zip(numbers, totals, strict=True)
    ]
    return Measured(
        rates,
        [None if rate is None else tier_of(rate, contract) for rate in rates],
        [_minutes(lost.get(number, Fraction(0)), terms) for number in numbers],
    )


def mean_loss(failing: pl.DataFrame) -> dict[int, Fraction]:
    """Add up the failure rates of intervals by the `number` of their cycle, exactly.

    `failing` has `number`, `failed` and `total`, a row for each interval.
    """
    alike = failing.group_by("number", "failed", "total").len()
    lost: dict[int, Fraction] = defaultdict(Fraction)
    for number, failed, total, many in alike.iter_rows():
        lost[number] += Fraction(failed * many, total)
    return lost


def bad_intervals(failing: pl.DataFrame, bad: Bad, run: Run, cycles: int) -> dict[int, int]:
    """Count the bad intervals of each cycle that are in a run which counts.

    `failing` has, besides what `mean_loss` reads, the `unit` and the number of the `step`; cycles are numbered account
    by account, so many `cycles` for each.
    """
    few = pl.col("total") < bad.least_requests
    if bad.rate_over is not None:
        share, whole = bad.rate_over.as_integer_ratio()
        is_bad = pl.col("failed").cast(_WIDE) * whole > pl.col("total").cast(_WIDE) * share
    elif bad.failures_from is not None:
        is_bad = pl.col("failed") >= bad.failures_from
    else:
        is_bad = pl.col("failed") == pl.col("total")
    account = pl.col("number") // max(cycles, 1)
    runs_in = account if run.over_cycle_edges == "joined" else pl.col("number")
    found = failing.filter(is_bad & ~few).with_columns(within=runs_in).sort("within", "unit", "step")
    goes_on = (
        (pl.col("within") == pl.col("within").shift(1))
        & (pl.col("unit") == pl.col("unit").shift(1))
        & (pl.col("step") == pl.col("step").shift(1) + 1)
    )
    in_runs = found.with_columns(run=(~goes_on.fill_null(value=False)).cum_sum())
    long = pl.len().over("run") >= run.intervals_from
    busy = pl.col("total").sum().over("run") >= run.least_requests
    return dict(in_runs.filter(long & busy).group_by("number").len().iter_rows())


@dataclass(frozen=True)
class _Units:
    """The sub-units of which intervals are told apart: that of each outcome, and how many each cycle has seen."""

    of_outcome: pl.Series
    many: int
    seen: dict[int, int]

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract) -> _Units:
        outcomes, dimensions = allocated.dimensions.outcomes, allocated.dimensions
        if contract.unit.pooled is None:
            codes = pl.repeat(0, outcomes.height, dtype=pl.Int64, eager=True)
        else:
            codes = outcomes[contract.unit.pooled].rank("dense").fill_null(0).cast(pl.Int64)
        numbered = allocated.counts.select(
            number=dimensions.cycle_number(), unit=pl.lit(codes).gather(pl.col("outcome"))
        )
        seen = numbered.group_by("number").agg(pl.col("unit").n_unique())
        return cls(codes, int(codes.max() or 0) + 1, dict(seen.iter_rows()))  # type: ignore[arg-type]


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

    def cycle_number(self, slots: pl.DataFrame) -> pl.Expr:
        """Express the number of the cycle of a count among these; null where it is in none of them."""
        position = {str(cycle): at for at, cycle in enumerate(self.cycles)}
        at = pl.Series([position.get(cycle) for cycle in slots["cycle"]], dtype=pl.Int64)
        return pl.col("account").cast(pl.Int64) * len(self.cycles) + pl.lit(at).gather(pl.col("slot"))

    def inside(self, found: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Give what was found of the cycles of the audit by the numbers that their cycles have there."""
        many, of_audit = len(self.cycles), len(self.cycles) - 2 * self.edge
        return {
            number // many * of_audit + number % many - self.edge: each
            for number, each in found.items()
            if self.edge <= number % many < many - self.edge
        }


@dataclass(frozen=True)
class _Intervals:
    """The requests of intervals by what became of them: `sums` are by cycle, sub-unit and step, as one number."""

    around: _Around
    steps: NumberedSteps
    units: _Units
    sums: ClassCounts

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract, terms: Measure) -> _Intervals:
        around, units, dimensions = _Around.of(allocated), _Units.of(allocated, contract), allocated.dimensions
        steps = NumberedSteps(around.cycles, contract.zone, terms.step)
        step_of = pl.lit(steps.of_slots(dimensions.slots)).gather(pl.col("slot"))
        cycle = around.cycle_number(dimensions.slots)
        counts = pl.concat([allocated.counts, allocated.beside]).filter(step_of.is_not_null() & cycle.is_not_null())
        unit = pl.lit(units.of_outcome).gather(pl.col("outcome"))
        number = (cycle * units.many + unit) * steps.number + step_of
        numbers = len(dimensions.accounts) * len(around.cycles) * units.many * max(steps.number, 1)
        return cls(around, steps, units, add_up(counts, dimensions, contract, allocated.findings, number, numbers))

    def failing(self, contract: Contract, reading: str) -> pl.DataFrame:
        """Give cycle (`number`), `unit`, `step`, `failed` and `total` of each interval in which something failed."""
        of_class = [pl.col("requests").filter(pl.col("class") == name).sum().alias(name) for name in CLASSES]
        _, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
        at, steps, units = pl.col("number"), self.steps.number, self.units.many
        return (
            self.sums.under(reading)
            .group_by("number")
            .agg(of_class)
            .select("number", failed="explicit_failure", total=total)
            .filter(pl.col("failed") > 0)
            .select(
                number=at // (units * steps),
                unit=at // steps % units,
                step=at % steps,
                failed="failed",
                total="total",
            )
        )


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


def _minutes(intervals: Fraction, terms: Measure) -> int:
    return 0 if terms.bad is None else int(intervals) * (terms.step // timedelta(minutes=1))
