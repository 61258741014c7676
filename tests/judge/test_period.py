"""The months that were asked for with `--cycle`."""

from __future__ import annotations

from datetime import date

import pytest

from sla_audit.judge.period import Period
from sla_audit.model.month import Month

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
