"""The report as a workbook: real numbers, dates and formats, the same figures as the JSON, in every spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sla_audit.report.document import Report
from sla_audit.report.formats.xlsx import sheet as sheet_module
from sla_audit.report.formats.xlsx.workbook import render_workbook
from tests.builders.reports.by_hand import CONTRACT, UNDETERMINED, a_report
from tests.builders.reports.days import DAYS
from tests.builders.reports.metrics import EXCLUSION, not_at_stake
from tests.program import ROOT, sla_audit


def book(report: Report) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(render_workbook(report, CONTRACT)))


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    """Give the rows of a sheet by its header, without line ends in it."""
    header, *others = sheet.iter_rows(values_only=True)
    names = [str(name).replace("\n", " ") for name in header]
    return [dict(zip(names, row, strict=True)) for row in others]


def cell(sheet: Worksheet, title: str, row: int = 2) -> Any:
    column = [str(each.value).replace("\n", " ") for each in sheet[1]].index(title) + 1
    return sheet.cell(row, column)


class TestResults:
    def test_a_result_is_a_row_of_numbers_and_dates(self) -> None:
        (row,) = rows(book(a_report({}))["results"])
        assert row["Compensation (2.10.1)"] == 180
        assert row["Success rate (2.7)"] == 0.979591
        assert (row["Requests"], row["Failures (2.7.1)"], row["Excluded 2.7.1 (12)"]) == (1000, 20, 1)
        assert row["Claim closes (2.10.2)"].date() == date(2026, 11, 30)
        assert (row["Decision"], row["Reason"], row["Cash cap"]) == ("owed", "below objective", "no")
        assert (row["broad: compensation (2.7.1)"], row["broad: decision (2.7.1)"]) == (360, "owed")

    def test_figures_have_the_formats_of_what_they_are(self) -> None:
        sheet = book(a_report({}))["results"]
        assert cell(sheet, "Compensation (2.10.1)").number_format == "#,##0.00#### [$CNY]"
        assert (
            cell(sheet, "Success rate (2.7)").number_format == "0.0000%"
        )  # the six decimals of the rate: none is rounded
        assert cell(sheet, "Share of fee (2.10.1)").number_format == "0%"
        assert cell(sheet, "Claim opens (2.10.2)").number_format == "yyyy-mm-dd"
        assert cell(sheet, "Claim opens (2.10.2)").is_date

    def test_what_is_unknown_is_an_empty_cell(self) -> None:
        (row,) = rows(book(a_report(UNDETERMINED | {"success_rate": None, "plan": None}))["results"])
        empty = ("Compensation (2.10.1)", "Monthly service fee (2.10.1)", "Success rate (2.7)", "Plan")
        assert [row[name] for name in empty] == [None] * 4

    def test_an_amount_that_no_double_keeps_is_a_text(self) -> None:
        sheet = book(a_report({"service_fee": "123456789012345.67", "cash_paid": "1234567890123.45"}))["results"]
        assert cell(sheet, "Monthly service fee (2.10.1)").value == "123456789012345.67"
        assert cell(sheet, "Cash paid (2.10.1)").value == 1234567890123.45

    def test_what_needs_attention_most_comes_first(self) -> None:
        report = a_report(
            not_at_stake(account_id="met"),
            UNDETERMINED | {"account_id": "open"},
            {"account_id": "little"},
            {"account_id": "much", "compensation": "900.00"},
        )
        assert [row["Account"] for row in rows(book(report)["results"])] == ["much", "little", "open", "met", "Total"]

    def test_what_was_excluded_by_each_clause_is_added_up_by_cycle_and_together(self) -> None:
        by_clause = [[(1, 5), (4, 2)], [(4, 3)], [(1, 7)]]
        report = a_report(
            *(
                {
                    "account_id": f"{number}",
                    "cycle": "2026-09" if number else "2026-10",
                    "excluded": sum(requests for _, requests in parts),
                    "excluded_by_clause": [{"clause": clause, "requests": requests} for clause, requests in parts],
                }
                for number, parts in enumerate(by_clause)
            )
        )
        totals = [row for row in rows(book(report)["results"]) if row["Account"] == "Total"]
        assert [row["Cycle"] for row in totals] == ["2026-09", "2026-10", None]
        assert [row["Excluded 2.7.1 (1)"] for row in totals] == [7, 5, 12]
        assert [row["Excluded 2.7.1 (4)"] for row in totals] == [3, 2, 5]

    def test_rows_that_are_owed_or_open_are_coloured(self) -> None:
        sheet = book(a_report({}, {"account_id": "B"}))["results"]
        total, area = sorted({str(each.sqref) for each in sheet.conditional_formatting}, reverse=True)
        assert (area[:3], area[-1], total[:3], total[-1]) == ("A2:", "3", "A4:", "4")
        formulas = [rule.formula[0] for each in sheet.conditional_formatting for rule in each.rules if rule.formula]
        assert [each for each in formulas if each.startswith("$C")] == ['$C2="owed"', '$C2="undetermined"']
        assert sheet["C1"].value == "Decision"

    def test_the_header_stays_has_filters_and_is_printed_on_every_page(self) -> None:
        sheet = book(a_report({}, {"account_id": "B"}))["results"]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area == "'results'!$A$1:$P$4"


class TestOtherSheets:
    def test_the_sheets_are_those_that_the_report_has(self) -> None:
        assert book(a_report({})).sheetnames == ["summary", "months", "results", "exclusions", "files"]
        sheets = ["summary", "months", "results", "exclusions", "daily", "files"]
        assert book(a_report({}, daily=DAYS)).sheetnames == sheets

    def test_the_summary_has_what_is_owed_and_the_figures(self) -> None:
        sheet = book(a_report({}, warnings=["mind the gap"]))["summary"]
        lines = [row for row in sheet.iter_rows(values_only=True) if any(row)]
        assert lines[1][0] == (
            "180.00 CNY can be claimed until 2026-11-30: 1 of 1 account, 2026-10, as vouchers (clauses 2.10.1, 2.10.2)."
        )
        assert ("Compensation, broad reading", 360, "2.10.1") in lines
        assert ("Objective: a success rate of at least", 0.99, "2.7") in lines
        assert ("To be looked at: mind the gap", None, None) in lines
        assert any("15 digits" in str(line[0]) for line in lines)

    def test_exclusions_have_their_effect(self) -> None:
        report = a_report({}, exclusions=[EXCLUSION, EXCLUSION | {"requests_alone": None, "compensation_saved": None}])
        first, second = rows(book(report)["exclusions"])
        assert first["State"] == "refused: not announced before it began"
        assert (first["Requests excluded"], first["By it alone"], first["Compensation saved (2.10.1)"]) == (0, 0, 0)
        assert (second["By it alone"], second["Compensation saved (2.10.1)"]) == (None, None)

    def test_a_day_is_a_row_with_what_was_excluded_by_cause(self) -> None:
        first, second = rows(book(a_report({}, daily=DAYS))["daily"])
        day, *figures = first.values()
        assert (day.date(), figures) == (date(2026, 10, 1), [9, 1, 1, 1, 0])
        assert (second["Excluded"], second["Excluded 2.7.1 (4)"], second["Excluded 2.7.1 (12)"]) == (3, 1, 2)


def test_a_long_title_fits_the_footer() -> None:
    long = CONTRACT.model_copy(update={"title": CONTRACT.title.model_copy(update={"en": "R&D " * 100})})
    sheet = openpyxl.load_workbook(io.BytesIO(render_workbook(a_report({}), long)))["results"]
    assert sheet.oddFooter.left.text.startswith("R&&D R&&D")


def test_no_clock_is_in_it() -> None:
    content = render_workbook(a_report({}), CONTRACT)
    assert book(a_report({})).properties.created.date() == date(2026, 11, 20)
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the sample's report as a workbook."""
    path = tmp_path_factory.mktemp("sample") / "report.xlsx"
    done = sla_audit("render", "sample_logs/expected.json", "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path


def expected() -> dict[str, dict[str, Any]]:
    report = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
    return {result["account_id"]: result for result in report["results"]}


def test_every_figure_of_the_sample_is_that_of_the_json(sample: Path) -> None:
    found = [row for row in rows(openpyxl.load_workbook(sample)["results"]) if row["Account"] != "Total"]
    assert len(found) == len(expected())
    for row in found:
        _same(row, expected()[row["Account"]])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_reads_the_same_figures(sample: Path) -> None:
    # As CSV in UTF-8, every sheet into a file of its own, values rather than what is shown.
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    profile = f"-env:UserInstallation={(sample.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(sample.parent), str(sample)]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    found = {}
    for sheet in ("results", "exclusions", "daily"):
        text = (sample.parent / f"report-{sheet}.csv").read_text("utf-8")
        header, *others = csv.reader(io.StringIO(text))
        found[sheet] = [dict(zip([name.replace("\n", " ") for name in header], row, strict=True)) for row in others]
    assert found["results"].pop()["Account"] == "Total"
    assert len(found["results"]) == len(expected())
    for row in found["results"]:
        _same(row, expected()[row["Account"]])
    assert [row["Requests excluded"] for row in found["exclusions"]] == ["20", "0", "4"]
    days = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())["daily"]
    assert [(row["Date"], int(row["Success"])) for row in found["daily"]] == [
        (day["date"], day["success"]) for day in days
    ]
    summary = (sample.parent / "report-summary.csv").read_text("utf-8")
    assert "At least 2,051.67 CNY can be claimed until 2026-11-30: 7 of 17 accounts, 2026-10, as vouchers" in summary


def _same(row: dict[str, Any], result: dict[str, Any]) -> None:
    """Compare a row, as a spreadsheet gives it, with a result of the JSON."""
    numbers = {
        "Compensation (2.10.1)": result["compensation"],
        "Success rate (2.7)": result["success_rate"],
        "Share of fee (2.10.1)": result["credit_rate"],
        "Failures (2.7.1)": result["explicit_failure"],
        "Success (2.7)": result["success"],
        "Excluded (2.7.1)": result["excluded"]["total"],
        "Excluded 2.7.1 (4)": result["excluded"]["by_clause"].get("4", 0),
        "Requests": result["requests"],
        "Monthly service fee (2.10.1)": result["service_fee"],
        "Cash paid (2.10.1)": result["cash_paid"],
        "Failures to another tier": result["failures_to_edge"],
        "broad: compensation (2.7.1)": result["readings"]["broad"]["compensation"],
    }
    for title, value in numbers.items():
        found = row[title]
        if value is None:
            assert found in (None, ""), title
        else:
            assert Decimal(str(found).removesuffix("%")) == Decimal(value) * (100 if str(found).endswith("%") else 1), (
                title
            )
    assert row["Decision"] == result["decision"].replace("_", " ")
    assert str(row["Served from"])[:10] == result["cycle_start"]
    assert str(row["Claim closes (2.10.2)"])[:10] == result["claim"]["closes_on"]


class TestWhatASheetHasNoRoomFor:
    """A sheet holds so many rows, and a cell so many characters: where something is left out, it says so."""

    def test_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheet_module, "_MOST_ROWS", 4)
        found = book(a_report(*({"account_id": f"account-{number}"} for number in range(5))))
        said = "3 more rows of results are not here: a sheet has room for 4. "
        said += "The report as JSON, CSV or Parquet has them all."
        assert [row[0].value for row in found["results"].iter_rows()][1:] == ["account-0", "account-1", said]
        assert f"Warning: {said}" in [row[0].value for row in found["summary"].iter_rows()]

    def test_as_many_rows_as_there_is_room_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheet_module, "_MOST_ROWS", 4)
        found = book(a_report(*({"account_id": f"account-{number}"} for number in range(3))))
        assert [row[0].value for row in found["results"].iter_rows()][1:] == [
            f"account-{number}" for number in range(3)
        ]
        assert "more rows" not in str([row[0].value for row in found["summary"].iter_rows()])

    @pytest.mark.parametrize("character", ["x", "\u7532", "\U0001f600"])
    def test_a_text(self, character: str) -> None:
        found = book(a_report({"account_id": character * 40_000}))
        text = found["results"].cell(2, 1).value
        assert text.startswith(character * 9)
        assert text.endswith(f"{character} ... (cut here, of 40,000 characters)")
        assert len(text.encode("utf-16-le")) // 2 in (32_766, 32_767)
        said = "Warning: texts that are longer than a cell has room for are cut, each where it says so: 1"
        assert said in [row[0].value for row in found["summary"].iter_rows()]

    def test_the_longest_text(self) -> None:
        found = book(a_report({"account_id": "x" * 32_767}))
        assert found["results"].cell(2, 1).value == "x" * 32_767
