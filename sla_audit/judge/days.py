"""The requests of each day by class: of all accounts together, and of every cycle below the objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.case import Case
from sla_audit.judge.classify import CLASSES
from sla_audit.judge.fates import KIND, class_kinds

_CYCLE = ("account_id", "cycle")
_END = ("class", "clause")


class Days(NamedTuple):
    """Days of the contract's time zone that have requests, in order, under one reading.

    Both tables have `day`, a column per class, and `by_clause`: a list of `clause` and `requests`, null where nothing
    was excluded. `breached` has them for each `account_id` and `cycle` whose rate is below the objective under some
    reading.
    """

    overall: pl.DataFrame
    breached: pl.DataFrame


def days(
    case: Case, cycles: pl.DataFrame, verdicts: Mapping[str, pl.DataFrame], contract: Contract, reading: str
) -> Days:
    """Split the requests of a case, whose slots are cut at midnights, by day.

    `cycles` and `verdicts` are as in `verdicts.Judgement`.
    """
    kinds = class_kinds(case.counts.select(KIND).unique(), case.lists, contract, case.findings)
    ends = kinds.select(*KIND, *(pl.col(f"{reading}/{column}").alias(column) for column in _END))
    classes = (
        case.counts.join(ends, on=KIND, nulls_equal=True)
        .with_columns(number=case.lists.cycle_number(), day=pl.lit(case.lists.slots["day"]).gather(pl.col("slot")))
        .group_by("number", "day", *_END)
        .agg(pl.col("requests").sum())
    )
    below = pl.any_horizontal(pl.lit(verdict["tier"] >= 0) for verdict in verdicts.values())
    breached = classes.join(cycles.filter(below).select("number", *_CYCLE), on="number")
    return Days(_by_class(classes, ["day"]), _by_class(breached, [*_CYCLE, "day"]))


def _by_class(classes: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    clauses = (
        classes.filter(pl.col("class") == "excluded")
        .group_by(*key, "clause")
        .agg(pl.col("requests").sum())
        .sort("clause")
        .group_by(key, maintain_order=True)
        .agg(by_clause=pl.struct("clause", "requests"))
    )
    sums = classes.group_by(key).agg(
        pl.col("requests").filter(pl.col("class") == name).sum().alias(name) for name in CLASSES
    )
    return sums.join(clauses, on=key, how="left").sort(key)
