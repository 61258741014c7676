"""What follows from a cycle's rate, plan and bill: the first reason that applies decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.decisions import decide

CONTRACT = load_contract(BUILT_IN)
EVERY_PLAN = CONTRACT.model_copy(
    update={"compensation": CONTRACT.compensation.model_copy(update={"uncompensated_plans": ()})}
)
AS_OF = date(2026, 11, 20)

SCHEMA = {
    "last_day": pl.Date,
    "days": pl.Int64,
    "cycle_end": pl.Date,
    "logged": pl.Boolean,
    "billed_calls": pl.Int64,
    "requests": pl.Int64,
    "tier": pl.Int8,
    "plan": pl.String,
    "known": pl.Boolean,
    "service_fee": pl.Decimal(38, 6),
    "cash_paid": pl.Decimal(38, 6),
}

OWED: dict[str, Any] = {
    "last_day": date(2026, 10, 31),
    "days": 31,
    "cycle_end": date(2026, 10, 31),
    "logged": True,
    "billed_calls": 100,
    "requests": 100,
    "tier": 0,
    "plan": "paid",
    "known": True,
    "service_fee": Decimal("1200.00"),
    "cash_paid": Decimal("1200.00"),
}

# What makes each reason apply, on its own.
RUNNING = {"last_day": date(2026, 11, 30), "cycle_end": date(2026, 11, 30)}
NO_LOGS = {"logged": False}
NOT_LOGGED = {"billed_calls": 1, "requests": 0}
NO_REQUESTS = {"tier": None}
MET = {"tier": -1}
FREE = {"plan": "free"}
UNKNOWN = {"plan": None, "known": False}
NO_BILL = {"service_fee": None, "cash_paid": None}
NO_FEE = {"service_fee": Decimal(0)}
NO_CASH = {"cash_paid": Decimal(0)}
CENT = {"service_fee": Decimal("0.01"), "cash_paid": Decimal("0.01")}


def decided(*facts: dict[str, Any], as_of: date = AS_OF) -> tuple[str, str]:
    """Decide a cycle that would be owed, but for some facts; later ones win."""
    row = dict(OWED)
    for fact in facts:
        row |= fact
    decision, reason = decide(as_of, CONTRACT)
    return pl.DataFrame([row], schema=SCHEMA).select(decision=decision, reason=reason).row(0)


REASONS = [
    ("the month has not ended", RUNNING, ("undetermined", "cycle_running")),
    ("the logs have no row of the month", NO_LOGS, ("undetermined", "no_logs")),
    ("calls billed, none logged", NOT_LOGGED, ("undetermined", "calls_not_logged")),
    ("nothing counted", NO_REQUESTS, ("not_owed", "no_requests")),
    ("nothing counted, nothing billed", NO_REQUESTS | {"billed_calls": 0, "requests": 0}, ("not_owed", "no_requests")),
    ("nothing counted, nothing said", NO_REQUESTS | {"billed_calls": None, "requests": 0}, ("not_owed", "no_requests")),
    ("all requests excluded", NO_REQUESTS | {"billed_calls": 3, "requests": 3}, ("not_owed", "no_requests")),
    ("fewer logged than billed", {"billed_calls": 200, "requests": 1}, ("owed", "below_objective")),
    ("the objective is met", MET, ("not_owed", "objective_met")),
    ("clause 2.10.1: free use is not compensated", FREE, ("not_owed", "free_plan")),
    ("the accounts file lacks the account", UNKNOWN, ("undetermined", "account_unknown")),
    ("no row in the billing file", NO_BILL, ("undetermined", "billing_missing")),
    ("nothing charged", NO_FEE, ("not_owed", "nothing_paid")),
    ("nothing paid in cash", NO_CASH, ("not_owed", "nothing_paid")),
    ("a cent charged and paid", CENT, ("owed", "below_objective")),
    ("below the objective", {}, ("owed", "below_objective")),
    ("the second tier", {"tier": 1}, ("owed", "below_objective")),
    ("the last tier", {"tier": 2}, ("owed", "below_objective")),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "expected"), [case[1:] for case in REASONS], ids=[case[0] for case in REASONS])
def test_each_reason_decides_where_it_stands_alone(fact: dict[str, Any], expected: tuple[str, str]) -> None:
    assert decided(fact) == expected


# `no_requests` and `objective_met` cannot meet: where nothing was counted there is no rate.
CONFLICTS = [
    ("running, no logs", (RUNNING, NO_LOGS), "cycle_running"),
    ("running, calls not logged", (RUNNING, NOT_LOGGED), "cycle_running"),
    ("no logs, calls not logged", (NO_LOGS, NOT_LOGGED, NO_REQUESTS), "no_logs"),
    ("no logs, nothing counted", (NO_LOGS, NO_REQUESTS), "no_logs"),
    ("no logs, free", (NO_LOGS, FREE), "no_logs"),
    ("calls not logged, nothing counted", (NOT_LOGGED, NO_REQUESTS), "calls_not_logged"),
    ("calls not logged, free", (NOT_LOGGED, NO_REQUESTS, FREE), "calls_not_logged"),
    ("calls not logged, account unknown, no bill", (NOT_LOGGED, NO_REQUESTS, UNKNOWN, NO_BILL), "calls_not_logged"),
    ("running, nothing counted", (RUNNING, NO_REQUESTS), "cycle_running"),
    ("running, objective met", (RUNNING, MET), "cycle_running"),
    ("nothing counted, free", (NO_REQUESTS, FREE), "no_requests"),
    ("nothing counted, account unknown, no bill", (NO_REQUESTS, UNKNOWN, NO_BILL), "no_requests"),
    ("objective met, free", (MET, FREE), "objective_met"),
    ("objective met, account unknown", (MET, UNKNOWN), "objective_met"),
    ("objective met, no bill", (MET, NO_BILL), "objective_met"),
    ("free, account unknown", (FREE, {"known": False}), "free_plan"),
    ("free, no bill", (FREE, NO_BILL), "free_plan"),
    ("free, nothing charged", (FREE, NO_FEE), "free_plan"),
    ("account unknown, no bill", (UNKNOWN, NO_BILL), "account_unknown"),
    ("account unknown, nothing charged", (UNKNOWN, NO_FEE), "account_unknown"),
    ("no fee known, nothing paid in cash", (NO_CASH, {"service_fee": None}), "billing_missing"),
    ("nothing charged, below the objective", (NO_FEE, {"tier": 2}), "nothing_paid"),
    ("nothing paid in cash, below the objective", (NO_CASH, {"tier": 2}), "nothing_paid"),
    ("nothing charged, nothing paid", (NO_FEE, NO_CASH), "nothing_paid"),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CONFLICTS], ids=[case[0] for case in CONFLICTS])
def test_of_two_reasons_the_one_of_higher_precedence_decides(facts: tuple[dict[str, Any], ...], expected: str) -> None:
    assert decided(*facts)[1] == expected


def test_reasons_come_to_light_one_after_the_other_as_the_higher_ones_are_removed() -> None:
    nothing_paid = {**NO_FEE, **NO_CASH}
    everything = [RUNNING, NO_LOGS, NOT_LOGGED, NO_REQUESTS, FREE, {"known": False}, NO_BILL]
    reasons = [decided(nothing_paid, *everything[at:])[1] for at in range(len(everything) + 1)]
    assert reasons == [
        "cycle_running",
        "no_logs",
        "calls_not_logged",
        "no_requests",
        "free_plan",
        "account_unknown",
        "billing_missing",
        "nothing_paid",
    ]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 10, 1), "cycle_running"),
        (date(2026, 10, 30), "cycle_running"),
        (date(2026, 10, 31), "cycle_running"),
        (date(2026, 11, 1), "below_objective"),
        (date(2027, 11, 1), "below_objective"),
    ],
    ids=[
        "the first day of the month",
        "the day before the last",
        "the last day, which has not ended",
        "the first day after the month",
        "a year later",
    ],
)
def test_a_cycle_runs_until_its_month_has_ended(as_of: date, expected: str) -> None:
    assert decided(as_of=as_of)[1] == expected


@pytest.mark.parametrize(
    ("as_of", "expected"), [(date(2024, 2, 29), "cycle_running"), (date(2024, 3, 1), "below_objective")]
)
def test_a_leap_february_runs_through_the_29th(as_of: date, expected: str) -> None:
    assert decided({"last_day": date(2024, 2, 29)}, as_of=as_of)[1] == expected


def test_a_last_cycle_cut_short_by_the_expiry_still_waits_for_the_months_end() -> None:
    expired = {"cycle_end": date(2026, 10, 20)}
    assert decided(expired, as_of=date(2026, 10, 25))[1] == "cycle_running"
    assert decided(expired, as_of=date(2026, 11, 1))[1] == "below_objective"


def test_a_contract_may_compensate_every_plan() -> None:
    decision, reason = decide(AS_OF, EVERY_PLAN)
    frame = pl.DataFrame([OWED | FREE], schema=SCHEMA)
    assert frame.select(decision=decision, reason=reason).row(0) == ("owed", "below_objective")


def test_three_rows_are_decided_each_on_its_own() -> None:
    decision, reason = decide(AS_OF, CONTRACT)
    frame = pl.DataFrame([OWED | MET, OWED | UNKNOWN, OWED], schema=SCHEMA)
    assert frame.select(decision=decision, reason=reason).rows() == [
        ("not_owed", "objective_met"),
        ("undetermined", "account_unknown"),
        ("owed", "below_objective"),
    ]
