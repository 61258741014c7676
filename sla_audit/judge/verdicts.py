"""From counts to verdicts: every account and cycle, under every reading of the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope
from sla_audit.judge.allocation.cycles import service_cycles
from sla_audit.judge.breakdown.exclusion_effects import effects
from sla_audit.judge.claims import claim_window
from sla_audit.judge.classification.classes import ClassCounts, add_up
from sla_audit.judge.completeness.metering import bills, compare_metering
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.totals import totals_of
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.facts import Facts
from sla_audit.model.verdicts import Judgement

_CYCLE = ("account_id", "cycle")


def judge(
    case: AllocatedCounts,
    contract: Contract,
    facts: Facts,
    question: AuditScope,
    working_days: WorkingDays = INSTALLED,
) -> Judgement:
    """Judge a case by a contract and the facts that the parties assert."""
    sums, cycles, verdicts = rule(case, contract, facts, question)
    by_clause = sums.by_clause(question.reading, case.lists.cycle_numbers)
    ended = [str(month) for month, rows in case.logged.by_month.items() if rows and month.last_day < question.as_of]
    return Judgement(
        cycles=cycles,
        verdicts=verdicts,
        by_clause=by_clause.gather(cycles["number"]),
        differing=differing(verdicts),
        exclusions=effects(case, cycles, verdicts[question.reading], contract, question),
        claims={str(month): claim_window(month, contract.claim, working_days) for month in case.months},
        rows=case.rows,
        logged=case.logged,
        metering=compare_metering(cycles, verdicts[question.reading]["requests"], facts, contract, ended),
        totals=totals_of(cycles, verdicts, question.reading),
    )


class Ruling(NamedTuple):
    """Verdicts, and the sums that they rest on; the others as in `Judgement`."""

    sums: ClassCounts
    cycles: pl.DataFrame
    verdicts: dict[str, pl.DataFrame]


def rule(case: AllocatedCounts, contract: Contract, facts: Facts, question: AuditScope) -> Ruling:
    """Come to the verdicts of a case, without what else a report says."""
    cycle_number, numbers = case.lists.cycle_number(), case.lists.cycle_numbers
    sums = add_up(case.counts, case.lists, contract, case.findings, cycle_number, numbers)
    by_class = {name: sums.by_class(name, numbers) for name in contract.readings}
    listed = service_cycles(case.months, case.roster, _seen(by_class[question.reading], case))
    cycles = listed.join(bills(facts), on=_CYCLE, how="left", maintain_order="left").with_columns(
        number=pl.col("account").cast(pl.Int64) * case.lists.months + pl.col("month"),
        logged=pl.col("month").is_in([at for at, rows in enumerate(case.logged.by_month.values()) if rows]),
    )
    verdicts = {
        name: rule_on(cycles, requests[cycles["number"]], contract, name, question.as_of)
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


def _seen(by_class: pl.DataFrame, case: AllocatedCounts) -> pl.DataFrame:
    """Give the cycles that have counted requests, by the codes of account and month."""
    numbers = by_class.select(pl.sum_horizontal(pl.all()) > 0).to_series().arg_true()
    months = max(case.lists.months, 1)
    return pl.DataFrame({"account": numbers // months, "month": numbers % months})
