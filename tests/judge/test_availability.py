"""Success rates and the tiers they fall in, in integers (clauses 2.7, 2.10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.terms.reading import Reading
from sla_audit.judge.allocation.allocate import AuditScope, allocate
from sla_audit.judge.availability import credit_tier, reaches, success_rate
from sla_audit.judge.verdicts import judge
from sla_audit.model.facts import Facts

CONTRACT = load_contract(BUILT_IN)

KEPT, TOTAL = pl.col("kept"), pl.col("total")

MET, FIFTEEN_PERCENT, THIRTY_PERCENT, SIXTY_PERCENT = -1, 0, 1, 2


def counts(kept: int, total: int) -> pl.DataFrame:
    return pl.DataFrame({"kept": [kept], "total": [total]}, schema={"kept": pl.Int64, "total": pl.Int64})


TIERS = [
    ("everything answered", 1, 1, MET),
    ("99 %, the objective, is met", 99, 100, MET),
    ("just above 99 %", 100, 101, MET),
    ("98 of 99 is just below 99 %", 98, 99, FIFTEEN_PERCENT),
    ("99 % but for one in a million", 989_999, 1_000_000, FIFTEEN_PERCENT),
    ("98.99999 % is not 99 %", 9_899_999, 10_000_000, FIFTEEN_PERCENT),
    ("99 % but for one in fifty million billion", 49_499_999_999_999_999, 50_000_000_000_000_000, FIFTEEN_PERCENT),
    ("96 of 101 is just above 95 %", 96, 101, FIFTEEN_PERCENT),
    ("95 %, the edge, belongs to the better tier", 95, 100, FIFTEEN_PERCENT),
    ("19 of 20 is the same 95 %", 19, 20, FIFTEEN_PERCENT),
    ("94 of 99 is just below 95 %", 94, 99, THIRTY_PERCENT),
    ("95 % but for one in a million", 949_999, 1_000_000, THIRTY_PERCENT),
    ("91 of 101 is just above 90 %", 91, 101, THIRTY_PERCENT),
    ("90 %, the edge, belongs to the better tier", 90, 100, THIRTY_PERCENT),
    ("9 of 10 is the same 90 %", 9, 10, THIRTY_PERCENT),
    ("89 of 99 is just below 90 %", 89, 99, SIXTY_PERCENT),
    ("90 % but for one in a million", 899_999, 1_000_000, SIXTY_PERCENT),
    ("one of a million answered", 1, 1_000_000, SIXTY_PERCENT),
    ("nothing answered", 0, 1, SIXTY_PERCENT),
    ("nothing counted", 0, 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("kept", "total", "tier"), [case[1:] for case in TIERS], ids=[case[0] for case in TIERS])
def test_clause_2_10_1_gives_each_rate_its_tier(kept: int, total: int, tier: int | None) -> None:
    assert counts(kept, total).select(tier=credit_tier(KEPT, TOTAL, CONTRACT)).item() == tier


RATES = [
    ("everything answered", 1, 1, 1_000_000),
    ("99 %", 99, 100, 990_000),
    ("98 of 99 is cut", 98, 99, 989_898),
    ("98.99999 % never shows as 99 %", 9_899_999, 10_000_000, 989_999),
    ("one third is cut", 1, 3, 333_333),
    ("two thirds are cut, not rounded up", 2, 3, 666_666),
    ("all but one of ten million is not all", 9_999_999, 10_000_000, 999_999),
    ("960 of 980", 960, 980, 979_591),
    ("less than a millionth is cut to nothing", 1, 1_000_001, 0),
    ("nothing answered", 0, 1, 0),
    ("nothing counted", 0, 0, None),
]


@pytest.mark.parametrize(("kept", "total", "rate"), [case[1:] for case in RATES], ids=[case[0] for case in RATES])
def test_clause_2_7_the_rate_is_cut_to_millionths_and_never_rounded_up(kept: int, total: int, rate: int | None) -> None:
    assert counts(kept, total).select(rate=success_rate(KEPT, TOTAL)).item() == rate


@pytest.mark.parametrize(
    ("kept", "total", "rate", "expected"),
    [
        (99, 100, "0.99", True),
        (98, 99, "0.99", False),
        (1, 3, "0.333333", True),
        (333_333, 1_000_000, "0.333333", True),
        (333_332, 1_000_000, "0.333333", False),
        (1, 3, "0.333334", False),
        (0, 1, "0", True),
        (1, 1, "1", True),
        (999_999, 1_000_000, "1", False),
    ],
)
def test_a_rate_is_compared_exactly(kept: int, total: int, rate: str, expected: bool) -> None:
    assert counts(kept, total).select(reached=reaches(KEPT, TOTAL, Decimal(rate))).item() is expected


def test_three_rows_are_judged_each_on_its_own() -> None:
    rows = pl.DataFrame({"kept": [99, 98, 0], "total": [100, 99, 0]})
    judged = rows.select(rate=success_rate(KEPT, TOTAL), tier=credit_tier(KEPT, TOTAL, CONTRACT))
    assert judged.rows() == [(990_000, MET), (989_898, FIFTEEN_PERCENT), (None, None)]


@given(st.integers(1, 10**12).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_tier_is_that_of_the_exact_fraction(kept_of_total: tuple[int, int]) -> None:
    kept, total = kept_of_total
    share = Fraction(kept, total)
    if share >= Fraction(99, 100):
        expected = MET
    elif share >= Fraction(95, 100):
        expected = FIFTEEN_PERCENT
    elif share >= Fraction(90, 100):
        expected = THIRTY_PERCENT
    else:
        expected = SIXTY_PERCENT
    assert counts(kept, total).select(tier=credit_tier(KEPT, TOTAL, CONTRACT)).item() == expected


@dataclass(frozen=True)
class OneAccount:
    """A tally of one account on one day of October 2026: how many requests got which status."""

    accounts: pl.DataFrame
    slots: pl.DataFrame
    outcomes: pl.DataFrame
    counts: pl.DataFrame


def one_account(requests: dict[int | None, int]) -> OneAccount:
    start = (datetime(2026, 10, 9, 16, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return OneAccount(
        accounts=pl.DataFrame({"account_id": ["A"]}),
        slots=pl.DataFrame({"starts_at": [start], "ends_at": [start + 86_400_000_000]}),
        outcomes=pl.DataFrame(
            [(status, False, False, False, None, None, None, None, False) for status in requests],
            schema={
                "status": pl.Int16,
                "no_answer": pl.Boolean,
                "content_flag": pl.Boolean,
                "client_aborted": pl.Boolean,
                "region": pl.String,
                "api": pl.String,
                "error_code": pl.String,
                "took_over": pl.Int64,
                "repeated": pl.Boolean,
            },
            orient="row",
        ),
        counts=pl.DataFrame(
            [(0, 0, outcome, count) for outcome, count in enumerate(requests.values())],
            schema={"account": pl.UInt32, "slot": pl.UInt32, "outcome": pl.UInt32, "requests": pl.Int64},
            orient="row",
        ),
    )


OF_ALL = Reading(clause="2.7.1", meaning="-", explicit_failure=["none", 502, 503, 504], excluded_in_denominator=True)
BOTH_WAYS = CONTRACT.model_copy(update={"readings": {"literal": CONTRACT.readings["literal"], "of all": OF_ALL}})
BILLING = pl.DataFrame(
    {
        "account_id": ["A"],
        "cycle": ["2026-10"],
        "service_fee": [Decimal("1000.00")],
        "cash_paid": [Decimal("1000.00")],
    },
    schema_overrides={"service_fee": pl.Decimal(38, 6), "cash_paid": pl.Decimal(38, 6)},
)

DENOMINATORS = [
    (
        "90 of 91 without the excluded, 99 of 100 with them",
        {200: 90, 503: 1, 404: 9},
        (989_010, "0.15", "owed", "below_objective", Decimal(150)),
        (990_000, "0", "not_owed", "objective_met", Decimal(0)),
    ),
    (
        "89 of 90 without the excluded, 98 of 99 with them",
        {200: 89, 503: 1, 404: 9},
        (988_888, "0.15", "owed", "below_objective", Decimal(150)),
        (989_898, "0.15", "owed", "below_objective", Decimal(150)),
    ),
    (
        "0 of 1 without the excluded, 9 of 10 with them",
        {None: 1, 499: 9},
        (0, "0.6", "owed", "below_objective", Decimal(600)),
        (900_000, "0.3", "owed", "below_objective", Decimal(300)),
    ),
    (
        "nothing without the excluded, all of them with",
        {404: 5},
        (None, None, "not_owed", "no_requests", Decimal(0)),
        (1_000_000, "0", "not_owed", "objective_met", Decimal(0)),
    ),
    (
        "no excluded requests: no difference",
        {200: 99, 503: 1},
        (990_000, "0", "not_owed", "objective_met", Decimal(0)),
        (990_000, "0", "not_owed", "objective_met", Decimal(0)),
    ),
]


@pytest.mark.parametrize(
    ("requests", "left_out", "kept_in"), [case[1:] for case in DENOMINATORS], ids=[case[0] for case in DENOMINATORS]
)
def test_a_reading_may_keep_excluded_requests_in_the_denominator(
    requests: dict[int | None, int], left_out: tuple[object, ...], kept_in: tuple[object, ...]
) -> None:
    question = AuditScope(cycles=None, apis=(), as_of=date(2026, 11, 20), reading="literal")
    facts = Facts(billing=BILLING)
    case = allocate(one_account(requests), BOTH_WAYS, facts, question)
    judgement = judge(case, BOTH_WAYS, facts, question)
    columns = ["success_rate", "credit_rate", "decision", "reason", "compensation"]
    verdicts = {name: verdict.select(columns).row(0) for name, verdict in judgement.verdicts.items()}
    assert {name: normal(row) for name, row in verdicts.items()} == {
        "literal": normal(left_out),
        "of all": normal(kept_in),
    }
    assert [verdict["requests"].item() for verdict in judgement.verdicts.values()] == [sum(requests.values())] * 2


def normal(row: tuple[object, ...]) -> tuple[object, ...]:
    """Take `0.30` and `0.3` for the same rate."""
    rate, credit, *rest = row
    return (rate, None if credit is None else Decimal(str(credit)), *rest)
