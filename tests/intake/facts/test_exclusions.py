"""The exclusions file: windows, their clause, their notice and their scope."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.contract.load import load_contract
from sla_audit.errors import InputError
from sla_audit.intake.facts.exclusions import read_exclusions
from sla_audit.model.facts import Exclusion

CONTRACT = load_contract("jdcloud-smart-compose")  # its time zone is Asia/Shanghai
HEADER = "id,clause,starts_at,ends_at,notified_at,accounts,regions,apis,note\n"
WINDOW = "2026-10-12T01:00:00+08:00,2026-10-12T03:00:00+08:00"
START, END = datetime(2026, 10, 11, 17, tzinfo=UTC), datetime(2026, 10, 11, 19, tzinfo=UTC)
INSTANT = "expected an instant such as 2026-10-09T01:00:00+08:00"


def mistakes(path: Path) -> list[str]:
    """Read a file that is wrong, and give its messages without its folder."""
    with pytest.raises(InputError) as raised:
        read_exclusions(path, CONTRACT)
    return [str(problem).replace(f"{path.parent.as_posix()}/", "") for problem in raised.value.problems]


READ: dict[str, tuple[str, list[Exclusion]]] = {
    "announced maintenance of everything": (
        HEADER + f'M1,1,{WINDOW},2026-10-09T18:00:00+08:00,,,,"storage, announced by mail"\n',
        [Exclusion("M1", 1, START, END, datetime(2026, 10, 9, 10, tzinfo=UTC), note="storage, announced by mail")],
    ),
    "only the required columns": (
        f"clause,id,starts_at,ends_at\n3,N1,{WINDOW}\n",
        [Exclusion("N1", 3, START, END)],
    ),
    "a scope of several accounts, regions and APIs": (
        HEADER + f"N1,3,{WINDOW},,A; B ;C,cn-north-1,/v1/compose;/v1/cutout;,\n",
        [
            Exclusion(
                "N1",
                3,
                START,
                END,
                accounts=frozenset({"A", "B", "C"}),
                regions=frozenset({"cn-north-1"}),
                apis=frozenset({"/v1/compose", "/v1/cutout"}),
            )
        ],
    ),
    "times without a zone are the contract's": (
        HEADER + "N1,3,2026-10-12 01:00:00,2026-10-12T03:00,,,,,\n",
        [Exclusion("N1", 3, START, END)],
    ),
    "times as epoch numbers": (HEADER + "N1,3,1791738000,1791745200000,,,,,\n", [Exclusion("N1", 3, START, END)]),
    "a window of one microsecond": (
        HEADER + "N1,3,2026-10-11T17:00:00Z,2026-10-11T17:00:00.000001Z,,,,,\n",
        [Exclusion("N1", 3, START, datetime(2026, 10, 11, 17, 0, 0, 1, tzinfo=UTC))],
    ),
    "notice after the start is read; whether it counts is judged later": (
        HEADER + f"M1,1,{WINDOW},2026-10-12T02:00:00+08:00,,,,\n",
        [Exclusion("M1", 1, START, END, datetime(2026, 10, 11, 18, tzinfo=UTC))],
    ),
    "windows may overlap, and keep the order of the file": (
        HEADER + f"Z,12,{WINDOW},,,,,\nA,1,{WINDOW},,,,,\n",
        [Exclusion("Z", 12, START, END), Exclusion("A", 1, START, END)],
    ),
    "no exclusions": (HEADER, []),
}


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ)
def test_exclusions_that_are_read(tmp_path: Path, content: str, expected: list[Exclusion]) -> None:
    path = tmp_path / "exclusions.csv"
    path.write_text(content)

    assert list(read_exclusions(path, CONTRACT)) == expected


WRONG: dict[str, tuple[str, list[str]]] = {
    "an id twice": (
        f"N1,3,{WINDOW},,,,,\nN1,4,{WINDOW},,,,,\n",
        ["exclusions.csv, line 3: id 'N1' again; expected once; see line 2"],
    ),
    "no id": (f",3,{WINDOW},,,,,\n", ["exclusions.csv, line 2: id is empty; expected a name for the exclusion"]),
    "clauses that the agreement does not have": (
        f"N1,0,{WINDOW},,,,,\nN2,13,{WINDOW},,,,,\nN3,,{WINDOW},,,,,\nN4,2.7.1,{WINDOW},,,,,\nN5,01,{WINDOW},,,,,\n",
        [
            "exclusions.csv, line 2: clause is '0'; expected a cause of the agreement, 1 to 12",
            "exclusions.csv, line 3: clause is '13'; expected a cause of the agreement, 1 to 12",
            "exclusions.csv, line 4: clause is empty; expected a cause of the agreement, 1 to 12",
            "exclusions.csv, line 5: clause is '2.7.1'; expected a cause of the agreement, 1 to 12",
            "exclusions.csv, line 6: clause is '01'; expected a cause of the agreement, 1 to 12",
        ],
    ),
    "no times": (
        "N1,3,,,,,,,\n",
        [
            f"exclusions.csv, line 2: starts_at is empty; {INSTANT}",
            f"exclusions.csv, line 2: ends_at is empty; {INSTANT}",
        ],
    ),
    "times that are none": (
        "N1,3,tomorrow,2026-10-12,when asked,,,,\n",
        [
            f"exclusions.csv, line 2: starts_at is 'tomorrow'; {INSTANT}",
            f"exclusions.csv, line 2: ends_at is '2026-10-12'; {INSTANT}",
            f"exclusions.csv, line 2: notified_at is 'when asked'; {INSTANT}",
        ],
    ),
    "times outside the years that can be audited": (
        "N1,3,0001-01-01T00:00:00,9999-12-31T23:59:59-08:00,9999-12-31T23:59:59,,,,\n"
        "N2,3,1969-12-31T23:59:59Z,2200-01-01T00:00:00Z,0001-01-01T00:00:00Z,,,,\n",
        [
            f"exclusions.csv, line 2: starts_at is '0001-01-01T00:00:00'; {INSTANT}",
            f"exclusions.csv, line 2: ends_at is '9999-12-31T23:59:59-08:00'; {INSTANT}",
            f"exclusions.csv, line 2: notified_at is '9999-12-31T23:59:59'; {INSTANT}",
            f"exclusions.csv, line 3: starts_at is '1969-12-31T23:59:59Z'; {INSTANT}",
            f"exclusions.csv, line 3: ends_at is '2200-01-01T00:00:00Z'; {INSTANT}",
            f"exclusions.csv, line 3: notified_at is '0001-01-01T00:00:00Z'; {INSTANT}",
        ],
    ),
    "an hour without an offset, and digits that are not ASCII": (
        "N1,3,2026-10-12T01,2026-10-12T0\uff13:00:00Z,1791738٠00,,,,\n",
        [
            f"exclusions.csv, line 2: starts_at is '2026-10-12T01'; {INSTANT}",
            f"exclusions.csv, line 2: ends_at is '2026-10-12T0\uff13:00:00Z'; {INSTANT}",
            f"exclusions.csv, line 2: notified_at is '1791738٠00'; {INSTANT}",
        ],
    ),
    "an end before the start": (
        "N1,3,2026-10-12T03:00:00Z,2026-10-12T01:00:00Z,,,,,\n",
        [
            "exclusions.csv, line 2: ends_at is '2026-10-12T01:00:00Z'; "
            "expected an instant after starts_at, '2026-10-12T03:00:00Z'"
        ],
    ),
    "an end at the start, in another zone": (
        "N1,3,2026-10-12T03:00:00Z,2026-10-12T11:00:00+08:00,,,,,\n",
        [
            "exclusions.csv, line 2: ends_at is '2026-10-12T11:00:00+08:00'; "
            "expected an instant after starts_at, '2026-10-12T03:00:00Z'"
        ],
    ),
    "scopes that hold nothing would cover everything": (
        f'N1,3,{WINDOW},,;," ; ",;;,\n',
        [
            f"exclusions.csv, line 2: {column} is '{found}'; expected names separated by ';', or nothing for all"
            for column, found in (("accounts", ";"), ("regions", ";"), ("apis", ";;"))
        ],
    ),
    "scopes that another character separates": (
        f'N1,3,{WINDOW},,"a1,a2",b1\uff0cb2,/c1\u3001/c2,\nN2,3,{WINDOW},,a1;a2\uff1ba3,,,\n',
        [
            f"exclusions.csv, line {line}: {column} is '{found}'; expected names separated by ';', or nothing for all: "
            f"write {meant}"
            for line, column, found, meant in (
                (2, "accounts", "a1,a2", "a1;a2"),
                (2, "regions", "b1\uff0cb2", "b1;b2"),
                (2, "apis", "/c1\u3001/c2", "/c1;/c2"),
                (3, "accounts", "a1;a2\uff1ba3", "a1;a2;a3"),
            )
        ],
    ),
    "every mistake at once, in the order of the rows": (
        f"N1,3,2026-10-12T03:00:00Z,2026-10-12T01:00:00Z,,,,,\nN2,99,{WINDOW},,,,,\nN1,3,{WINDOW},soon,,,,\n",
        [
            "exclusions.csv, line 2: ends_at is '2026-10-12T01:00:00Z'; "
            "expected an instant after starts_at, '2026-10-12T03:00:00Z'",
            "exclusions.csv, line 3: clause is '99'; expected a cause of the agreement, 1 to 12",
            "exclusions.csv, line 4: id 'N1' again; expected once; see line 2",
            f"exclusions.csv, line 4: notified_at is 'soon'; {INSTANT}",
        ],
    ),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_mistakes_in_rows(tmp_path: Path, body: str, expected: list[str]) -> None:
    path = tmp_path / "exclusions.csv"
    path.write_text(HEADER + body)

    assert mistakes(path) == expected


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "exclusions.csv"
    path.write_text("id,starts_at\n")

    assert mistakes(path) == [
        f"exclusions.csv: no column '{name}'; the file has: id, starts_at\n"
        f'  Add the column, or set columns = {{ {name} = "NAME" }} in [facts.exclusions] of the config.'
        for name in ("clause", "ends_at")
    ]


# 2026-10-11T17:00:00 and 19:00:00 in microseconds: in UTC the window, on a clock in Shanghai eight hours before it.
SEVENTEEN, NINETEEN = 1_791_738_000_000_000, 1_791_745_200_000_000
TYPED_TIMES: dict[str, tuple[pa.DataType, datetime, datetime]] = {
    "zoned, ms": (pa.timestamp("ms", "UTC"), START, END),
    "zoned, us, shown elsewhere": (pa.timestamp("us", "America/New_York"), START, END),
    "zoned, ns": (pa.timestamp("ns", "UTC"), START, END),
    "naive, us": (
        pa.timestamp("us"),
        datetime(2026, 10, 11, 9, tzinfo=UTC),
        datetime(2026, 10, 11, 11, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize(("kind", "starts_at", "ends_at"), TYPED_TIMES.values(), ids=TYPED_TIMES)
def test_typed_times_in_parquet(tmp_path: Path, kind: pa.DataType, starts_at: datetime, ends_at: datetime) -> None:
    path = tmp_path / "exclusions.parquet"
    columns: dict[str, Any] = {
        "id": ["N1"],
        "clause": [3],
        "starts_at": pa.array([SEVENTEEN], pa.timestamp("us", kind.tz)).cast(kind),
        "ends_at": pa.array([NINETEEN], pa.timestamp("us", kind.tz)).cast(kind),
        "accounts": [["A", "B"]],
    }
    pq.write_table(pa.table(columns), path)

    assert read_exclusions(path, CONTRACT) == (Exclusion("N1", 3, starts_at, ends_at, accounts=frozenset({"A", "B"})),)


def with_scopes(path: Path, values: pa.Array, column: str = "accounts") -> Path:
    """Write exclusions of the same window, with a scope each."""
    columns: dict[str, Any] = {
        "id": [f"N{number}" for number in range(len(values))],
        "clause": [3] * len(values),
        "starts_at": pa.array([SEVENTEEN] * len(values), pa.timestamp("us", "UTC")),
        "ends_at": pa.array([NINETEEN] * len(values), pa.timestamp("us", "UTC")),
        column: values,
    }
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("column", ["accounts", "regions", "apis"])
@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.large_string())], ids=str)
def test_an_element_of_a_list_is_a_name_whatever_is_in_it(tmp_path: Path, kind: pa.DataType, column: str) -> None:
    scopes = pa.array([["a;b"], ["a;b", " c "], ["x,y", "\uff1b"], [";"], None], kind)
    found = read_exclusions(with_scopes(tmp_path / "exclusions.parquet", scopes, column), CONTRACT)
    expected = [{"a;b"}, {"a;b", "c"}, {"x,y", "\uff1b"}, {";"}, set()]
    assert [getattr(exclusion, column) for exclusion in found] == expected


@pytest.mark.parametrize("scope", [[], [None], [""], [" \t"], ["a", None], ["", "a"], [None, None]], ids=repr)
def test_a_list_that_names_nothing_is_not_everyone(tmp_path: Path, scope: list[str | None]) -> None:
    path = with_scopes(tmp_path / "exclusions.parquet", pa.array([["b"], scope], pa.list_(pa.string())))
    assert mistakes(path) == [
        f"exclusions.parquet, row 2: accounts is {scope!r}; "
        "expected a list of names, none of them empty, or no list (null) for all"
    ]


@pytest.mark.parametrize("scope", [";", "; ;"])
def test_text_in_parquet_is_read_as_in_csv(tmp_path: Path, scope: str) -> None:
    path = with_scopes(tmp_path / "exclusions.parquet", pa.array(["a; b", None, "", scope]))
    expected = "expected names separated by ';', or nothing for all"
    assert mistakes(path) == [f"exclusions.parquet, row 4: accounts is {scope!r}; {expected}"]


def test_lists_are_read_where_a_scope_is_and_nowhere_else(tmp_path: Path) -> None:
    path = with_scopes(tmp_path / "exclusions.parquet", pa.array([["a", "b"]]), "note")
    (message,) = mistakes(path)
    assert message.startswith("exclusions.parquet: column 'note' holds values of type List(String)")


def test_a_clause_that_is_a_float_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "exclusions.parquet"
    pq.write_table(pa.table({"id": ["N1"], "clause": [3.0], "starts_at": ["x"], "ends_at": ["y"]}), path)

    assert mistakes(path) == [
        "exclusions.parquet: column 'clause' holds binary floating-point numbers, which are not exact\n"
        "  Write it as decimal, whole number or text."
    ]


QUOTES: dict[str, tuple[str, int, str]] = {
    "one quote in the last column": (
        'A,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,"\nB,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,\n',
        2,
        "unexpected end of data, on line 3",
    ),
    "one quote in the last column of the last row": (
        'A,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,\nB,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,"',
        3,
        "unexpected end of data",
    ),
    "two quotes in the last column": (
        'A,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,"\nB,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,"x\n',
        2,
        "',' expected after '\"', on line 3",
    ),
    "three quotes in the last column": (
        'A,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,""\nB,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,"\nC,3,2026-10-01T00:00Z,2026-10-02T00:00Z,,,,,\n',
        3,
        "unexpected end of data, on line 4",
    ),
}


@pytest.mark.parametrize(("body", "line", "reason"), QUOTES.values(), ids=QUOTES)
def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path: Path, body: str, line: int, reason: str) -> None:
    path = tmp_path / "exclusions.csv"
    path.write_text(HEADER + body)

    assert mistakes(path) == [f"exclusions.csv, line {line}: not CSV: {reason}\n  Mend the file, or export it again."]


FAR = {"year 1": -62_135_596_800, "year 9999": 253_402_300_799, "the second day of 2200": 7_258_204_800}


@pytest.mark.parametrize("kind", [pa.timestamp("ms", "UTC"), pa.timestamp("us"), pa.timestamp("s", "UTC")], ids=str)
@pytest.mark.parametrize("second", FAR.values(), ids=FAR)
def test_typed_times_outside_the_years_that_can_be_audited(tmp_path: Path, second: int, kind: pa.DataType) -> None:
    path = tmp_path / "exclusions.parquet"
    far = pa.array([second], pa.timestamp("s", kind.tz)).cast(kind)
    pq.write_table(pa.table({"id": ["N1"], "clause": [3], "starts_at": ["2026-10-12T01:00Z"], "ends_at": far}), path)

    (message,) = mistakes(path)

    assert message.startswith("exclusions.parquet, row 1: ends_at is '")
    assert message.endswith(f"; {INSTANT}")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("clause", pa.array([True])),
        ("starts_at", pa.array([1], pa.time64("ns"))),
        ("ends_at", pa.array([1], pa.duration("us"))),
        ("accounts", pa.array([[1, 2]])),
        ("regions", pa.array([{"region": "cn"}])),
        ("note", pa.array([b"by mail"])),
    ],
    ids=["booleans", "times of day", "durations", "lists of numbers", "records", "bytes"],
)
def test_odd_types_in_parquet_are_refused(tmp_path: Path, column: str, values: pa.Array) -> None:
    path = tmp_path / "exclusions.parquet"
    usual = {"id": ["N1"], "clause": [3], "starts_at": ["2026-10-12T01:00Z"], "ends_at": ["2026-10-12T03:00Z"]}
    pq.write_table(pa.table(usual | {column: values}), path)

    (message,) = mistakes(path)

    assert message.startswith(f"exclusions.parquet: column '{column}' holds values of type ")
    assert message.endswith("\n  Write it as decimal, whole number or text.")
