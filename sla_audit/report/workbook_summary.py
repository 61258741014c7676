"""The first sheet of the workbook: what is owed, the figures with their clauses, and what the report rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.cells import cell_len
from xlsxwriter.worksheet import Worksheet

from sla_audit.contract.model import Contract
from sla_audit.report import wording
from sla_audit.report.document import Report
from sla_audit.report.figures import percent
from sla_audit.report.safe_text import for_terminal
from sla_audit.report.sheet import Kind, Sheets

_WIDTHS = (56, 20, 14)
_LINE = 15  # points


class _Figure(NamedTuple):
    words: str
    kind: Kind
    value: Any
    clause: str = ""


def add_summary(sheets: Sheets, report: Report, contract: Contract) -> None:
    """Add the sheet `summary`: sentences first, then the figures."""
    sheet = sheets.add("summary")
    sheet.set_portrait()
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    row = _sentences(sheets, sheet, report, contract)
    for title, figures in _sections(report, contract):
        row += 1
        for at, text in enumerate((title, "", "Clause" if any(each.clause for each in figures) else "")):
            sheet.write_string(row, at, text, sheets.text_header)
        for each in figures:
            row += 1
            sheets.write(sheet, row, 0, "text", each.words)
            sheets.write(sheet, row, 1, each.kind, each.value)
            sheets.write(sheet, row, 2, "text", each.clause)
        row += 1
    _notes(sheets, sheet, row + 1, report, contract)


def _sentences(sheets: Sheets, sheet: Worksheet, report: Report, contract: Contract) -> int:
    sheet.write_string(0, 0, contract.title.en, sheets.format(bold=True, font_size=16, align="left", indent=1))
    colour = "#A31D15" if report.head["totals"]["owed"] else "#000000"
    sheet.write_string(
        1, 0, wording.headline(report, contract), sheets.format(bold=True, font_color=colour, align="left", indent=1)
    )
    sentences = [
        wording.basis(report, contract),
        wording.undetermined(report),
        *wording.other_readings(report),
        *wording.claim_windows(report, contract),
    ]
    row = 1
    for text in filter(None, sentences):
        row += 1
        sheets.write(sheet, row, 0, "text", text)
    return row + 1


def _sections(report: Report, contract: Contract) -> Iterator[tuple[str, list[_Figure]]]:
    head, totals, terms = report.head, report.head["totals"], contract.compensation
    in_force, paid = head["reading"], terms.clause
    yield (
        "Figures",
        [
            *(
                _Figure(
                    f"Compensation, {name} reading{', in force' if name == in_force else ''}",
                    "amount",
                    said["compensation"],
                    paid,
                )
                for name, said in totals["readings"].items()
            ),
            _Figure("Accounts", "count", totals["accounts"]),
            _Figure("Results, one for each account and cycle", "count", report.results.height),
            _Figure("Results below the objective", "count", totals["breached"], contract.objective.clause),
            _Figure("Results owed", "count", totals["owed"], paid),
            _Figure("Results undetermined", "count", totals["undetermined"]),
        ],
    )
    yield (
        "Requests left out of the rate",
        [
            _Figure(
                f"{cycle}: {wording.cause_title(clause, contract)}", "count", requests, wording.cause_clause(clause)
            )
            for cycle, clause, requests in report.excluded_by_cause().iter_rows()
        ],
    )
    yield (
        "Agreement",
        [
            _Figure(
                "Objective: a success rate of at least",
                "share",
                f"{contract.objective.success_rate:f}",
                contract.objective.clause,
            ),
            *(
                _Figure(
                    f"Credit from {percent(str(tier.from_))} % to below {percent(str(tier.below))} %",
                    "share",
                    f"{tier.rate:f}",
                    paid,
                )
                for tier in terms.tiers
            ),
            _Figure("Day of the audit", "date", head["as_of"]),
        ],
    )
    yield (
        "Rows of the logs",
        [
            _Figure("read", "count", head["rows"]["read"]),
            *(_Figure(words, "count", head["rows"][name]) for name, words in wording.PLACES.items()),
        ],
    )
    yield "Rows by file", [_Figure(each["path"], "count", each["rows"]) for each in head["inputs"]]


def _notes(sheets: Sheets, sheet: Worksheet, row: int, report: Report, contract: Contract) -> None:
    wrapped = sheets.format(text_wrap=True, valign="top", align="left", indent=1)
    texts = [
        *(f"Warning: {warning}" for warning in report.head["warnings"]),
        *wording.readings(report, contract),
        wording.days(contract),
        wording.agreement(contract),
        *_ABOUT_NUMBERS,
    ]
    for at, text in enumerate(map(for_terminal, texts), row):
        sheet.merge_range(at, 0, at, len(_WIDTHS) - 1, "")
        sheet.write_string(at, 0, text, wrapped)
        sheet.set_row(at, _LINE * (1 + cell_len(text) // sum(_WIDTHS)))


_ABOUT_NUMBERS = (
    "Success rates are cut to six decimals, never rounded up.",
    "A spreadsheet keeps 15 digits of a number: an amount that has more stands here as text. "
    "The report as JSON has every amount exactly.",
)
