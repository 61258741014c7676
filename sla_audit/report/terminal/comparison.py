"""Two sides compared, for a person at a terminal: the amounts, what differs, what each of it moves, and the days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.model.comparison import SIDES
from sla_audit.output.escape import for_terminal
from sla_audit.report.comparison import Compared
from sla_audit.report.document import amount
from sla_audit.report.endings import how_it_ended
from sla_audit.report.language import ENGLISH, Words, to_say
from sla_audit.report.numbers import money
from sla_audit.report.sentences import cause_clause

_CLASSES = {
    "success": to_say("success"),
    "explicit_failure": to_say("explicit failure"),
    "excluded": to_say("excluded"),
    "duplicate": to_say("a duplicate"),
    "outside_cycle": to_say("out of service"),
    "other_service": to_say("of another API"),
    "outside_period": to_say("of another month"),
}
_COUNTED = ("success", "explicit_failure", "excluded")
_MOST_DAYS = 31


def print_comparison(compared: Compared, contract: Contract, console: Console, words: Words = ENGLISH) -> None:
    """Print where two sides differ; figures come from the comparison, titles from the contract."""
    found = compared.comparison
    about = words.say("{account}, cycle {cycle}", account=for_terminal(compared.account_id), cycle=compared.cycle)
    console.print(Text(about, style="bold"), soft_wrap=True)
    basis = words.say(
        "{title}, {reading} reading, as of {as_of}",
        title=words.title(contract.title),
        reading=words.of(compared.reading),
        as_of=compared.as_of,
    )
    console.print(Text(basis, style="dim"), soft_wrap=True)
    console.print()
    console.print(Text(_outcome(compared, words), style="bold green" if found.agree else "bold red"), soft_wrap=True)
    console.print()
    console.print(_sides(compared, words))
    if found.differences.height or found.by_facts:
        console.print()
        console.print(Text(words.of("Differences"), style="bold"))
        console.print(_differences(compared, words))
    if found.days.height:
        console.print()
        console.print(Text(words.of("Days that differ"), style="bold"))
        console.print(_days(compared, words))


def _outcome(compared: Compared, words: Words) -> str:
    found, difference = compared.comparison, compared.difference
    if found.agree:
        return words.of("Both sides agree.")
    if difference is None:
        return words.of("The sides differ; what that is worth is unknown.")
    if not difference:
        return words.of("The sides differ, and owe the same.")
    said = (
        to_say("Theirs is {amount} {currency} more.")
        if difference > 0
        else to_say("Theirs is {amount} {currency} less.")
    )
    return words.say(said, amount=money(abs(difference)), currency=compared.currency)


def _sides(compared: Compared, words: Words) -> Table:
    table = _table("", words.of("ours"), words.of("theirs"), words.of("more"))
    ours, theirs = (side.row(0, named=True) for side in compared.comparison.by_class)
    for name in _COUNTED:
        more = theirs[name] - ours[name]
        table.add_row(words.of(_CLASSES[name]), f"{ours[name]:,}", f"{theirs[name]:,}", f"{more:+,}" if more else "")
    amounts = [money(each) for each in compared.comparison.amounts]
    title = words.say("compensation, {currency}", currency=compared.currency)
    table.add_row(title, *amounts, _signed(compared.difference))
    return table


def _differences(compared: Compared, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, expand=True, header_style="dim")
    table.add_column(words.of("requests"), justify="right", no_wrap=True)
    table.add_column(words.of("what differs"), overflow="fold", ratio=1)
    table.add_column(words.say("moves, {currency}", currency=compared.currency), justify="right", no_wrap=True)
    for row in compared.comparison.differences.iter_rows(named=True):
        table.add_row(f"{row['requests']:,}", Text(_what(row, words)), _signed(row["moved"]))
    if compared.comparison.by_facts:
        table.add_row("", words.of("other facts: service, fee or cash paid"), _signed(compared.comparison.by_facts))
    return table


def _what(row: dict[str, Any], words: Words) -> str:
    """Say how the sides differ about some requests."""
    ours, theirs = (_side(row, side, words) for side in SIDES)
    if row["difference"] == "only_ours":
        return words.say("only ours: {what}", what=ours)
    if row["difference"] == "only_theirs":
        return words.say("only theirs: {what}", what=theirs)
    return words.say("ours: {ours}; theirs: {theirs}", ours=ours, theirs=theirs)


def _side(row: dict[str, Any], side: str, words: Words) -> str:
    class_ = row[f"{side}_class"]
    parts = [how_it_ended(row[f"{side}_status"], row[f"{side}_no_answer"], words)] if class_ else []
    parts += [words.of(_CLASSES[class_])] if class_ else []
    if row[f"{side}_exclusion"] is not None:
        parts.append(words.say("exclusion {id}", id=for_terminal(row[f"{side}_exclusion"])))
    elif row[f"{side}_clause"] is not None:
        parts.append(cause_clause(row[f"{side}_clause"]))
    return words.listed(parts)


def _days(compared: Compared, words: Words) -> Table:
    table = _table(words.of("day"), *_headings(words))
    for row in compared.comparison.days.head(_MOST_DAYS).iter_rows(named=True):
        table.add_row(str(row["day"]), *_pairs(row))
    return table


def _headings(words: Words) -> Iterator[str]:
    for name in _COUNTED:
        yield words.of(_CLASSES[name])


def _pairs(row: dict[str, Any]) -> Iterator[str]:
    """Give what each side counts, once where it is the same."""
    for name in _COUNTED:
        ours, theirs = (row[f"{side}_{name}"] for side in SIDES)
        yield f"{ours:,}" if ours == theirs else f"{ours:,} / {theirs:,}"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first)
    for each in others:
        table.add_column(each, justify="right", no_wrap=True)
    return table


def _signed(change: Decimal | None) -> str:
    if change is None:
        return "?"
    return f"{Decimal(amount(change)):+,}" if change else "0.00"
