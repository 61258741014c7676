"""The accounts file: who is in service, on which plan, from when to when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.errors import InputError
from sla_audit.intake.facts.accounts import read_accounts

HEADER = "account_id,plan,applied_on,expires_on\n"


def mistakes(path: Path) -> list[str]:
    """Read a file that is wrong, and give its messages without its folder."""
    with pytest.raises(InputError) as raised:
        read_accounts(path)
    return [str(problem).replace(f"{path.parent.as_posix()}/", "") for problem in raised.value.problems]


READ: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "paid and free, with and without an end": (
        HEADER + "A,paid,2026-10-09,\nB,free,2026-03-02,2026-10-31\n",
        [("A", "paid", date(2026, 10, 9), None), ("B", "free", date(2026, 3, 2), date(2026, 10, 31))],
    ),
    "no column for the end": (
        "account_id,plan,applied_on\nA,paid,2026-10-09\n",
        [("A", "paid", date(2026, 10, 9), None)],
    ),
    "service of a single day": (
        HEADER + "A,paid,2026-10-09,2026-10-09\n",
        [("A", "paid", date(2026, 10, 9), date(2026, 10, 9))],
    ),
    "columns in another order, and others besides": (
        "note,applied_on,place,account_id,plan\nvip,2026-10-09,x,A,paid\n",
        [("A", "paid", date(2026, 10, 9), None)],
    ),
    "ids are text as it is": (
        HEADER + '007,paid,2026-10-09,\n7,paid,2026-10-09,\n"甲, 乙",paid,2026-10-09,\n',
        [(name, "paid", date(2026, 10, 9), None) for name in ("007", "7", "甲, 乙")],
    ),
    "a leap day": (HEADER + "A,paid,2028-02-29,\n", [("A", "paid", date(2028, 2, 29), None)]),
    "a byte order mark and line ends of Windows": (
        "\ufeff" + HEADER.replace("\n", "\r\n") + "A,paid,2026-10-09,\r\n",
        [("A", "paid", date(2026, 10, 9), None)],
    ),
    "several periods of one account, in any order, and a plan in any case or in the agreement's words": (
        HEADER + "A,Paid,2026-10-09,\nB,付费,2026-03-02,\nA,免费,2026-03-02,2026-10-08\n",
        [
            ("A", "paid", date(2026, 10, 9), None),
            ("B", "paid", date(2026, 3, 2), None),
            ("A", "free", date(2026, 3, 2), date(2026, 10, 8)),
        ],
    ),
    "rows in which nothing stands": (
        HEADER + ",,,\nA,paid,2026-10-09,\n  ,\u00a0,,\n",
        [("A", "paid", date(2026, 10, 9), None)],
    ),
    "nobody": (HEADER, []),
}


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ)
def test_accounts_that_are_read(tmp_path: Path, content: str, expected: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(content, encoding="utf-8", newline="")

    accounts = read_accounts(path)

    assert accounts.rows() == expected
    assert accounts.schema == {
        "account_id": pl.String,
        "plan": pl.String,
        "applied_on": pl.Date,
        "expires_on": pl.Date,
    }


ID = "expected the account's id, and no word for none such as '-' or NULL"
APART = "expected periods of one account that do not overlap (expires_on is the last day)"
DATE, END = "expected a date such as 2026-10-09", "expected a date such as 2026-10-09, or nothing"
WRONG: dict[str, tuple[str, list[str]]] = {
    "an account twice": (
        "A,paid,2026-10-09,\nB,paid,2026-10-09,\nA,free,2026-11-09,\nA,paid,2026-12-09,\n",
        [
            f"accounts.csv, line 4: account_id 'A', from 2026-11-09 on, overlaps line 2, from 2026-10-09 on; {APART}",
            f"accounts.csv, line 5: account_id 'A', from 2026-12-09 on, overlaps line 4, from 2026-11-09 on; {APART}",
        ],
    ),
    "no account": (
        ",paid,2026-10-09,\n  ,paid,2026-10-09,\nNULL,paid,2026-10-09,\n\u00a0nan,paid,2026-10-09,\n",
        [
            f"accounts.csv, line 2: account_id is empty; {ID}",
            f"accounts.csv, line 3: account_id is empty; {ID}",
            f"accounts.csv, line 4: account_id is 'NULL'; {ID}",
            f"accounts.csv, line 5: account_id is 'nan'; {ID}",
        ],
    ),
    "an unknown plan": ("A,gold,2026-10-09,\n", ["accounts.csv, line 2: plan is 'gold'; expected paid or free"]),
    "a plan in other words": (
        "A,预付费,2026-10-09,\n",
        [
            "accounts.csv, line 2: plan is '预付费'; expected paid or free: write paid, or set plans = "
            '{ "预付费" = "paid" } in [facts.accounts] of the config'
        ],
    ),
    "no plan": ("A,,2026-10-09,\n", ["accounts.csv, line 2: plan is empty; expected paid or free"]),
    "no start": ("A,paid,,\n", [f"accounts.csv, line 2: applied_on is empty; {DATE}"]),
    "a start that is no date": (
        "A,paid,9 Oct 2026,\n",
        [f"accounts.csv, line 2: applied_on is '9 Oct 2026'; {DATE}"],
    ),
    "a start without leading zeros": (
        "A,paid,2026-1-9,\n",
        [
            f"accounts.csv, line 2: applied_on is '2026-1-9'; {DATE}: write 2026-01-09, or set dates = \"2026-1-9\" in "
            "[facts.accounts] of the config"
        ],
    ),
    "a start with a time of day": (
        "A,paid,2026-10-09T00:00:00,\n",
        [f"accounts.csv, line 2: applied_on is '2026-10-09T00:00:00'; {DATE}: write 2026-10-09"],
    ),
    "a day that the month lacks": (
        "A,paid,2026-02-29,2026-11-31\n",
        [
            f"accounts.csv, line 2: applied_on is '2026-02-29'; {DATE}",
            f"accounts.csv, line 2: expires_on is '2026-11-31'; {END}",
        ],
    ),
    "an end that is no date": ("A,paid,2026-10-09,never\n", [f"accounts.csv, line 2: expires_on is 'never'; {END}"]),
    "an end before the start": (
        "A,paid,2026-10-09,2026-10-08\n",
        ["accounts.csv, line 2: expires_on is '2026-10-08'; expected a day not before applied_on"],
    ),
    "every mistake at once, in the order of the rows": (
        "A,paid,2026-10-09,2026-10-01\nB,gold,2026-10-09,\nA,paid,soon,\n",
        [
            "accounts.csv, line 2: expires_on is '2026-10-01'; expected a day not before applied_on",
            "accounts.csv, line 3: plan is 'gold'; expected paid or free",
            f"accounts.csv, line 4: applied_on is 'soon'; {DATE}",
        ],
    ),
    "the line of a row after a quoted line break is the true one": (
        '"A\n1",paid,2026-10-09,\nB,gold,2026-10-09,\n',
        ["accounts.csv, line 4: plan is 'gold'; expected paid or free"],
    ),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_mistakes_in_rows(tmp_path: Path, body: str, expected: list[str]) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + body, newline="")

    assert mistakes(path) == expected


UNREADABLE: dict[str, tuple[str, bytes | None, list[str]]] = {
    "columns are missing": (
        "accounts.csv",
        b"account,plan\nA,paid\n",
        [
            "accounts.csv: no column 'account_id'; the file has: account, plan\n"
            "  If 'account' is that, set columns = { account_id = \"account\" } in [facts.accounts] of the config; "
            "else add the column.",
            "accounts.csv: no column 'applied_on'; the file has: account, plan\n"
            '  Add the column, or set columns = { applied_on = "NAME" } in [facts.accounts] of the config.',
        ],
    ),
    "there is no file": (
        "accounts.csv",
        None,
        ["accounts.csv: cannot be read: No such file or directory\n  Check the path and the file."],
    ),
    "the file is empty": (
        "accounts.csv",
        b"",
        ["accounts.csv: the file is empty; expected a header line\n  Leave the file out."],
    ),
    "the suffix is unknown": (
        "accounts.dat",
        b"",
        ["accounts.dat: the suffix '.dat' does not say what it holds; expected .csv or .parquet\n  Rename it."],
    ),
    "it is not UTF-8": (
        "accounts.csv",
        b"account_id,plan,applied_on\n\xbc\xd7,paid,2026-10-09\n",
        [
            "accounts.csv: not UTF-8: invalid start byte at byte 27; it seems to be GB18030 (GBK)\n"
            "  Save the file as 'CSV UTF-8', or set encoding = \"gb18030\" in [facts.accounts] of the config."
        ],
    ),
}


@pytest.mark.parametrize(("name", "content", "expected"), UNREADABLE.values(), ids=UNREADABLE)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, expected: list[str]) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    assert mistakes(path) == expected


def test_a_row_with_too_few_fields_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + "A,paid\n")

    (message,) = mistakes(path)

    assert message == "accounts.csv, line 2: 2 fields; expected 4, as in the header"


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    columns = {
        "account_id": [7, 8],
        "plan": pa.array(["paid", "free"]).dictionary_encode(),
        "applied_on": [date(2026, 10, 9), date(2026, 3, 2)],
        "expires_on": [None, date(2026, 10, 31)],
    }
    pq.write_table(pa.table(columns), path)

    assert read_accounts(path).rows() == [
        ("7", "paid", date(2026, 10, 9), None),
        ("8", "free", date(2026, 3, 2), date(2026, 10, 31)),
    ]


def test_mistakes_in_parquet_name_the_row(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    columns = {"account_id": ["A", "A"], "plan": ["gold", "paid"], "applied_on": [date(2026, 10, 9)] * 2}
    pq.write_table(pa.table(columns), path)

    assert mistakes(path) == [
        "accounts.parquet, row 1: plan is 'gold'; expected paid or free",
        f"accounts.parquet, row 2: account_id 'A', from 2026-10-09 on, overlaps row 1, from 2026-10-09 on; {APART}",
    ]


QUOTES: dict[str, tuple[str, int, str]] = {
    "one quote in the last column": (
        'A,paid,2026-10-01,"\nB,paid,2026-10-01,\n',
        2,
        "unexpected end of data, on line 3",
    ),
    "one quote in the last column of the last row": (
        'A,paid,2026-10-01,\nB,paid,2026-10-01,"',
        3,
        "unexpected end of data",
    ),
    "two quotes in the last column": (
        'A,paid,2026-10-01,"\nB,paid,2026-10-01,"x\n',
        2,
        "',' expected after '\"', on line 3",
    ),
    "three quotes in the last column": (
        'A,paid,2026-10-01,""\nB,paid,2026-10-01,"\nC,paid,2026-10-01,\n',
        3,
        "unexpected end of data, on line 4",
    ),
}


@pytest.mark.parametrize(("body", "line", "reason"), QUOTES.values(), ids=QUOTES)
def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path: Path, body: str, line: int, reason: str) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + body)

    assert mistakes(path) == [f"accounts.csv, line {line}: not CSV: {reason}\n  Mend the file, or export it again."]


def test_a_directory_of_accounts_is_refused_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.mkdir()

    assert mistakes(path) == ["accounts.csv: is a directory; expected one file\n  Name the file in it."]


def test_digits_that_are_not_ascii_make_no_date(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + "A,paid,\uff12\uff10\uff12\uff16-10-09,2026-10-3١\n", encoding="utf-8")

    assert mistakes(path) == [
        f"accounts.csv, line 2: applied_on is '\uff12\uff10\uff12\uff16-10-09'; {DATE}: write 2026-10-09",
        f"accounts.csv, line 2: expires_on is '2026-10-3١'; {END}",
    ]


ODD: dict[str, tuple[str, pa.Array]] = {
    "a plan that is a boolean": ("plan", pa.array([True])),
    "a plan that is bytes": ("plan", pa.array([b"paid"])),
    "a plan that is a duration": ("plan", pa.array([1], pa.duration("s"))),
    "an account that is a record": ("account_id", pa.array([{"id": "A"}])),
    "an account that is a list of numbers": ("account_id", pa.array([[1, 2]])),
    "an account that is a time of day": ("account_id", pa.array([1], pa.time64("us"))),
    "a start that is a time of day": ("applied_on", pa.array([1], pa.time64("ns"))),
    "an end that is a boolean": ("expires_on", pa.array([None], pa.bool_())),
}


@pytest.mark.parametrize(("column", "values"), ODD.values(), ids=ODD)
def test_odd_types_in_parquet_are_refused(tmp_path: Path, column: str, values: pa.Array) -> None:
    path = tmp_path / "accounts.parquet"
    usual = {"account_id": ["A"], "plan": ["paid"], "applied_on": [date(2026, 10, 9)]}
    pq.write_table(pa.table(usual | {column: values}), path)

    (message,) = mistakes(path)

    assert message.startswith(f"accounts.parquet: column '{column}' holds values of type ")
    assert message.endswith("\n  Write it as decimal, whole number or text.")
