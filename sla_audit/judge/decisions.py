"""What follows from a cycle's rate, plan and bill: the first reason that applies decides."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation


class _Step(NamedTuple):
    decision: str
    reason: str
    when: pl.Expr


_NOT_YET_KNOWN = ("cycle_running", "account_unknown")
"""Reasons that a cycle is undetermined though its requests, fee and cash may be known."""


def read_by(contract: Contract) -> tuple[str, ...]:
    """Name the columns of a cycle that decide: its bill among them.

    Whether the logs have any row of the service in its month is `logged`.
    """
    days = ("cycle_start", "cycle_end") if contract.cycle.partial == "not_judged" else ()
    return ("month_end", "logged", "billed_calls", "plan", "known", *days, *contract.compensation.facts)


def decide(as_of: date, contract: Contract, *, provisionally: bool = False) -> tuple[pl.Expr, pl.Expr]:
    """Express decision and reason of a cycle under one reading, in the order of precedence.

    `provisionally`, it is decided as if a running cycle had ended, and an account that is not known had a paid plan.

    Reads what is `read_by` the contract, `requests` and `tier` (see `availability.credit_tier`). Where calls
    were made and none is logged, no rate can be told (clauses 2.7, 2.9), and so not that nothing is owed.
    """
    not_logged = (pl.col("billed_calls") > 0) & (pl.col("requests") == 0)
    terms = contract.compensation
    bills = [pl.col(name) for name in terms.facts]
    not_billed, nothing_billed = (
        pl.any_horizontal(pl.lit(value=False), *wrong)
        for wrong in ([bill.is_null() for bill in bills], [bill == 0 for bill in bills])
    )
    because = "below_objective" if terms.owed_when == "below_objective" else "in_a_tier"
    steps: tuple[_Step, ...] = (
        _Step("undetermined", "cycle_running", pl.col("month_end") >= as_of),
        _Step("undetermined", "no_logs", ~pl.col("logged")),
        _Step("undetermined", "calls_not_logged", not_logged),
        *_of_part(contract),
        _Step("not_owed", "no_requests", pl.col("tier").is_null()),
        *_of_few(contract),
        _Step("not_owed", "objective_met", pl.col("tier") < 0),
        _Step("not_owed", "free_plan", pl.col("plan").is_in(list(terms.uncompensated_plans))),
        _Step("undetermined", "account_unknown", ~pl.col("known")),
        _Step(
            "undetermined",
            "billing_missing",
            not_billed,
        ),
        _Step("not_owed", _without_base(terms), nothing_billed),
        _Step("owed", because, pl.lit(value=True)),
    )
    if provisionally:
        steps = tuple(step for step in steps if step.reason not in _NOT_YET_KNOWN)
    # A condition that cannot be told (null) does not hold, and the next one is asked.
    first = pl.coalesce(*(pl.when(step.when).then(pl.lit(at, pl.UInt32)) for at, step in enumerate(steps)))
    decisions, reasons = pl.Series([step.decision for step in steps]), pl.Series([step.reason for step in steps])
    return pl.lit(decisions).gather(first), pl.lit(reasons).gather(first)


def _of_part(contract: Contract) -> list[_Step]:
    """Judge no month in which an account was in service on some days only, where the agreement does not."""
    if contract.cycle.partial != "not_judged":
        return []
    whole = (pl.col("cycle_start").dt.day() == 1) & (pl.col("cycle_end") == pl.col("month_end"))
    return [_Step("not_owed", "partial_cycle", ~whole)]


def _without_base(terms: Compensation) -> str:
    """Name the reason that nothing is owed where a bill is for nothing."""
    if "cash_paid" in terms.facts:
        return "nothing_paid"
    return "nothing_bought" if "calls_bought" in terms.facts else "no_fee"


def _of_few(contract: Contract) -> list[_Step]:
    least = contract.unit.least_requests
    return [_Step("not_owed", "few_requests", pl.col("requests") < least)] if least else []
