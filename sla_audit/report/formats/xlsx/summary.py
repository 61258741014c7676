"""The first sheet of the workbook: what is owed, the figures with their clauses, and what the report rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from xlsxwriter.worksheet import Worksheet

from sla_audit.contract.model import Contract
from sla_audit.report import sentences as wording
from sla_audit.report.document import Report
from sla_audit.report.formats import metering, provenance
from sla_audit.report.formats.xlsx.sheet import Kind, Sheets
from sla_audit.report.language import Words
from sla_audit.report.ledger.summary import claims_of
from sla_audit.report.numbers import percent
from sla_audit.report.standing.warnings import warnings_by_grade
from sla_audit.report.standing.words import headlines
from sla_audit.sentence import to_say

_WIDTHS = (56, 20, 14)
_LINE = 15  # points


class _Figure(NamedTuple):
    label: str
    kind: Kind
    value: Any
    clause: str = ""


def add_summary(sheets: Sheets, report: Report, contract: Contract, words: Words) -> Callable[[], None]:
    """Add the sheet `summary`: sentences first, then the figures.

    What it gives is to be called once the other sheets are there, and says what they have no room for.
    """
    sheet = sheets.add(words.of("summary"))
    sheet.set_portrait()
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    row = _sentences(sheets, sheet, report, contract, words)
    for title, figures in _sections(report, contract, words):
        row += 1
        for at, text in enumerate((title, "", words.of("Clause") if any(each.clause for each in figures) else "")):
            sheet.write_string(row, at, text, sheets.text_header)
        for each in figures:
            row += 1
            sheets.write(sheet, row, 0, "text", each.label)
            sheets.write(sheet, row, 1, each.kind, each.value)
            sheets.write(sheet, row, 2, "text", each.clause)
        row += 1
    row += 1
    texts = list(_notes(report, contract, words))
    _write_notes(sheets, sheet, row, texts)
    return lambda: _write_notes(sheets, sheet, row + len(texts), list(_cuts(sheets, words)))


def _sentences(sheets: Sheets, sheet: Worksheet, report: Report, contract: Contract, words: Words) -> int:
    sheet.write_string(
        0, 0, sheets.text(words.title(contract.title)), sheets.format(bold=True, font_size=16, align="left", indent=1)
    )
    first, *others = headlines(report, contract, words)
    colour = "#A31D15" if first.tone == "act" else "#000000"
    sheet.write_string(
        1, 0, sheets.text(first.text), sheets.format(bold=True, font_color=colour, align="left", indent=1)
    )
    sentences = [
        *(line.text for line in others),
        *wording.other_readings(report, words),
        wording.basis(report, contract, words),
        *(text for _, text in claims_of(report, words)),
    ]
    row = 1
    for text in sentences:
        row += 1
        sheets.write(sheet, row, 0, "text", text)
    return row + 1


def _sections(report: Report, contract: Contract, words: Words) -> Iterator[tuple[str, list[_Figure]]]:
    yield words.of("Figures"), list(_figures(report, contract, words))
    yield (
        words.of("Requests excluded from the rate"),
        [
            _Figure(
                words.say("{cycle}: {cause}", cycle=cycle, cause=words.cause_title(clause, contract)),
                "count",
                requests,
                words.cause_clause(clause),
            )
            for cycle, clause, requests in report.excluded_by_cause().iter_rows()
        ],
    )
    yield words.of("Agreement"), list(_agreement(report, contract, words))
    yield (
        words.of("Rows of the logs"),
        [
            _Figure(words.of("read"), "count", report.head["rows"]["read"]),
            *(_Figure(place, "count", number) for _, place, number in wording.rows_by_place(report, words)),
        ],
    )
    yield words.of("Rows by file"), [_Figure(each["path"], "count", each["rows"]) for each in report.head["inputs"]]


def _figures(report: Report, contract: Contract, words: Words) -> Iterator[_Figure]:
    totals, paid = report.head["totals"], contract.compensation.clause
    for name, owed in totals["readings"].items():
        said = to_say("Compensation, {reading} reading")
        in_force, at_least = name == report.head["reading"], owed["undetermined"] and owed["compensation"] is not None
        if in_force:
            said = to_say("Compensation, {reading} reading, in force")
        if at_least:
            said = to_say("Compensation, {reading} reading, at least")
        if in_force and at_least:
            said = to_say("Compensation, {reading} reading, in force, at least")
        label = words.say(said, reading=words.of(name))
        if owed["compensation"] is None:
            yield _Figure(label, "text", words.of("not known"), paid)
        else:
            yield _Figure(label, "owed", owed["compensation"], paid)
    yield _Figure(words.of("Accounts"), "count", totals["accounts"])
    yield _Figure(words.of("Results, one for each account and cycle"), "count", report.results.height)
    yield _Figure(words.of("Results below the objective"), "count", totals["breached"], contract.objective.clause)
    yield _Figure(words.of("Results owed"), "count", totals["owed"], paid)
    yield _Figure(words.of("Results undetermined"), "count", totals["undetermined"])


def _agreement(report: Report, contract: Contract, words: Words) -> Iterator[_Figure]:
    objective, terms = contract.objective, contract.compensation
    said = words.of("Objective: a success rate of at least")
    if objective.strict:
        said = words.of("Objective: a success rate of more than")
    yield _Figure(said, "share", f"{objective.success_rate:f}", objective.clause)
    for tier in terms.tiers:
        text = to_say("Share of the fee, for a rate from {least} % to below {below} %")
        if terms.base != "service_fee":
            text = to_say("Rate of compensation, for a success rate from {least} % to below {below} %")
        said = words.say(text, least=percent(str(tier.from_)), below=percent(str(tier.below)))
        yield _Figure(said, "share" if terms.is_share else "times", f"{tier.rate:f}", terms.clause)
    yield _Figure(words.of("Day of the audit"), "date", report.head["as_of"])


def _notes(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    for grave in warnings_by_grade(report, words):
        for warning in grave.said:
            yield words.say("{grade}: {warning}", grade=grave.title, warning=warning)
    yield from wording.readings(report, contract, words)
    yield wording.days(contract, words)
    yield wording.agreement(contract, words)
    yield from filter(None, [provenance.program(report, words), provenance.options(report, words)])
    yield from filter(None, [wording.as_said(report.as_said, words)])
    yield from metering.sentences(report, contract, words)
    yield from map(words.of, _ABOUT_NUMBERS)


def _cuts(sheets: Sheets, words: Words) -> Iterator[str]:
    """Say what the sheets have no room for."""
    yield from (words.say("Warning: {warning}", warning=cut) for cut in sheets.cuts)
    if sheets.cut_texts:
        said = to_say("texts that are longer than a cell has room for are cut, each where it says so: {cells}")
        warning = words.say(said, cells=f"{sheets.cut_texts:,}")
        yield words.say("Warning: {warning}", warning=warning)


def _write_notes(sheets: Sheets, sheet: Worksheet, row: int, texts: Sequence[str]) -> None:
    wrapped = sheets.format(text_wrap=True, valign="top", align="left", indent=1)
    for at, text in enumerate(map(sheets.text, texts), row):
        sheet.merge_range(at, 0, at, len(_WIDTHS) - 1, "")
        sheet.write_string(at, 0, text, wrapped)
        sheet.set_row(at, _LINE * (1 + cell_len(text) // sum(_WIDTHS)))


_ABOUT_NUMBERS = (
    to_say("Success rates are cut to six decimals, never rounded up."),
    to_say(
        "A spreadsheet keeps 15 digits of a number: an amount that has more stands here as text. "
        "The report as JSON has every amount exactly."
    ),
)
