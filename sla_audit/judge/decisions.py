"""What follows from a cycle's rate, plan and bill: the first reason that applies decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.judge.allocation.service import days_judged


class _Step(NamedTuple):
    decision: str
    reason: str
    when: pl.Expr


def read_by(contract: Contract) -> tuple[str, ...]:
    """Name the columns of a cycle that decide: its bill among them.

    Whether the logs have any row of the service in it is `logged`.
    """
    of_part = ("cycle_start", "cycle_end", "periods") if contract.cycle.partial == "not_judged" else ()
    return ("last_day", "days", "logged", "billed_calls", "plan", "known", *of_part, *contract.compensation.facts)


def decide(as_of: date, contract: Contract) -> tuple[pl.Expr, pl.Expr]:
    """Express decision and reason of a cycle under one reading, in the order of precedence.

    Reads what is `read_by` the contract, `requests` and `tier` (see `availability.credit_tier`). Where calls
    were made and none is logged, no rate can be told (clauses 2.7, 2.9), and so not that nothing is owed.
    """
    running = _Step("undetermined", "cycle_running", pl.col("last_day") >= as_of)
    return _first_of((running, *_of_requests(contract), _UNKNOWN, *_of_bill(contract)))


def decide_provisionally(contract: Contract) -> pl.Expr:
    """Express the decision likewise as if a running cycle had ended, and an account not known had a paid plan."""
    decision, _ = _first_of((*_of_requests(contract), *_of_bill(contract)))
    return decision


_UNKNOWN = _Step("undetermined", "account_unknown", ~pl.col("known"))


def _first_of(steps: Sequence[_Step]) -> tuple[pl.Expr, pl.Expr]:
    # A condition that cannot be told (null) does not hold, and the next one is asked.
    first = pl.coalesce(*(pl.when(step.when).then(pl.lit(at, pl.UInt32)) for at, step in enumerate(steps)))
    decisions, reasons = pl.Series([step.decision for step in steps]), pl.Series([step.reason for step in steps])
    return pl.lit(decisions).gather(first), pl.lit(reasons).gather(first)


def _of_requests(contract: Contract) -> tuple[_Step, ...]:
    not_logged = (pl.col("billed_calls") > 0) & (pl.col("requests") == 0)
    uncompensated = list(contract.compensation.uncompensated_plans)
    return (
        _Step("undetermined", "no_logs", ~pl.col("logged")),
        _Step("undetermined", "calls_not_logged", not_logged),
        *_of_part(contract),
        _Step("not_owed", "no_requests", pl.col("tier").is_null()),
        *_of_few(contract),
        _Step("not_owed", "objective_met", pl.col("tier") < 0),
        _Step("not_owed", "free_plan", pl.col("plan").is_in(uncompensated)),
    )


def _of_bill(contract: Contract) -> tuple[_Step, ...]:
    terms = contract.compensation
    bills = [pl.col(name) for name in terms.facts]
    not_billed, nothing_billed = (
        pl.any_horizontal(pl.lit(value=False), *wrong)
        for wrong in ([bill.is_null() for bill in bills], [bill == 0 for bill in bills])
    )
    return (
        _Step("undetermined", "billing_missing", not_billed),
        _Step("not_owed", _without_base(terms), nothing_billed),
        _Step("owed", terms.owed_when, pl.lit(value=True)),
    )


def _of_part(contract: Contract) -> list[_Step]:
    """Judge no cycle in which an account was in service on some days only, where the agreement does not."""
    if contract.cycle.partial != "not_judged":
        return []
    days = days_judged(contract.compensation.uncompensated_plans)
    return [_Step("not_owed", "partial_cycle", days < pl.col("days"))]


def _without_base(terms: Compensation) -> str:
    """Name the reason that nothing is owed where a bill is for nothing."""
    if "cash_paid" in terms.facts:
        return "nothing_paid"
    return "nothing_bought" if "calls_bought" in terms.facts else "no_fee"


def _of_few(contract: Contract) -> list[_Step]:
    least = contract.unit.least_requests
    return [_Step("not_owed", "few_requests", pl.col("requests") < least)] if least else []
