"""What each day's explicit failures cost: how much less would be owed, had they been answered and all else stayed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.totals import owed_together
from sla_audit.model.verdicts import DayAttribution

_CYCLE = ("account_id", "cycle")
_EXACT = pl.Decimal(38, 6)
_AT_ONCE = 1 << 18
_ANSWERED = (
    pl.col("success") + pl.col("failed"),
    pl.col("explicit_failure") - pl.col("failed"),
    pl.col("excluded"),
)
"""The requests of a cycle by class, had those of a day that `failed` been answered."""


def attributed(
    days: pl.DataFrame, cycles: pl.DataFrame, ruled: pl.DataFrame, contract: Contract, reading: str, as_of: date
) -> tuple[DayAttribution, ...]:
    """Tell of each day on which requests of results below the objective failed what these failures cost, in order.

    `days` has `account_id`, `cycle`, `day` and `explicit_failure` of all such results under the reading in force (see
    `days.Days.by_cycle`); `cycles` and, beside it, `ruled` are as in `verdicts.Judgement`. A day stands by itself: of
    two that are bad enough each, neither costs anything alone, so the amounts of days do not add up to what is owed.
    """
    contract = contract.under(reading)
    failing = _failing(days, cycles, ruled)
    moved = failing
    if contract.compensation.is_share:  # of a share, the same tier earns the same
        moved = failing.filter(credit_tier(*_kept_and_counted(contract, reading), contract) != pl.col("tier"))
    less = [_less(some, cycles, ruled, contract, reading, as_of) for some in moved.iter_slices(_AT_ONCE)]
    of_moved = pl.concat(less).partition_by("day", as_dict=True) if less else {}
    touched = failing.group_by("day").agg(pl.col("failed").sum(), pl.len()).sort("day")
    total = owed_together(ruled["compensation"]).compensation
    return tuple(
        _of_day(day, failed, results, of_moved.get((day,)), total) for day, failed, results in touched.iter_rows()
    )


def _failing(days: pl.DataFrame, cycles: pl.DataFrame, ruled: pl.DataFrame) -> pl.DataFrame:
    """Give `row`, `day`, `failed`, the classes and `tier` of results that are below the objective and failed then."""
    failed = days.filter(pl.col("explicit_failure") > 0).select(*_CYCLE, "day", failed="explicit_failure")
    rows = pl.concat([cycles.select(_CYCLE), ruled.select(*CLASSES, "tier")], how="horizontal").with_row_index("row")
    return failed.join(rows.filter(pl.col("tier") >= 0), on=_CYCLE, maintain_order="left")


def _kept_and_counted(contract: Contract, reading: str) -> tuple[pl.Expr, pl.Expr]:
    return contract.readings[reading].kept_and_counted(*_ANSWERED)


def _less(
    moved: pl.DataFrame, cycles: pl.DataFrame, ruled: pl.DataFrame, contract: Contract, reading: str, as_of: date
) -> pl.DataFrame:
    """Give the `day` of each, and what less would be owed: `decided`, or, of what is undetermined, by `estimate`."""
    requests = moved.select(answered.alias(name) for name, answered in zip(CLASSES, _ANSWERED, strict=True))
    then = rule_on(cycles[moved["row"]], requests, contract, reading, as_of)
    now = ruled[moved["row"]]
    would_be = then.select(pl.coalesce("compensation", "estimate").cast(_EXACT)).to_series()
    return moved.select(
        "day",
        decided=now["compensation"].cast(_EXACT) - would_be,
        estimate=now["estimate"].cast(_EXACT) - would_be,
        undetermined=now["decision"] == "undetermined",
    )


def _of_day(day: date, failed: int, results: int, moved: pl.DataFrame | None, total: Decimal | None) -> DayAttribution:
    if moved is None:
        return DayAttribution(day, failed, results, total, Decimal(0), None, 0)
    caused = owed_together(moved["decided"]).compensation
    known = list(_known(moved.filter("undetermined")["estimate"]))
    return DayAttribution(
        day=day,
        explicit_failure=failed,
        results=results,
        compensation=None if total is None or caused is None else total - caused,
        compensation_caused=caused,
        estimate_caused=sum(known, Decimal(0)) if known else None,
        undetermined=int(moved["undetermined"].sum()),
    )


def _known(amounts: pl.Series) -> Iterator[Decimal]:
    yield from (Decimal(each) for each in amounts.drop_nulls())
