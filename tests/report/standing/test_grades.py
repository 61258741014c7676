"""Graded warnings, and what is missing from the logs: the same in every format for people, the gravest first."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from sla_audit.report.document import Report
from sla_audit.report.formats.html.render import render_html
from sla_audit.report.formats.markdown import render_markdown
from sla_audit.report.formats.xlsx.workbook import render_workbook
from sla_audit.report.language import ENGLISH
from sla_audit.report.standing.completeness import missing_from_the_logs
from sla_audit.report.standing.warnings import warnings_by_grade
from sla_audit.report.terminal.report import print_report
from tests.builders.reports.by_hand import CONTRACT, HEAD, a_report

GAP = {"cycle": "2026-10", "starts_at": "2026-10-08T00:00:00+08:00", "ends_at": "2026-10-08T06:00:00+08:00"}
WHOLE: dict[str, Any] = {"gaps": [], "cut_short": [], "thin_days": [], "strays": []}


def cut(edge: str, starts_at: str, ends_at: str) -> dict[str, str]:
    times = {"starts_at": f"2026-{starts_at}:00+08:00", "ends_at": f"2026-{ends_at}:00+08:00"}
    return {"cycle": "2026-10", "edge": edge, **times}


BEGINNING = cut("beginning", "10-01T00:00", "10-02T12:00")
END = cut("end", "10-20T00:00", "11-01T00:00")
END_BY_HOURS = cut("end", "10-31T18:00", "11-01T00:00")

CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("nothing is missing", {}, None),
    ("an end of days", {"cut_short": [END]}, "2026-10 ends 12 days early"),
    ("an end of hours", {"cut_short": [END_BY_HOURS]}, "2026-10 ends early"),
    ("a beginning of a day", {"cut_short": [BEGINNING]}, "2026-10 begins 1 day late"),
    ("both", {"cut_short": [BEGINNING, END]}, "2 beginnings or ends cut short"),
    ("a stretch", {"gaps": [GAP]}, "1 stretch without rows"),
    ("stretches", {"gaps": [GAP, GAP]}, "2 stretches without rows"),
    ("a thin day", {"thin_days": [{}]}, "1 thin day"),
    (
        "some of each, in the order of how much is missing",
        {"thin_days": [{}, {}], "gaps": [GAP], "cut_short": [END]},
        "2026-10 ends 12 days early, 1 stretch without rows, 2 thin days",
    ),
]


@pytest.mark.parametrize(("coverage", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_missing_from_the_logs(coverage: dict[str, Any], expected: str | None) -> None:
    assert missing_from_the_logs(a_report({}, coverage=WHOLE | coverage), ENGLISH) == expected


def on_a_terminal(report: Report) -> str:
    file = io.StringIO()
    print_report(report, CONTRACT, None, Console(file=file, width=200))
    return file.getvalue()


def on_the_page(report: Report) -> str:
    bare = re.sub(r"<[^>]*>", "", render_html(report, CONTRACT).decode().split("<header>")[1])
    return unescape(bare)


def in_the_workbook(report: Report) -> str:
    sheet = openpyxl.load_workbook(io.BytesIO(render_workbook(report, CONTRACT)))["summary"]
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def in_markdown(report: Report) -> str:
    return render_markdown(report, CONTRACT).decode()


FORMATS = {
    "terminal": on_a_terminal,
    "page": on_the_page,
    "workbook": in_the_workbook,
    "markdown": in_markdown,
}


@pytest.mark.parametrize("said", FORMATS.values(), ids=FORMATS)
def test_that_logs_are_not_whole_stands_beside_the_headline(said: Any) -> None:
    text = said(a_report({}, coverage=WHOLE | {"cut_short": [END]}))
    headline, found = text.index("180.00 CNY can be claimed"), text.index("The logs are not whole")
    assert "2026-10 ends 12 days early; what is not in them is in no rate" in text[found:]
    assert text[headline:found].count("CNY") == 1  # no other amount comes between
    assert "The logs are not whole" not in said(a_report({}, coverage=WHOLE))


MONEY, FACT, INFO = ("a month has no logs", "a bill is wanted", "a file holds no rows")
TITLES = {"money": "May change what is owed", "fact": "A fact is missing", "info": "To be known"}


def graded(*notices: tuple[str, str]) -> Report:
    parts = [{"text": text, "values": {}, "grade": grade} for text, grade in notices]
    return a_report({}, warnings=[text for text, _ in notices], notices=parts)


@pytest.mark.parametrize("said", [on_the_page, in_the_workbook, in_markdown], ids=["page", "workbook", "markdown"])
def test_the_gravest_come_first_each_under_what_it_asks(said: Any) -> None:
    text = said(graded((INFO, "info"), (FACT, "fact"), (MONEY, "money")))
    order = [text.index(part) for part in (TITLES["money"], MONEY, TITLES["fact"], FACT, TITLES["info"], INFO)]
    assert order == sorted(order)


@pytest.mark.parametrize("said", [on_the_page, in_the_workbook, in_markdown], ids=["page", "workbook", "markdown"])
def test_a_grade_without_warnings_has_no_title(said: Any) -> None:
    text = said(graded((FACT, "fact")))
    assert TITLES["fact"] in text
    assert TITLES["money"] not in text
    assert TITLES["info"] not in text


def test_warnings_of_a_grade_keep_their_order() -> None:
    report = graded(("b", "money"), ("c", "fact"), ("a", "money"))
    assert [(each.grade, each.said) for each in warnings_by_grade(report, ENGLISH)] == [
        ("money", ["b", "a"]),
        ("fact", ["c"]),
    ]


def test_warnings_without_a_grade_are_last_and_to_be_looked_at() -> None:
    report = a_report({}, warnings=["an old one"])
    assert "notices" not in HEAD
    assert [(each.grade, each.title, each.said) for each in warnings_by_grade(report, ENGLISH)] == [
        (None, "To be looked at", ["an old one"])
    ]
