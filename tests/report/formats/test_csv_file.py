"""The report as CSV: one row per account and cycle, for a spreadsheet that runs nothing of it."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.report.document import Report
from sla_audit.report.formats.csv_file import csv_blocks, for_spreadsheet, render_csv
from tests.builders.reports.by_hand import NOT_OWED, UNDETERMINED, a_report

HEADER = (
    "account_id,cycle,cycle_start,cycle_end,plan,requests,success,explicit_failure,excluded,excluded_by_clause,"
    "success_rate,credit_rate,decision,reason,service_fee,cash_paid,compensation,capped,currency,reading,"
    "claim_opens_on,claim_closes_on,claim_calendar,"
    "literal_explicit_failure,literal_success_rate,literal_decision,literal_compensation,"
    "broad_explicit_failure,broad_success_rate,broad_decision,broad_compensation,"
    "billed_calls,estimate\n"
)


def rendered(report: Report) -> str:
    return render_csv(report).decode()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_result_is_a_row_of_figures_as_the_report_has_them() -> None:
    assert rendered(a_report({})) == HEADER + (
        "A,2026-10,2026-10-09,2026-10-31,paid,1000,960,20,20,1:5;4:14;12:1,"
        "0.979591,0.15,owed,below_objective,1200.00,1000.00,180.00,false,CNY,literal,"
        "2026-11-05,2026-11-30,official,"
        "20,0.979591,owed,180.00,"
        "60,0.938775,owed,360.00,,\n"
    )


def test_a_report_without_results_is_a_header() -> None:
    assert rendered(a_report()) == HEADER


def test_what_is_null_is_an_empty_cell_and_nothing_is_not() -> None:
    nulls = {"plan": None, "success_rate": None, "credit_rate": None, "excluded_by_clause": None, "requests": 0}
    unknown, known = read(rendered(a_report(UNDETERMINED | nulls, {"compensation": "0.00", "capped": True})))
    empty = ("plan", "success_rate", "credit_rate", "excluded_by_clause", "service_fee", "cash_paid", "compensation")
    assert [unknown[name] for name in empty] == [""] * 7
    assert (unknown["requests"], unknown["capped"]) == ("0", "false")
    assert (known["compensation"], known["capped"]) == ("0.00", "true")


def test_rows_keep_the_order_of_the_report() -> None:
    rows = read(rendered(a_report({"account_id": "b"}, NOT_OWED | {"account_id": "a"}, {"account_id": "C"})))
    assert [row["account_id"] for row in rows] == ["b", "a", "C"]


@pytest.mark.parametrize(
    ("account", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ('=HYPERLINK("http://example.com","A")', '\'=HYPERLINK("http://example.com","A")'),
        ("+86 10", "'+86 10"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("A,B", "A,B"),
        ('A"B', 'A"B'),
        ("A\n=1+1", "A\n=1+1"),
        ("A\r=1+1", "A\r=1+1"),
        ("1=1", "1=1"),
        ("'A", "'A"),
        ("", ""),
        ("智能合图", "智能合图"),
    ],
    ids=repr,
)
def test_an_account_id_stays_in_its_cell_and_never_runs(account: str, cell: str) -> None:
    (row,) = read(rendered(a_report({"account_id": account})))
    assert row["account_id"] == cell
    assert row["cycle"] == "2026-10"


def test_a_plan_never_runs() -> None:
    (row,) = read(rendered(a_report({"plan": "=1+1"})))
    assert row["plan"] == "'=1+1"


FORMULAS = [
    ("a formula", "=1+1", "'=1+1"),
    ("a sum that begins with its sign", "+1+1", "'+1+1"),
    ("a difference that begins with its sign", "-1+1", "'-1+1"),
    ("a function by its old name", "@SUM(1)", "'@SUM(1)"),
    ("a formula behind a tab", "\t=1+1", "'\t=1+1"),
    ("a formula behind a carriage return", "\r=1+1", "'\r=1+1"),
    ("a lone sign", "-", "'-"),
    ("a sign further on", "a=1", "a=1"),
    ("a formula behind what ends a cell where the comma is a decimal sign", "a;=1+1;-1", "a;'=1+1;'-1"),
    ("a semicolon", "a;b", "a;b"),
    ("a number", "0.989898", "0.989898"),
    ("nothing", "", ""),
    ("no text at all", None, None),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in FORMULAS], ids=[case[0] for case in FORMULAS])
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str | None, expected: str | None) -> None:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    assert frame.select(for_spreadsheet(pl.col("text"))).to_dict(as_series=False) == {"text": [expected]}


@given(st.text("=+-@\t\r\na1'", max_size=6))
def test_no_cell_begins_with_what_starts_a_formula_and_nothing_is_lost(text: str) -> None:
    safe = pl.DataFrame({"text": [text]}).select(for_spreadsheet(pl.col("text"))).item()
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe in {text, "'" + text}


def test_rejected_rows_are_disarmed_too() -> None:
    rows = [["file", "found"], ["a.csv", "=1+1"], ["b,c.csv", 'say "no"'], ["d.csv", ""]]
    text = b"".join(csv_blocks(rows)).decode()
    assert text.splitlines() == ["file,found", "a.csv,'=1+1", '"b,c.csv","say ""no"""', 'd.csv,""']
    assert list(csv.reader(io.StringIO(text))) == [
        ["file", "found"],
        ["a.csv", "'=1+1"],
        ["b,c.csv", 'say "no"'],
        ["d.csv", ""],
    ]
