"""What is owed under agreements of every kind, worked by hand: at, below and above each threshold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from sla_audit.contract.terms.compensation import Tier, highest
from sla_audit.judge.allocation.allocate import AuditScope, allocate
from sla_audit.judge.breakdown.attribution import attributed
from sla_audit.judge.breakdown.days import days
from sla_audit.judge.compensation import Award, award
from sla_audit.judge.verdicts import judge, without_each
from sla_audit.model.verdicts import Judgement
from tests.builders.measured import contract_of, facts_of, tally_of
from tests.oracles.measures import Period, Row, Terms, Window, World, cycle_of

F = Fraction
SCOPE = AuditScope(cycles=None, apis=(), as_of=date(2030, 1, 1), reading="literal")
ALL_BILLED = {"service_fee": F(1000), "cash_paid": F(1000), "calls_bought": F(10**6), "hourly_fee": F(1)}
MEASURED_BY_HOUR = Terms(kind="share_of_time", zone="UTC")
NO_TIERS_ABOVE = ((F(0), F(99, 100), F(15, 100)),)


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


def world_of(
    failures: int, requests: int, bill: dict[str, Any] | None = None, day: datetime | None = None, **facts: Any
) -> World:
    """Log so many requests of one account in one month, of which so many failed."""
    when = day or at(2026, 10, 5)
    rows = [Row("a", when, None, 503, failures)] * (failures > 0)
    rows += [Row("a", when, None, 200, requests - failures)] * (requests > failures)
    named = (f"{when:%Y-%m}", cycle_of(when.date(), "quarter"))
    return World(rows, bills={("a", cycle): ALL_BILLED | (bill or {}) for cycle in named}, **facts)


def judgement_of(world: World, terms: Terms) -> Judgement:
    contract, facts = contract_of(terms), facts_of(world)
    return judge(allocate(tally_of(world, terms), contract, facts, SCOPE), contract, facts, SCOPE)


def verdict_of(world: World, terms: Terms) -> dict[str, Any]:
    return judgement_of(world, terms).verdicts["literal"].row(0, named=True)


def tiers_of(*rows: str) -> tuple[Tier, ...]:
    """Read rows such as `0.95 0.99 0.10`."""
    return tuple(
        Tier.model_validate(dict(zip(("from", "below", "rate"), map(Decimal, row.split()), strict=True)))
        for row in rows
    )


MISPRINTED = [
    (
        "100 % for all below 95 %, though 30 % is printed too",
        ["0.95 0.99 0.10", "0.90 0.95 0.30", "0.00 0.95 1.00"],
        ["0.00 0.95 1.00", "0.95 0.99 0.10"],
    ),
    (
        "30 % from 90 % up, though 10 % is printed too",
        ["0.95 0.99 0.10", "0.90 0.99 0.30", "0.00 0.90 1.00"],
        ["0.00 0.90 1.00", "0.90 0.99 0.30"],
    ),
    ("one in another", ["0.00 0.99 0.10", "0.50 0.60 0.30"], ["0.00 0.50 0.10", "0.50 0.60 0.30", "0.60 0.99 0.10"]),
    ("by a millionth", ["0.949999 0.99 0.10", "0.00 0.95 0.30"], ["0.00 0.95 0.30", "0.95 0.99 0.10"]),
    ("the same row twice", ["0.00 0.99 0.10", "0.00 0.99 0.10"], ["0.00 0.99 0.10"]),
    ("neighbours that earn alike", ["0.50 0.99 0.10", "0.00 0.50 0.10"], ["0.00 0.99 0.10"]),
    ("none that overlap", ["0.95 0.99 0.10", "0.00 0.95 0.30"], ["0.00 0.95 0.30", "0.95 0.99 0.10"]),
    ("with a gap", ["0.95 0.99 0.10", "0.00 0.90 0.30"], ["0.00 0.90 0.30", "0.95 0.99 0.10"]),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "meant"), [case[1:] for case in MISPRINTED], ids=[case[0] for case in MISPRINTED])
def test_of_tiers_that_overlap_the_highest_wins(printed: list[str], meant: list[str]) -> None:
    assert highest(tiers_of(*printed)) == tiers_of(*meant)
    assert highest(tiers_of(*reversed(printed))) == tiers_of(*meant)


STRICT = Terms(zone="UTC", strict=True)
GATES = [
    ("above a strict objective", STRICT, (9_999, 1_000_000), "objective_met", 0),
    ("exactly at a strict objective", STRICT, (1, 100), "below_objective", 150),
    ("below a strict objective", STRICT, (10_001, 1_000_000), "below_objective", 150),
    ("exactly at an objective", replace(STRICT, strict=False), (1, 100), "objective_met", 0),
    ("nothing failed", STRICT, (0, 100), "objective_met", 0),
    (
        "exactly at a strict objective, of two tiers",
        replace(STRICT, tiers=((F(95, 100), F(99, 100), F(15, 100)), (F(0), F(95, 100), F(30, 100)))),
        (1, 100),
        "below_objective",
        150,
    ),
    (
        "in a tier above the objective, which decides",
        replace(STRICT, strict=False, tiers=((F(0), F(999, 1000), F(15, 100)),)),
        (1, 200),
        "objective_met",
        0,
    ),
    (
        "in a tier above the objective, which does not",
        replace(STRICT, gated=False, tiers=((F(0), F(999, 1000), F(15, 100)),)),
        (1, 200),
        "in_a_tier",
        150,
    ),
    (
        "at the upper end of the highest tier",
        replace(STRICT, gated=False, tiers=((F(0), F(999, 1000), F(15, 100)),)),
        (1, 1000),
        "objective_met",
        0,
    ),
    (
        "any failure in a tier up to 100 %",
        replace(STRICT, gated=False, tiers=((F(0), F(1), F(15, 100)),)),
        (1, 10**9),
        "in_a_tier",
        150,
    ),
    (
        "no failure in a tier up to 100 %",
        replace(STRICT, gated=False, tiers=((F(0), F(1), F(15, 100)),)),
        (0, 10**9),
        "objective_met",
        0,
    ),
]


@pytest.mark.parametrize(
    ("terms", "counts", "reason", "owed"), [case[1:] for case in GATES], ids=[case[0] for case in GATES]
)
def test_the_objective_or_a_tier_decides(terms: Terms, counts: tuple[int, int], reason: str, owed: int) -> None:
    verdict = verdict_of(world_of(*counts), terms)
    assert (verdict["reason"], verdict["compensation"]) == (reason, owed)


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ("6.66", ("not_owed", "not_above_least", Decimal("0.00"))),  # 0.999 is 1.00
        ("6.67", ("not_owed", "not_above_least", Decimal("0.00"))),  # 1.0005 is 1.00
        ("6.70", ("owed", "below_objective", Decimal("1.01"))),  # 1.005 is 1.01
    ],
    ids=["below", "at", "above"],
)
def test_what_is_not_more_than_the_least_is_not_owed(fee: str, expected: tuple[str, str, Decimal]) -> None:
    verdict = verdict_of(world_of(5, 100, {"service_fee": F(fee)}), Terms(zone="UTC", more_than=F(1)))
    assert (verdict["decision"], verdict["reason"], verdict["compensation"]) == expected
    assert not verdict["capped"]


def test_a_cap_may_bring_an_amount_down_to_the_least() -> None:
    capped = verdict_of(world_of(5, 100, {"cash_paid": F(1)}), Terms(zone="UTC", more_than=F(1)))
    assert (capped["reason"], capped["compensation"], capped["capped"]) == ("not_above_least", 0, False)
    more = verdict_of(world_of(5, 100, {"cash_paid": F("1.01")}), Terms(zone="UTC", more_than=F(1)))
    assert (more["reason"], more["compensation"], more["capped"]) == ("below_objective", Decimal("1.01"), True)


FAULT_FEES = [
    ("25 minutes at 1.00, a hundred times", ("1.00", 25, "100"), "41.67"),
    ("a third that ends in 3", ("1.00", 5, "100"), "8.33"),
    ("a third that ends in 7", ("1.00", 10, "100"), "16.67"),
    ("whole", ("1.00", 21, "100"), "35.00"),
    ("half a cent goes up", ("0.003", 1, "100"), "0.01"),
    ("just below half a cent", ("0.002999", 1, "100"), "0.00"),
    ("half a cent of a third, which no decimal holds", ("0.08", 1, "3.75"), "0.01"),
    ("half a cent of two thirds", ("0.16", 1, "1.875"), "0.01"),
    ("no minute", ("1.00", 0, "100"), "0.00"),
]


@pytest.mark.parametrize(("fault", "amount"), [case[1:] for case in FAULT_FEES], ids=[case[0] for case in FAULT_FEES])
def test_the_fee_of_a_fault_is_rounded_once(fault: tuple[str, int, str], amount: str) -> None:
    hourly_fee, minutes, rate = fault
    terms = contract_of(replace(MEASURED_BY_HOUR, base="fault_fee")).compensation
    base = Decimal(hourly_fee) * minutes
    assert award(base, None, Decimal(rate), terms, 60) == Award(Decimal(amount), capped=False)


@pytest.mark.parametrize(("cap", "capped"), [("1.99", True), ("2.00", False), ("2.01", False)])
def test_a_cap_that_is_the_fee_of_a_fault_does_not_limit_it(cap: str, capped: bool) -> None:
    terms = contract_of(replace(MEASURED_BY_HOUR, base="fault_fee")).compensation
    found = award(Decimal("1.00") * 40, Decimal(cap), Decimal(3), terms, 60)
    assert found == Award(min(Decimal(cap), Decimal("2.00")), capped=capped)


@pytest.mark.parametrize(
    ("day", "owed"),
    [(at(2026, 2, 5), "2.8"), (at(2024, 2, 5), "2.9"), (at(2026, 4, 5), "3.0"), (at(2026, 10, 5), "3.1")],
    ids=["28 days", "29 days", "30 days", "31 days"],
)
def test_days_are_those_of_the_month(day: datetime, owed: str) -> None:
    terms = Terms(zone="UTC", base="days_of_month", cap="none", quantum=F(1, 10), tiers=((F(0), F(99, 100), F(1, 10)),))
    partial = [Period("a", "paid", day.date(), day.date())]
    for periods in (None, partial):
        assert str(verdict_of(world_of(5, 100, day=day, periods=periods), terms)["compensation"]) == owed


@pytest.mark.parametrize(
    ("day", "owed"),
    [
        (at(2026, 2, 5), "9.0"),
        (at(2024, 2, 5), "9.1"),
        (at(2026, 4, 5), "9.1"),
        (at(2026, 8, 5), "9.2"),
        (at(2026, 12, 31), "9.2"),
    ],
    ids=["90 days", "91 days of a leap year", "91 days", "92 days", "92 days to the end of a year"],
)
def test_days_are_those_of_all_months_of_a_quarter(day: datetime, owed: str) -> None:
    tenth = ((F(0), F(99, 100), F(1, 10)),)
    terms = Terms(zone="UTC", length="quarter", base="days_of_month", cap="none", quantum=F(1, 10), tiers=tenth)
    for periods in (None, [Period("a", "paid", day.date(), day.date())]):
        assert str(verdict_of(world_of(5, 100, day=day, periods=periods), terms)["compensation"]) == owed


BY_CALLS = Terms(
    zone="UTC",
    base="failed_calls",
    cap="calls_bought",
    quantum=F(1),
    tiers=((F(95, 100), F(99, 100), F(10)), (F(0), F(95, 100), F(50))),
)
CALL_EDGES = [
    # of 1000: 10 failures meet the objective, 50 are of the first tier; fewer, more: failures, credit, amount
    ("a failure above the objective", 11, 110, (1, "0", 0), (40, "50", 51 * 50)),
    ("at the end of the first tier", 50, 500, (40, "0", 0), (1, "50", 51 * 50)),
    ("a failure into the second tier", 51, 2550, (1, "10", 500), None),
    ("all failed", 1000, 50_000, (950, "10", 500), None),
]


@pytest.mark.parametrize(
    ("failures", "owed", "fewer", "more"), [case[1:] for case in CALL_EDGES], ids=[case[0] for case in CALL_EDGES]
)
def test_at_the_edges_of_a_tier_as_many_calls_are_given_back_as_fail_there(
    failures: int, owed: int, fewer: tuple[int, str, int] | None, more: tuple[int, str, int] | None
) -> None:
    verdict = verdict_of(world_of(failures, 1000), BY_CALLS)
    assert verdict["compensation"] == owed
    for edge, expected in (("fewer", fewer), ("more", more)):
        found = tuple(verdict[f"{edge}_{name}"] for name in ("failures", "credit_rate", "compensation"))
        assert found == (expected or (None, None, None))


def test_no_more_calls_are_given_back_than_were_bought_nor_at_an_edge() -> None:
    verdict = verdict_of(world_of(50, 1000, {"calls_bought": F(120)}), BY_CALLS)
    assert (verdict["compensation"], verdict["capped"], verdict["more_compensation"]) == (120, True, 120)


BEYOND = [
    # 50 of 1000 fail; with one more the rate is of the tier that gives 51 calls back fifty times over
    ("more than the least", replace(BY_CALLS, more_than=F(2549)), {}, 2550),
    ("no more than the least", replace(BY_CALLS, more_than=F(2550)), {}, 0),
    ("just enough requests", replace(BY_CALLS, least_requests=1000), {}, 2550),
    ("too few requests", replace(BY_CALLS, least_requests=1001), {}, 0),
    ("nothing bought", BY_CALLS, {"calls_bought": F(0)}, 0),
    ("no bill", BY_CALLS, {"calls_bought": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "bill", "beyond"), [case[1:] for case in BEYOND], ids=[case[0] for case in BEYOND])
def test_beyond_an_edge_as_much_is_owed_as_would_be_decided(
    terms: Terms, bill: dict[str, Any], beyond: int | None
) -> None:
    verdict = verdict_of(world_of(50, 1000, bill), terms)
    assert (verdict["fewer_compensation"], verdict["more_compensation"]) == (0, beyond)


@pytest.mark.parametrize(
    ("base", "cap"),
    [
        ("service_fee", "none"),
        ("failed_calls", "calls_bought"),
        ("days_of_month", "none"),
        ("fault_fee", "cash_paid"),
    ],
)
def test_a_result_whose_facts_are_missing_is_undetermined_whatever_the_base(base: str, cap: str) -> None:
    kind = "share_of_time" if base == "fault_fee" else "share_of_requests"
    top = F(999_999, 10**6)
    terms = Terms(zone="UTC", kind=kind, base=base, cap=cap, gated=False, tiers=((F(0), top, F(1)),))
    verdict = verdict_of(world_of(5, 5, dict.fromkeys(ALL_BILLED)), terms)
    if base == "days_of_month":  # which needs no fact
        assert (verdict["reason"], verdict["compensation"]) == ("in_a_tier", 31)
    else:
        assert (verdict["reason"], verdict["compensation"]) == ("billing_missing", None)
        assert (verdict["estimate"], verdict["more_compensation"]) == (None, None)


def hours(first: datetime, many: int, account: str = "a") -> list[Row]:
    """Log an hour after the other in which all failed."""
    return [Row(account, first + timedelta(hours=hour), None, 503, 5) for hour in range(many)]


def test_under_an_agreement_for_all_plans_the_days_of_each_are_measured() -> None:
    free, paid = date(2026, 10, 5), date(2026, 10, 6)
    periods = [Period("a", "free", free, free), Period("a", "paid", paid, paid)]
    world = World(hours(at(2026, 10, 5, 12), 12), periods, {("a", "2026-10"): ALL_BILLED})
    terms = replace(MEASURED_BY_HOUR, tiers=NO_TIERS_ABOVE)
    assert verdict_of(world, replace(terms, uncompensated=()))["success_rate"] == 750_000  # 12 of 48 hours
    assert verdict_of(world, replace(terms, uncompensated=("free",)))["success_rate"] is None  # the free day is outside


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        ([(1, 31)], "below_objective"),
        ([(1, 15), (16, 31)], "below_objective"),
        ([(1, 30)], "partial_cycle"),
        ([(2, 31)], "partial_cycle"),
        ([(1, 15), (17, 31)], "partial_cycle"),
    ],
    ids=["whole", "whole in two", "without its last day", "without its first", "without a day between"],
)
def test_a_month_in_which_a_day_was_not_served_is_a_part(periods: list[tuple[int, int]], reason: str) -> None:
    served = [Period("a", "paid", date(2026, 10, first), date(2026, 10, last)) for first, last in periods]
    terms = Terms(zone="UTC", partial="not_judged")
    assert verdict_of(world_of(5, 100, periods=served), terms)["reason"] == reason


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        ([(date(2026, 10, 1), date(2026, 12, 31))], "below_objective"),
        ([(date(2026, 9, 1), date(2027, 3, 1))], "below_objective"),
        ([(date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 12, 31))], "below_objective"),
        ([(date(2026, 10, 2), date(2026, 12, 31))], "partial_cycle"),
        ([(date(2026, 10, 1), date(2026, 12, 30))], "partial_cycle"),
        ([(date(2026, 10, 1), date(2026, 10, 31))], "partial_cycle"),
        ([(date(2026, 10, 1), date(2026, 11, 14)), (date(2026, 11, 16), date(2026, 12, 31))], "partial_cycle"),
    ],
    ids=["whole", "and more", "whole in two", "without its first day", "without its last", "a month", "without a day"],
)
def test_a_quarter_in_which_a_day_was_not_served_is_a_part(periods: list[tuple[date, date]], reason: str) -> None:
    served = [Period("a", "paid", *days) for days in periods]
    terms = Terms(zone="UTC", length="quarter", partial="not_judged")
    assert verdict_of(world_of(5, 100, periods=served), terms)["reason"] == reason


# Of an hour that fails at the end of October and at the beginning of November, and one at each end of the quarter.
OVER_EDGES = [
    ("a month's end within the quarter", [at(2026, 10, 31, 23), at(2026, 11, 1)], True, 120),
    ("a month's end does not cut", [at(2026, 10, 31, 23), at(2026, 11, 1)], False, 120),
    ("the quarter's end joins", [at(2026, 12, 31, 23), at(2027, 1, 1)], True, 60),
    ("the quarter's end cuts", [at(2026, 12, 31, 23), at(2027, 1, 1)], False, 0),
    ("the quarter's beginning joins", [at(2026, 9, 30, 23), at(2026, 10, 1)], True, 60),
    ("the quarter's beginning cuts", [at(2026, 9, 30, 23), at(2026, 10, 1)], False, 0),
]


@pytest.mark.parametrize(
    ("hours", "joined", "minutes"), [case[1:] for case in OVER_EDGES], ids=[case[0] for case in OVER_EDGES]
)
def test_a_run_goes_on_over_edges_of_months_and_is_cut_at_those_of_quarters_alone(
    hours: list[datetime], joined: bool, minutes: int
) -> None:
    rows = [Row("a", hour, None, 503, 5) for hour in hours]
    terms = replace(MEASURED_BY_HOUR, length="quarter", run_from=2, joined=joined)
    judgement = judgement_of(World(rows), terms)
    place = judgement.cycles["cycle"].to_list().index("2026-Q4")
    assert judgement.verdicts["literal"]["fault_minutes"][place] == minutes


SAVED = [
    # 10 hours of 744 fail, of which an exclusion covers 3; the same tier with it and without it
    ("a share of the fee", {"base": "service_fee"}, "0"),
    ("of days", {"base": "days_of_month", "cap": "none"}, "0"),
    ("each failure", {"base": "failed_calls", "cap": "none", "quantum": F(1)}, "15"),
    ("each minute", {"base": "fault_fee"}, "3.00"),
]


@pytest.mark.parametrize(("terms", "saved"), [case[1:] for case in SAVED], ids=[case[0] for case in SAVED])
def test_an_exclusion_saves_what_would_be_owed_without_it(terms: dict[str, Any], saved: str) -> None:
    whole = replace(MEASURED_BY_HOUR, gated=False, tiers=((F(0), F(999, 1000), F(1)),), **terms)
    rows = hours(at(2026, 10, 5), 10)
    window = Window(rows[0].at, rows[3].at)
    world = World(rows, bills={("a", "2026-10"): ALL_BILLED}, windows=[window])
    contract, facts = contract_of(whole), facts_of(world)
    allocated = allocate(tally_of(world, whole), contract, facts, SCOPE)
    judgement = judge(allocated, contract, facts, SCOPE)
    (finding,) = judgement.exclusions
    assert (finding.requests, finding.compensation_saved) == (15, Decimal(saved))
    without = without_each(judgement, allocated, contract, facts, SCOPE).row(0, named=True)
    now = judgement.verdicts["literal"].row(0, named=True)
    assert now["success_rate"] == 990_591  # 1 - 7/744
    assert (without["success_rate"], without["explicit_failure"]) == (986_559, 50)  # 1 - 10/744
    assert without["compensation"] - now["compensation"] == Decimal(saved)


def test_the_failures_of_a_day_cost_calls_though_the_tier_stays() -> None:
    rows = [Row("a", at(2026, 10, 5), None, 503, 20), Row("a", at(2026, 10, 6), None, 503, 10)]
    world = World([*rows, Row("a", at(2026, 10, 7), None, 200, 970)], bills={("a", "2026-10"): ALL_BILLED})
    contract, facts = contract_of(BY_CALLS), facts_of(world)
    allocated = allocate(tally_of(world, BY_CALLS), contract, facts, SCOPE)
    judgement = judge(allocated, contract, facts, SCOPE)
    by_day = days(allocated, judgement.cycles, judgement.detailed, contract, "literal").by_cycle
    cost = attributed(by_day, judgement.cycles, judgement.verdicts["literal"], contract, "literal", SCOPE.as_of)
    # 30 of 1000 give back 300 calls; without the first day's 10 meet the objective; without the second's 20 give 200.
    assert [each.compensation_caused for each in cost] == [300, 100]
