"""What a contract measures by intervals: the mean of their failure rates, or the share of time that is not bad.

Only intervals in which something failed matter: the others are good, and how many there are follows from the calendar.
Rates are exact fractions, since those of a mean have unlike denominators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.availability import RATE_DIGITS, steps, tier_of
from sla_audit.judge.intervals.counted import Intervals
from sla_audit.judge.intervals.exact_rate import written
from sla_audit.judge.intervals.losses import bad_intervals, mean_loss
from sla_audit.model.verdicts import EXACT_RATE


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
    intervals = Intervals.of(allocated, contract, contract.measure)
    return {name: _measured(intervals, cycles, contract.under(name), name) for name in contract.readings}


def _measured(intervals: Intervals, cycles: pl.DataFrame, contract: Contract, reading: str) -> Measured:
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
