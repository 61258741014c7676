"""The columns of a result are declared once, and everything that spells them out is held to that."""

from __future__ import annotations

import re
import runpy

from sla_audit.report.ledger.fields import FIELDS
from sla_audit.report.saved.whole import WholeReport
from sla_audit.report.schema import COLUMNS, OF_A_READING, OF_SOME, measured, types
from tests.program import ROOT

NAMES = {column.name for column in COLUMNS}


def test_the_page_of_columns_is_made_from_them() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make.py"))["page"]()
    assert (ROOT / "docs" / "results.md").read_text("utf-8") == made


def test_a_saved_result_has_all_columns_and_no_other() -> None:
    (result,) = WholeReport.model_fields["results"].annotation.__args__[:1]  # type: ignore[union-attr]
    claim = result.model_fields["claim"].annotation.model_fields
    (edges, _) = result.model_fields["edges"].annotation.__args__
    saved = {*result.model_fields, *claim, *edges.model_fields} - {
        "claim",
        "edges",
        "readings",
        "daily",
        "without",
        "ledger",
    }
    some = {column.name for column in OF_SOME}
    assert saved - some == NAMES - {"excluded_by_clause"}  # within `excluded`, as in JSON
    assert saved >= some
    (tracked, _) = result.model_fields["ledger"].annotation.__args__
    assert list(tracked.model_fields) == list(FIELDS)
    (_, verdict) = result.model_fields["readings"].annotation.__args__
    assert set(verdict.model_fields) - {"measured"} == {column.name for column in OF_A_READING}
    (exact, _) = verdict.model_fields["measured"].annotation.__args__
    assert list(exact.model_fields) == list(measured("literal"))


def test_the_table_has_a_column_for_each_and_each_reading() -> None:
    found = types(["literal", "broad"])
    assert list(found)[: len(COLUMNS)] == [column.name for column in COLUMNS]
    assert len(found) == len(COLUMNS) + 2 * len(OF_A_READING)


def test_sheets_and_pages_name_no_other_column() -> None:
    sheet = (ROOT / "sla_audit" / "report" / "formats" / "xlsx" / "workbook.py").read_text("utf-8")
    results = sheet[sheet.index("def _main") : sheet.index("def _add_exclusions")]
    named = set(re.findall(r'"(?:text|count|amount|rate|share|date)",\s+"(\w+)"', results))
    assert named
    assert named <= NAMES
