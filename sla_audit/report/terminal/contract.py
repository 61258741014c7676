"""A contract for a person at a terminal: clause by clause, and what becomes of each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.fields import Bilingual
from sla_audit.output.escape import for_terminal
from sla_audit.report.agreement import BASIS
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.numbers import percent
from sla_audit.report.terminal.contract_numbers import edition, numbers
from sla_audit.report.terminal.layout import WARNING
from sla_audit.sentence import Message, to_say, told

_STYLES = {"computed": "green", "facts": "cyan", "not_judged": WARNING}


_KNOWN_FROM = {
    (True, False): to_say("the log, and the exclusions file"),
    (True, True): to_say("the log, and the exclusions file, only if announced"),
    (False, False): to_say("the exclusions file"),
    (False, True): to_say("the exclusions file, only if announced"),
}


def print_contract(contract: Contract, console: Console, words: Words = ENGLISH) -> None:
    """Print what the contract file says and what the program makes of each clause."""
    words = words.of_cycles(contract)
    console.print(Text(f"{contract.title.en}  {contract.title.zh}", style="bold"))
    said = words.say(
        "{id}, version {version}, in force from {effective_from}",
        id=contract.id,
        version=contract.version,
        effective_from=contract.effective_from,
    )
    console.print(Text(words.joined([said, *edition(contract, words)])))
    console.print(Text(words.say("Source: {source}", source=words.of(contract.source))))
    console.print(Text(f"sha256 {contract.sha256}", style="dim"))
    console.print()
    for line in numbers(contract, words):
        console.print(line, markup=False)
    console.print()
    console.print(_clauses(contract, words))
    console.print()
    console.print(_causes(contract, words))
    if contract.unseen:
        console.print()
        console.print(_unseen(contract, words))


def print_contracts(contracts: Sequence[Contract], console: Console, words: Words = ENGLISH) -> None:
    """Print a line for each agreement: what names it, which edition it is, what it promises, and its title."""
    lines = [
        (each.id, each.version, f"{percent(str(each.objective.success_rate))} %", words.title(each.title))
        for each in contracts
    ]
    header = (words.of("Agreement"), words.of("Version"), words.of("Promised"), words.of("Title"))
    name, version, promised = (max(map(cell_len, column)) for column in list(zip(header, *lines, strict=True))[:3])
    for number, line in enumerate([header, *lines]):
        cells = (
            set_cell_size(line[0], name),
            set_cell_size(line[1], version),
            " " * (promised - cell_len(line[2])) + line[2],
            line[3],
        )
        console.print(Text("  ".join(cells), style="" if number else "bold"), soft_wrap=True)


def print_worked(
    name: str, worked: Sequence[tuple[str, Sequence[Message]]], console: Console, words: Words = ENGLISH
) -> None:
    """Print which of a contract's worked examples hold, and how the others differ: each by its name."""
    wrong = [each for each in worked if each[1]]
    said = to_say("{name}: all {number} examples hold")
    if wrong:
        said = to_say("{name}: {wrong} of {number} examples differ")
    line = words.say(said, name=for_terminal(name), number=len(worked), wrong=len(wrong))
    console.print(Text(line, style="red" if wrong else "green"), soft_wrap=True)
    for example, differences in wrong:
        for difference in differences:
            console.print(Text(f"  {for_terminal(example)}: {told(difference, words.of)}"), soft_wrap=True)


def _title(title: Bilingual, words: Words) -> str:
    return f"{title.en} {title.zh}" if words.language == "en" else words.title(title)


def _clauses(contract: Contract, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Clause"), no_wrap=True)
    table.add_column(words.of("Title"), ratio=3, overflow="fold")
    table.add_column(words.of("What becomes of it"), ratio=4, overflow="fold")
    for clause in contract.clauses:
        how = Text(words.say("{basis}: ", basis=words.of(BASIS[clause.basis])), style=_STYLES[clause.basis])
        how.append(words.of(clause.how), style="default")
        table.add_row(clause.number, _title(clause.title, words), how)
    return table


def _causes(contract: Contract, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(contract.causes_clause or "2.7.1", no_wrap=True)
    table.add_column(words.of("Excluded from the rate"), ratio=3)
    table.add_column(words.of("Known from"), ratio=2)
    for cause in contract.causes:
        known = words.of(_KNOWN_FROM[cause.basis == "computed", cause.notice_required])
        table.add_row(f"({cause.number})", _title(cause.title, words), Text(known, style=_STYLES[cause.basis]))
    return table


def _unseen(contract: Contract, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("What access logs cannot show"), ratio=1, overflow="fold")
    table.add_column(words.of("What to ask the provider for"), ratio=1, overflow="fold")
    for each in contract.unseen:
        table.add_row(words.title(each.what), words.title(each.ask))
    return table
