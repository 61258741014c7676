"""Accounts with several periods of service: the plan of each day decides (clauses 2.1, 2.7.1, 2.10.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.judge.allocation.roster import roster
from sla_audit.judge.allocation.service import cycles_of, days_served, outside_cycles
from sla_audit.model.month import Month
from tests.oracles.judgement import SHANGHAI, Account, by_id, judged_days
from tests.program import sla_audit

FREE = ["free"]
MONTHS = [Month(2026, 9), Month(2026, 10), Month(2026, 11)]
DAYS = [date(2026, 9, 1) + timedelta(days=at) for at in range(91)]


def file_of(accounts: Sequence[Account]) -> pl.DataFrame:
    schema = {"account_id": pl.String, "plan": pl.String, "applied_on": pl.Date, "expires_on": pl.Date}
    return pl.DataFrame([list(vars(account).values()) for account in accounts], schema=schema, orient="row")


@st.composite
def histories(draw: st.DrawFn) -> list[Account]:
    """Draw periods that follow on each other, with or without days between them, for some accounts, in any order."""
    periods = []
    for account in ("a", "b", "c"):
        day = date(2026, 8, 20) + timedelta(days=draw(st.integers(0, 60)))
        for _ in range(draw(st.integers(0, 4))):
            last = day + timedelta(days=draw(st.sampled_from([0, 1, 5, 20, 45])))
            is_open = draw(st.integers(0, 5)) == 0
            periods.append(Account(account, draw(st.sampled_from(["paid", "free"])), day, None if is_open else last))
            if is_open:
                break
            day = last + timedelta(days=draw(st.sampled_from([1, 1, 2, 9, 30])))
    return draw(st.permutations(periods))


@given(histories())
def test_cycles_and_days_are_those_of_a_count_day_by_day(periods: list[Account]) -> None:
    several = {account: rows for account, rows in by_id(periods).items() if len(rows) > 1}
    who = roster(pl.Series(["c", "x", "a"]), file_of(periods), FREE)
    ids = who["account_id"].to_list()

    cycles = {
        (ids[row["account"]], str(MONTHS[row["position"]])): (row["cycle_start"], row["cycle_end"], row["plan"])
        for row in cycles_of(days_served(who, MONTHS, FREE)).iter_rows(named=True)
    }
    wanted = {}
    for account, rows in several.items():
        for month in map(str, MONTHS):
            days = judged_days(rows, month)
            if days:
                wanted[account, month] = (min(days), max(days), *set(days.values()))
    assert cycles == wanted

    slots = pl.DataFrame({"day": DAYS})
    every = [(account, slot) for account in range(len(ids)) for slot in range(len(DAYS))]
    counts = pl.DataFrame(every, schema={"account": pl.UInt32, "slot": pl.UInt32}, orient="row")
    outside = {
        (ids[account], DAYS[slot]) for account, slot in outside_cycles(counts, slots, who, Month, FREE).iter_rows()
    }
    assert outside == {
        (account, day)
        for account, rows in several.items()
        for day in DAYS
        if day not in judged_days(rows, f"{day:%Y-%m}")
    }


@given(histories())
def test_the_roster_has_each_account_once(periods: list[Account]) -> None:
    who = roster(pl.Series(["c", "x"]), file_of(periods), FREE)
    known = by_id(periods)
    assert sorted(who["account_id"]) == sorted({"c", "x", *known})
    for row in who.filter("on_file").iter_rows(named=True):
        rows = known[row["account_id"]]
        assert row["applied_on"] == min(each.applied_on for each in rows)
        ends = [each.expires_on for each in rows]
        assert row["expires_on"] == (None if None in ends else max(end for end in ends if end))
        assert (row["periods"] is None) == (len(rows) == 1)


LOG = "timestamp,account_id,status,content_flag\n" + "".join(
    f"{datetime(2026, 10, day, 10, at, tzinfo=SHANGHAI).astimezone(UTC).isoformat()},a,{502 if at == 0 else 200},\n"
    for day in range(1, 32)
    for at in range(10)
)
CASES: dict[str, tuple[str, tuple[str, str, str, int], list[tuple[str, str, str]] | None]] = {
    "from free to paid: the paid days": (
        "a,free,2026-03-02,2026-10-14\na,paid,2026-10-15,\n",
        ("2026-10-15", "2026-10-31", "paid", 170),
        [("2026-10-01", "2026-10-14", "free"), ("2026-10-15", "2026-10-31", "paid")],
    ),
    "from paid to free: the paid days": (
        "a,paid,2026-03-02,2026-10-14\na,free,2026-10-15,\n",
        ("2026-10-01", "2026-10-14", "paid", 140),
        [("2026-10-01", "2026-10-14", "paid"), ("2026-10-15", "2026-10-31", "free")],
    ),
    "left and came back: the days of service": (
        "a,paid,2026-10-20,\na,paid,2026-03-02,2026-10-09\n",
        ("2026-10-01", "2026-10-31", "paid", 210),
        [("2026-10-01", "2026-10-09", "paid"), ("2026-10-20", "2026-10-31", "paid")],
    ),
    "paid before and after free days": (
        "a,paid,2026-03-02,2026-10-09\na,free,2026-10-10,2026-10-19\na,paid,2026-10-20,2026-10-25\n",
        ("2026-10-01", "2026-10-25", "paid", 150),
        [
            ("2026-10-01", "2026-10-09", "paid"),
            ("2026-10-10", "2026-10-19", "free"),
            ("2026-10-20", "2026-10-25", "paid"),
        ],
    ),
    "free, left, and free again: free": (
        "a,free,2026-03-02,2026-10-09\na,free,2026-10-20,\n",
        ("2026-10-01", "2026-10-31", "free", 210),
        [("2026-10-01", "2026-10-09", "free"), ("2026-10-20", "2026-10-31", "free")],
    ),
    "changed at the first of the month: a whole month": (
        "a,free,2026-03-02,2026-09-30\na,paid,2026-10-01,\n",
        ("2026-10-01", "2026-10-31", "paid", 310),
        [("2026-10-01", "2026-10-31", "paid")],
    ),
    "one period": ("a,paid,2026-10-15,\n", ("2026-10-15", "2026-10-31", "paid", 170), None),
}


def audited(folder: Path, accounts: str, *options: str) -> dict[str, Any]:
    (folder / "log.csv").write_text(LOG)
    (folder / "accounts.csv").write_text(f"account_id,plan,applied_on,expires_on\n{accounts}")
    (folder / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\na,2026-10,1000.00,900.00\n")
    facts = ("--accounts", "accounts.csv", "--billing", "billing.csv", "--as-of", "2026-11-20", "--cycle", "2026-10")
    ran = sla_audit("compute", "log.csv", *facts, "-o", "report.json", *options, folder=folder)
    assert ran.returncode == 0, ran.stderr
    return json.loads((folder / "report.json").read_text())  # type: ignore[no-any-return]


@pytest.mark.parametrize(("accounts", "cycle", "periods"), CASES.values(), ids=CASES)
def test_a_month_is_judged_for_the_days_on_which_an_account_pays(
    tmp_path: Path, accounts: str, cycle: tuple[str, str, str, int], periods: list[tuple[str, str, str]] | None
) -> None:
    report = audited(tmp_path, accounts)
    (result,) = report["results"]
    assert (result["cycle_start"], result["cycle_end"], result["plan"], result["requests"]) == cycle
    assert result["explicit_failure"] == cycle[3] // 10
    assert report["rows"]["outside_cycle"] == 310 - cycle[3]
    found = result.get("periods")
    assert (found and [tuple(each.values()) for each in found]) == periods
    told = [each for each in report["warnings"] if "on which it pays" in each]
    assert len(told) == (len({plan for _, _, plan in periods or ()}) > 1)

    again = sla_audit("render", "report.json", "-o", "again.json", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "report.json").read_bytes()


CHANGES = {
    "another first day": ('"first_day": "2026-10-15"', '"first_day": "2026-10-16"'),
    "a day twice": ('"first_day": "2026-10-15"', '"first_day": "2026-10-14"'),
    "another plan": ('"last_day": "2026-10-14", "plan": "free"', '"last_day": "2026-10-14", "plan": "paid"'),
    "another month": ('"first_day": "2026-10-01"', '"first_day": "2026-09-30"'),
    "another cycle": ('"cycle_start": "2026-10-15"', '"cycle_start": "2026-10-01"'),
}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_periods_of_a_saved_report_are_held_against_its_cycles(tmp_path: Path, old: str, new: str) -> None:
    audited(tmp_path, "a,free,2026-03-02,2026-10-14\na,paid,2026-10-15,\n")
    text = (tmp_path / "report.json").read_text()
    assert old in text
    (tmp_path / "report.json").write_text(text.replace(old, new))
    refused = sla_audit("render", "report.json", "-o", "again.json", folder=tmp_path)
    assert refused.returncode == 2
    assert "periods" in refused.stderr


def test_an_explanation_says_which_periods_are_judged(tmp_path: Path) -> None:
    audited(tmp_path, "a,free,2026-03-02,2026-10-14\na,paid,2026-10-15,\n")
    told = sla_audit(
        *("explain", "log.csv", "--accounts", "accounts.csv", "--account", "a", "--cycle", "2026-10"), folder=tmp_path
    ).stdout
    assert "2026-10-01 to 2026-10-14, free plan: not judged" in told
    assert "2026-10-15 to 2026-10-31, paid plan: judged" in told
