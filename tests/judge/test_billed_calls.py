"""Billed calls against logged ones: who is billed for more, who for less, beyond a tolerance, at which worth."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.coverage.kept import logs_kept
from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.verdicts import CallTolerance, Metered
from tests.program import sla_audit

ALLOWED = [
    # tolerance, billed, logged, allowed
    ("0", 5, 5, True),
    ("0", 6, 5, False),
    ("0", 5, 6, False),
    ("3", 8, 5, True),
    ("3", 9, 5, False),
    ("3", 2, 5, True),
    ("3", 1, 5, False),
    ("1%", 1000, 990, True),
    ("1%", 1000, 989, False),
    ("1%", 1000, 1010, True),
    ("1%", 1000, 1011, False),
    ("0.1%", 10**17, 10**17 - 10**14, True),
    ("0.1%", 10**17, 10**17 - 10**14 - 1, False),
    ("100%", 5, 0, True),
    ("100%", 0, 1, False),
]


@pytest.mark.parametrize(("written", "billed", "logged", "allowed"), ALLOWED)
def test_a_tolerance_is_exact_at_its_edge(written: str, billed: int, logged: int, allowed: bool) -> None:
    assert CallTolerance(written).allows(billed, logged) is allowed


@given(st.integers(0, 10**18), st.integers(0, 10**18), st.decimals(0, 100, places=6))
def test_a_share_is_of_the_calls_that_are_billed(billed: int, logged: int, share: Decimal) -> None:
    expected = Fraction(abs(billed - logged)) <= Fraction(share) * billed / 100
    assert CallTolerance(f"{share:f}%").allows(billed, logged) is expected


@pytest.mark.parametrize("written", ["", "-1", "1.5", "101%", "100.000001%", "1e3", "%", "１", "1 %", "nan%"])
def test_what_is_no_tolerance_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="a number of calls"):
        CallTolerance(written)


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**15), st.decimals(0, 10**20, places=6))
def test_the_worth_is_exact(billed: int, logged: int, price: Decimal) -> None:
    bill = Metered("a", "2026-10", billed, logged, price)
    assert bill.worth is not None
    assert Fraction(bill.worth) == (billed - logged) * Fraction(price)


BILLING = """\
account_id,cycle,service_fee,cash_paid,billed_calls,unit_price
even,2026-10,10,10,3,0.002
more,2026-10,10,10,5,0.002
less,2026-10,10,10,1,0.0005
unpriced,2026-10,10,10,4,
unseen,2026-10,10,10,7,1
silent,2026-10,10,10,,1
"""
LOGGED = ("even", "more", "less", "unpriced", "silent")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(f"2026-10-{day:02}T13:00:00+08:00,{name},200\n" for name in LOGGED for day in (5, 6, 20))
    (tmp_path / "log.csv").write_text(f"timestamp,account_id,status\n{rows}", "utf-8")
    (tmp_path / "billing.csv").write_text(BILLING, "utf-8")
    return tmp_path


def compute(folder: Path, *arguments: str) -> dict[str, Any]:
    asked = ("compute", "log.csv", "--billing", "billing.csv", "--as-of", "2026-11-20", "-o", "report.json")
    done = sla_audit(*asked, *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout, "utf-8")
    return json.loads((folder / "report.json").read_bytes())["metering"]  # type: ignore[no-any-return]


def test_who_is_billed_for_more_and_for_less(folder: Path) -> None:
    found = compute(folder)
    keys = ("account_id", "billed_calls", "requests", "difference", "unit_price", "worth")
    assert [tuple(each[key] for key in keys) for each in found["differing"]] == [
        ("less", 1, 3, -2, "0.0005", "-0.001"),
        ("more", 5, 3, 2, "0.002", "0.004"),
        ("unpriced", 4, 3, 1, None, None),
        ("unseen", 7, 0, 7, "1.00", "7.00"),
    ]
    assert (found["tolerance"], found["compared"]) == ("0", 5)
    assert found["over"] == {"results": 3, "calls": 10, "worth": "7.004", "without_price": 1}
    assert found["under"] == {"results": 1, "calls": 2, "worth": "0.001", "without_price": 0}
    said = (folder / "said.txt").read_text("utf-8")
    assert "Billed for more than is logged: 3, by 10 calls together, worth 7.004 CNY." in said
    assert "Billed for less than is logged: 1, by 2 calls together, worth 0.001 CNY." in said


def test_within_the_tolerance_nothing_is_listed(folder: Path) -> None:
    assert [each["account_id"] for each in compute(folder, "--metering-tolerance", "2")["differing"]] == ["unseen"]
    (folder / "sla-audit.toml").write_text('metering_tolerance = "40%"\n', "utf-8")
    found = compute(folder, "--config", "sla-audit.toml")
    assert [each["account_id"] for each in found["differing"]] == ["less", "unseen"]
    provenance = json.loads((folder / "report.json").read_bytes())["provenance"]
    assert provenance["options"] == {"metering_tolerance": "40%"}


def test_a_month_that_runs_is_not_compared(folder: Path) -> None:
    found = compute(folder, "--as-of", "2026-10-31")
    assert (found["compared"], found["differing"]) == (0, [])


@pytest.mark.parametrize("written", ["-1", "1.5", "many"])
def test_a_tolerance_that_is_none_is_refused(folder: Path, written: str) -> None:
    done = sla_audit("compute", "log.csv", f"--metering-tolerance={written}", folder=folder)
    assert done.returncode == 2
    assert "expected a number of calls, or a share" in done.stderr


@pytest.mark.parametrize("price", ["-1", "0.0000001", "one", "1e3"])
def test_a_price_that_is_none_is_refused_with_its_line(folder: Path, price: str) -> None:
    (folder / "billing.csv").write_text(BILLING.replace("5,0.002", f"5,{price}"), "utf-8")
    done = sla_audit("compute", "log.csv", "--billing", "billing.csv", folder=folder)
    assert done.returncode == 2
    assert "billing.csv, line 3: unit_price is" in done.stderr


def test_every_format_has_a_place_for_it(folder: Path) -> None:
    compute(folder, *(part for suffix in ("md", "html", "xlsx") for part in ("-o", f"report.{suffix}")))
    rendered = sla_audit("render", "report.json", "-o", "again.md", folder=folder)
    assert rendered.returncode == 0, rendered.stderr
    for name in ("report.md", "report.html", "again.md"):
        text = (folder / name).read_text("utf-8")
        assert "5 bills compared with the logs" in text
        assert "unseen" in text
        assert "7.004" in text
    sheet = openpyxl.load_workbook(folder / "report.xlsx")["metering"]
    first = [cell.value for cell in next(sheet.iter_rows(min_row=2))]
    assert first == ["unseen", "2026-10", 7, 0, 7, 1, 7]


CHANGED: list[tuple[list[Any], Any]] = [
    (["differing", 0, "difference"], -1),
    (["differing", 0, "worth"], "-0.002"),
    (["differing", 0, "billed_calls"], 2),
    (["differing", 3, "requests"], 1),
    (["over", "calls"], 9),
    (["under", "worth"], "0.002"),
    (["over", "without_price"], 0),
    (["compared"], 4),
    (["tolerance"], "2"),
    (["differing"], []),
]


@pytest.mark.parametrize(("place", "value"), CHANGED, ids=str)
def test_a_saved_comparison_that_does_not_follow_is_refused(folder: Path, place: list[Any], value: Any) -> None:
    compute(folder)
    report = json.loads((folder / "report.json").read_bytes())
    *way, last = place
    inside = report["metering"]
    for key in way:
        inside = inside[key]
    inside[last] = value
    (folder / "changed.json").write_text(json.dumps(report), "utf-8")
    assert sla_audit("render", "changed.json", folder=folder).returncode == 2


ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 11, 20)


def times(*days: tuple[date, date]) -> pl.DataFrame:
    """Give stretches from the midnight of a day to that of another."""
    rows = [(microseconds(midnight(first, ZONE)), microseconds(midnight(end, ZONE)), 1) for first, end in days]
    return pl.DataFrame(rows, schema={"starts_at": pl.Int64, "ends_at": pl.Int64, "rows": pl.Int64}, orient="row")


KEPT = [
    ("none", [], [(date(2025, 11, 1), date(2026, 10, 31))]),
    ("all of the year", [(date(2025, 11, 1), date(2026, 11, 1))], []),
    ("more than the year", [(date(2025, 1, 1), date(2026, 11, 19))], []),
    ("all but the last day", [(date(2025, 11, 1), date(2026, 10, 31))], [(date(2026, 10, 31), date(2026, 10, 31))]),
    (
        "two that overlap, and one",
        [
            (date(2026, 1, 1), date(2026, 3, 1)),
            (date(2026, 2, 1), date(2026, 2, 3)),
            (date(2026, 6, 1), date(2026, 6, 2)),
        ],
        [
            (date(2025, 11, 1), date(2025, 12, 31)),
            (date(2026, 3, 1), date(2026, 5, 31)),
            (date(2026, 6, 2), date(2026, 10, 31)),
        ],
    ),
    ("before the year alone", [(date(2024, 1, 1), date(2024, 2, 1))], [(date(2025, 11, 1), date(2026, 10, 31))]),
    ("after it alone", [(date(2026, 11, 2), date(2026, 11, 3))], [(date(2025, 11, 1), date(2026, 10, 31))]),
]


@pytest.mark.parametrize(("days", "missing"), [each[1:] for each in KEPT], ids=[each[0] for each in KEPT])
def test_what_is_missing_of_the_twelve_months_before(
    days: list[tuple[date, date]], missing: list[tuple[date, date]]
) -> None:
    assert list(logs_kept(times(*days), AS_OF, ZONE).missing) == missing
