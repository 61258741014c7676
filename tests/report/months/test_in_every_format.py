"""Months side by side as people see them: the same figures in every format, at every width, in both languages."""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from rich.console import Console

from sla_audit.report.document import Report
from sla_audit.report.formats.html.render import render_html
from sla_audit.report.formats.markdown import render_markdown
from sla_audit.report.formats.xlsx.workbook import render_workbook
from sla_audit.report.language import ENGLISH, LANGUAGES, Words, words_of
from sla_audit.report.ledger.fields import CLAIM, FIELDS, LEDGER
from sla_audit.report.terminal.months import print_months
from sla_audit.report.terminal.report import print_report
from tests.browser import chromium, complaints, open_page
from tests.builders.reports.by_hand import CONTRACT, NOT_OWED, UNDETERMINED, a_report
from tests.page_reader import read_page
from tests.report.months.test_months import AUGUST, OCTOBER, SEPTEMBER

JULY = {"cycle": "2026-07", "opens_on": "2026-08-06", "closes_on": "2026-08-31"}
JUNE = {"cycle": "2026-06", "opens_on": "2026-07-04", "closes_on": "2026-07-31"}
RUNNING = {"reason": "cycle_running", "account_id": "B"}
REPORT = a_report(
    JUNE | NOT_OWED,
    JULY | {"compensation": "1234567.80"},
    AUGUST | {"calendar": "provisional"},
    AUGUST | UNDETERMINED,
    SEPTEMBER,
    OCTOBER | UNDETERMINED | RUNNING | {"estimate": "90.00"},
    as_of="2026-10-05",
)
ROWS = [
    "2026-06 | 1 | 0 | 0.00 | 0 | nothing owed",
    "2026-07 | 1 | 1 | 1,234,567.80 | 0 | closed on 2026-08-31; lapsed unless filed",
    "2026-08 | 2 | 2 | at least 180.00 | 1 | closed on 2026-09-30 (holidays provisional); lapsed unless filed",
    "2026-09 | 1 | 1 | 180.00 | 0 | not open until 2026-10-11",
    "2026-10 | 1 | 1 | ? | 1 | month still running; 90.00 if it ended today",
    "Total | 6 | 5 | at least 1,234,927.80 | 2 | not open yet: 180.00; lapsed unless filed: at least 1,234,747.80",
]
LEDGER_COLUMNS = ("Filed, CNY", "To come, CNY", "Credited, CNY", "Lapsed, CNY")


def tracked(report: Report) -> Report:
    """Give a report what a ledger has: the claim of July has lapsed, that of September is credited in part."""
    nothing = dict.fromkeys(FIELDS)
    claims: dict[str, dict[str, Any]] = {
        "2026-07": nothing | {"number": 1, "state": "lapsed"},
        "2026-09": nothing
        | {"number": 2, "state": "partly_credited", "filed_on": "2026-10-02", "filed": "180.00"}
        | {"credited": "100.50", "outstanding": "79.50"},
    }
    column = pl.Series(LEDGER, [claims.get(cycle) for cycle in report.results["cycle"]], dtype=CLAIM)
    return Report(report.head, report.results.with_columns(column))


def printed(report: Report, width: int, words: Words = ENGLISH) -> str:
    file = io.StringIO()
    print_months(report, Console(file=file, width=width), words)
    return file.getvalue()


def markdown(report: Report) -> list[str]:
    text = render_markdown(report, CONTRACT).decode()
    section = text.split("\n## By month\n")[1].split("\n## ")[0]
    return [line.strip("| ").replace("**", "") for line in section.splitlines() if line.startswith("|")]


def sheet(report: Report) -> list[dict[str, Any]]:
    months = openpyxl.load_workbook(io.BytesIO(render_workbook(report, CONTRACT)))["months"]
    header, *rows = months.iter_rows(values_only=True)
    return [dict(zip([str(title).replace("\n", " ") for title in header], row, strict=True)) for row in rows]


def test_markdown() -> None:
    header, _, *rows = markdown(REPORT)
    assert header == "Cycle | Results | Below the objective | Owed, CNY | Undetermined | Claims"
    assert [row.replace("\\", "") for row in rows] == ROWS


def test_the_terminal_across() -> None:
    lines = printed(REPORT, 140).splitlines()
    assert [" | ".join(re.split(r"\s{2,}", line.strip())) for line in lines[3:]] == ROWS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [50, 60, 80, 100, 200])
def test_a_narrow_terminal_breaks_no_figure(width: int, language: str) -> None:
    text = printed(tracked(REPORT), width, words_of(language))
    assert max(map(len, text.splitlines())) <= width
    for figure in ("1,234,567.80", "1,234,927.80", "180.00", "100.50", "79.50", "2026-09-30"):
        assert re.search(rf"(?<![\d,.]){re.escape(figure)}(?![\d,])", text), figure
    assert "\u2026" not in text


def test_the_page_is_sound_and_says_the_same() -> None:
    content = render_html(REPORT, CONTRACT)
    assert read_page(content).faults() == []
    table = content.decode().split('id="months"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("</tr>")[:-1]]
    # On a narrow screen what becomes of the claims stands below the cycle, said again.
    assert [re.findall('class="brief">(.*?)<', row[0]) for row in rows] == [
        [re.sub("<.*?>", "", row[5])] for row in rows
    ]
    bare = [re.sub("</?strong>|<span.*?</span>", "", " | ".join(row)) for row in rows]
    assert bare == ROWS
    assert "Compensation by month" in content.decode()


def test_the_sheet_has_numbers_and_dates_and_nothing_where_nothing_is_known() -> None:
    rows = sheet(REPORT)
    assert [row["Owed (2.10.1)"] for row in rows] == [0, 1234567.8, 180, 180, None, 1234927.8]
    assert [row["Undetermined"] for row in rows] == [0, 0, 1, 0, 1, 2]
    assert [row["Below the objective (2.7)"] for row in rows] == [0, 1, 2, 1, 1, 5]
    assert [row["If it ended today"] for row in rows] == [None, None, None, None, 90, 90]
    assert rows[1]["Claim closes (2.10.2)"] == datetime(2026, 8, 31)  # noqa: DTZ001
    assert rows[-1]["Claim closes (2.10.2)"] is None
    assert [row["Claims"] for row in rows] == [row.split(" | ")[5] for row in ROWS]


def test_the_total_of_the_sheet_is_not_among_what_its_filters_filter() -> None:
    months = openpyxl.load_workbook(io.BytesIO(render_workbook(REPORT, CONTRACT)))["months"]
    assert months.auto_filter.ref == "A1:J6"
    assert months["A7"].value == "Total"


def test_a_ledger_says_what_became_of_each_month() -> None:
    report = tracked(REPORT)
    header, _, *rows = markdown(report)
    assert header.endswith(f"Claims | {' | '.join(LEDGER_COLUMNS)}")
    cells = [row.split(" | ") for row in rows]
    assert cells[1][5:] == ["closed on 2026-08-31", "0.00", "0.00", "0.00", "1,234,567.80"]
    assert cells[3][6:] == ["180.00", "79.50", "100.50", "0.00"]
    assert cells[5][5:] == ["", "180.00", "79.50", "100.50", "1,234,567.80"]
    total = sheet(report)[-1]
    assert [total[name] for name in ("Filed", "To come", "Credited", "Lapsed")] == [180, 79.5, 100.5, 1234567.8]
    assert "lapsed unless filed" not in render_html(report, CONTRACT).decode()


def test_a_report_of_one_month_has_a_row_where_there_is_room_for_it() -> None:
    report = a_report({}, NOT_OWED | {"account_id": "B"})
    assert printed(report, 80) == ""
    assert [row.split(" | ")[:5] for row in markdown(report)[2:]] == [["2026-10", "2", "1", "180.00", "0"]]
    assert [row["Owed (2.10.1)"] for row in sheet(report)] == [180]
    page = read_page(render_html(report, CONTRACT))
    in_table = [each.text for each in page.elements if each.name in {"th", "td"} and "table" in each.within]
    at = in_table.index("2026-10")
    assert in_table[at : at + 6] == ["2026-10", "2", "1", "180.00", "0", "can be claimed until 2026-11-30"]


def test_in_chinese_nothing_of_it_is_english() -> None:
    text = printed(tracked(REPORT), 200, words_of("zh")) + printed(REPORT, 200, words_of("zh"))
    assert set(re.findall(r"[A-Za-z]+", text)) == {"CNY"}


def test_the_terminal_has_it_above_the_results() -> None:
    file = io.StringIO()
    print_report(REPORT, CONTRACT, "all", Console(file=file, width=140))
    text = file.getvalue()
    assert text.index("Total") < text.index("Account")


def test_the_table_fits_the_page_on_a_screen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(render_html(tracked(REPORT), CONTRACT))
    with chromium() as browser:
        open_page(browser, path)
        scroll = "document.querySelector('table.months').parentElement"
        assert browser.execute_script(f"return {scroll}.scrollWidth <= {scroll}.clientWidth")
        assert complaints(browser) == []
