"""What each exclusion took out of the rate, and what it saved: by itself, the others standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.case import Case, Question
from sla_audit.judge.classify import CLASSES
from sla_audit.judge.exclusions import ExclusionFinding, covering_exclusion
from sla_audit.judge.fates import KIND, class_kinds
from sla_audit.judge.lists import Lists
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.tallied import parted_counts


def effects(
    case: Case, cycles: pl.DataFrame, verdicts: pl.DataFrame, contract: Contract, question: Question
) -> tuple[ExclusionFinding, ...]:
    """Complete the findings of a case by their effects under the reading in force.

    `cycles` and, beside it, `verdicts` under that reading are as in `verdicts.Judgement`. Only the cycles that an
    exclusion touches are judged again without it.
    """
    covered_by, freed_from = {}, {}
    for at in range(len(case.findings)):
        covered = case.counts.filter(pl.col("covering") == at)
        if covered.height:
            covered_by[at] = covered
            freed_from[at] = covered.with_columns(covering=covering_exclusion(_without(at, case), case.lists))
    if not covered_by:
        return tuple(case.findings)
    ends = _ends([*covered_by.values(), *freed_from.values()], case, contract, question.reading)
    complete = []
    for at, finding in enumerate(case.findings):
        if at not in covered_by:
            complete.append(finding)
            continue
        before = _ended(covered_by[at], ends, case.lists)
        removed = before.filter(pl.col("exclusion") == at)
        requests = int(removed["requests"].sum())
        freed = freed_from[at]
        if any(parted_counts(freed, case.lists, contract, _without(at, case))):
            # Another exclusion would have covered a part of what a tally has added up: none knows which.
            complete.append(replace(finding, requests=requests, requests_alone=None, compensation_saved=None))
            continue
        after = _ended(freed, ends, case.lists)
        touched = cycles["number"].is_in(removed["number"].unique().implode())
        of_touched, ruled = cycles.filter(touched), verdicts.filter(touched)
        otherwise = _otherwise(of_touched["number"], ruled, before, after)
        again = rule_on(of_touched, otherwise, contract, question.reading, question.as_of)
        saved = _owed(again) - _owed(ruled)
        alone = _excluded(before) - _excluded(after)
        complete.append(replace(finding, requests=requests, requests_alone=alone, compensation_saved=saved))
    return tuple(complete)


def _without(at: int, case: Case) -> list[ExclusionFinding]:
    """Give the findings of a case, had one exclusion been refused."""
    return [replace(finding, state="refused") if n == at else finding for n, finding in enumerate(case.findings)]


def _ends(counts: Sequence[pl.DataFrame], case: Case, contract: Contract, reading: str) -> pl.DataFrame:
    """Class each kind that occurs in some counts: its `class`, and the `exclusion` that takes it out, if one does."""
    kinds = pl.concat([part.select(KIND) for part in counts]).unique()
    classed = class_kinds(kinds, case.lists, contract, case.findings)
    return classed.select(*KIND, **{name: f"{reading}/{name}" for name in ("class", "exclusion")})


def _ended(counts: pl.DataFrame, ends: pl.DataFrame, lists: Lists) -> pl.DataFrame:
    """Give the `number` of the cycle of each count, its `requests`, and how they end."""
    numbered = counts.select(*KIND, "requests", number=lists.cycle_number())
    return numbered.join(ends, on=KIND, how="left", nulls_equal=True)


def _otherwise(numbers: pl.Series, requests: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Give the requests of cycles by class, had what was `before` been as it is `after`."""
    moved = pl.concat([after, before.with_columns(-pl.col("requests"))])
    by_class = moved.group_by("number").agg(
        pl.col("requests").filter(pl.col("class") == name).sum().alias(name) for name in CLASSES
    )
    aligned = numbers.to_frame().join(by_class, on="number", how="left", maintain_order="left")
    return requests.select(pl.col(name) + aligned[name].fill_null(0) for name in CLASSES)


def _excluded(sums: pl.DataFrame) -> int:
    """Count the requests that some exclusion takes out."""
    return int(sums.filter(pl.col("exclusion").is_not_null())["requests"].sum())


def _owed(verdicts: pl.DataFrame) -> Decimal:
    """Add up what is owed; what cannot be determined counts as nothing."""
    return Decimal(sum(verdicts["compensation"].drop_nulls().to_list(), Decimal(0)))
