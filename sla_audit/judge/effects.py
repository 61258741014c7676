"""What each exclusion took out of the rate, and what it saved: by itself, the others standing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.case import Case, Question
from sla_audit.judge.exclusions import ExclusionFinding, covering_exclusion
from sla_audit.judge.fates import add_up
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.tallied import parted_counts

_CYCLE = ("account_id", "cycle")
_SUM = (*_CYCLE, "reading", "class")
_FACTS = (*_CYCLE, "month_end", "plan", "known", "service_fee", "cash_paid")


def effects(
    case: Case, classes: pl.DataFrame, verdicts: pl.DataFrame, contract: Contract, question: Question
) -> tuple[ExclusionFinding, ...]:
    """Complete the findings of a case by their effects under the reading in force.

    `classes` comes from `fates.add_up`, `verdicts` from `ruling.rule_on`. Only the cycles that an exclusion touches
    are judged again without it.
    """
    sums = classes.filter(pl.col("reading") == question.reading).group_by(_SUM).agg(pl.col("requests").sum())
    ruled = verdicts.filter(pl.col("reading") == question.reading)
    complete = []
    for at, finding in enumerate(case.findings):
        covered = case.counts.filter(pl.col("covering") == at)
        if not covered.height:
            complete.append(finding)
            continue
        before = _in_force(covered, case, contract, question)
        removed = before.filter(pl.col("exclusion") == at)
        requests = int(removed["requests"].sum())
        without = [replace(other, state="refused") if n == at else other for n, other in enumerate(case.findings)]
        freed = covered.with_columns(covering=covering_exclusion(without, case.lists))
        if any(parted_counts(freed, case.lists, contract, without)):
            # Another exclusion would have covered a part of what a tally has added up: none knows which.
            complete.append(replace(finding, requests=requests, requests_alone=None, compensation_saved=None))
            continue
        after = _in_force(freed, case, contract, question)
        touched = removed.select(_CYCLE).unique()
        of_touched = ruled.join(touched, on=_CYCLE, how="semi", maintain_order="left")
        parts = [sums.join(touched, on=_CYCLE, how="semi"), after, before.with_columns(-pl.col("requests"))]
        otherwise = pl.concat([part.select(*_SUM, "requests") for part in parts])
        again = rule_on(of_touched.select(_FACTS), otherwise, contract, question.as_of)
        saved = _owed(again.filter(pl.col("reading") == question.reading)) - _owed(of_touched)
        alone = _excluded(before) - _excluded(after)
        complete.append(replace(finding, requests=requests, requests_alone=alone, compensation_saved=saved))
    return tuple(complete)


def _in_force(counts: pl.DataFrame, case: Case, contract: Contract, question: Question) -> pl.DataFrame:
    sums = add_up(counts, case.lists, contract, case.findings)
    return sums.filter(pl.col("reading") == question.reading)


def _excluded(sums: pl.DataFrame) -> int:
    """Count the requests that some exclusion takes out."""
    return int(sums.filter(pl.col("exclusion").is_not_null())["requests"].sum())


def _owed(verdicts: pl.DataFrame) -> Decimal:
    """Add up what is owed; what cannot be determined counts as nothing."""
    return Decimal(sum(verdicts["compensation"].drop_nulls().to_list(), Decimal(0)))
