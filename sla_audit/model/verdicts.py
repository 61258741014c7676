"""Verdicts as values: what a judgement hands on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, NamedTuple

import polars as pl

from sla_audit.model.claims import ClaimWindow
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Exclusion

EXACT_RATE = ("measured_kept", "measured_total")
"""The columns of verdicts that have the exact rate, as text, of agreements that measure intervals."""


@dataclass(frozen=True)
class Owed:
    """What is known to be owed together, and of how many results it cannot be told.

    The sum is None where nothing is known to be owed and some amount is unknown, or there is no result at all: then it
    is not zero, but unknown. Else, where some are undetermined, at least that much is owed.
    """

    compensation: Decimal | None
    undetermined: int


@dataclass(frozen=True)
class Totals:
    """Sums over all results, under the reading in force, except `by_reading`."""

    accounts: int
    breached: int
    owed: int
    undetermined: int
    compensation: Decimal | None
    by_reading: dict[str, Owed]


@dataclass(frozen=True)
class ExclusionFinding:
    """What became of an exclusion under the reading in force.

    One is refused that was never announced (`not_announced`), or at its start or later (`announced_late`), where
    its clause needs notice. It took `requests` out of the rate, of which `requests_alone` no other exclusion would
    have; the compensation would be higher by `compensation_saved` without it, or at least that, where it cannot be
    told of `undetermined` cycles that it touches (see `totals.Owed`). None: a tally has added up what that depends
    on.
    """

    exclusion: Exclusion
    state: Literal["applied", "refused"]
    reason: Literal["not_announced", "announced_late"] | None
    requests: int = 0
    requests_alone: int | None = 0
    compensation_saved: Decimal | None = Decimal(0)
    undetermined: int = 0


class DayAttribution(NamedTuple):
    """What the explicit failures of a day cost, those of `results` that are below the objective; nothing else changed.

    Had they been answered, `compensation` would be owed in all, `compensation_caused` less; both are None where that is
    not known of any result (see `Owed`). Of `undetermined` results it would earn something else than they do:
    `estimate_caused` less by what is known now, None where nothing is.
    """

    day: date
    explicit_failure: int
    results: int
    compensation: Decimal | None
    compensation_caused: Decimal | None
    estimate_caused: Decimal | None
    undetermined: int


@dataclass(frozen=True)
class Logged:
    """How many rows there are of the service in each cycle of the report, and of each API pattern in all of them.

    The rows are those of any account, in service or not: they show that the log is there.
    """

    by_cycle: dict[ServiceCycle, int]
    by_api: dict[str, int]

    @property
    def skipped(self) -> list[ServiceCycle]:
        """The cycles between those of the report that are not in it; only where the logs choose them."""
        cycles = list(self.by_cycle)
        return [cycle for cycle in cycles[0].until(cycles[-1]) if cycle not in self.by_cycle] if cycles else []

    def missing(self, as_of: date) -> list[ServiceCycle]:
        """List the cycles without any row of which a day was over on the day of the audit."""
        return [cycle for cycle, rows in self.by_cycle.items() if not rows and cycle.first_day < as_of]


_TOLERANCE = re.compile(r"(?P<calls>[0-9]{1,15})|(?P<share>[0-9]{1,3}(\.[0-9]{1,12})?)%", re.ASCII)


@dataclass(frozen=True)
class CallTolerance:
    """By how much billed calls may differ from logged ones: `N` calls, or `P%` of those that are billed; exact."""

    written: str = "0"

    def __post_init__(self) -> None:
        """Refuse what is no tolerance, with `ValueError`."""
        found = _TOLERANCE.fullmatch(self.written)
        if found is None or Decimal(found["share"] or 0) > 100:
            raise ValueError("expected a number of calls, or a share of those that are billed such as 0.1%")

    def allows(self, billed_calls: int, requests: int) -> bool:
        """Tell whether so many calls may be billed for so many requests."""
        apart, share = abs(billed_calls - requests), self.written.removesuffix("%")
        if share == self.written:
            return apart <= int(share)
        return Fraction(apart) <= Fraction(share) / 100 * billed_calls


class Metered(NamedTuple):
    """A bill for other calls than the logs have: `difference` of them too many, or, below 0, too few."""

    account_id: str
    cycle: str
    billed_calls: int
    requests: int
    unit_price: Decimal | None = None

    @property
    def difference(self) -> int:
        """The calls billed less those logged."""
        return self.billed_calls - self.requests

    @property
    def worth(self) -> Decimal | None:
        """What the difference is worth, exactly; None where no price is known."""
        if self.unit_price is None:
            return None
        with localcontext(prec=60):
            return self.difference * self.unit_price


@dataclass(frozen=True)
class Metering:
    """Where billing and the logs do not agree, by account and then time.

    `short` has `account_id`, `cycle`, `billed_calls` and `requests`, so few of these that the calls that are not
    logged, had they failed, would miss the objective by themselves: less than that is told result by result, and
    makes no noise. `silent` has `account_id`, `cycle` and `service_fee`, above 0, of those without any request in a
    cycle in which others have some. Where billing says how many calls there were, they are not `silent`: calls make
    them `short`, and where there were none, the logs agree. Of the `compared` bills, those beyond a `tolerance` are the
    `differing` ones.
    """

    short: pl.DataFrame
    silent: pl.DataFrame
    tolerance: CallTolerance = field(default_factory=CallTolerance)
    compared: int = 0
    differing: tuple[Metered, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """All verdicts.

    `cycles` has one row per account and cycle, by account and then time (see
    `cycles.service_cycles`), with `service_fee` and `cash_paid`, null where no bill is known, `billed_calls`, null
    where nothing is said of them, and `logged`, whether the logs have any row of the service in it. The others
    are beside it, row for row. `verdicts` has for each reading `requests`, one column per class, `success_rate` in
    millionths (cut), `tier` and `failures_to_edge` (see `availability`), `credit_rate`, `decision`, `reason`,
    `compensation` (null where undetermined), `capped` and `estimate`, and under the reading in force the edges of
    `judge.edges`. `by_clause` lists the excluded requests under the reading in
    force by the number of the `clause` (see `judge.classification.classes`). `differing` tells where readings differ in
    decision or amount.

    `rows` says where every request went, `logged` what the logs have of the service, `metering` where billing and the
    logs do not agree.

    `detailed` tells of which cycles a report says more, `touched` what exclusions took out of these (see
    `judge.breakdown.detailed.told_of`).
    """

    cycles: pl.DataFrame
    verdicts: Mapping[str, pl.DataFrame]
    by_clause: pl.Series
    differing: pl.Series
    exclusions: tuple[ExclusionFinding, ...]
    claims: dict[str, ClaimWindow]
    rows: dict[str, int]
    logged: Logged
    metering: Metering
    totals: Totals
    detailed: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Boolean))
    touched: pl.DataFrame = field(default_factory=pl.DataFrame)
