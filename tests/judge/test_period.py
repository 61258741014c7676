"""The months that were asked for with `--cycle`."""

from __future__ import annotations

from datetime import date

import pytest

from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.model.quarter import Quarter

AS_OF = date(2026, 11, 20)

ASKED = [
    ("one month", "2026-10", ["2026-10"]),
    ("a run of months, both ends included", "2026-09..2026-11", ["2026-09", "2026-10", "2026-11"]),
    ("a run across a year", "2025-12..2026-01", ["2025-12", "2026-01"]),
    ("a run of one month", "2026-10..2026-10", ["2026-10"]),
    ("the month before", "last", ["2026-10"]),
    ("the month of the report", "running", ["2026-11"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_the_months_asked_for_are_listed_in_order(text: str, expected: list[str]) -> None:
    months = Period.parse(text, AS_OF).cycles()
    assert months is not None
    assert [str(month) for month in months] == expected


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 10, 31), Month(2026, 9)),
        (date(2026, 11, 1), Month(2026, 10)),
        (date(2026, 11, 30), Month(2026, 10)),
        (date(2026, 12, 1), Month(2026, 11)),
        (date(2027, 1, 1), Month(2026, 12)),
        (date(2024, 3, 31), Month(2024, 2)),
    ],
    ids=str,
)
def test_last_is_the_month_before_the_day_of_the_report(as_of: date, expected: Month) -> None:
    assert Period.parse("last", as_of) == Period(expected, expected)


def test_all_leaves_the_months_to_the_logs() -> None:
    assert Period.parse("all", AS_OF).cycles() is None


def test_without_a_word_all_months_are_asked_for() -> None:
    assert Period() == Period.parse("all", AS_OF)


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "2026-10..", "..2026-10", "2026", "2026-13", "2026-10...2026-11", "2026-10..2026-11..2026-12"),
        *(
            "2026-10,2026-11",
            "October",
            "LAST",
            "all ",
            "Running",
            "running..2026-12",
            "last..2026-10",
            "2026-10..last",
            "2026-10-01",
        ),
    ],
    ids=repr,
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected YYYY-MM, YYYY-MM\.\.YYYY-MM, last, running or all"):
        Period.parse(text, AS_OF)


@pytest.mark.parametrize("text", ["2026-10..2026-09", "2027-01..2026-12"])
def test_a_run_that_ends_before_it_starts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Period.parse(text, AS_OF)


QUARTERS = [
    ("one quarter", "2026-Q4", ["2026-Q4"]),
    ("a run across a year", "2026-Q3..2027-Q1", ["2026-Q3", "2026-Q4", "2027-Q1"]),
    ("the quarter before", "last", ["2026-Q3"]),
    ("the quarter of the report", "running", ["2026-Q4"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in QUARTERS], ids=[case[0] for case in QUARTERS])
def test_quarters_are_asked_for_where_cycles_are_quarters(text: str, expected: list[str]) -> None:
    period = Period.parse(text, AS_OF, Quarter)
    assert list(map(str, period.cycles() or [])) == expected
    assert Period.parse(str(period), AS_OF, Quarter) == period


@pytest.mark.parametrize(
    ("as_of", "running", "last"),
    [
        (date(2026, 9, 30), "2026-Q3", "2026-Q2"),
        (date(2026, 10, 1), "2026-Q4", "2026-Q3"),
        (date(2026, 12, 31), "2026-Q4", "2026-Q3"),
        (date(2027, 1, 1), "2027-Q1", "2026-Q4"),
    ],
    ids=str,
)
def test_a_quarter_runs_until_its_last_day(as_of: date, running: str, last: str) -> None:
    assert str(Period.parse("running", as_of, Quarter)) == running
    assert str(Period.parse("last", as_of, Quarter)) == last
    assert str(Period().running(as_of, Quarter)) == running


def test_a_running_quarter_is_one_only_where_it_is_asked_for() -> None:
    asked = Period.parse("2026-Q1..2026-Q3", AS_OF, Quarter)
    assert asked.running(date(2026, 9, 30), Quarter) == Period(Quarter(2026, 3), Quarter(2026, 3))
    assert asked.running(AS_OF, Quarter) is None


OF_ANOTHER_LENGTH = [
    ("a month", "2026-10", Quarter, "quarters, as in 2026-Q4"),
    ("the months of a quarter", "2026-10..2026-12", Quarter, "quarters, as in 2026-Q4"),
    ("months of two", "2026-09..2026-10", Quarter, "quarters, as in 2026-Q3..2026-Q4"),
    ("a quarter and a month", "2026-Q4..2027-01", Quarter, "quarters, as in 2026-Q4..2027-Q1"),
    ("a quarter", "2026-Q4", Month, "months, as in 2026-10..2026-12"),
    ("two quarters", "2026-Q3..2026-Q4", Month, "months, as in 2026-07..2026-12"),
]


@pytest.mark.parametrize(
    ("text", "kind", "told"), [case[1:] for case in OF_ANOTHER_LENGTH], ids=[case[0] for case in OF_ANOTHER_LENGTH]
)
def test_cycles_of_another_length_are_refused_with_those_they_lie_in(
    text: str, kind: type[Month] | type[Quarter], told: str
) -> None:
    with pytest.raises(ValueError, match=f"^'{text}': the cycles of this agreement are {told}$"):
        Period.parse(text, AS_OF, kind)


@pytest.mark.parametrize("text", ["", "..", "2026-Q5", "2026", "2026-Q4..", "2026-Q1,2026-Q2", "2026-13"], ids=repr)
def test_what_is_no_cycle_at_all_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected YYYY-Qn, YYYY-Qn\.\.YYYY-Qn, last, running or all"):
        Period.parse(text, AS_OF, Quarter)


def test_a_run_of_quarters_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Period.parse("2027-Q1..2026-Q4", AS_OF, Quarter)
