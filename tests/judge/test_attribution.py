"""What each day's failures cost: held to the oracle, for which the requests of that day are answered instead."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.builders.worlds import AS_OF, IDS, SLOW, World, run, worlds, write_mixed
from tests.oracles import judgement as oracle
from tests.oracles.judgement import Bill, Row, Window

NOON = 4  # in Shanghai


def rows_of(day: int, status: int, many: int, account: str = "a") -> list[Row]:
    return [Row(datetime(2026, 10, day, NOON, tzinfo=UTC), account, status)] * many


def attribution(rows: Sequence[Row], fee: str | None = "1000.00", cash: str = "1000.00") -> dict[str, dict[str, Any]]:
    bills = [] if fee is None else [Bill(each, "2026-10", fee, cash) for each in IDS]
    world = World(list(rows), None, bills, [], None)
    report = run(world, write_mixed, random.Random(1), daily=True)
    return {day.pop("date"): day for day in report["attribution"]}


def test_a_day_that_alone_misses_the_objective_costs_all() -> None:
    found = attribution([*rows_of(1, 200, 985), *rows_of(2, 502, 10), *rows_of(3, 502, 5)])
    assert found == {
        "2026-10-02": said(10, "0.00", "150.00"),
        # 10 of 1,000 meet the objective.
        "2026-10-03": said(5, "0.00", "150.00"),
    }


def test_a_day_may_cost_a_tier_and_two_bad_days_nothing_each() -> None:
    found = attribution([*rows_of(1, 200, 920), *rows_of(2, 502, 40), *rows_of(3, 502, 40)])
    assert found == {"2026-10-02": said(40, "150.00", "150.00"), "2026-10-03": said(40, "150.00", "150.00")}
    found = attribution([*rows_of(1, 200, 80), *rows_of(2, 502, 10), *rows_of(3, 502, 10)])
    assert [day["compensation_caused"] for day in found.values()] == ["300.00"] * 2
    found = attribution([*rows_of(1, 200, 60), *rows_of(2, 502, 20), *rows_of(3, 502, 20)])
    assert [day["compensation_caused"] for day in found.values()] == ["0.00"] * 2


def test_the_cap_holds_on_both_sides() -> None:
    found = attribution([*rows_of(1, 200, 80), *rows_of(2, 502, 10), *rows_of(3, 502, 10)], cash="100.00")
    assert [day["compensation_caused"] for day in found.values()] == ["0.00"] * 2


def test_what_is_not_known_is_not_zero() -> None:
    found = attribution([*rows_of(1, 200, 985), *rows_of(2, 502, 15)], fee=None)
    unknown = {"compensation": None, "compensation_caused": None, "estimate_caused": None, "undetermined": 1}
    assert found == {"2026-10-02": {"explicit_failure": 15, "results": 1, **unknown}}


def test_of_a_running_month_it_is_known_by_the_estimate() -> None:
    rows = [replace(row, timestamp=row.timestamp.replace(month=11)) for row in rows_of(2, 502, 15)]
    rows += [replace(row, timestamp=row.timestamp.replace(month=11)) for row in rows_of(1, 200, 985)]
    world = World(rows, None, [Bill("a", "2026-11", "1000.00", "1000.00")], [], None)
    (day,) = run(world, write_mixed, random.Random(1), daily=True)["attribution"]
    assert (day["compensation_caused"], day["estimate_caused"], day["undetermined"]) == (None, "150.00", 1)


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_it_is_what_the_oracle_says_of_logs_in_which_that_day_was_answered(world: World, chance: random.Random) -> None:
    report = run(world, write_mixed, chance, daily=True)
    below = {
        (each["account_id"], each["cycle"]) for each in report["results"] if each["credit_rate"] not in ("0", None)
    }
    failing = [_failing_day(row, world.windows, below) for row in world.rows]
    found = {day.pop("date"): day for day in report["attribution"]}
    judged = _judged(world, world.rows)
    for date, day in found.items():
        answered = [
            replace(row, status=200) if failed == date else row for row, failed in zip(world.rows, failing, strict=True)
        ]
        then = _judged(world, answered)
        moved = [key for key in below if judged[key]["credit_rate"] != then[key]["credit_rate"]]
        open_ = [key for key in moved if judged[key]["decision"] == "undetermined"]
        less = sum(_amount(judged[key]) - _amount(then[key]) for key in moved if key not in open_)
        assert day["undetermined"] == len(open_)
        assert day["compensation_caused"] == (None if open_ and not less else f"{less:.2f}")
    assert sum(day["explicit_failure"] for day in found.values()) == sum(
        each["explicit_failure"] for each in report["results"] if (each["account_id"], each["cycle"]) in below
    )


def said(failed: int, compensation: str, caused: str) -> dict[str, Any]:
    amounts = {"compensation": compensation, "compensation_caused": caused, "estimate_caused": None}
    return {"explicit_failure": failed, "results": 1, **amounts, "undetermined": 0}


def _failing_day(row: Row, windows: list[Window], below: set[tuple[str, str]]) -> str | None:
    """Give the day of a request that failed, of a result below the objective."""
    day = row.timestamp.astimezone(oracle.SHANGHAI).date()
    failed = oracle.judge_row(row, windows, "literal")[0] == "explicit_failure"
    return day.isoformat() if failed and (row.account_id, f"{day:%Y-%m}") in below else None


def _judged(world: World, rows: list[Row]) -> dict[tuple[str, str], dict[str, Any]]:
    months = None if world.month is None else [world.month]
    _, results = oracle.audit(rows, world.accounts, world.bills, world.windows, AS_OF, months)
    return {key: result["readings"]["literal"] for key, result in results.items()}  # type: ignore[index]


def _amount(verdict: dict[str, Any]) -> Decimal:
    return Decimal(verdict["compensation"])
