"""Calendar months, the cycles of the service (clause 2.7.1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.model.month import Month

months = st.builds(Month, st.integers(1970, 2199), st.integers(1, 12))

ENDS = [
    ("January", Month(2026, 1), date(2026, 1, 31)),
    ("an ordinary February", Month(2026, 2), date(2026, 2, 28)),
    ("a leap February", Month(2024, 2), date(2024, 2, 29)),
    ("the February of 2000, a leap year", Month(2000, 2), date(2000, 2, 29)),
    ("the February of 2100, no leap year", Month(2100, 2), date(2100, 2, 28)),
    ("a month of thirty days", Month(2026, 9), date(2026, 9, 30)),
    ("December", Month(2026, 12), date(2026, 12, 31)),
]


@pytest.mark.parametrize(("month", "last_day"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS])
def test_a_month_runs_from_its_first_day_to_its_last(month: Month, last_day: date) -> None:
    assert month.first_day == date(month.year, month.number, 1)
    assert month.last_day == last_day


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", Month(2026, 10)),
        ("2026-01", Month(2026, 1)),
        ("2026-12", Month(2026, 12)),
        ("1970-01", Month(1970, 1)),
        ("2199-12", Month(2199, 12)),
    ],
)
def test_a_month_is_read_and_written_as_year_and_number(text: str, month: Month) -> None:
    assert Month.parse(text) == month
    assert str(month) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-0", "2026-1", "2026-00", "2026-13", "2026-100", "26-10", "02026-10", "0000-01"),
        *("2026/10", "2026 10", "202610", "2026-10-01", " 2026-10", "2026-10 ", "2026-10\n", "-2026-10", "2026-1O"),
        *("0001-01", "1969-12", "2200-01", "9999-12", "٢٠٢٦-10", "\uff12\uff10\uff12\uff16-10", "2026-1٠"),
    ],
    ids=repr,
)
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month such as 2026-10"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 9, 30), Month(2026, 9)),
        (date(2026, 10, 1), Month(2026, 10)),
        (date(2026, 10, 31), Month(2026, 10)),
        (date(2026, 11, 1), Month(2026, 11)),
    ],
    ids=["the day before", "the first day", "the last day", "the day after"],
)
def test_a_day_lies_in_one_month(day: date, month: Month) -> None:
    assert Month.of(day) == month


@pytest.mark.parametrize(
    ("month", "later", "expected"),
    [
        (Month(2026, 10), 0, Month(2026, 10)),
        (Month(2026, 10), 1, Month(2026, 11)),
        (Month(2026, 12), 1, Month(2027, 1)),
        (Month(2026, 1), -1, Month(2025, 12)),
        (Month(2026, 10), 24, Month(2028, 10)),
        (Month(2026, 10), -10, Month(2025, 12)),
    ],
)
def test_months_are_counted_across_years(month: Month, later: int, expected: Month) -> None:
    assert month.plus(later) == expected


def test_months_are_ordered_by_time() -> None:
    assert sorted([Month(2027, 1), Month(2026, 12), Month(2026, 2), Month(2026, 10)]) == [
        Month(2026, 2),
        Month(2026, 10),
        Month(2026, 12),
        Month(2027, 1),
    ]


@given(months)
def test_months_follow_on_each_other_without_a_gap(month: Month) -> None:
    assert month.last_day + timedelta(days=1) == month.plus(1).first_day


@given(months, st.integers(-600, 600))
def test_going_back_leads_to_where_one_came_from(month: Month, later: int) -> None:
    assert month.plus(later).plus(-later) == month


DAYS = [
    ("the first that can be audited", date(1970, 1, 1), True),
    ("the day before it", date(1969, 12, 31), False),
    ("the last that can be audited", date(2199, 12, 31), True),
    ("the day after it", date(2200, 1, 1), False),
    ("the first there is", date.min, False),
    ("the last there is", date.max, False),
]


@pytest.mark.parametrize(("day", "sound"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_a_day_is_checked_against_the_years_that_can_be_audited(day: date, sound: bool) -> None:
    if sound:
        assert Month.checked(day) == day
    else:
        with pytest.raises(ValueError, match="is not from 1970 to 2199"):
            Month.checked(day)


@given(months)
def test_what_is_written_is_read_back(month: Month) -> None:
    assert Month.parse(str(month)) == month
