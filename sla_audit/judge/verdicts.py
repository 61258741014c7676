"""From counts to verdicts: every account and cycle, under every reading of the agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.contract.calendar import INSTALLED, WorkingDays
from sla_audit.contract.facts import Facts
from sla_audit.contract.model import Contract
from sla_audit.judge.case import Case, Question
from sla_audit.judge.claims import ClaimWindow, claim_window
from sla_audit.judge.cycles import service_cycles
from sla_audit.judge.effects import effects
from sla_audit.judge.exclusions import ExclusionFinding
from sla_audit.judge.fates import add_up
from sla_audit.judge.ruling import rule_on

_CYCLE = ("account_id", "cycle")


@dataclass(frozen=True)
class Totals:
    """Sums over all results, under the reading in force, except `by_reading`."""

    accounts: int
    breached: int
    owed: int
    undetermined: int
    compensation: Decimal
    by_reading: dict[str, Decimal]


@dataclass(frozen=True)
class Judgement:
    """All verdicts.

    `cycles` has one row per account and cycle, by account and then month (see
    `cycles.service_cycles`), with `service_fee` and `cash_paid`, null where no bill is known. `verdicts` has one
    row per cycle and reading: `requests`, one column per class, `success_rate` in millionths (cut),
    `credit_rate`, `failures_to_edge` (see `availability`), `decision`, `reason`, `compensation` (null where
    undetermined) and `capped`. `by_clause` splits the excluded requests of each verdict by `clause`. `rows` says
    where every request went.
    """

    cycles: pl.DataFrame
    verdicts: pl.DataFrame
    by_clause: pl.DataFrame
    exclusions: tuple[ExclusionFinding, ...]
    claims: dict[str, ClaimWindow]
    rows: dict[str, int]
    totals: Totals


def judge(
    case: Case,
    contract: Contract,
    facts: Facts,
    question: Question,
    working_days: WorkingDays = INSTALLED,
) -> Judgement:
    """Judge a case by a contract and the facts that the parties assert."""
    classes, cycles, verdicts = rule(case, contract, facts, question)
    return Judgement(
        cycles=cycles,
        verdicts=verdicts,
        by_clause=_by_clause(classes),
        exclusions=effects(case, classes, verdicts, contract, question),
        claims={str(month): claim_window(month, contract.claim, working_days) for month in case.months},
        rows=case.rows,
        totals=_totals(verdicts, question.reading, list(contract.readings)),
    )


class Ruling(NamedTuple):
    """Verdicts, and what they rest on: `classes` from `fates.add_up`, the others as in `Judgement`."""

    classes: pl.DataFrame
    cycles: pl.DataFrame
    verdicts: pl.DataFrame


def rule(case: Case, contract: Contract, facts: Facts, question: Question) -> Ruling:
    """Come to the verdicts of a case, without what else a report says."""
    classes = add_up(case.counts, case.lists, contract, case.findings)
    cycles = _billed(service_cycles(case.months, facts.accounts, classes.select(_CYCLE).unique()), facts)
    return Ruling(classes, cycles, rule_on(cycles, classes, contract, question.as_of))


def _billed(cycles: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    if facts.billing is None:
        nothing = pl.lit(None, pl.Decimal(38, 6))
        return cycles.with_columns(service_fee=nothing, cash_paid=nothing)
    bills = facts.billing.select(*_CYCLE, "service_fee", "cash_paid")
    return cycles.join(bills, on=_CYCLE, how="left", maintain_order="left")


def _by_clause(classes: pl.DataFrame) -> pl.DataFrame:
    excluded = classes.filter(pl.col("class") == "excluded")
    return excluded.group_by(*_CYCLE, "reading", "clause").agg(pl.col("requests").sum()).sort("clause")


def _totals(verdicts: pl.DataFrame, reading: str, readings: Sequence[str]) -> Totals:
    in_force = verdicts.filter(pl.col("reading") == reading)
    owed = dict(verdicts.group_by("reading").agg(pl.col("compensation").sum()).iter_rows())
    decisions = in_force["decision"]
    return Totals(
        accounts=in_force["account_id"].n_unique(),
        breached=in_force.filter(pl.col("tier") >= 0).height,
        owed=int((decisions == "owed").sum()),
        undetermined=int((decisions == "undetermined").sum()),
        compensation=owed.get(reading) or Decimal(0),
        by_reading={name: owed.get(name) or Decimal(0) for name in readings},
    )
