"""When a claim for a cycle may be filed (clause 2.10.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest

from sla_audit.contract.load import BUILT_IN, contract_file, load_contract, parse_contract
from sla_audit.contract.terms.claim import ClaimRule
from sla_audit.errors import InputError
from sla_audit.judge.claims import claim_state, claim_window
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.claims import ClaimWindow
from sla_audit.model.month import Month
from sla_audit.model.quarter import Quarter

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
    assert claim_window(Month.parse(cycle), RULE, INSTALLED) == ClaimWindow(opens_on, closes_on, "official")


# December 2082 is claimed in a January so far ahead that no release of the installed data can hold its arrangement.
def test_a_window_in_a_year_without_official_holidays_is_provisional() -> None:
    window = claim_window(Month(2082, 12), RULE, INSTALLED)
    assert window == ClaimWindow(date(2083, 1, 7), date(2083, 1, 31), "provisional")


@pytest.mark.parametrize(
    ("days", "opens_on"),
    [(1, date(2026, 10, 9)), (2, date(2026, 10, 10)), (3, date(2026, 10, 11)), (4, date(2026, 10, 13))],
)
def test_another_contract_may_open_after_another_working_day(days: int, opens_on: date) -> None:
    rule = RULE.model_copy(update={"opens_after_working_day": days})
    assert claim_window(Month(2026, 9), rule, INSTALLED).opens_on == opens_on


@pytest.mark.parametrize(
    ("months", "closes_on"),
    [(1, date(2026, 10, 31)), (2, date(2026, 11, 30)), (5, date(2027, 2, 28)), (17, date(2028, 2, 29))],
)
def test_another_contract_may_close_after_more_months(months: int, closes_on: date) -> None:
    rule = RULE.model_copy(update={"closes_months_after": months})
    window = claim_window(Month(2026, 9), rule, INSTALLED)
    assert (window.opens_on, window.closes_on) == (date(2026, 10, 11), closes_on)


def day_after_the_third_working_day(year: int, month: int) -> date:
    """Walk through a month by the other module's calendar."""
    day, left = date(year, month, 1), 3
    while left:
        left -= chinese_calendar.is_workday(day)
        day += timedelta(days=1)
    return day


MONTHS = [(year, month) for year in range(2018, 2027) for month in range(1, 13)]


@pytest.mark.parametrize(("year", "month"), MONTHS, ids=[f"{year}-{month:02}" for year, month in MONTHS])
def test_claims_open_and_close_in_the_month_that_chinese_calendar_counts(year: int, month: int) -> None:
    cycle = Month(year, month).plus(-1)
    next_month = date(year + month // 12, month % 12 + 1, 1)
    expected = ClaimWindow(day_after_the_third_working_day(year, month), next_month - timedelta(days=1), "official")
    assert claim_window(cycle, RULE, INSTALLED) == expected


def test_the_third_working_day_of_october_2026_is_a_saturday_so_claims_open_on_the_sunday() -> None:
    third = INSTALLED.nth_of_month(2026, 10, 3)
    window = claim_window(Month(2026, 9), RULE, INSTALLED)
    assert third == date(2026, 10, 10)
    assert third.strftime("%A") == "Saturday"
    assert (window.opens_on, window.opens_on.strftime("%A")) == (date(2026, 10, 11), "Sunday")


IN_DAYS: list[tuple[str, dict[str, Any], str, date, date, str]] = [
    (
        "ten days after the cycle, for sixty",
        {"opens_after_days": 10, "closes_days_after": 60},
        "2026-10",
        date(2026, 11, 11),
        date(2026, 12, 30),
        "official",
    ),
    (
        "the very next day",
        {"opens_after_days": 0, "closes_days_after": 1},
        "2026-10",
        date(2026, 11, 1),
        date(2026, 11, 1),
        "official",
    ),
    (
        "over a leap day",
        {"opens_after_days": 29, "closes_days_after": 30},
        "2028-01",
        date(2028, 3, 1),
        date(2028, 3, 1),
        "official",
    ),
    (
        "over an ordinary February",
        {"opens_after_days": 29, "closes_days_after": 30},
        "2027-01",
        date(2027, 3, 2),
        date(2027, 3, 2),
        "official",
    ),
    (
        "two years, whatever their holidays are",
        {"opens_after_days": 366, "closes_days_after": 732},
        "2026-12",
        date(2028, 1, 2),
        date(2029, 1, 1),
        "official",
    ),
    (
        "days to open, months to close",
        {"opens_after_days": 3, "closes_months_after": 2},
        "2026-12",
        date(2027, 1, 4),
        date(2027, 2, 28),
        "official",
    ),
    (
        "a working day to open, days to close",
        {"calendar": "CN", "opens_after_working_day": 3, "closes_days_after": 30},
        "2026-09",
        date(2026, 10, 11),
        date(2026, 10, 30),
        "official",
    ),
    (
        "a working day to open in a year that is not announced, days to close",
        {"calendar": "CN", "opens_after_working_day": 3, "closes_days_after": 30},
        "2082-12",
        date(2083, 1, 7),
        date(2083, 1, 30),
        "provisional",
    ),
]


@pytest.mark.parametrize(
    ("rule", "cycle", "opens_on", "closes_on", "calendar"), [case[1:] for case in IN_DAYS], ids=[c[0] for c in IN_DAYS]
)
def test_another_contract_may_count_in_days(
    rule: dict[str, Any], cycle: str, opens_on: date, closes_on: date, calendar: str
) -> None:
    window = claim_window(Month.parse(cycle), ClaimRule(clause="9", **rule), INSTALLED)
    assert (window.opens_on, window.closes_on, window.calendar) == (opens_on, closes_on, calendar)


WRITTEN = contract_file(BUILT_IN).decode()
HEAD, CLAIM, TAIL = WRITTEN.partition("[claim]")
OPENS, CLOSES = "opens_after_working_day = 3", "closes_months_after = 1"
ONE_OPENS = "one of `opens_after_working_day` and `opens_after_days` says when claims open, not both"
ONE_CLOSES = "one of `closes_months_after` and `closes_days_after` says when claims close, not both"

REFUSED = [
    ("opens by both", OPENS, "opens_after_days = 3\n" + OPENS, ("claim", ONE_OPENS)),
    ("opens by neither", OPENS, "", ("claim", ONE_OPENS)),
    ("closes by both", CLOSES, "closes_days_after = 30\n" + CLOSES, ("claim", ONE_CLOSES)),
    ("closes by neither", CLOSES, "", ("claim", ONE_CLOSES)),
    ("a working day of no calendar", 'calendar = "CN"\n', "", ("claim", "needs a `calendar`")),
    ("opens before the cycle ends", OPENS, "opens_after_days = -1", ("claim.opens_after_days", "found -1")),
    ("opens too late", OPENS, "opens_after_days = 367", ("claim.opens_after_days", "found 367")),
    ("closes with the cycle", CLOSES, "closes_days_after = 0", ("claim.closes_days_after", "found 0")),
    ("closes too late", CLOSES, "closes_days_after = 733", ("claim.closes_days_after", "found 733")),
    ("half a day", OPENS, "opens_after_days = 1.5", ("claim.opens_after_days", "found 1.5")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "parts"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_contract_file_says_once_when_claims_open_and_once_when_they_close(
    old: str, new: str, parts: tuple[str, str]
) -> None:
    assert TAIL.count(old) == 1
    with pytest.raises(InputError) as raised:
        parse_contract((HEAD + CLAIM + TAIL.replace(old, new)).encode(), "c.toml")
    (problem,) = raised.value.problems
    assert str(problem.where) == f"c.toml: {parts[0]}"
    assert parts[1] in str(problem.what)


@pytest.mark.parametrize(("opens", "closes"), [(30, 30), (31, 30), (366, 1)])
def test_claims_may_not_close_before_they_open(opens: int, closes: int) -> None:
    tail = TAIL.replace(OPENS, f"opens_after_days = {opens}").replace(CLOSES, f"closes_days_after = {closes}")
    with pytest.raises(InputError, match="claims close before they open"):
        parse_contract((HEAD + CLAIM + tail).encode(), "c.toml")


OF_QUARTERS = [
    ("the third working day of January", RULE, Quarter(2019, 4), date(2020, 1, 7), date(2020, 1, 31)),
    (
        "of October, a week of holiday and a make-up Saturday",
        RULE,
        Quarter(2026, 3),
        date(2026, 10, 11),
        date(2026, 10, 31),
    ),
    (
        "30 days after the fourth quarter",
        RULE.model_copy(
            update={
                "opens_after_working_day": None,
                "opens_after_days": 0,
                "closes_months_after": None,
                "closes_days_after": 30,
            }
        ),
        Quarter(2026, 4),
        date(2027, 1, 1),
        date(2027, 1, 30),
    ),
    (
        "the second month after the third quarter",
        RULE.model_copy(update={"closes_months_after": 2}),
        Quarter(2026, 3),
        date(2026, 10, 11),
        date(2026, 11, 30),
    ),
]


@pytest.mark.parametrize(
    ("rule", "quarter", "opens_on", "closes_on"),
    [case[1:] for case in OF_QUARTERS],
    ids=[case[0] for case in OF_QUARTERS],
)
def test_claims_for_a_quarter_are_those_for_its_last_month(
    rule: ClaimRule, quarter: Quarter, opens_on: date, closes_on: date
) -> None:
    window = claim_window(quarter, rule, INSTALLED)
    assert (window.opens_on, window.closes_on) == (opens_on, closes_on)
    assert window == claim_window(Month.of(quarter.last_day), rule, INSTALLED)


SHORTEST = [
    ("February, after a January", "month", 27, None),
    ("one day too late for it", "month", 28, "such as those for 1970-01"),
    ("April, after a first quarter", "quarter", 29, None),
    ("one day too late for that", "quarter", 30, "such as those for 1970-Q1"),
]


@pytest.mark.parametrize(
    ("length", "opens", "refused"), [case[1:] for case in SHORTEST], ids=[case[0] for case in SHORTEST]
)
def test_claims_close_after_they_open_in_the_shortest_month_that_follows_a_cycle(
    length: str, opens: int, refused: str | None
) -> None:
    text = f'{HEAD}[cycle]\nlength = "{length}"\n\n{CLAIM}{TAIL.replace(OPENS, f"opens_after_days = {opens}")}'
    if refused is None:
        assert parse_contract(text.encode(), "c.toml").claim.opens_after_days == opens
        return
    with pytest.raises(InputError, match=f"claims close before they open, {refused}"):
        parse_contract(text.encode(), "c.toml")


def test_a_contract_file_may_count_in_days_and_needs_no_calendar_then() -> None:
    kinds = "opens_after_days = 10", "closes_days_after = 60"
    tail = TAIL.replace('calendar = "CN"\n', "").replace(OPENS, kinds[0]).replace(CLOSES, kinds[1])
    rule = parse_contract((HEAD + CLAIM + tail).encode(), "c.toml").claim
    assert (rule.calendar, rule.opens_after_days, rule.closes_days_after) == (None, 10, 60)
    assert (rule.opens_after_working_day, rule.closes_months_after) == (None, None)


OCTOBER = ClaimWindow(date(2026, 11, 5), date(2026, 11, 30), "official")
EDGES = [
    ("long before", date(2026, 11, 1), "not_yet_open"),
    ("the day before it opens", date(2026, 11, 4), "not_yet_open"),
    ("the day it opens", date(2026, 11, 5), "open"),
    ("the day after it opens", date(2026, 11, 6), "open"),
    ("the day before it closes", date(2026, 11, 29), "open"),
    ("the day it closes", date(2026, 11, 30), "open"),
    ("the day after it closes", date(2026, 12, 1), "closed"),
    ("long after", date(2199, 12, 31), "closed"),
]


@pytest.mark.parametrize(("as_of", "state"), [case[1:] for case in EDGES], ids=[case[0] for case in EDGES])
def test_what_is_owed_can_be_claimed_on_both_edges_and_between(as_of: date, state: str) -> None:
    assert claim_state("owed", OCTOBER, as_of) == state


@pytest.mark.parametrize("as_of", [case[1] for case in EDGES], ids=[case[0] for case in EDGES])
def test_what_is_not_owed_or_cannot_be_told_is_so_on_every_day(as_of: date) -> None:
    assert claim_state("not_owed", OCTOBER, as_of) == "nothing_owed"
    assert claim_state("undetermined", OCTOBER, as_of) == "undetermined"


STATED = [
    (
        "a make-up Saturday of an official year that is taken back",
        {date(2026, 10, 10): False},
        "2026-09",
        ClaimWindow(date(2026, 10, 13), date(2026, 10, 31), "supplied"),
    ),
    (
        "a holiday of an official year that is worked after all",
        {date(2026, 10, 7): True},
        "2026-09",
        ClaimWindow(date(2026, 10, 10), date(2026, 10, 31), "supplied"),
    ),
    (
        "January 2083, with a day off and a day to make up for it",
        {date(2083, 1, 4): False, date(2083, 1, 3): True},
        "2082-12",
        ClaimWindow(date(2083, 1, 7), date(2083, 1, 31), "supplied"),
    ),
    (
        "January 2083, with more days off",
        {date(2083, 1, 4): False, date(2083, 1, 5): False},
        "2082-12",
        ClaimWindow(date(2083, 1, 9), date(2083, 1, 31), "supplied"),
    ),
    (
        "a year of which another month is told",
        {date(2083, 10, 1): False},
        "2082-12",
        ClaimWindow(date(2083, 1, 7), date(2083, 1, 31), "supplied"),
    ),
    (
        "the year of the cycle, not that of the claim",
        {date(2082, 12, 31): False},
        "2082-12",
        ClaimWindow(date(2083, 1, 7), date(2083, 1, 31), "provisional"),
    ),
]


@pytest.mark.parametrize(("stated", "cycle", "expected"), [case[1:] for case in STATED], ids=[c[0] for c in STATED])
def test_a_holidays_file_corrects_an_official_year_and_supplies_one_that_is_not_announced(
    stated: dict[date, bool], cycle: str, expected: ClaimWindow
) -> None:
    assert claim_window(Month.parse(cycle), RULE, WorkingDays(stated)) == expected


def test_a_month_without_enough_working_days_opens_claims_after_its_end() -> None:
    november = {date(2026, 11, day): False for day in range(1, 31)}
    window = claim_window(Month(2026, 10), RULE.model_copy(update={"closes_months_after": 2}), WorkingDays(november))
    assert (window.opens_on, window.closes_on) == (date(2026, 12, 1), date(2026, 12, 31))
