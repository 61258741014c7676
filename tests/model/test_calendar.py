"""Working days in mainland China (clause 2.10.2), against the `chinese_calendar` module."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from holidays import country_holidays

from sla_audit.model import calendar
from sla_audit.model.calendar import INSTALLED, WorkingDays

YEARS = range(2018, 2027)
MONTHS = [(year, month) for year in YEARS for month in range(1, 13)]


@pytest.mark.parametrize(("year", "month"), MONTHS, ids=[f"{year}-{month:02}" for year, month in MONTHS])
def test_the_third_working_day_is_the_one_that_chinese_calendar_knows(year: int, month: int) -> None:
    days = [date(year, month, day) for day in range(1, 29)]
    working = [day for day in days if chinese_calendar.is_workday(day)]
    assert INSTALLED.nth_of_month(year, month, 3) == working[2]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_year_is_what_chinese_calendar_says(year: int) -> None:
    days = [
        date(year, 1, 1) + timedelta(days=number) for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]
    assert [day for day in days if INSTALLED.is_working_day(day) != chinese_calendar.is_workday(day)] == []


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
    assert INSTALLED.is_working_day(day) is expected


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
    assert INSTALLED.nth_of_month(*asked) == expected


@pytest.mark.parametrize("year", [2001, *YEARS])
def test_a_year_with_an_official_arrangement_is_official(year: int) -> None:
    assert INSTALLED.state(year) == "official"


# So far ahead that no release of the installed data can hold an arrangement; 2083 has the weekdays of 2027.
@pytest.mark.parametrize("year", [2083, 2090])
def test_a_year_without_one_is_provisional(year: int) -> None:
    assert INSTALLED.state(year) == "provisional"


def test_a_provisional_year_still_has_its_fixed_holidays_and_weekends() -> None:
    assert not INSTALLED.is_working_day(date(2083, 1, 1))
    assert INSTALLED.nth_of_month(2083, 1, 3) == date(2083, 1, 6)


def test_a_month_without_that_many_working_days_has_no_such_day() -> None:
    assert INSTALLED.nth_of_month(2026, 10, 18) == date(2026, 10, 30)
    assert INSTALLED.nth_of_month(2026, 10, 19) is None


@pytest.mark.parametrize("year", YEARS)
def test_working_days_between_two_days_count_both(year: int) -> None:
    first = date(year, 1, 1)
    for start, length in [(0, 0), (0, 364), (15, 40), (270, 20), (120, 1), (272, 0)]:
        days = [first + timedelta(days=start + number) for number in range(length + 1)]
        assert INSTALLED.between(days[0], days[-1]) == sum(map(chinese_calendar.is_workday, days))


def test_the_calendar_that_is_loaded_alone_is_the_one_of_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(3 * 366)]
    alone = [INSTALLED.is_working_day(day) for day in days]
    monkeypatch.setattr(calendar, "find_spec", lambda name: None)  # as where it has been moved
    calendar._days_of.cache_clear()
    assert type(calendar._days_of("CN")) is type(country_holidays("CN"))
    assert [INSTALLED.is_working_day(day) for day in days] == alone
    calendar._days_of.cache_clear()


def test_there_are_no_working_days_between_a_day_and_one_before_it() -> None:
    assert INSTALLED.between(date(2026, 11, 5), date(2026, 11, 4)) == 0


def test_what_is_stated_of_a_day_wins_over_what_is_installed_and_other_days_stay() -> None:
    stated = WorkingDays({date(2026, 10, 10): False, date(2026, 10, 11): True, date(2026, 10, 12): True})
    assert [day for day in range(1, 15) if stated.is_working_day(date(2026, 10, day))] == [8, 9, 11, 12, 13, 14]
    assert stated.nth_of_month(2026, 10, 3) == date(2026, 10, 11)
    assert stated.between(date(2026, 10, 9), date(2026, 10, 11)) == 2
    assert INSTALLED.nth_of_month(2026, 10, 3) == date(2026, 10, 10)


STATES = [
    ("a year of which a day is stated is supplied", 2083, "supplied"),
    ("a year that was official is supplied too where a day of it is stated", 2026, "supplied"),
    ("another official year stays official", 2025, "official"),
    ("another provisional year stays provisional", 2084, "provisional"),
]


@pytest.mark.parametrize(("year", "state"), [case[1:] for case in STATES], ids=[case[0] for case in STATES])
def test_a_year_is_as_sure_as_what_tells_of_it(year: int, state: str) -> None:
    stated = WorkingDays({date(2083, 2, 6): True, date(2026, 12, 31): False})
    assert stated.state(year) == state


ELSEWHERE = [
    ("Germany's day of unity", "DE", date(2026, 10, 3), False),
    ("a Friday before it", "DE", date(2026, 10, 2), True),
    ("a make-up Saturday of China", "DE", date(2026, 10, 10), False),
    ("Thanksgiving", "US", date(2026, 11, 26), False),
]


@pytest.mark.parametrize(
    ("country", "day", "expected"), [case[1:] for case in ELSEWHERE], ids=[c[0] for c in ELSEWHERE]
)
def test_another_country_has_days_of_its_own(country: str, day: date, expected: bool) -> None:
    days = INSTALLED.of(country)
    assert days.is_working_day(day) is expected
    assert days.state(2040) == "official"
    assert WorkingDays({day: not expected}).of(country).is_working_day(day) is not expected


def test_without_a_country_it_is_the_same() -> None:
    assert INSTALLED.of(None) is INSTALLED
    assert INSTALLED.of("CN") is INSTALLED


def test_a_country_is_known_or_not() -> None:
    assert calendar.is_known("JP")
    assert not calendar.is_known("XX")
