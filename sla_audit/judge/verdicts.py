"""From counts to verdicts: every account and cycle, under every reading of the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope
from sla_audit.judge.allocation.cycles import service_cycles
from sla_audit.judge.breakdown.detailed import otherwise, ranked, told_of
from sla_audit.judge.breakdown.exclusion_effects import counts_without, effects
from sla_audit.judge.claims import claim_window
from sla_audit.judge.classification.classes import ClassCounts, add_up
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.completeness.metering import bills, compare_metering
from sla_audit.judge.edges import with_edges
from sla_audit.judge.intervals.measured import measure
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.totals import totals_of
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.facts import Facts
from sla_audit.model.verdicts import Judgement

_CYCLE = ("account_id", "cycle")
_OTHERWISE = (*CLASSES, "success_rate", "credit_rate", "decision", "compensation")


def judge(
    allocated: AllocatedCounts,
    contract: Contract,
    facts: Facts,
    scope: AuditScope,
    working_days: WorkingDays = INSTALLED,
) -> Judgement:
    """Judge allocated counts by a contract and the facts that the parties assert."""
    sums, cycles, verdicts = rule(allocated, contract, facts, scope)
    verdicts[scope.reading] = with_edges(verdicts[scope.reading], cycles, contract, scope.reading)

    def without(counts: pl.DataFrame) -> pl.DataFrame:
        return _in_force(replace(allocated, counts=counts), contract, facts, scope)

    by_clause = sums.by_clause(scope.reading, allocated.dimensions.cycle_numbers)
    found = effects(allocated, cycles, verdicts[scope.reading], contract, scope, without)
    ranks = ranked(cycles, verdicts, scope.reading, found.touched)
    ended = [str(cycle) for cycle, rows in allocated.logged.by_cycle.items() if rows and cycle.last_day < scope.as_of]
    return Judgement(
        cycles=cycles,
        verdicts=verdicts,
        by_clause=by_clause.gather(cycles["number"]),
        differing=differing(verdicts),
        exclusions=found.findings,
        claims={str(cycle): claim_window(cycle, contract.claim, working_days) for cycle in allocated.cycles},
        rows=allocated.rows,
        logged=allocated.logged,
        metering=compare_metering(cycles, verdicts[scope.reading]["requests"], facts, contract, ended, scope.metering),
        totals=totals_of(cycles, verdicts, scope.reading),
        detailed=ranks["told"],
        touched=told_of(ranks, found.touched),
    )


def without_each(
    judgement: Judgement, allocated: AllocatedCounts, contract: Contract, facts: Facts, scope: AuditScope
) -> pl.DataFrame:
    """Judge the cycles that are `touched` by exclusions again without each of these, under the reading in force.

    Gives `account_id`, `cycle`, the position of the `exclusion`, the `requests` that it took out, how many no other
    would have (`requests_alone`), then the columns of a verdict; all but `requests` are null where a tally has added up
    what that depends on.
    """
    touched = judgement.touched
    of_touched, requests = judgement.cycles[touched["row"]], otherwise(touched, judgement.verdicts[scope.reading])
    if contract.measure is None:
        again = rule_on(of_touched, requests.fill_null(0), contract, scope.reading, scope.as_of)
    else:
        again = _ruled_without(touched, judgement.verdicts[scope.reading], allocated, contract, facts, scope)
    known = again.with_columns(known=requests["success"].is_not_null())
    parts = [
        of_touched.select(*_CYCLE),
        touched.select("exclusion", "requests", "requests_alone"),
        known.select(pl.when("known").then(name).alias(name) for name in _OTHERWISE),
    ]
    return pl.concat(parts, how="horizontal")


def _ruled_without(
    touched: pl.DataFrame,
    verdicts: pl.DataFrame,
    allocated: AllocatedCounts,
    contract: Contract,
    facts: Facts,
    scope: AuditScope,
) -> pl.DataFrame:
    """Measure the cycles of `touched` again without its exclusions, each by itself."""
    places = touched.select("exclusion", "row").with_row_index("place")
    parts = [verdicts.clear().select(_OTHERWISE).with_columns(place=pl.lit(None, pl.UInt32))]
    for at, counts in counts_without(allocated):
        of_one = places.filter(pl.col("exclusion") == at)
        if of_one.height:
            ruled = _in_force(replace(allocated, counts=counts), contract, facts, scope)
            parts.append(ruled[of_one["row"]].select(_OTHERWISE).with_columns(place=of_one["place"]))
    return pl.concat(parts).sort("place")


def _in_force(allocated: AllocatedCounts, contract: Contract, facts: Facts, scope: AuditScope) -> pl.DataFrame:
    """Come to the verdicts under the reading in force alone."""
    return rule(allocated, contract.only(scope.reading), facts, scope).verdicts[scope.reading]


class Ruling(NamedTuple):
    """Verdicts, and the sums that they rest on; the others as in `Judgement`."""

    sums: ClassCounts
    cycles: pl.DataFrame
    verdicts: dict[str, pl.DataFrame]


def rule(allocated: AllocatedCounts, contract: Contract, facts: Facts, scope: AuditScope) -> Ruling:
    """Come to the verdicts of allocated counts, without what else a report says."""
    cycle_number, numbers = allocated.dimensions.cycle_number(), allocated.dimensions.cycle_numbers
    sums = add_up(allocated.counts, allocated.dimensions, contract, allocated.findings, cycle_number, numbers)
    by_class = {name: sums.by_class(name, numbers) for name in contract.readings}
    seen = _seen(by_class[scope.reading], allocated)
    listed = service_cycles(allocated.cycles, allocated.roster, seen, contract.compensation.uncompensated_plans)
    cycles = listed.join(bills(facts), on=_CYCLE, how="left", maintain_order="left").with_columns(
        number=pl.col("account").cast(pl.Int64) * allocated.dimensions.cycles + pl.col("position"),
        logged=pl.col("position").is_in([at for at, rows in enumerate(allocated.logged.by_cycle.values()) if rows]),
    )
    measured = measure(allocated, cycles, contract)
    verdicts = {
        name: rule_on(cycles, requests[cycles["number"]], contract, name, scope.as_of, measured.get(name))
        for name, requests in by_class.items()
    }
    return Ruling(sums, cycles, verdicts)


def differing(verdicts: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Tell which cycles get another decision or amount under some reading."""
    first, *others = verdicts.values()
    differs = pl.repeat(False, first.height, eager=True)
    for other in others:
        for column in ("decision", "compensation"):
            differs |= first[column].ne_missing(other[column])
    return differs


def _seen(by_class: pl.DataFrame, allocated: AllocatedCounts) -> pl.DataFrame:
    """Give the cycles that have counted requests, by the code of the account and the position."""
    numbers = by_class.select(pl.sum_horizontal(pl.all()) > 0).to_series().arg_true()
    cycles = max(allocated.dimensions.cycles, 1)
    return pl.DataFrame({"account": numbers // cycles, "position": numbers % cycles})
