"""When a claim for a cycle may be filed (clause 2.10.2)."""

from __future__ import annotations

from datetime import date

import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.month import Month
from sla_audit.judge.claims import ClaimWindow, claim_window

RULE = load_contract(BUILT_IN).claim

WINDOWS = [
    ("the agreement's example: November 2019, by 31 December", "2019-11", date(2019, 12, 5), date(2019, 12, 31)),
    ("September 2026: a week of holiday, then a make-up Saturday", "2026-09", date(2026, 10, 11), date(2026, 10, 31)),
    ("October 2026: the month begins on a Sunday", "2026-10", date(2026, 11, 5), date(2026, 11, 30)),
    ("November 2026: the month begins on a working day", "2026-11", date(2026, 12, 4), date(2026, 12, 31)),
    ("December 2019: into the next year", "2019-12", date(2020, 1, 7), date(2020, 1, 31)),
    ("January 2020: the extended Spring Festival, a leap February", "2020-01", date(2020, 2, 6), date(2020, 2, 29)),
    ("December 2020: New Year's Day and a weekend", "2020-12", date(2021, 1, 7), date(2021, 1, 31)),
    ("January 2024: a make-up Sunday, a leap February", "2024-01", date(2024, 2, 5), date(2024, 2, 29)),
    ("January 2025: the Spring Festival, an ordinary February", "2025-01", date(2025, 2, 8), date(2025, 2, 28)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cycle", "opens_on", "closes_on"), [case[1:] for case in WINDOWS], ids=[case[0] for case in WINDOWS]
)
def test_claims_open_after_the_third_working_day_and_close_with_the_following_month(
    cycle: str, opens_on: date, closes_on: date
) -> None:
    assert claim_window(Month.parse(cycle), RULE) == ClaimWindow(opens_on, closes_on, "official")


# 2027 turns official once its arrangement is announced and the installed data hold it; move it up then.
def test_a_window_in_a_year_without_official_holidays_is_provisional() -> None:
    window = claim_window(Month(2026, 12), RULE)
    assert window == ClaimWindow(date(2027, 1, 7), date(2027, 1, 31), "provisional")


@pytest.mark.parametrize(
    ("days", "opens_on"),
    [(1, date(2026, 10, 9)), (2, date(2026, 10, 10)), (3, date(2026, 10, 11)), (4, date(2026, 10, 13))],
)
def test_another_contract_may_open_after_another_working_day(days: int, opens_on: date) -> None:
    rule = RULE.model_copy(update={"opens_after_working_day": days})
    assert claim_window(Month(2026, 9), rule).opens_on == opens_on


@pytest.mark.parametrize(
    ("months", "closes_on"),
    [(1, date(2026, 10, 31)), (2, date(2026, 11, 30)), (5, date(2027, 2, 28)), (17, date(2028, 2, 29))],
)
def test_another_contract_may_close_after_more_months(months: int, closes_on: date) -> None:
    rule = RULE.model_copy(update={"closes_months_after": months})
    window = claim_window(Month(2026, 9), rule)
    assert (window.opens_on, window.closes_on) == (date(2026, 10, 11), closes_on)
