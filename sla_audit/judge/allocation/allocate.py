"""What is judged: the counts that belong to a service cycle, and the exclusion that covers each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import refuse
from sla_audit.judge.allocation.place import place, with_days, with_positions
from sla_audit.judge.allocation.roster import roster
from sla_audit.judge.allocation.service import days_served, outside_cycles, with_plans
from sla_audit.judge.classification.covering import covering
from sla_audit.judge.classification.exclusions import examine
from sla_audit.judge.classification.unsafe_splits import cutting, unsafe_splits
from sla_audit.judge.dimensions import Dimensions
from sla_audit.judge.logged import logged_of
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.tally import Tally
from sla_audit.model.verdicts import CallTolerance, ExclusionFinding, Logged


@dataclass(frozen=True)
class AuditScope:
    """What is asked of the counts: cycles (None: all that the logs touch), APIs, day and reading."""

    cycles: Sequence[ServiceCycle] | None
    apis: Sequence[str]
    as_of: date
    reading: str
    metering: CallTolerance = field(default_factory=CallTolerance)


@dataclass(frozen=True)
class AllocatedCounts:
    """What a judgement rests on: the counts that belong to a cycle, each with the exclusion that covers it.

    `counts` has codes into `dimensions`, `requests`, and `covering`: a position in `findings`, or null;
    `out_of_service` has those on days on which their account was not in service. `roster` says who the accounts are.
    `rows` says where every request went, `logged` what the logs have of the service. Where runs of intervals go on over
    the edges of cycles, the counts `beside` are those of other ones, likewise.
    """

    counts: pl.DataFrame
    dimensions: Dimensions
    roster: pl.DataFrame
    findings: tuple[ExclusionFinding, ...]
    cycles: tuple[ServiceCycle, ...]
    rows: dict[str, int]
    out_of_service: pl.DataFrame
    logged: Logged
    beside: pl.DataFrame


def allocate(
    tally: Tally, contract: Contract, facts: Facts, scope: AuditScope, everyone: Tally | None = None
) -> AllocatedCounts:
    """Place the counts of a tally, and find what covers them.

    Where `tally` has the counts of some accounts, `everyone` is the one with those of all: other accounts' rows show
    that the logs are there.

    Raises `InputError` where the counts are too coarse for an exclusion (see `tallied`).
    """
    kind = contract.cycles
    slots = with_days(tally.slots, contract.time_zone, kind)
    uncompensated = contract.compensation.uncompensated_plans
    accounts = roster(tally.accounts["account_id"], facts.accounts, uncompensated)
    outside = outside_cycles(tally.counts, slots, accounts, kind, uncompensated)
    placed = place(tally.counts, slots, tally.outcomes, accounts, scope.cycles, scope.apis, kind=kind, outside=outside)
    accounts = with_plans(accounts, days_served(accounts, placed.cycles, uncompensated))
    findings = tuple(examine(exclusion, contract) for exclusion in facts.exclusions)
    slots = with_positions(slots, placed.cycles)
    counted = (everyone or tally).counts
    logged = logged_of(counted, slots, tally.outcomes, placed.cycles, scope.apis)
    dimensions = Dimensions(accounts["account_id"], slots, tally.outcomes, len(placed.cycles))
    counts = placed.counts.with_columns(covering=covering(placed.counts, findings, dimensions).first)
    others = placed.beside if contract.joins_cycles else placed.beside.clear()
    beside = others.with_columns(covering=covering(others, findings, dimensions).first)
    refuse(unsafe_splits(counts, dimensions, contract, findings, cutting(findings, dimensions)))
    return AllocatedCounts(
        counts, dimensions, accounts, findings, placed.cycles, placed.rows, placed.out_of_service, logged, beside
    )
