"""Which intervals are bad, which of them count in a run, and how many there are: at, below and above each threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from sla_audit.contract.terms.measure import Bad, Run
from sla_audit.judge.intervals.losses import bad_intervals, mean_loss
from sla_audit.judge.intervals.steps import NumberedSteps
from sla_audit.model.month import Month

MONTHS = 2
OCTOBER, NOVEMBER, NEXT_ACCOUNT = 0, 1, 2
"""Numbers of cycles: of the first account, and of the second one in the first month."""

Failing = tuple[int, int, int, int, int]
ANY = Run()
ALL_FAILED = Bad(all_failed=True)


def failing(rows: Sequence[Failing]) -> pl.DataFrame:
    names = ("number", "unit", "step", "failed", "total")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64()), orient="row")


def bad_of(bad: Mapping[str, Any], failed: int, total: int) -> bool:
    return bad_intervals(failing([(OCTOBER, 0, 7, failed, total)]), Bad.model_validate(dict(bad)), ANY, MONTHS) == {
        OCTOBER: 1
    }


BAD = [
    ("all of one", {"all_failed": True}, 1, 1, True),
    ("all of many", {"all_failed": True}, 9, 9, True),
    ("all but one", {"all_failed": True}, 8, 9, False),
    ("all of as many as it takes", {"all_failed": True, "least_requests": 9}, 9, 9, True),
    ("all of one fewer", {"all_failed": True, "least_requests": 9}, 8, 8, False),
    ("10 % is not over 10 %", {"rate_over": Decimal("0.10")}, 1, 10, False),
    ("just over 10 %", {"rate_over": Decimal("0.10")}, 100_001, 1_000_000, True),
    ("11 % is over 10 %", {"rate_over": Decimal("0.10")}, 11, 100, True),
    ("9 of 100 are not", {"rate_over": Decimal("0.10")}, 9, 100, False),
    ("any failure is over 0 %", {"rate_over": Decimal(0)}, 1, 10**15, True),
    ("all but one is not over 99.9999 %", {"rate_over": Decimal("0.999999")}, 999_999, 1_000_000, False),
    ("60 requests of 60 that it takes", {"rate_over": Decimal("0.10"), "least_requests": 60}, 7, 60, True),
    ("59 requests of 60 that it takes", {"rate_over": Decimal("0.10"), "least_requests": 60}, 59, 59, False),
    ("one failure fewer than it takes", {"failures_from": 5}, 4, 4, False),
    ("as many failures as it takes", {"failures_from": 5}, 5, 10**6, True),
    ("one failure more", {"failures_from": 5}, 6, 10**6, True),
    ("enough failures, too few requests", {"failures_from": 5, "least_requests": 6}, 5, 5, False),
    ("enough of both", {"failures_from": 5, "least_requests": 6}, 5, 6, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "failed", "total", "expected"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_an_interval_is_bad_by_its_requests(bad: dict[str, Any], failed: int, total: int, expected: bool) -> None:
    assert bad_of(bad, failed, total) is expected


def run_of(
    steps: Sequence[int], *, number: int = OCTOBER, unit: int = 0, failed: int = 10, total: int = 10
) -> list[Failing]:
    """Give bad intervals of one account and sub-unit; those of October are numbered below 100."""
    return [(number + (step >= 100 and number == OCTOBER), unit, step, failed, total) for step in steps]


FIVE = {"intervals_from": 5}
RUNS = [
    ("one fewer than it takes", FIVE, run_of([1, 2, 3, 4]), {}),
    ("as many as it takes", FIVE, run_of([1, 2, 3, 4, 5]), {OCTOBER: 5}),
    ("one more", FIVE, run_of([1, 2, 3, 4, 5, 6]), {OCTOBER: 6}),
    ("a gap of one", FIVE, run_of([1, 2, 3, 5, 6, 7]), {}),
    ("a gap after enough", FIVE, run_of([1, 2, 3, 4, 5, 7, 8]), {OCTOBER: 5}),
    ("two runs of enough", FIVE, run_of([1, 2, 3, 4, 5, 7, 8, 9, 10, 11]), {OCTOBER: 10}),
    ("in any order", FIVE, run_of([5, 3, 1, 2, 4]), {OCTOBER: 5}),
    ("one that is not bad between", FIVE, [*run_of([1, 2, 4, 5, 6]), *run_of([3], failed=9)], {}),
    ("of one each", {"intervals_from": 1}, run_of([1, 3, 5]), {OCTOBER: 3}),
    ("of two accounts", FIVE, [*run_of([1, 2, 3]), *run_of([4, 5], number=NEXT_ACCOUNT)], {}),
    ("of two sub-units", FIVE, [*run_of([1, 2, 3]), *run_of([4, 5], unit=1)], {}),
    ("at one time in two sub-units", FIVE, [*run_of(range(5)), *run_of(range(5), unit=1)], {OCTOBER: 10}),
    ("over the end of a month", FIVE, run_of([98, 99, 100, 101, 102]), {OCTOBER: 2, NOVEMBER: 3}),
    ("over the end of a month, one fewer", FIVE, run_of([98, 99, 100, 101]), {}),
    ("cut at the end of a month", FIVE | {"over_cycle_edges": "cut"}, run_of([98, 99, 100, 101, 102]), {}),
    (
        "cut at the end of a month, enough in one",
        FIVE | {"over_cycle_edges": "cut"},
        run_of([98, 99, 100, 101, 102, 103, 104]),
        {NOVEMBER: 5},
    ),
    ("requests that are one fewer than it takes", {"least_requests": 31}, run_of([1, 2, 3]), {}),
    ("as many requests as it takes", {"least_requests": 30}, run_of([1, 2, 3]), {OCTOBER: 3}),
    ("requests of both months", {"least_requests": 30}, run_of([98, 99, 100]), {OCTOBER: 2, NOVEMBER: 1}),
    ("requests of one month", {"least_requests": 30, "over_cycle_edges": "cut"}, run_of([98, 99, 100]), {}),
    ("enough requests, too few intervals", FIVE | {"least_requests": 30}, run_of([1, 2, 3, 4]), {}),
    ("enough intervals, too few requests", FIVE | {"least_requests": 51}, run_of([1, 2, 3, 4, 5]), {}),
]  # fmt: skip


@pytest.mark.parametrize(("run", "rows", "expected"), [case[1:] for case in RUNS], ids=[case[0] for case in RUNS])
def test_bad_intervals_count_in_a_row(run: dict[str, Any], rows: list[Failing], expected: dict[int, int]) -> None:
    assert bad_intervals(failing(rows), ALL_FAILED, Run.model_validate(run), MONTHS) == expected


def test_the_failure_rates_of_intervals_are_added_up_exactly() -> None:
    rows = [(OCTOBER, 0, 1, 1, 3), (OCTOBER, 0, 2, 1, 3), (OCTOBER, 0, 3, 1, 7), (NOVEMBER, 0, 100, 2, 2)]
    lost = mean_loss(failing(rows))
    assert {number: str(sums) for number, sums in lost.items()} == {OCTOBER: "17/21", NOVEMBER: "1"}


MINUTE, FIVE_MINUTES, HOUR = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)
DAYS = [
    ("an ordinary day", "Asia/Shanghai", date(2026, 10, 5), (1440, 288, 24)),
    ("23 hours in Berlin", "Europe/Berlin", date(2026, 3, 29), (1380, 276, 23)),
    ("25 hours in Berlin", "Europe/Berlin", date(2026, 10, 25), (1500, 300, 25)),
    ("23 hours in New York", "America/New_York", date(2026, 3, 8), (1380, 276, 23)),
    ("25 hours in New York, the first of a month", "America/New_York", date(2026, 11, 1), (1500, 300, 25)),
    ("23 and a half hours on Lord Howe Island", "Australia/Lord_Howe", date(2026, 10, 4), (1410, 282, 24)),
    ("24 and a half hours on Lord Howe Island", "Australia/Lord_Howe", date(2026, 4, 5), (1470, 294, 25)),
    ("a day in Havana that begins at one", "America/Havana", date(2026, 3, 8), (1380, 276, 23)),
    ("a day in Kathmandu", "Asia/Kathmandu", date(2026, 2, 28), (1440, 288, 24)),
]


@pytest.mark.parametrize(("zone", "day", "expected"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_a_day_has_as_many_intervals_as_its_real_time_holds(zone: str, day: date, expected: tuple[int, ...]) -> None:
    found = [
        NumberedSteps([Month.of(day)], ZoneInfo(zone), step).between(day, day) for step in (MINUTE, FIVE_MINUTES, HOUR)
    ]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("month", "hours"),
    [(Month(2024, 2), 696), (Month(2026, 2), 672), (Month(2028, 2), 696), (Month(2026, 4), 720), (Month(2026, 1), 744)],
    ids=str,
)
def test_a_month_has_the_hours_of_its_days(month: Month, hours: int) -> None:
    steps = NumberedSteps([month], ZoneInfo("Asia/Shanghai"), HOUR)
    assert steps.number == steps.between(month.first_day, month.last_day) == hours


def instant(*when: int) -> int:
    return (datetime(*when, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)  # type: ignore[arg-type,misc]


SLOTS = [
    # On Lord Howe Island clocks go from 2:00 to 2:30 on 4 October 2026, 15:30 UTC of the day before.
    ("the first moment of the month", instant(2026, 9, 30, 13, 30), 1, 0),
    ("the second before", instant(2026, 9, 30, 13, 29, 59), 1, None),
    ("the last second of the first hour", instant(2026, 9, 30, 14, 29, 59), 1, 0),
    ("the second hour", instant(2026, 9, 30, 14, 30), 1, 1),
    ("the whole hour", instant(2026, 9, 30, 14, 30), 3600, 1),
    ("longer than an hour", instant(2026, 9, 30, 14, 30), 3601, None),
    ("the day of the change", instant(2026, 10, 3, 13, 30), 3600, 72),
    ("the last half hour of it", instant(2026, 10, 4, 12, 30), 1800, 95),
    ("the day after", instant(2026, 10, 4, 13, 0), 3600, 96),
    ("the last hour of the month", instant(2026, 10, 31, 12, 0), 3600, 743),
    ("the month after", instant(2026, 10, 31, 13, 0), 1, None),
]  # fmt: skip


@pytest.mark.parametrize(("start", "seconds", "step"), [case[1:] for case in SLOTS], ids=[case[0] for case in SLOTS])
def test_a_slot_lies_in_the_interval_that_began_last(start: int, seconds: int, step: int | None) -> None:
    steps = NumberedSteps([Month(2026, 10)], ZoneInfo("Australia/Lord_Howe"), HOUR)
    slots = pl.DataFrame({"starts_at": [start], "ends_at": [start + seconds * 10**6]})
    assert steps.of_slots(slots).to_list() == [step]


def test_without_months_there_are_no_intervals() -> None:
    steps = NumberedSteps([], ZoneInfo("Asia/Shanghai"), HOUR)
    assert steps.number == 0
    slots = pl.DataFrame({"starts_at": [0], "ends_at": [1]})
    assert steps.of_slots(slots).to_list() == [None]


def test_months_between_those_that_are_judged_are_numbered_too() -> None:
    steps = NumberedSteps([Month(2026, 12), Month(2026, 10)], ZoneInfo("Asia/Shanghai"), HOUR)
    assert steps.number == (31 + 30 + 31) * 24
