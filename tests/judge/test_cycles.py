"""Service cycles: one calendar month each, cut to the days of service (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest

from sla_audit.judge.allocation import cycles
from sla_audit.judge.allocation.roster import roster
from sla_audit.model.month import Month

OCTOBER = Month(2026, 10)

Account = tuple[str, str, date, date | None]


def accounts(*rows: Account) -> pl.DataFrame:
    schema = {"account_id": pl.String, "plan": pl.String, "applied_on": pl.Date, "expires_on": pl.Date}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


Seen = tuple[str, str]


def service_cycles(months: Sequence[Month], facts: pl.DataFrame | None, *seen: Seen) -> pl.DataFrame:
    """List the cycles of the accounts on file, and of those that were `seen` in some month."""
    ids = sorted({account for account, _ in seen}, reverse=True)  # codes are in no order
    names = [str(month) for month in months]
    codes = [(ids.index(account), names.index(cycle)) for account, cycle in seen]
    schema = {"account": pl.UInt32, "position": pl.UInt32}
    who = roster(pl.Series(ids, dtype=pl.String), facts, ["free"])
    return cycles.service_cycles(months, who, pl.DataFrame(codes, schema=schema, orient="row"), ["free"])


def bounds(months: Sequence[Month], applied_on: date, expires_on: date | None) -> list[tuple[str, date, date]]:
    """Give cycle, start and end of the cycles of one account."""
    listed = service_cycles(months, accounts(("A", "paid", applied_on, expires_on)))
    return listed.select("cycle", "cycle_start", "cycle_end").rows()


BOUNDS = [
    (
        "a service that began long ago has whole months",
        (OCTOBER, date(2020, 1, 1), None),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ),
    (
        "the first cycle begins on the day of application",
        (OCTOBER, date(2026, 10, 9), None),
        (date(2026, 10, 9), date(2026, 10, 31)),
    ),
    (
        "applied on the first day: a whole month",
        (OCTOBER, date(2026, 10, 1), None),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ),
    (
        "applied on the last day of the month before: a whole month",
        (OCTOBER, date(2026, 9, 30), None),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ),
    (
        "applied on the last day: a cycle of one day",
        (OCTOBER, date(2026, 10, 31), None),
        (date(2026, 10, 31), date(2026, 10, 31)),
    ),
    (
        "the last cycle ends on the day of expiry",
        (OCTOBER, date(2020, 1, 1), date(2026, 10, 20)),
        (date(2026, 10, 1), date(2026, 10, 20)),
    ),
    (
        "expired on the first day: a cycle of one day",
        (OCTOBER, date(2020, 1, 1), date(2026, 10, 1)),
        (date(2026, 10, 1), date(2026, 10, 1)),
    ),
    (
        "expired on the last day: a whole month",
        (OCTOBER, date(2020, 1, 1), date(2026, 10, 31)),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ),
    (
        "expires in the next month: a whole month",
        (OCTOBER, date(2020, 1, 1), date(2026, 11, 1)),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ),
    (
        "first and last cycle in one",
        (OCTOBER, date(2026, 10, 9), date(2026, 10, 20)),
        (date(2026, 10, 9), date(2026, 10, 20)),
    ),
    (
        "a leap February ends on the 29th",
        (Month(2024, 2), date(2024, 2, 10), None),
        (date(2024, 2, 10), date(2024, 2, 29)),
    ),
    (
        "a leap February of one day",
        (Month(2024, 2), date(2024, 2, 29), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 2, 29)),
    ),
    (
        "an ordinary February ends on the 28th",
        (Month(2026, 2), date(2026, 2, 10), None),
        (date(2026, 2, 10), date(2026, 2, 28)),
    ),
]


@pytest.mark.parametrize(("service", "expected"), [case[1:] for case in BOUNDS], ids=[case[0] for case in BOUNDS])
def test_a_cycle_is_a_month_cut_to_the_days_of_service(
    service: tuple[Month, date, date | None], expected: tuple[date, date]
) -> None:
    month, applied_on, expires_on = service
    assert bounds([month], applied_on, expires_on) == [(str(month), *expected)]


@pytest.mark.parametrize(
    ("applied_on", "expires_on"),
    [(date(2026, 11, 1), None), (date(2020, 1, 1), date(2026, 9, 30)), (date(2026, 12, 1), date(2026, 12, 31))],
    ids=["applied on the day after", "expired on the day before", "served in another month"],
)
def test_a_service_that_does_not_meet_the_month_has_no_cycle(applied_on: date, expires_on: date | None) -> None:
    assert bounds([OCTOBER], applied_on, expires_on) == []


def test_a_service_over_three_months_has_a_partial_first_a_whole_and_a_partial_last_cycle() -> None:
    months = [Month(2026, 8), Month(2026, 9), OCTOBER, Month(2026, 11), Month(2026, 12)]
    assert bounds(months, date(2026, 9, 30), date(2026, 11, 1)) == [
        ("2026-09", date(2026, 9, 30), date(2026, 9, 30)),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 1)),
    ]


def test_a_month_ends_for_everybody_on_its_last_day() -> None:
    listed = service_cycles([OCTOBER], accounts(("A", "paid", date(2020, 1, 1), date(2026, 10, 20))))
    assert listed["last_day"].to_list() == [date(2026, 10, 31)]


def test_without_an_accounts_file_everyone_seen_is_paid_and_in_service_for_the_whole_month() -> None:
    listed = service_cycles([OCTOBER], None, ("A", "2026-10"))
    assert listed.drop("account", "position").rows(named=True) == [
        {
            "account_id": "A",
            "cycle": "2026-10",
            "last_day": date(2026, 10, 31),
            "days": 31,
            "cycle_start": date(2026, 10, 1),
            "cycle_end": date(2026, 10, 31),
            "plan": "paid",
            "known": True,
            "periods": None,
        }
    ]


def test_without_an_accounts_file_an_account_is_listed_only_where_it_was_seen() -> None:
    listed = service_cycles([Month(2026, 9), OCTOBER], None, ("B", "2026-10"), ("A", "2026-10"), ("A", "2026-09"))
    assert listed.select("account_id", "cycle").rows() == [("A", "2026-09"), ("A", "2026-10"), ("B", "2026-10")]


def test_an_account_of_the_file_is_listed_without_traffic_and_one_of_the_log_without_facts() -> None:
    facts = accounts(("quiet", "free", date(2026, 10, 9), None), ("busy", "paid", date(2020, 1, 1), None))
    listed = service_cycles([OCTOBER], facts, ("busy", "2026-10"), ("unknown", "2026-10"))
    assert listed.select("account_id", "plan", "known", "cycle_start").rows() == [
        ("busy", "paid", True, date(2026, 10, 1)),
        ("quiet", "free", True, date(2026, 10, 9)),
        ("unknown", None, False, date(2026, 10, 1)),
    ]


def test_an_accounts_file_without_rows_makes_every_account_unknown() -> None:
    listed = service_cycles([OCTOBER], accounts(), ("A", "2026-10"))
    assert listed.select("account_id", "plan", "known").rows() == [("A", None, False)]


def test_an_account_with_facts_is_never_given_a_second_whole_month() -> None:
    listed = service_cycles([OCTOBER], accounts(("A", "paid", date(2026, 10, 9), None)), ("A", "2026-10"))
    assert listed.select("account_id", "cycle_start").rows() == [("A", date(2026, 10, 9))]


def test_cycles_are_ordered_by_account_and_then_month() -> None:
    months = [OCTOBER, Month(2026, 9), Month(2027, 1)]
    facts = accounts(("b", "paid", date(2020, 1, 1), None), ("a", "paid", date(2020, 1, 1), None))
    listed = service_cycles(months, facts, ("A", "2027-01"))
    assert listed.select("account_id", "cycle").rows() == [
        ("A", "2027-01"),
        *[("a", "2026-09"), ("a", "2026-10"), ("a", "2027-01")],
        *[("b", "2026-09"), ("b", "2026-10"), ("b", "2027-01")],
    ]


@pytest.mark.parametrize("facts", [None, accounts(("A", "paid", date(2020, 1, 1), None))], ids=["no facts", "facts"])
def test_no_months_have_no_cycles(facts: pl.DataFrame | None) -> None:
    assert service_cycles([], facts).rows() == []
