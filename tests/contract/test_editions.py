"""Editions of an agreement: each month is judged by the one that is in force when it begins."""

from __future__ import annotations

from datetime import date

import pytest

from sla_audit.contract.editions import in_force
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError
from sla_audit.model.month import Month
from sla_audit.model.quarter import Quarter


def edition(version: str, first: date, last: date | None = None) -> Contract:
    changes = {"version": version, "effective_from": first, "effective_to": last}
    return load_contract(BUILT_IN).model_copy(update=changes)


OLD = edition("old", date(2026, 1, 1), date(2026, 9, 30))
NEW = edition("new", date(2026, 10, 1))
WITHIN = edition("within a month", date(2026, 11, 2))


def months(first: str, last: str) -> list[Month]:
    found = [Month.parse(first)]
    while found[-1] < Month.parse(last):
        found.append(found[-1].plus(1))
    return found


CASES = {
    "one edition, all months": ([OLD], "2026-01", "2026-09", [("old", "2026-01", "2026-09")]),
    "a change on the first of a month": (
        [NEW, OLD],
        "2026-08",
        "2026-11",
        [("old", "2026-08", "2026-09"), ("new", "2026-10", "2026-11")],
    ),
    "a change within a month is in force from the next": (
        [NEW, WITHIN],
        "2026-11",
        "2026-12",
        [("new", "2026-11", "2026-11"), ("within a month", "2026-12", "2026-12")],
    ),
    "months before all of them": ([NEW, WITHIN], "2026-01", "2026-02", [("new", "2026-01", "2026-02")]),
}


@pytest.mark.parametrize(("editions", "first", "last", "expected"), CASES.values(), ids=CASES)
def test_each_month_has_the_edition_in_force_on_its_first_day(
    editions: list[Contract], first: str, last: str, expected: list[tuple[str, str, str]]
) -> None:
    found = in_force(editions, months(first, last))
    assert [(each.version, str(begin), str(end)) for each, begin, end in found] == expected


def test_a_month_without_an_edition_is_refused() -> None:
    with pytest.raises(InputError, match="no edition is in force: 'jdcloud-smart-compose' ends with 2026-09-30"):
        in_force([OLD], months("2026-09", "2026-10"))


def test_two_that_begin_on_one_day_are_refused() -> None:
    with pytest.raises(InputError, match="is in force from 2026-10-01, as is"):
        in_force([NEW, NEW], months("2026-10", "2026-10"))


def of_quarters(each: Contract) -> Contract:
    return each.model_copy(update={"cycle": each.cycle.model_copy(update={"length": "quarter"})})


def test_a_quarter_has_the_edition_in_force_on_its_first_day() -> None:
    editions = [of_quarters(each) for each in (OLD, NEW, WITHIN)]
    found = in_force(editions, Quarter(2026, 2).until(Quarter(2027, 1)))
    assert [(each.version, str(begin), str(end)) for each, begin, end in found] == [
        ("old", "2026-Q2", "2026-Q3"),
        ("new", "2026-Q4", "2026-Q4"),
        ("within a month", "2027-Q1", "2027-Q1"),
    ]


def test_editions_with_cycles_of_two_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="its cycle is a quarter, and that of 'jdcloud-smart-compose' is a month"):
        in_force([OLD, of_quarters(NEW)], months("2026-09", "2026-10"))
