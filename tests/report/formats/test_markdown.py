"""The report as Markdown: what is owed first, figures with their clauses, and no markup from outside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sla_audit.output.escape import code_in_markdown, for_markdown, for_terminal
from sla_audit.report.document import Report
from sla_audit.report.formats.markdown import MOST_RESULTS, render_markdown
from tests.builders.reports.by_hand import CONTRACT, OF_ALL, UNDETERMINED, a_report
from tests.builders.reports.metrics import EXCLUSION, not_at_stake

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": True})


def written(report: Report) -> str:
    return render_markdown(report, CONTRACT).decode("utf-8")


def section(report: Report, title: str) -> str:
    return written(report).split(f"\n## {title}\n")[1].split("\n## ")[0].strip()


def test_what_is_owed_comes_first() -> None:
    lines = written(a_report({})).splitlines()
    assert lines[0] == "# JD Cloud smart image composition (Automatic Composing) SLA"
    said = "180.00 CNY can be claimed until 2026-11-30: 1 of 1 account, 2026-10, as vouchers"
    assert lines[2] == f"**{said} (clauses 2.10.1, 2.10.2).**"


def test_what_needs_attention_comes_next() -> None:
    report = a_report({}, UNDETERMINED, totals={"undetermined": 1}, exclusions=[EXCLUSION])
    assert section(report, "Needs attention").splitlines() == [
        "- Under the broad reading: 360.00 CNY.",
        "- `M` refused: not announced before it began (clause 2.7.1 (1)).",
    ]


def test_a_result_is_a_row_with_its_figures_and_why() -> None:
    assert section(a_report({}), "Results").splitlines() == [
        "1 of 1 results is below the objective of 99 % under some reading.",
        "",
        "| Account | Cycle | Counted | Failures (2.7.1) | Rate, % (2.7) | Owed, CNY (2.10.1) | Why |",
        "| --- | --- | --: | --: | --: | --: | --- |",
        "| `A` | 2026-10 | 980 | 20 | 97.9591 | 180.00 | 15 % of 1,200.00; broad: 360.00 |",
    ]


def test_requests_that_stay_in_the_denominator_are_counted() -> None:
    assert "| `A` | 2026-10 | 1,000 | 20 |" in render_markdown(a_report({}), OF_ALL).decode("utf-8")


def test_what_is_undetermined_is_a_question() -> None:
    assert "| ? | no row in the billing file; broad: 360.00 |" in section(a_report(UNDETERMINED), "Results")


def test_exclusions_have_their_effect() -> None:
    unknown = EXCLUSION | {"id": "N", "state": "applied", "reason": None, "requests": 1200, "requests_alone": None}
    rows = section(a_report({}, exclusions=[unknown | {"compensation_saved": None}]), "Exclusions").splitlines()
    title = "announced maintenance, upgrades and drills"
    assert rows[2:] == [f"| `N` | 2.7.1 (1) | {title} | applied | 1,200 | ? | ? |"]


def test_what_was_left_out_is_added_up_by_cause() -> None:
    rows = section(a_report({}, {"account_id": "B"}), "Requests excluded from the rate, by cause").splitlines()[2:]
    assert [row.rsplit("|", 2)[1].strip() for row in rows] == ["10", "28", "2"]


def test_sections_that_have_nothing_to_say_are_left_out() -> None:
    text = written(a_report(not_at_stake(excluded_by_clause=None)))
    for title in ("Exclusions", "Warnings", "Claims", "Requests excluded"):
        assert f"## {title}" not in text


def test_a_long_list_is_cut_and_says_so() -> None:
    report = a_report(*({"account_id": f"{at}"} for at in range(MOST_RESULTS + 1)))
    text = section(report, "Results")
    assert text.count("\n| `") == MOST_RESULTS
    assert text.endswith("and 1 more, 180.00 CNY: they are in the report as CSV, XLSX, Parquet and JSON.")


def test_the_page_is_what_a_renderer_makes_of_it() -> None:
    html = PARSER.render(written(a_report({}, exclusions=[EXCLUSION], warnings=["mind the gap"])))
    assert html.count("<table>") == html.count("</table>") == 5
    assert '<td style="text-align:right">97.9591</td>' in html
    assert "<li><code>mind the gap</code></li>" in html


def test_a_path_with_bytes_that_are_no_text_is_written_out() -> None:
    head: dict[str, Any] = {"inputs": [{"path": "a\udcff.csv", "bytes": 1, "rows": 1}]}
    assert "`a\\udcff.csv`" in written(a_report({}, **head))


TEXT = st.text(st.sampled_from("`|\\*_~<>[]()!&#@$:/.wht\n\r\t ab京\x1b\u202e") | st.characters(), min_size=1)


@given(TEXT)
@example("a|b")
@example("a\\|b")
@example("a\\\\|")
@example("`|``")
@example(" a ")
@example("  ")
def test_a_code_span_shows_the_text_alone_in_a_cell_of_its_table(text: str) -> None:
    tokens = PARSER.parse(f"| a | b |\n| --- | --- |\n| {code_in_markdown(text)} | c |\n")
    cells = [token for token in tokens if token.type == "inline"]
    assert [cell.content for cell in (*cells[:2], cells[3])] == ["a", "b", "c"]
    (code,) = cells[2].children or ()
    assert (code.type, code.content) == ("code_inline", for_terminal(text))


@pytest.mark.parametrize(
    "text", ["*a*", "_a_", "`a`", "[a](b)", "<b>", "&amp;", "a|b", "~~a~~", "a\\*b", "![a](b)", "$a$", "#1", "@a"]
)
def test_marks_in_a_sentence_are_shown_and_not_obeyed(text: str) -> None:
    (inline,) = (token for token in PARSER.parse(f"x {for_markdown(text)}") if token.type == "inline")
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == f"x {text}"
