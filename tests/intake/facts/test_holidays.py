"""The holidays file: days off and days worked, with every mistake named at once."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.errors import InputError
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.model.calendar import INSTALLED

HEADER = "date,day\n"
A_DATE = "expected a date such as 2027-02-06"
A_DAY = "expected off or work"


def written(folder: Path, content: str) -> Path:
    path = folder / "holidays.csv"
    path.write_text(content, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    """Read a file that is wrong, and give its messages without its folder."""
    with pytest.raises(InputError) as raised:
        read_holidays(path)
    return [str(problem).replace(f"{path.parent.as_posix()}/", "") for problem in raised.value.problems]


def test_without_a_file_there_is_what_is_installed() -> None:
    assert read_holidays(None) is INSTALLED
    assert (INSTALLED.path, INSTALLED.sha256, dict(INSTALLED.stated)) == (None, None, {})


READ: dict[str, tuple[str, dict[date, bool]]] = {
    "a day off and a day worked": (
        HEADER + "2027-01-04,off\n2027-02-06,work\n",
        {date(2027, 1, 4): False, date(2027, 2, 6): True},
    ),
    "other columns are left alone, in any order": (
        "name,day,date\nNational Day,off,2027-10-01\n",
        {date(2027, 10, 1): False},
    ),
    "a leap day": (HEADER + "2028-02-29,off\n", {date(2028, 2, 29): False}),
    "a mark at the start and lines of Windows": (
        "\ufeffdate,day\r\n2027-01-04,off\r\n",
        {date(2027, 1, 4): False},
    ),
    "no rows": (HEADER, {}),
}


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ)
def test_days_that_are_read(tmp_path: Path, content: str, expected: dict[date, bool]) -> None:
    path = written(tmp_path, content)

    days = read_holidays(path)

    assert days.stated == expected
    assert all(type(day) is date and type(worked) is bool for day, worked in days.stated.items())
    assert days.path == path.as_posix()
    assert days.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_parquet_file_with_dates_says_the_same(tmp_path: Path) -> None:
    table = pa.table({"date": [date(2027, 1, 4), date(2027, 2, 6)], "day": ["off", "work"]})
    pq.write_table(table, tmp_path / "holidays.parquet")

    assert read_holidays(tmp_path / "holidays.parquet").stated == {date(2027, 1, 4): False, date(2027, 2, 6): True}


def test_what_a_file_says_of_a_day_wins_over_what_is_installed(tmp_path: Path) -> None:
    days = read_holidays(written(tmp_path, HEADER + "2026-10-10,off\n2027-01-04,off\n"))

    assert not days.is_working_day(date(2026, 10, 10))
    assert days.is_working_day(date(2026, 10, 9))
    assert [days.state(year) for year in (2025, 2026, 2027, 2028)] == [
        "official",
        "supplied",
        "supplied",
        "provisional",
    ]


NO_DATES = [
    "2027-02-30",
    "2027-13-01",
    "2027-2-6",
    "20270206",
    "06/02/2027",
    "2027-02-06T00:00:00",
    "2027-02 -06",
    "2027-02",
    "0000-01-01",
    "today",
    "٢٠٢٧-02-06",
]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(tmp_path: Path, text: str) -> None:
    assert mistakes(written(tmp_path, f"{HEADER}{text},off\n")) == [f"holidays.csv, line 2: date is {text!r}; {A_DATE}"]


@pytest.mark.parametrize("text", ["Off", "WORK", "holiday", "0", "true", "o ff", "休"])
def test_what_is_neither_off_nor_work(tmp_path: Path, text: str) -> None:
    assert mistakes(written(tmp_path, f"{HEADER}2027-02-06,{text}\n")) == [
        f"holidays.csv, line 2: day is {text!r}; {A_DAY}"
    ]


WRONG: dict[str, tuple[str, list[str]]] = {
    "a date that comes twice": (
        "2027-01-04,off\n2027-01-05,off\n2027-01-04,off\n",
        ["holidays.csv, line 4: date '2027-01-04' again; expected once; see line 2"],
    ),
    "nothing in either of two": (
        ",off\n2027-01-04,\n",
        [f"holidays.csv, line 2: date is empty; {A_DATE}", f"holidays.csv, line 3: day is empty; {A_DAY}"],
    ),
    "every mistake at once, in the order of the rows": (
        "2027-01-04,off\n2027-02-30,holiday\n2027-01-05,work\n2027-01-05,\nsoon,off\n",
        [
            f"holidays.csv, line 3: date is '2027-02-30'; {A_DATE}",
            f"holidays.csv, line 3: day is 'holiday'; {A_DAY}",
            "holidays.csv, line 5: date '2027-01-05' again; expected once; see line 4",
            f"holidays.csv, line 5: day is empty; {A_DAY}",
            f"holidays.csv, line 6: date is 'soon'; {A_DATE}",
        ],
    ),
}


@pytest.mark.parametrize(("rows", "expected"), WRONG.values(), ids=WRONG)
def test_rows_that_are_wrong(tmp_path: Path, rows: str, expected: list[str]) -> None:
    assert mistakes(written(tmp_path, HEADER + rows)) == expected


def test_columns_that_are_missing_are_all_named(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, "when,what\n2027-01-04,off\n"))
    assert [message.splitlines()[0] for message in found] == [
        "holidays.csv: no column 'date'; the file has: when, what",
        "holidays.csv: no column 'day'; the file has: when, what",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (message,) = mistakes(tmp_path / "gone.csv")
    assert message.startswith("gone.csv: cannot be read: No such file or directory")
