"""Two sides compared, for a person at a terminal: the amounts, what differs, what each of it moves, and the days."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.two_sides.document import Compared
from sla_audit.report.two_sides.words import (
    OF_FACTS,
    about,
    headings,
    of_a_day,
    outcome,
    signed,
    totals,
    unlisted,
    what_differs,
)

_MOST_DAYS = 31


def print_comparison(compared: Compared, contract: Contract, console: Console, words: Words = ENGLISH) -> None:
    """Print where two sides differ; figures come from the comparison, titles from the contract."""
    found, words = compared.comparison, words.of_cycles(contract).owing(compared.currency)
    console.print(Text(about(compared, words), style="bold"), soft_wrap=True)
    basis = words.say(
        "{title}, {reading} reading, as of {as_of}",
        title=words.title(contract.title),
        reading=words.of(compared.reading),
        as_of=compared.as_of,
    )
    console.print(Text(basis, style="dim"), soft_wrap=True)
    console.print()
    console.print(Text(outcome(compared, words), style="bold green" if found.agree else "bold red"), soft_wrap=True)
    console.print()
    console.print(_sides(compared, words))
    if found.differences.height or found.by_facts:
        console.print()
        console.print(Text(words.of("Differences"), style="bold"))
        console.print(_differences(compared, words))
        for each in unlisted(compared, words):
            console.print(Text(each, style="dim"))
    if found.days.height:
        console.print()
        console.print(Text(words.of("Days that differ"), style="bold"))
        console.print(_days(compared, words))


def _sides(compared: Compared, words: Words) -> Table:
    table = _table("", words.of("ours"), words.of("theirs"), words.of("more"))
    for line in totals(compared, words):
        table.add_row(*line)
    return table


def _differences(compared: Compared, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, expand=True, header_style="dim")
    table.add_column(words.of("requests"), justify="right", no_wrap=True)
    table.add_column(words.of("what differs"), overflow="fold", ratio=1)
    table.add_column(words.say("moves, {currency}", currency=compared.currency), justify="right", no_wrap=True)
    for row in compared.comparison.differences.iter_rows(named=True):
        table.add_row(f"{row['requests']:,}", Text(what_differs(row, words)), signed(row["moved"], words))
    if compared.comparison.by_facts:
        table.add_row("", words.of(OF_FACTS), signed(compared.comparison.by_facts, words))
    return table


def _days(compared: Compared, words: Words) -> Table:
    table = _table(words.of("day"), *headings(words))
    for row in compared.comparison.days.head(_MOST_DAYS).iter_rows(named=True):
        table.add_row(str(row["day"]), *of_a_day(row))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first)
    for each in others:
        table.add_column(each, justify="right", no_wrap=True)
    return table
