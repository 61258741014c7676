"""What a result would be by what is known now, and beyond the nearest edges of its tier."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from sla_audit.judge.availability import edges
from sla_audit.judge.compensation import award
from sla_audit.judge.edges import with_edges
from sla_audit.judge.ruling import rule_on
from tests.builders.what_ifs import tiers_of

CONTRACT = load_contract(BUILT_IN)
AS_OF = date(2026, 11, 20)
MONEY = pl.Decimal(38, 6)
CYCLE: dict[str, Any] = {
    "last_day": date(2026, 10, 31),
    "days": 31,
    "logged": True,
    "billed_calls": 100,
    "plan": "paid",
    "known": True,
    "service_fee": Decimal("1200.00"),
    "cash_paid": Decimal("1200.00"),
}
SCHEMA = {
    "last_day": pl.Date(),
    "days": pl.Int64(),
    "logged": pl.Boolean(),
    "billed_calls": pl.Int64(),
    "plan": pl.String(),
    "known": pl.Boolean(),
    "service_fee": MONEY,
    "cash_paid": MONEY,
}
RUNNING = {"last_day": date(2026, 11, 30)}
UNKNOWN = {"plan": None, "known": False}
NO_BILL = {"service_fee": None, "cash_paid": None}


def verdicts(
    cycles: list[dict[str, Any]], counts: list[tuple[int, int]], contract: Contract = CONTRACT
) -> pl.DataFrame:
    """Judge cycles with so many answers and failures each."""
    requests = pl.DataFrame(
        [(kept, failed, 0) for kept, failed in counts],
        schema=dict.fromkeys(("success", "explicit_failure", "excluded"), pl.Int64()),
        orient="row",
    )
    listed = pl.DataFrame(cycles, schema=SCHEMA, orient="row")
    return with_edges(rule_on(listed, requests, contract, "literal", AS_OF), listed, contract, "literal")


def verdict(kept: int, failed: int, *facts: dict[str, Any]) -> dict[str, Any]:
    cycle = dict(CYCLE)
    for each in facts:
        cycle |= each
    return verdicts([cycle], [(kept, failed)]).row(0, named=True)


ESTIMATES = [
    ("a month that is over", (90, 10), (), None),
    ("a running month", (90, 10), (RUNNING,), Decimal("360.00")),
    ("a running month at the objective", (99, 1), (RUNNING,), Decimal("0.00")),
    ("a running month below it by one", (98, 2), (RUNNING,), Decimal("180.00")),
    ("a running month capped at the cash", (90, 10), (RUNNING, {"cash_paid": Decimal(100)}), Decimal("100.00")),
    ("a running month without a bill", (90, 10), (RUNNING, NO_BILL), None),
    ("a running month without a bill, at the objective", (99, 1), (RUNNING, NO_BILL), Decimal("0.00")),
    ("a running month on a free plan", (90, 10), (RUNNING, {"plan": "free"}), Decimal("0.00")),
    ("a running month without any log", (0, 0), (RUNNING, {"logged": False}), None),
    ("a running month of which no call is logged", (0, 0), (RUNNING,), None),
    ("a running month without requests", (0, 0), (RUNNING, {"billed_calls": 0}), Decimal("0.00")),
    ("an account that is not known", (90, 10), (UNKNOWN,), Decimal("360.00")),
    ("an account that is not known, without a bill", (90, 10), (UNKNOWN, NO_BILL), None),
    ("a known account without a bill", (90, 10), (NO_BILL,), None),
]


@pytest.mark.parametrize(
    ("counts", "facts", "expected"), [each[1:] for each in ESTIMATES], ids=[e[0] for e in ESTIMATES]
)
def test_an_undetermined_result_has_an_estimate_where_all_that_it_takes_is_known(
    counts: tuple[int, int], facts: tuple[dict[str, Any], ...], expected: Decimal | None
) -> None:
    found = verdict(*counts, *facts)
    assert found["estimate"] == expected
    assert found["estimate"] is None or found["decision"] == "undetermined"


EDGES = (
    "fewer_failures",
    "fewer_credit_rate",
    "fewer_compensation",
    "more_failures",
    "more_credit_rate",
    "more_compensation",
)
AT_EDGES = [
    ("met", (99, 1), (), (None,) * 6),
    ("15 %", (98, 2), (), (1, "0", Decimal("0.00"), 4, "0.3", Decimal("360.00"))),
    ("60 %", (80, 20), (), (10, "0.3", Decimal("360.00"), None, None, None)),
    ("a free plan", (98, 2), ({"plan": "free"},), (1, "0", Decimal("0.00"), 4, "0.3", Decimal("0.00"))),
    ("no bill", (98, 2), (NO_BILL,), (1, "0", Decimal("0.00"), 4, "0.3", None)),
    ("capped", (98, 2), ({"cash_paid": Decimal(200)},), (1, "0", Decimal("0.00"), 4, "0.3", Decimal("200.00"))),
    ("nothing counted", (0, 0), (), (None,) * 6),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "facts", "expected"), [each[1:] for each in AT_EDGES], ids=[e[0] for e in AT_EDGES])
def test_the_nearest_edges_say_what_would_be_owed(
    counts: tuple[int, int], facts: tuple[dict[str, Any], ...], expected: tuple[object, ...]
) -> None:
    found = verdict(*counts, *facts)
    rates = [name for name in EDGES if name.endswith("rate")]
    normal = {name: None if found[name] is None else f"{Decimal(found[name]).normalize():f}" for name in rates}
    assert tuple((found | normal)[name] for name in EDGES) == expected


@given(st.integers(0, 1 << 32))
def test_edges_and_amounts_are_those_of_one_result_by_itself(seed: int) -> None:
    chance = random.Random(seed)
    contract = chance.choice([CONTRACT, tiers_of("0.5"), tiers_of("0.999", "0.98", "0.333333")])
    many = [_case(chance) for _ in range(20)]
    found = verdicts([cycle for cycle, _ in many], [counts for _, counts in many], contract)
    for (cycle, (kept, failed)), row in zip(many, found.iter_rows(named=True), strict=True):
        fewer, more = edges(kept, kept + failed, contract)
        if row["tier"] is None or row["tier"] < 0:
            fewer, more = None, None
        for name, edge in (("fewer", fewer), ("more", more)):
            rate = None if edge is None else edge.credit_rate
            assert row[f"{name}_failures"] == (None if edge is None else edge.failures)
            assert (None if rate is None else f"{rate:f}") == row[f"{name}_credit_rate"]
            assert row[f"{name}_compensation"] == _owed(cycle, rate, contract)
        nearest = [edge.failures for edge in (fewer, more) if edge is not None]
        assert not nearest or row["failures_to_edge"] == min(nearest)


def _case(chance: random.Random) -> tuple[dict[str, Any], tuple[int, int]]:
    total = chance.choice([0, 1, 2, 10, 100, 12_345, 10**11])
    kept = total - min(total, int(total * chance.choice([0, 0.01, 0.05, 0.1, 0.5, 1])) + chance.randrange(3))
    fee = None if chance.random() < 0.2 else Decimal(chance.randrange(10**6)) / 100
    plan = chance.choice(["paid", "paid", "free", None])
    cash = None if fee is None else chance.choice([fee, fee / 3 // Decimal("0.000001") / 10**6, Decimal(0)])
    last_day = chance.choice([CYCLE["last_day"], RUNNING["last_day"]])
    facts = {"service_fee": fee, "cash_paid": cash, "plan": plan, "known": plan is not None, "last_day": last_day}
    return CYCLE | facts, (kept, total - kept)


def _owed(cycle: dict[str, Any], rate: Decimal | None, contract: Contract) -> Decimal | None:
    if rate is None:
        return None
    if not rate or cycle["plan"] == "free":
        return Decimal(0)
    if cycle["service_fee"] is None:
        return None
    return award(cycle["service_fee"], cycle["cash_paid"], rate, contract.compensation).amount
