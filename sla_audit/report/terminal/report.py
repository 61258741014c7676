"""The report for a person at a terminal: what is owed first, then why."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions, metering
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.summary import claims_of
from sla_audit.report.selection import Show, most_urgent_first, moves_money
from sla_audit.report.standing.words import headlines
from sla_audit.report.terminal.layout import WARNING, Column, Row, print_rows
from sla_audit.report.terminal.ledger import HEADLINE_STYLES
from sla_audit.report.terminal.months import print_months
from sla_audit.report.terminal.results import print_results

_MOST_ROWS = 60
_WIDE = 120  # columns: there is room for what exclusions are
_TONES = {"act": "red", "good": "green", "news": "", "warning": "red", "past": "dim"}


def print_report(
    report: Report,
    contract: Contract,
    show: Show | None,
    console: Console,
    near: int = 3,
    words: Words = ENGLISH,
) -> None:
    """Print the report; figures come from the report, titles and clause numbers from the contract.

    Without `show`, the results below the objective under some reading are listed, those that need attention
    most first, and no more than fit a few screens. Rates are marked that at most `near`
    failures fewer or more would move to another amount.
    """
    contract, words = contract.under(report.head["reading"]), words.of_contract(contract)
    _print_headline(report, contract, console, words)
    console.print(Text(sentences.basis(report, contract, words), style="dim"), soft_wrap=True)
    print_months(report, console, words)
    listed = most_urgent_first(report, show or "breached")
    if listed.height:
        console.print()
        listed = listed.with_columns(near=moves_money(near, contract.compensation.uncompensated_plans))
        shown = print_results(listed, _MOST_ROWS if show is None else None, report, contract, console, words)
        if listed.head(shown)["near"].any():
            console.print(Text(sentences.near_mark(near, words), style="dim"), soft_wrap=True)
    hidden = report.results.height - listed.height
    if hidden:
        text = _not_shown(hidden, words) if listed.height else _none_shown(hidden, words)
        console.print(Text(text, style="dim"), soft_wrap=True)
    if report.head["exclusions"]:
        _print_exclusions(report, console, words)
    console.print()
    for kind, text in claims_of(report, words):
        console.print(Text(text, style=HEADLINE_STYLES[kind]), soft_wrap=True)
    console.print(Text(sentences.rows(report, words)), soft_wrap=True)
    console.print(*_metering(report, contract, words), sep="", end="", soft_wrap=True)
    as_said = sentences.as_said(report.as_said, words)
    if as_said is not None:
        console.print(Text(for_terminal(as_said), style="dim"), soft_wrap=True)


def _not_shown(hidden: int, words: Words) -> str:
    return words.count_of(
        hidden,
        "{hidden:,} more result not shown; --show all lists them.",
        "{hidden:,} more results not shown; --show all lists them.",
        hidden=hidden,
    )


def _none_shown(hidden: int, words: Words) -> str:
    return words.count_of(
        hidden,
        "{hidden:,} result not shown; --show all lists it.",
        "{hidden:,} results not shown; --show all lists them.",
        hidden=hidden,
    )


def _print_headline(report: Report, contract: Contract, console: Console, words: Words) -> None:
    first, *others = headlines(report, contract, words)
    console.print(Text(first.text, style=f"bold {_TONES[first.tone]}".strip()), soft_wrap=True)
    for line in others:
        console.print(Text(line.text, style=_TONES[line.tone]), soft_wrap=True)
    for text in sentences.other_readings(report, words):
        console.print(Text(text, style=_TONES["warning"]), soft_wrap=True)


def _print_exclusions(report: Report, console: Console, words: Words) -> None:
    """Print what became of each exclusion, and, where there is room, what it says."""
    asserted, wide = report.head["exclusions"], console.width >= _WIDE
    console.print()
    _print_states(asserted, console, words, report.head["currency"] if wide else None)
    for each in filter(exclusions.is_whole, asserted) if wide else ():
        said = words.say("{id}: {said}", id=each["id"], said=exclusions.in_full(each, words))
        console.print(Text(for_terminal(said), style="dim"), soft_wrap=True)


def _print_states(asserted: list[dict[str, Any]], console: Console, words: Words, currency: str | None) -> None:
    """Print what became of exclusions; with a `currency`, also what each did alone, and what it is worth."""
    columns = [
        Column(words.of("Exclusion"), "id"),
        Column(words.of("Clause"), "figure"),
        Column(words.of("State"), "words"),
        Column(words.of("Requests excluded"), "figure"),
    ]
    if currency is not None:
        columns.append(Column(words.of("By it alone"), "figure"))
        columns.append(Column(words.say("Compensation saved, {currency}", currency=currency), "figure"))
    rows = [
        Row(
            (
                Text(for_terminal(exclusion["id"])),
                Text(words.cause_clause(exclusion["clause"])),
                Text(exclusions.state(exclusion, words), style=WARNING if exclusion["state"] == "refused" else ""),
                Text(f"{exclusion['requests']:,}"),
                *([] if currency is None else map(Text, _worth(exclusion, words))),
            )
        )
        for exclusion in asserted
    ]
    print_rows(columns, rows, console, main=3)


def _worth(exclusion: dict[str, Any], words: Words) -> list[str]:
    alone = exclusion["requests_alone"]
    return ["?" if alone is None else f"{alone:,}", sentences.saved_by(exclusion, words)]


def _metering(report: Report, contract: Contract, words: Words) -> list[Text]:
    """Say how bills compare with the logs, line by line, where some say how many calls they are for."""
    said = metering.sentences(report, contract, words) if metering.is_compared(report) else ()
    return [Text(f"{for_terminal(text)}\n") for text in said]
