"""The billing file: exact amounts by account and cycle."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.errors import InputError
from sla_audit.intake.facts.billing import read_billing

HEADER = "account_id,cycle,service_fee,cash_paid,billed_calls\n"


def mistakes(path: Path) -> list[str]:
    """Read a file that is wrong, and give its messages without its folder."""
    with pytest.raises(InputError) as raised:
        read_billing(path)
    return [str(problem).replace(f"{path.parent.as_posix()}/", "") for problem in raised.value.problems]


READ: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "amounts are read exactly": (
        HEADER + "A,2026-10,1200.00,0.10,12000\n",
        [("A", "2026-10", Decimal("1200.00"), Decimal("0.10"), 12000)],
    ),
    "whole amounts, and nothing billed": (
        HEADER + "A,2026-10,1200,0,\n",
        [("A", "2026-10", Decimal(1200), Decimal(0), None)],
    ),
    "cash above the fee is fine": (
        HEADER + "A,2026-10,100.00,250.00,1\n",
        [("A", "2026-10", Decimal(100), Decimal(250), 1)],
    ),
    "six decimals": (
        HEADER + "A,2026-10,0.000001,999999999999999999.999999,0\n",
        [("A", "2026-10", Decimal("0.000001"), Decimal("999999999999999999.999999"), 0)],
    ),
    "one account in two cycles, two accounts in one": (
        HEADER + "A,2026-10,1,1,\nA,2026-11,2,2,\nB,2026-10,3,3,\n",
        [
            ("A", "2026-10", Decimal(1), Decimal(1), None),
            ("A", "2026-11", Decimal(2), Decimal(2), None),
            ("B", "2026-10", Decimal(3), Decimal(3), None),
        ],
    ),
    "no column of billed calls": (
        "cash_paid,service_fee,cycle,account_id\n1,2,2026-10,A\n",
        [("A", "2026-10", Decimal(2), Decimal(1), None)],
    ),
    "no rows": (HEADER, []),
}


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ)
def test_bills_that_are_read(tmp_path: Path, content: str, expected: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(content)

    billing = read_billing(path)

    assert billing.rows() == expected
    assert billing.schema == {
        "account_id": pl.String,
        "cycle": pl.String,
        "service_fee": pl.Decimal(38, 6),
        "cash_paid": pl.Decimal(38, 6),
        "billed_calls": pl.Int64,
    }


AMOUNT = "expected an amount of 0 or more, such as 1200.00"
NOT_AMOUNTS = {
    "negative": "-1.00",
    "with a plus": "+1.00",
    "in exponent form": "1e3",
    "seven decimals": "1.0000001",
    "nineteen digits": "1000000000000000000",
    "no digit before the point": ".50",
    "no digit after the point": "1.",
    "not a number": "NaN",
    "infinite": "inf",
    "a space within": "1 .00",
    "Arabic digits": "١٢.00",
    "a superscript": "1²",
    "hexadecimal": "0x10",
}


@pytest.mark.parametrize("column", ["service_fee", "cash_paid"])
@pytest.mark.parametrize("amount", NOT_AMOUNTS.values(), ids=NOT_AMOUNTS)
def test_what_is_no_amount(tmp_path: Path, column: str, amount: str) -> None:
    path = tmp_path / "billing.csv"
    fee, cash = (amount, "1.00") if column == "service_fee" else ("1.00", amount)
    path.write_text(f"{HEADER}A,2026-10,{fee},{cash},\n", encoding="utf-8")

    assert mistakes(path) == [f"billing.csv, line 2: {column} is '{amount}'; {AMOUNT}"]


MEANT = {
    "with a currency": ("CNY 1.00", "1.00", 'currency_signs = ["CNY"]'),
    "with the sign of a currency": ("¥ 1.00", "1.00", 'currency_signs = ["¥"]'),
    "with a full-width sign": ("\uffe51,200.5", "1200.5", 'currency_signs = ["¥"] and numbers = "1,000.00"'),
    "with the name of a currency": ("1200.00元", "1200.00", 'currency_signs = ["元"]'),
    "with separators": ("1 200.00", "1200.00", 'numbers = "1 000.00"'),
    "with commas": ("1,200,000", "1200000", 'numbers = "1,000.00"'),
    "with a decimal comma": ("1200,50", "1200.50", 'numbers = "1.000,00"'),
    "with a decimal comma and points": ("1.200,50", "1200.50", 'numbers = "1.000,00"'),
    "in full-width digits": ("\uff11\uff12.00", "12.00", ""),
}


@pytest.mark.parametrize(("amount", "meant", "settings"), MEANT.values(), ids=MEANT)
def test_what_an_amount_may_mean_is_told(tmp_path: Path, amount: str, meant: str, settings: str) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(f'{HEADER}A,2026-10,"{amount}",1.00,\n', encoding="utf-8")

    also = f", or set {settings} in [facts.billing] of the config" if settings else ""
    assert mistakes(path) == [f"billing.csv, line 2: service_fee is '{amount}'; {AMOUNT}: write {meant}{also}"]


def test_what_is_around_a_value_or_a_name_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(" account_id ,cycle\u00a0,service_fee,cash_paid\n a1\u3000, 2026-10 ,\t1200.00 , 1.00\n", "utf-8")

    assert read_billing(path).rows() == [("a1", "2026-10", Decimal(1200), Decimal(1), None)]


WRONG: dict[str, tuple[str, list[str]]] = {
    "two rows for one account and cycle": (
        "A,2026-10,1,1,\nA,2026-11,1,1,\nA,2026-10,2,2,\n",
        ["billing.csv, line 4: account_id and cycle 'A', '2026-10' again; expected once; see line 2"],
    ),
    "no amounts": (
        "A,2026-10,,,\n",
        [f"billing.csv, line 2: service_fee is empty; {AMOUNT}", f"billing.csv, line 2: cash_paid is empty; {AMOUNT}"],
    ),
    "no account": (
        ",2026-10,1,1,\n",
        [
            "billing.csv, line 2: account_id is empty; expected the account's id, and no word for none such as '-' or "
            "NULL"
        ],
    ),
    "no cycle": ("A,,1,1,\n", ["billing.csv, line 2: cycle is empty; expected a month such as 2026-10"]),
    "cycles that are no months": (
        "A,2026-13,1,1,\nB,2026-1,1,1,\nC,202610,1,1,\nD,October,1,1,\nE,2026-10-01,1,1,\n",
        [
            "billing.csv, line 2: cycle is '2026-13'; expected a month such as 2026-10",
            "billing.csv, line 3: cycle is '2026-1'; expected a month such as 2026-10: write 2026-01",
            "billing.csv, line 4: cycle is '202610'; expected a month such as 2026-10: write 2026-10, or set dates = "
            '"20261031" in [facts.billing] of the config',
            "billing.csv, line 5: cycle is 'October'; expected a month such as 2026-10",
            "billing.csv, line 6: cycle is '2026-10-01'; expected a month such as 2026-10: write 2026-10",
        ],
    ),
    "cycles outside the years that can be audited, or in other digits": (
        "A,0001-01,1,1,\nB,1969-12,1,1,\nC,2200-01,1,1,\nD,9999-12,1,1,\nE,2026-1٠,1,1,\n",
        [
            f"billing.csv, line {line}: cycle is '{cycle}'; expected a month such as 2026-10"
            for line, cycle in enumerate(["0001-01", "1969-12", "2200-01", "9999-12", "2026-1٠"], start=2)
        ],
    ),
    "billed calls that are no whole number": (
        "A,2026-10,1,1,many\nB,2026-10,1,1,1.5\nC,2026-10,1,1,-1\n",
        [
            f"billing.csv, line {line}: billed_calls is '{calls}'; expected a whole number, or nothing"
            for line, calls in enumerate(["many", "1.5", "-1"], start=2)
        ],
    ),
    "every mistake at once, in the order of the rows": (
        "A,2026-10,1,-1,\nA,2026-10,1,1,x\nB,October,1,1,\n",
        [
            f"billing.csv, line 2: cash_paid is '-1'; {AMOUNT}",
            "billing.csv, line 3: account_id and cycle 'A', '2026-10' again; expected once; see line 2",
            "billing.csv, line 3: billed_calls is 'x'; expected a whole number, or nothing",
            "billing.csv, line 4: cycle is 'October'; expected a month such as 2026-10",
        ],
    ),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_mistakes_in_rows(tmp_path: Path, body: str, expected: list[str]) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(HEADER + body)

    assert mistakes(path) == expected


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text("account_id,cycle,fee\nA,2026-10,1\n")

    assert mistakes(path) == [
        "billing.csv: no column 'service_fee'; the file has: account_id, cycle, fee\n"
        "  If 'fee' is that, set columns = { service_fee = \"fee\" } in [facts.billing] of the config; else add "
        "the column.",
        "billing.csv: no column 'cash_paid'; the file has: account_id, cycle, fee\n"
        '  Add the column, or set columns = { cash_paid = "NAME" } in [facts.billing] of the config.',
    ]


def parquet(path: Path, **columns: Any) -> Path:
    plain = {
        "account_id": ["A"],
        "cycle": ["2026-10"],
        "service_fee": [Decimal("1200.50")],
        "cash_paid": [Decimal("0.00")],
    }
    pq.write_table(pa.table(plain | columns), path)
    return path


EXACT_TYPES: dict[str, tuple[Any, Decimal]] = {
    "decimals": ([Decimal("1200.50")], Decimal("1200.5")),
    "decimals of a large scale": ([Decimal("0.000001")], Decimal("0.000001")),
    "whole numbers": ([1200], Decimal(1200)),
    "text": (["1200.50"], Decimal("1200.5")),
}


@pytest.mark.parametrize(("fees", "expected"), EXACT_TYPES.values(), ids=EXACT_TYPES)
def test_exact_amounts_in_parquet(tmp_path: Path, fees: Any, expected: Decimal) -> None:
    billing = read_billing(parquet(tmp_path / "billing.parquet", service_fee=fees))

    assert billing.rows() == [("A", "2026-10", expected, Decimal(0), None)]


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()], ids=str)
def test_floats_are_refused_because_they_are_not_exact(tmp_path: Path, kind: pa.DataType) -> None:
    floats = pa.array([1200.5], kind)
    path = parquet(tmp_path / "billing.parquet", service_fee=floats, cash_paid=floats)

    assert mistakes(path) == [
        f"billing.parquet: column '{column}' holds binary floating-point numbers, which are not exact\n"
        "  Write it as decimal, whole number or text."
        for column in ("service_fee", "cash_paid")
    ]


def test_mistakes_in_parquet_name_the_row(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "billing.parquet",
        account_id=["A", "B"],
        cycle=["2026-10", "2026-10"],
        service_fee=[Decimal("1.00"), Decimal("-0.01")],
        cash_paid=[None, Decimal("1.00")],
    )

    assert mistakes(path) == [
        f"billing.parquet, row 1: cash_paid is empty; {AMOUNT}",
        f"billing.parquet, row 2: service_fee is '-0.01'; {AMOUNT}",
    ]


QUOTES: dict[str, tuple[str, int, str]] = {
    "one quote in the last column": ('A,2026-10,1,1,"\nB,2026-10,1,1,\n', 2, "unexpected end of data, on line 3"),
    "one quote in the last column of the last row": ('A,2026-10,1,1,\nB,2026-10,1,1,"', 3, "unexpected end of data"),
    "two quotes in the last column": ('A,2026-10,1,1,"\nB,2026-10,1,1,"x\n', 2, "',' expected after '\"', on line 3"),
    "three quotes in the last column": (
        'A,2026-10,1,1,""\nB,2026-10,1,1,"\nC,2026-10,1,1,\n',
        3,
        "unexpected end of data, on line 4",
    ),
}


@pytest.mark.parametrize(("body", "line", "reason"), QUOTES.values(), ids=QUOTES)
def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path: Path, body: str, line: int, reason: str) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(HEADER + body)

    assert mistakes(path) == [f"billing.csv, line {line}: not CSV: {reason}\n  Mend the file, or export it again."]


ODD: dict[str, tuple[str, pa.Array]] = {
    "a fee that is a boolean": ("service_fee", pa.array([True])),
    "a fee that is bytes": ("service_fee", pa.array([b"1200.00"])),
    "cash that is a duration": ("cash_paid", pa.array([1], pa.duration("s"))),
    "cash that is a list of numbers": ("cash_paid", pa.array([[1]])),
    "calls that are a record": ("billed_calls", pa.array([{"calls": 1}])),
    "a cycle that is a time of day": ("cycle", pa.array([1], pa.time64("ns"))),
}


@pytest.mark.parametrize(("column", "values"), ODD.values(), ids=ODD)
def test_odd_types_in_parquet_are_refused(tmp_path: Path, column: str, values: pa.Array) -> None:
    (message,) = mistakes(parquet(tmp_path / "billing.parquet", **{column: values}))

    assert message.startswith(f"billing.parquet: column '{column}' holds values of type ")
    assert message.endswith("\n  Write it as decimal, whole number or text.")


def test_bills_of_an_agreement_by_quarters_are_of_quarters(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text("account_id,cycle,service_fee,cash_paid\nA,2026-Q4,3,2\nA,2027-Q1,1,1\n", "utf-8")
    assert read_billing(path, length="quarter")["cycle"].to_list() == ["2026-Q4", "2027-Q1"]


MEANT = {
    "2026Q4": ": write 2026-Q4",
    "2026-q4": ": write 2026-Q4",
    "Q4 2026": ": write 2026-Q4",
    "2026年第四季度": ": write 2026-Q4",
    "2026年4季度": ": write 2026-Q4",
    "2026-10": ": add up the bills of the three months, and write 2026-Q4",
    "2026-03": ": add up the bills of the three months, and write 2026-Q1",
    "2026年4月": ": add up the bills of the three months, and write 2026-Q2",
    "2026-07-01": ": add up the bills of the three months, and write 2026-Q3",
    "2026-4": ": add up the bills of the three months, and write 2026-Q2",
    "2026-Q5": "",
    "2026": "",
    "1969-Q4": "",
    "2200-Q1": "",
    "2026-Q４": ": write 2026-Q4",
    "fourth": "",
}


@pytest.mark.parametrize(("written", "meant"), MEANT.items(), ids=repr)
def test_a_cycle_that_is_no_quarter_is_told_with_what_may_be_meant(tmp_path: Path, written: str, meant: str) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(f"account_id,cycle,service_fee,cash_paid\nA,{written},3,2\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read_billing(path, length="quarter")
    assert (
        str(refused.value)
        .splitlines()[0]
        .endswith(f"billing.csv, line 2: cycle is {written!r}; expected a quarter such as 2026-Q4{meant}")
    )


def test_a_quarter_is_no_cycle_of_an_agreement_by_months(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text("account_id,cycle,service_fee,cash_paid\nA,2026-Q4,3,2\n", "utf-8")
    with pytest.raises(InputError, match="cycle is '2026-Q4'; expected a month such as 2026-10"):
        read_billing(path)
