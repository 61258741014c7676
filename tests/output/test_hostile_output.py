"""Hostile text in ids, notes and paths goes through the real program into every format, and acts in none."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from sla_audit.model.ids import trimmed
from sla_audit.output.escape import for_label, for_terminal
from tests.builders.reports.as_rendered import is_rendered_from
from tests.hostile_strings import HOSTILE
from tests.page_reader import read_page
from tests.program import sla_audit

# A log with NULs in an account is refused as damaged, and what is around an id is no part of it.
IDS = list(dict.fromkeys(trimmed(text) for text in HOSTILE.values() if "\0" not in text))
PATH = "<b>`x`|@y;=1\u202e"
"""A folder's name."""
_CELL = 32_767  # characters of a spreadsheet's cell


@dataclass(frozen=True)
class Run:
    """What a run wrote: the files of it, and what it printed."""

    folder: Path
    printed: str
    warned: str

    def content(self, suffix: str) -> bytes:
        return (self.folder / f"report{suffix}").read_bytes()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Audit a month in which each hostile id is an account that fails half its requests, and an exclusion."""
    folder = tmp_path_factory.mktemp("hostile")
    logs = folder / PATH
    logs.mkdir()
    when = datetime(2026, 10, 5, 3, tzinfo=UTC)
    ids = [text for text in IDS for _ in range(2)]
    log = pa.table({"timestamp": [when] * len(ids), "account_id": ids, "status": [200, 503] * len(IDS)})
    pq.write_table(log, logs / "log.parquet")
    (logs / "plain.csv").write_bytes(b"timestamp,account_id,status\n2026-10-06T00:00:00Z,plain,200\n")
    bills = pl.DataFrame({"account_id": IDS, "cycle": "2026-10", "service_fee": "100.00", "cash_paid": "100.00"})
    bills.write_parquet(folder / "billing.parquet")
    asserted = {"clause": "1", "starts_at": "2026-10-20T00:00:00Z", "ends_at": "2026-10-21T00:00:00Z"}
    with (folder / "exclusions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", *asserted, "note"])
        writer.writeheader()
        writer.writerows({"id": text, **asserted, "note": text} for text in EXCLUSIONS)
    facts = ("--billing", "billing.parquet", "--exclusions", "exclusions.csv", "--as-of", "2026-11-20")
    outputs = [part for suffix in SUFFIXES for part in ("-o", f"report{suffix}")]
    done = sla_audit("compute", PATH, *facts, "--show", "all", *outputs, folder=folder)
    assert done.returncode == 0, done.stderr
    return Run(folder, done.stdout, done.stderr)


SUFFIXES = (".json", ".csv", ".parquet", ".xlsx", ".html", ".md", ".prom")
# The intake trims ids and takes no empty ones; controls and line ends in a CSV file are another test's.
EXCLUSIONS = [text for text in IDS if text == text.strip() and len(text) < 1000 and not set("\0\r\n") & set(text)]


@pytest.fixture(scope="module")
def report(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.content(".json"))
    return found


def test_json_has_every_id_as_it_is(report: dict[str, Any]) -> None:
    assert {result["account_id"] for result in report["results"]} == {*IDS, "plain"}
    assert [each["id"] for each in report["exclusions"]] == EXCLUSIONS


def test_json_has_nothing_that_acts_where_it_is_shown(run: Run) -> None:
    assert run.content(".json").decode("utf-8").replace("\n", "").isprintable()


def test_csv_has_no_cell_that_a_spreadsheet_runs(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run.content(".csv").decode("utf-8"), newline="")))
    ids = [row["account_id"] for row in rows]
    assert not [text for text in ids if re.match(r"(.*;)?[=+\-@\t\r\n＝＋－＠]", text, re.DOTALL)]
    assert {re.sub(r"(^|;)'", r"\1", text) for text in ids} == {*IDS, "plain"}


def test_parquet_has_every_id_as_it_is(run: Run) -> None:
    table = pq.read_table(io.BytesIO(run.content(".parquet")))
    assert set(table["account_id"].to_pylist()) == {*IDS, "plain"}


def test_xlsx_has_texts_and_no_formula(run: Run) -> None:
    book = openpyxl.load_workbook(io.BytesIO(run.content(".xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]
    shown = {for_terminal(text)[:_CELL] for text in (*IDS, "plain")}
    assert {row[0].value for row in book["results"].iter_rows(min_row=2)} == {*shown, "Total"}
    assert [row[0].value for row in book["exclusions"].iter_rows(min_row=2)] == [for_terminal(e) for e in EXCLUSIONS]


def test_xlsx_stays_a_text_where_somebody_edits_it(run: Run) -> None:
    book = openpyxl.load_workbook(io.BytesIO(run.content(".xlsx")))
    assert {row[0].number_format for row in book["results"].iter_rows(min_row=2)} == {"@"}


def test_markdown_has_no_markup_but_its_own(run: Run) -> None:
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    tokens = parser.parse(run.content(".md").decode("utf-8"))
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in inline} <= {"text", "code_inline", "strong_open", "strong_close", "text_special"}
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= {
        *("heading", "paragraph", "inline", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"),
    }
    code = {token.content for token in inline if token.type == "code_inline"}
    assert {for_terminal(text) for text in IDS} <= code


def test_markdown_has_a_row_of_seven_cells_for_every_id(run: Run) -> None:
    html = MarkdownIt("gfm-like", {"linkify": True}).render(run.content(".md").decode("utf-8"))
    results = html.split("<h2>Results</h2>")[1].split("</table>")[0]
    rows = results.split("<tr>")[2:]
    assert len(rows) == len(IDS) + 1  # the last has the sums
    assert {row.count("<td") for row in rows} == {7}


def test_html_has_no_element_and_no_attribute_but_its_own(run: Run) -> None:
    page = read_page(run.content(".html"))
    assert not {"img", "b"}.intersection(page.names_within("main"))
    links = [each.attributes.get("href") or "" for each in page.elements if each.name == "a"]
    assert links
    assert all(link.startswith("#") for link in links)  # to the clauses, on the page itself
    assert page.faults() == []
    assert sorted(page.data["columns"]["account"]) == sorted(for_terminal(text) for text in (*IDS, "plain"))
    assert {for_terminal(text) for text in EXCLUSIONS} <= page.texts


def test_metrics_have_every_id_as_a_label(run: Run) -> None:
    text = run.content(".prom").decode("utf-8")
    assert text.replace("\n", "").isprintable()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    owed = families["sla_audit_account_compensation"].samples
    assert {sample.labels["account_id"] for sample in owed} == set(map(for_label, IDS))
    assert [sample.value for sample in families["sla_audit_compensation"].samples] == [60.0 * len(IDS)] * 2


def test_the_terminal_shows_only_what_is_printable(run: Run) -> None:
    assert run.printed.replace("\n", "").isprintable()
    assert run.warned.replace("\n", "").isprintable()


def test_json_on_standard_output_shows_only_what_is_printable(run: Run) -> None:
    done = sla_audit("render", "report.json", "-o", "-", folder=run.folder)
    assert done.stdout.replace("\n", "").isprintable()
    assert done.stdout.encode() == run.content(".json")


def test_a_saved_report_gives_the_same_bytes(run: Run) -> None:
    outputs = [part for suffix in SUFFIXES for part in ("-o", f"again{suffix}")]
    done = sla_audit("render", "report.json", *outputs, folder=run.folder)
    assert done.returncode == 0, done.stderr
    made = {suffix: run.folder / f"report{suffix}" for suffix in SUFFIXES}
    assert [suffix for suffix in SUFFIXES if not is_rendered_from(run.folder / f"again{suffix}", made[suffix])] == []
