"""Patterns with dates in them find the files of the days asked for, and of a day around them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.sources.dated import Days, dated
from sla_audit.intake.sources.find import find_groups
from sla_audit.intake.sources.finder import Group

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def found(folder: Path, pattern: str, days: Days | None) -> list[str]:
    sources = find_groups([Group([f"{folder}/{pattern}"])], days=days).sources
    return [source.path.relative_to(folder).as_posix() for source in sources]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for day in ("2026/09/29", "2026/09/30", "2026/10/01", "2026/10/31", "2026/11/01", "2026/11/02"):
        folder = tmp_path / day
        folder.mkdir(parents=True)
        (folder / "gw.csv").write_text("timestamp,account_id,status\n")
    return tmp_path


def test_a_month_is_found_with_a_day_before_and_after_it(logs: Path) -> None:
    of_october = [f"2026/{day}/gw.csv" for day in ("09/30", "10/01", "10/31", "11/01")]
    assert found(logs, "{yyyy}/{mm}/{dd}", OCTOBER) == of_october
    assert found(logs, "{yyyy}/{mm}/{dd}/*.csv", OCTOBER) == of_october


def test_all_days_are_found_where_none_are_asked_for(logs: Path) -> None:
    assert len(found(logs, "{yyyy}/{mm}/{dd}/", None)) == 6


def test_what_has_only_the_month_finds_the_months_around_it(logs: Path) -> None:
    assert len(found(logs, "{yyyy}/{mm}", OCTOBER)) == 6
    assert len(found(logs, "{yyyy}/{mm}", (date(2026, 10, 2), date(2026, 10, 30)))) == 2


@pytest.mark.parametrize("pattern", ["{yyyy}/{mm}/{dd}", "{yyyy}-{mm}-{dd}.csv"])
def test_days_of_which_none_has_logs_are_refused(logs: Path, pattern: str) -> None:
    with pytest.raises(InputError, match="no file matches, of the days asked for"):
        found(logs, pattern, (date(2027, 1, 1), date(2027, 1, 31)))


def test_partitions_are_named_as_writers_name_them() -> None:
    assert dated("year={yyyy}/month={m}/day={d}", (date(2026, 9, 30), date(2026, 9, 30))) == [
        "year=2026/month=9/day=29",
        "year=2026/month=9/day=30",
        "year=2026/month=10/day=1",
    ]


def test_hours_are_those_of_the_days() -> None:
    assert dated("{yyyy}{mm}{dd}/{hh}/", (date(2026, 10, 2), date(2026, 10, 2)))[0] == "20261001/[0-9][0-9]/"


def test_other_braces_are_a_name() -> None:
    assert dated("{yy}/{}/{a}", OCTOBER) == ["{yy}/{}/{a}"]
