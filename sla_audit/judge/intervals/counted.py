"""What was counted in intervals, and how many each cycle has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.measure import Measure
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.allocation.service import stretches_of
from sla_audit.judge.classification.classes import add_up
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.intervals.steps import NumberedSteps
from sla_audit.judge.intervals.units import Around, Units

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Intervals:
    """The requests of intervals by what became of them.

    `at` has an interval each, by cycle, sub-unit and step as one number, in order. Its requests stand from its
    position in `first` on, by their `classification`, of which `classifications` tells.
    """

    around: Around
    steps: NumberedSteps
    units: Units
    at: Numbers
    first: Numbers
    requests: Numbers
    classification: Numbers
    classifications: pl.DataFrame
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract, terms: Measure) -> Intervals:
        """Add up what was allocated to slots of intervals."""
        around, units, dimensions = Around.of(allocated), Units.of(allocated, contract), allocated.dimensions
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
            self._lengths[partial] = lengths_of(cycles, self.steps, contract)
        return self._lengths[partial]

    def _sums(self, is_meant: npt.NDArray[np.bool_]) -> Numbers:
        """Add up, for each interval, the requests of some classifications."""
        meant = np.where(is_meant[self.classification], self.requests, 0)
        return np.add.reduceat(meant, self.first) if len(self.first) else meant


def intervals_in(cycles: pl.DataFrame, contract: Contract) -> list[int]:
    """Count the intervals of each cycle, as a contract takes it that measures them."""
    assert contract.measure is not None  # noqa: S101
    named = [contract.cycles.parse(cycle) for cycle in cycles["cycle"].unique()]
    return lengths_of(cycles, NumberedSteps(named, contract.zone, contract.measure.step), contract)


def lengths_of(cycles: pl.DataFrame, steps: NumberedSteps, contract: Contract) -> list[int]:
    """Count the intervals of each cycle: those of its days of service, or all of it."""
    if contract.cycle.partial == "as_whole":
        whole = map(contract.cycles.parse, cycles["cycle"])
        return [steps.between(cycle.first_day, cycle.last_day) for cycle in whole]
    known: dict[tuple[date, date], int] = {}

    def between(first: date, last: date) -> int:
        if (first, last) not in known:
            known[first, last] = steps.between(first, last)
        return known[first, last]

    uncompensated = contract.compensation.uncompensated_plans
    return [sum(between(*days) for days in stretches) for stretches in stretches_of(cycles, uncompensated)]
