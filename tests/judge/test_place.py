"""Where each request belongs: counted in a cycle, or in one of the places outside (clauses 2.1, 2.7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from sla_audit.errors import InputError
from sla_audit.judge.allocation.place import PLACES, Placed, place, with_days
from sla_audit.model.month import Month

SHANGHAI = "Asia/Shanghai"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OCTOBER = Month(2026, 10)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def slots(*starts: datetime) -> pl.DataFrame:
    """Give slots that begin at some moments and last an hour."""
    begin = [microseconds(start) for start in starts]
    return pl.DataFrame({"starts_at": begin, "ends_at": [start + 3_600_000_000 for start in begin]})


class TestDays:
    @pytest.mark.parametrize(
        ("start", "zone", "day", "cycle"),
        [
            (datetime(2026, 9, 30, 15, tzinfo=UTC), SHANGHAI, date(2026, 9, 30), "2026-09"),
            (datetime(2026, 9, 30, 16, tzinfo=UTC), SHANGHAI, date(2026, 10, 1), "2026-10"),
            (datetime(2026, 10, 31, 15, tzinfo=UTC), SHANGHAI, date(2026, 10, 31), "2026-10"),
            (datetime(2026, 10, 31, 16, tzinfo=UTC), SHANGHAI, date(2026, 11, 1), "2026-11"),
            (datetime(2026, 12, 31, 16, tzinfo=UTC), SHANGHAI, date(2027, 1, 1), "2027-01"),
            (datetime(2024, 2, 29, 15, tzinfo=UTC), SHANGHAI, date(2024, 2, 29), "2024-02"),
            (datetime(2024, 2, 29, 16, tzinfo=UTC), SHANGHAI, date(2024, 3, 1), "2024-03"),
            (datetime(2026, 10, 1, 0, tzinfo=UTC), "UTC", date(2026, 10, 1), "2026-10"),
            (datetime(2026, 10, 1, 0, tzinfo=UTC), "America/New_York", date(2026, 9, 30), "2026-09"),
        ],
        ids=[
            "the last hour of September in Shanghai",
            "the first hour of October in Shanghai",
            "the last hour of October in Shanghai",
            "the first hour of November in Shanghai",
            "the first hour of a year in Shanghai",
            "the last hour of a leap February",
            "the first hour after a leap February",
            "the first hour of October in UTC",
            "an hour that is still September in New York",
        ],
    )
    def test_a_slot_lies_in_the_day_and_month_of_the_contracts_zone(
        self, start: datetime, zone: str, day: date, cycle: str
    ) -> None:
        assert with_days(slots(start), zone, Month).select("day", "cycle").rows() == [(day, cycle)]


def placed(
    day: date,
    *,
    api: str | None = None,
    months: Sequence[Month] | None = (OCTOBER,),
    apis: Sequence[str] = (),
    applied_on: date | None = None,
    expires_on: date | None = None,
) -> str:
    """Place a single count of one request."""
    result = place(
        pl.DataFrame({"account": [0], "slot": [0], "outcome": [0], "requests": [1]}),
        pl.DataFrame({"day": [day], "cycle": [f"{day:%Y-%m}"]}),
        pl.DataFrame({"api": pl.Series([api], dtype=pl.String)}),
        pl.DataFrame({"applied_on": [applied_on], "expires_on": [expires_on]}, schema=dict.fromkeys(SERVICE, pl.Date)),
        months,
        apis,
        kind=Month,
    )
    (found,) = [name for name, requests in result.rows.items() if requests]
    assert result.rows == dict.fromkeys(PLACES, 0) | {found: 1}
    assert result.counts["requests"].to_list() == ([1] if found == "counted" else [])
    return found


SERVICE = ("applied_on", "expires_on")
MID = date(2026, 10, 15)

SERVICE_DAYS = [
    ("no dates are known", date(2026, 10, 1), {}, "counted"),
    ("the day before the application", date(2026, 10, 8), {"applied_on": date(2026, 10, 9)}, "outside_cycle"),
    ("the day of the application", date(2026, 10, 9), {"applied_on": date(2026, 10, 9)}, "counted"),
    ("the day after the application", date(2026, 10, 10), {"applied_on": date(2026, 10, 9)}, "counted"),
    ("the day before the expiry", date(2026, 10, 19), {"expires_on": date(2026, 10, 20)}, "counted"),
    ("the day of the expiry", date(2026, 10, 20), {"expires_on": date(2026, 10, 20)}, "counted"),
    ("the day after the expiry", date(2026, 10, 21), {"expires_on": date(2026, 10, 20)}, "outside_cycle"),
    ("a service of one day", MID, {"applied_on": MID, "expires_on": MID}, "counted"),
    ("applied in the next month", MID, {"applied_on": date(2026, 11, 1)}, "outside_cycle"),
    ("expired in the month before", MID, {"expires_on": date(2026, 9, 30)}, "outside_cycle"),
]


@pytest.mark.parametrize(
    ("day", "dates", "expected"), [case[1:] for case in SERVICE_DAYS], ids=[case[0] for case in SERVICE_DAYS]
)
def test_clause_2_7_1_counts_from_the_application_and_clause_2_1_to_the_expiry(
    day: date, dates: dict[str, date], expected: str
) -> None:
    assert placed(day, **dates) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 9, 30), (OCTOBER,), "outside_period"),
        (date(2026, 10, 1), (OCTOBER,), "counted"),
        (date(2026, 10, 31), (OCTOBER,), "counted"),
        (date(2026, 11, 1), (OCTOBER,), "outside_period"),
        (date(2025, 10, 15), (OCTOBER,), "outside_period"),
        (date(2026, 11, 1), (OCTOBER, Month(2026, 11)), "counted"),
        (date(2026, 11, 1), None, "counted"),
        (date(2026, 11, 1), (), "outside_period"),
    ],
    ids=[
        "the day before the month",
        "its first day",
        "its last day",
        "the day after the month",
        "the same month of another year",
        "the second of two months",
        "every month",
        "no month",
    ],
)
def test_a_month_that_was_not_asked_for_is_outside_the_period(
    day: date, months: Sequence[Month] | None, expected: str
) -> None:
    assert placed(day, months=months) == expected


@pytest.mark.parametrize(
    ("api", "patterns", "expected"),
    [
        ("compose", (), "counted"),
        (None, (), "counted"),
        ("compose", ("compose",), "counted"),
        ("compose/v2", ("compose",), "other_service"),
        ("compose/v2", ("compose*",), "counted"),
        ("recompose", ("compose*",), "other_service"),
        ("Compose", ("compose",), "other_service"),
        ("search", ("compose*", "sea?ch"), "counted"),
        ("v1", ("v[23]",), "other_service"),
        ("v2", ("v[23]",), "counted"),
        (None, ("compose",), "other_service"),
    ],
    ids=[
        "no pattern: everything is the service",
        "no pattern and no API",
        "the very name",
        "a longer name",
        "a longer name by a star",
        "a name that only ends so",
        "capitals matter",
        "the second of two patterns",
        "not one of a set",
        "one of a set",
        "a request without an API",
    ],
)
def test_other_services_of_the_gateway_are_set_aside(api: str | None, patterns: Sequence[str], expected: str) -> None:
    assert placed(MID, api=api, apis=patterns) == expected


BOTH_WRONG: dict[str, Any] = {"applied_on": date(2026, 12, 1), "months": (OCTOBER,)}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"day": date(2026, 11, 1), "api": "search", "apis": ("compose",), **BOTH_WRONG}, "other_service"),
        ({"day": date(2026, 11, 1), "api": "compose", "apis": ("compose",), **BOTH_WRONG}, "outside_period"),
        ({"day": date(2026, 10, 1), "api": "compose", "apis": ("compose",), **BOTH_WRONG}, "outside_cycle"),
        ({"day": date(2026, 10, 1), "api": "compose", "apis": ("compose",), "months": (OCTOBER,)}, "counted"),
        ({"day": date(2026, 10, 1), "api": "search", "apis": ("compose",), **BOTH_WRONG}, "other_service"),
    ],
    ids=[
        "another service, a month not asked for, no service then",
        "a month not asked for, no service then",
        "no service then",
        "nothing amiss",
        "another service, no service then",
    ],
)
def test_other_services_come_first_then_months_then_days_of_service(arguments: dict[str, Any], expected: str) -> None:
    assert placed(**arguments) == expected


def three_accounts(months: Sequence[Month] | None, apis: Sequence[str] = ()) -> Placed:
    """Place requests of three accounts in August, September and October, of two APIs."""
    return place(
        pl.DataFrame(
            {
                "account": [0, 0, 1, 2, 2],
                "slot": [1, 2, 2, 2, 0],
                "outcome": [0, 0, 0, 0, 1],
                "requests": [1, 10, 100, 1000, 10000],
            }
        ),
        pl.DataFrame(
            {
                "day": [date(2026, 8, 1), date(2026, 9, 30), date(2026, 10, 1)],
                "cycle": ["2026-08", "2026-09", "2026-10"],
            }
        ),
        pl.DataFrame({"api": ["compose", "search"]}),
        pl.DataFrame(
            {"applied_on": [None, date(2026, 10, 2), None], "expires_on": [None, None, date(2026, 10, 1)]},
            schema=dict.fromkeys(SERVICE, pl.Date),
        ),
        months,
        apis,
        kind=Month,
    )


def test_every_request_is_in_exactly_one_place() -> None:
    result = three_accounts((OCTOBER,), ("compose",))
    assert result.rows == {"counted": 1010, "outside_cycle": 100, "outside_period": 1, "other_service": 10000}


def test_what_belongs_to_a_cycle_goes_on_as_it_came() -> None:
    result = three_accounts((OCTOBER,), ("compose",))
    assert result.counts.select("account", "slot", "outcome", "requests").rows() == [(0, 2, 0, 10), (2, 2, 0, 1000)]


def test_the_months_asked_for_are_reported_even_without_traffic() -> None:
    months = (Month(2026, 1), OCTOBER)
    assert three_accounts(months).cycles == months


def test_without_months_the_logs_decide_in_order_of_time() -> None:
    assert three_accounts(None).cycles == (Month(2026, 8), Month(2026, 9), OCTOBER)


def test_a_month_that_only_another_service_touches_is_not_reported() -> None:
    assert three_accounts(None, ("compose",)).cycles == (Month(2026, 9), OCTOBER)


def test_no_requests_are_in_no_place() -> None:
    nothing = pl.DataFrame(schema=dict.fromkeys(("account", "slot", "outcome", "requests"), pl.Int64))
    result = place(
        nothing,
        pl.DataFrame(schema={"day": pl.Date, "cycle": pl.String}),
        pl.DataFrame(schema={"api": pl.String}),
        pl.DataFrame(schema=dict.fromkeys(SERVICE, pl.Date)),
        None,
        kind=Month,
    )
    assert result.rows == {"counted": 0, "outside_cycle": 0, "outside_period": 0, "other_service": 0}
    assert result.cycles == ()


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2200, 1, 1)])
def test_a_month_that_no_run_judges_is_refused_unless_others_are_named(day: date) -> None:
    """Rows of such days are refused as they are read; tallies that were made before that may hold them."""

    def placed(months: Sequence[Month] | None) -> Placed:
        return place(
            pl.DataFrame({"account": [0, 0], "slot": [0, 1], "outcome": [0, 0], "requests": [1, 10]}),
            pl.DataFrame({"day": [day, date(2026, 10, 1)], "cycle": [str(Month.of(day)), "2026-10"]}),
            pl.DataFrame({"api": ["compose"]}),
            pl.DataFrame({"applied_on": [None], "expires_on": [None]}, schema=dict.fromkeys(SERVICE, pl.Date)),
            months,
            kind=Month,
        )

    with pytest.raises(InputError, match=f"rows of {day:%Y-%m}, which no run judges"):
        placed(None)
    assert placed((OCTOBER,)).rows == {"counted": 10, "outside_cycle": 0, "outside_period": 1, "other_service": 0}
