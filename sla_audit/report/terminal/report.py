"""The report for a person at a terminal: what is owed first, then why."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract, Reading
from sla_audit.output.escape import for_terminal
from sla_audit.report import sentences
from sla_audit.report.daily import COUNTS
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions, metering
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.summary import claims_of
from sla_audit.report.numbers import money, rate_percent
from sla_audit.report.selection import Show, most_urgent_first, moves_money
from sla_audit.report.standing.words import headlines
from sla_audit.report.terminal.ledger import HEADLINE_STYLES
from sla_audit.report.terminal.months import print_months

_MOST_ROWS = 60
_WIDE = 120  # columns: there is room for what exclusions are
_TONES = {"act": "red", "good": "green", "news": "", "warning": "yellow", "past": "dim"}
_STYLES = {"owed": "bold red", "undetermined": "yellow", "not_owed": ""}


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
    results = report.results
    _print_headline(report, contract, console, words)
    console.print(Text(sentences.basis(report, contract, words), style="dim"), soft_wrap=True)
    print_months(report, console, words)
    shown = most_urgent_first(report, show or "breached")
    if show is None:
        shown = shown.head(_MOST_ROWS)
    if shown.height:
        console.print()
        shown = shown.with_columns(near=moves_money(near, contract.compensation.uncompensated_plans))
        console.print(_results_table(shown, report, contract.readings[report.head["reading"]], words))
        if shown["near"].any():
            console.print(Text(sentences.near_mark(near, words), style="dim"))
    hidden = results.height - shown.height
    if hidden:
        text = words.count_of(
            hidden,
            "{hidden:,} more result not shown; --show all lists them.",
            "{hidden:,} more results not shown; --show all lists them.",
            hidden=hidden,
        )
        console.print(Text(text, style="dim"))
    if report.head["exclusions"]:
        _print_exclusions(report, console, words)
    console.print()
    for kind, text in claims_of(report, words):
        console.print(Text(text, style=HEADLINE_STYLES[kind]), soft_wrap=True)
    console.print(Text(sentences.rows(report, words)), soft_wrap=True)
    console.print(*_metering(report, words), sep="", end="", soft_wrap=True)
    as_said = sentences.as_said(report.as_said, words)
    if as_said is not None:
        console.print(Text(for_terminal(as_said), style="dim"), soft_wrap=True)


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
    console.print(_exclusions_table(asserted, words, report.head["currency"] if wide else None))
    for each in filter(exclusions.is_whole, asserted) if wide else ():
        said = words.say("{id}: {said}", id=each["id"], said=exclusions.in_full(each, words))
        console.print(Text(for_terminal(said), style="dim"), soft_wrap=True)


def _results_table(results: pl.DataFrame, report: Report, reading: Reading, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Account"), overflow="fold")
    one_cycle = results["cycle"].n_unique() == 1
    if not one_cycle:
        table.add_column(words.of("Cycle"), no_wrap=True)
    table.add_column(words.of("Counted"), justify="right", no_wrap=True)
    table.add_column(words.of("Failures"), justify="right", no_wrap=True)
    table.add_column(words.of("Rate, %"), justify="right", no_wrap=True)
    table.add_column(words.say("Owed, {currency}", currency=report.head["currency"]), justify="right", no_wrap=True)
    table.add_column(words.of("Why"), overflow="fold")
    for result in results.iter_rows(named=True):
        _, counted = reading.kept_and_counted(*(result[name] for name in COUNTS))
        owed = "?" if result["compensation"] is None else money(result["compensation"])
        table.add_row(
            Text(for_terminal(result["account_id"])),
            *([] if one_cycle else [result["cycle"]]),
            f"{counted:,}",
            f"{result['explicit_failure']:,}",
            rate_percent(result["success_rate"]) + (" ~" if result["near"] else "  "),
            Text(owed, style=_STYLES[result["decision"]]),
            Text(sentences.why_and_differing(result, report, words)),
        )
    return table


def _exclusions_table(asserted: list[dict[str, Any]], words: Words, currency: str | None) -> Table:
    """Lay out what became of exclusions; with a `currency`, also what each did alone, and what it is worth."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Exclusion"), overflow="fold")
    table.add_column(words.of("Clause"), justify="right")
    table.add_column(words.of("State"))
    table.add_column(words.of("Requests excluded"), justify="right")
    if currency is not None:
        table.add_column(words.of("By it alone"), justify="right")
        table.add_column(words.say("Compensation saved, {currency}", currency=currency), justify="right")
    for exclusion in asserted:
        style = "yellow" if exclusion["state"] == "refused" else ""
        table.add_row(
            Text(for_terminal(exclusion["id"])),
            sentences.cause_clause(exclusion["clause"]),
            Text(exclusions.state(exclusion, words), style=style),
            f"{exclusion['requests']:,}",
            *([] if currency is None else _worth(exclusion, words)),
        )
    return table


def _worth(exclusion: dict[str, Any], words: Words) -> list[str]:
    alone = exclusion["requests_alone"]
    return ["?" if alone is None else f"{alone:,}", sentences.saved_by(exclusion, words)]


def _metering(report: Report, words: Words) -> list[Text]:
    """Say how bills compare with the logs, line by line, where some say how many calls they are for."""
    said = metering.sentences(report, words) if metering.is_compared(report) else ()
    return [Text(f"{for_terminal(text)}\n") for text in said]
