"""Working days in mainland China (clause 2.10.2), against the `chinese_calendar` module."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from sla_audit.contract.calendar import calendar_state, is_working_day, nth_working_day

YEARS = range(2018, 2027)
MONTHS = [(year, month) for year in YEARS for month in range(1, 13)]


@pytest.mark.parametrize(("year", "month"), MONTHS, ids=[f"{year}-{month:02}" for year, month in MONTHS])
def test_the_third_working_day_is_the_one_that_chinese_calendar_knows(year: int, month: int) -> None:
    days = [date(year, month, day) for day in range(1, 29)]
    working = [day for day in days if chinese_calendar.is_workday(day)]
    assert nth_working_day(year, month, 3) == working[2]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_year_is_what_chinese_calendar_says(year: int) -> None:
    days = [
        date(year, 1, 1) + timedelta(days=number) for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]
    assert [day for day in days if is_working_day(day) != chinese_calendar.is_workday(day)] == []


DAYS = [
    ("an ordinary Wednesday", date(2026, 11, 4), True),
    ("an ordinary Saturday", date(2026, 11, 7), False),
    ("an ordinary Sunday", date(2026, 11, 8), False),
    ("New Year's Day", date(2026, 1, 1), False),
    ("National Day", date(2026, 10, 1), False),
    ("the last day of the National Day holiday, a Wednesday", date(2026, 10, 7), False),
    ("the day after it", date(2026, 10, 8), True),
    ("a Saturday that makes up for it", date(2026, 10, 10), True),
    ("the Sunday after that", date(2026, 10, 11), False),
    ("a Sunday that makes up for the Spring Festival", date(2024, 2, 4), True),
    ("the day by which the Spring Festival of 2020 was extended", date(2020, 1, 31), False),
    ("29 February, a Thursday", date(2024, 2, 29), True),
]


@pytest.mark.parametrize(("day", "expected"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_a_day_is_a_working_day_or_not(day: date, expected: bool) -> None:
    assert is_working_day(day) is expected


COUNTED = [
    ("the first in October 2026 comes after the holiday", (2026, 10, 1), date(2026, 10, 8)),
    ("the second follows on it", (2026, 10, 2), date(2026, 10, 9)),
    ("the third is a make-up Saturday", (2026, 10, 3), date(2026, 10, 10)),
    ("the fourth comes after the Sunday", (2026, 10, 4), date(2026, 10, 12)),
    ("the third in November 2026 is a Wednesday after a Sunday", (2026, 11, 3), date(2026, 11, 4)),
    ("the third in February 2024 is a make-up Sunday", (2024, 2, 3), date(2024, 2, 4)),
    ("the third in December 2019, the agreement's example", (2019, 12, 3), date(2019, 12, 4)),
    ("the first of a month that begins on one", (2026, 12, 1), date(2026, 12, 1)),
]


@pytest.mark.parametrize(("asked", "expected"), [case[1:] for case in COUNTED], ids=[case[0] for case in COUNTED])
def test_working_days_are_counted_from_one(asked: tuple[int, int, int], expected: date) -> None:
    assert nth_working_day(*asked) == expected


@pytest.mark.parametrize("year", [2001, *YEARS])
def test_a_year_with_an_official_arrangement_is_official(year: int) -> None:
    assert calendar_state(year) == "official"


# 2027 turns official once its arrangement is announced and the installed data hold it; move it up then.
@pytest.mark.parametrize("year", [2027, 2090])
def test_a_year_without_one_is_provisional(year: int) -> None:
    assert calendar_state(year) == "provisional"


def test_a_provisional_year_still_has_its_fixed_holidays_and_weekends() -> None:
    assert not is_working_day(date(2027, 1, 1))
    assert nth_working_day(2027, 1, 3) == date(2027, 1, 6)
