"""The results of a report at a terminal, with what they come to by cycle and together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Console
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report.daily import COUNTS
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.numbers import rate_percent
from sla_audit.report.standing.together import Together, amount_in_words, sums_of, together
from sla_audit.report.sums import if_ended_today
from sla_audit.report.terminal.layout import WARNING, Column, Row, print_rows
from sla_audit.report.why import why_and_differing

_STYLES = {"owed": "bold red", "undetermined": WARNING, "not_owed": ""}


def print_results(
    results: pl.DataFrame, most: int | None, report: Report, contract: Contract, console: Console, words: Words
) -> int:
    """Print results, at most so many, and what all of them come to; give how many. They have a column `near` besides.

    What is cut off is told with its number and sum.
    """
    listed = results if most is None else results.head(most)
    reading = contract.readings[report.head["reading"]]
    several = results["cycle"].n_unique() > 1
    rows = [
        *(Row(tuple(_cells(row, report, contract, words, several=several))) for row in listed.iter_rows(named=True)),
        *(Row(tuple(_sum_cells(each, words, several=several)), "bold") for each in sums_of(results, reading)),
    ]
    columns = list(_columns(report, words, several=several))
    print_rows(columns, rows, console, main=[column.title for column in columns].index(_owed(report, words)))
    cut = results.height - listed.height
    if cut:
        left = amount_in_words(together(results.tail(cut), reading), report.head["currency"], words)
        said = words.say("and {count:,} more, {amount}: --show breached lists them all.", count=cut, amount=left)
        console.print(Text(said), soft_wrap=True)
    return listed.height


def _owed(report: Report, words: Words) -> str:
    return words.say("Owed, {currency}", currency=report.head["currency"])


def _columns(report: Report, words: Words, *, several: bool) -> Iterator[Column]:
    yield Column(words.of("Account"), "id")
    if several:
        yield Column(words.of("Cycle"), "word")
    yield Column(words.of("Counted"), "figure", spare=2)
    yield Column(words.of("Failures"), "figure", spare=1)
    yield Column(words.of("Rate, %"), "figure")
    yield Column(_owed(report, words), "figure")
    yield Column(words.of("Why"), "words")


def _cells(
    result: Mapping[str, Any], report: Report, contract: Contract, words: Words, *, several: bool
) -> Iterator[Text]:
    _, counted = contract.readings[report.head["reading"]].kept_and_counted(*(result[name] for name in COUNTS))
    owed = "?" if result["compensation"] is None else words.owed(result["compensation"])
    yield Text(for_terminal(result["account_id"]))
    if several:
        yield Text(result["cycle"])
    yield Text(f"{counted:,}")
    yield Text(f"{result['explicit_failure']:,}")
    yield Text(rate_percent(result["success_rate"]) + (" ~" if result["near"] else "  "))
    yield Text(owed, style=_STYLES[result["decision"]])
    yield Text(why_and_differing(result, report, contract, words))


def _sum_cells(sums: Together, words: Words, *, several: bool) -> Iterator[Text]:
    results = words.count_of(sums.results, "{count:,} result", "{count:,} results", count=sums.results)
    yield Text(words.of("Total"))
    if several:
        yield Text(sums.cycle or "")
    yield Text(f"{sums.counted:,}")
    yield Text(f"{sums.failed:,}")
    yield Text("")
    yield Text(sums.owed.in_short(words))
    yield Text(words.joined([results, *if_ended_today(sums.estimate, words)]))
