"""Calendar quarters, the cycles of some agreements, and names of cycles of any length."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.model.cycle_lengths import KINDS, cycle_named
from sla_audit.model.month import Month
from sla_audit.model.quarter import Quarter

quarters = st.builds(Quarter, st.integers(1970, 2199), st.integers(1, 4))

ENDS = [
    ("the first", Quarter(2026, 1), date(2026, 1, 1), date(2026, 3, 31), 90),
    ("the first of a leap year", Quarter(2024, 1), date(2024, 1, 1), date(2024, 3, 31), 91),
    ("the first of 2100, no leap year", Quarter(2100, 1), date(2100, 1, 1), date(2100, 3, 31), 90),
    ("the second", Quarter(2026, 2), date(2026, 4, 1), date(2026, 6, 30), 91),
    ("the third", Quarter(2026, 3), date(2026, 7, 1), date(2026, 9, 30), 92),
    ("the fourth", Quarter(2026, 4), date(2026, 10, 1), date(2026, 12, 31), 92),
]


@pytest.mark.parametrize(
    ("quarter", "first_day", "last_day", "days"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS]
)
def test_a_quarter_runs_from_its_first_day_to_its_last(
    quarter: Quarter, first_day: date, last_day: date, days: int
) -> None:
    assert (quarter.first_day, quarter.last_day, quarter.days) == (first_day, last_day, days)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 9, 30), Quarter(2026, 3)),
        (date(2026, 10, 1), Quarter(2026, 4)),
        (date(2026, 11, 15), Quarter(2026, 4)),
        (date(2026, 12, 31), Quarter(2026, 4)),
        (date(2027, 1, 1), Quarter(2027, 1)),
    ],
    ids=["the day before", "the first day", "a day within", "the last day", "the day after"],
)
def test_a_day_lies_in_one_quarter(day: date, quarter: Quarter) -> None:
    assert Quarter.of(day) == quarter


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-Q0", "2026-Q5", "2026-Q", "2026-4", "2026Q4", "2026-q4", "2026-Q04", "Q4 2026", "26-Q4"),
        *(" 2026-Q4", "2026-Q4\n", "2026-10", "1969-Q4", "2200-Q1", "٢٠٢٦-Q4", "2026-Q\uff14"),
    ],
    ids=repr,
)
def test_anything_else_is_no_quarter(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quarter such as 2026-Q4"):
        Quarter.parse(text)


def test_quarters_are_counted_across_years() -> None:
    assert Quarter(2026, 4).plus(1) == Quarter(2027, 1)
    assert Quarter(2026, 1).plus(-1) == Quarter(2025, 4)
    assert list(map(str, Quarter(2026, 3).until(Quarter(2027, 1)))) == ["2026-Q3", "2026-Q4", "2027-Q1"]


@given(quarters)
def test_quarters_follow_on_each_other_without_a_gap(quarter: Quarter) -> None:
    assert quarter.last_day + timedelta(days=1) == quarter.plus(1).first_day


@given(quarters)
def test_a_quarter_is_its_three_months(quarter: Quarter) -> None:
    months = Month.of(quarter.first_day).until(Month.of(quarter.last_day))
    assert len(months) == 3
    assert quarter.days == sum(month.days for month in months)


@given(quarters, st.integers(-200, 200))
def test_going_back_leads_to_where_one_came_from(quarter: Quarter, later: int) -> None:
    assert quarter.plus(later).plus(-later) == quarter


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.sampled_from(list(KINDS)))
def test_a_cycle_is_known_by_its_name(day: date, length: str) -> None:
    cycle = KINDS[length].of(day)  # type: ignore[index]
    assert cycle_named(str(cycle)) == cycle
    assert type(cycle_named(str(cycle))) is KINDS[length]  # type: ignore[index]


def test_what_is_no_name_of_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a month such as 2026-10"):
        cycle_named("2026-13")
    with pytest.raises(ValueError, match="is not a quarter such as 2026-Q4"):
        cycle_named("2200-Q1")


def test_a_month_and_a_quarter_are_never_the_same_and_have_no_order() -> None:
    assert Month(2026, 4) != Quarter(2026, 4)
    with pytest.raises(TypeError):
        _ = Month(2026, 4) < Quarter(2026, 4)
