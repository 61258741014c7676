"""What the check of a claim pack found, for a person at a terminal."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.output.escape import for_label, for_terminal
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.numbers import money
from sla_audit.report.verification_document import Counted, Said, Verification
from sla_audit.sentence import named, to_say, told


def print_verification(found: Verification, console: Console, words: Words = ENGLISH) -> None:
    """Print the verdict first, then what is wrong, what differs, and what only the logs can tell."""
    style = "bold green" if found.holds else "bold red"
    console.print(Text(_verdict(found, words), style=style), soft_wrap=True)
    if found.account_id is not None:
        text = to_say("{account}, cycle {cycle}: {amount} {currency} claimed")
        if found.compensation is None:
            text = to_say("{account}, cycle {cycle}")
        said = words.say(
            text,
            account=for_label(found.account_id),
            cycle=found.cycle,
            amount=money(found.compensation),
            currency=found.currency,
        )
        console.print(Text(said, style="dim"), soft_wrap=True)
    _print_said(found.faults, words.of("What is wrong"), console, words)
    if found.counted is not None and found.counted.differences:
        _print_differences(found.counted, console, words)
    if not found.faults and found.counted is None:
        _print_said(found.notes, words.of("What was not, or cannot be checked"), console, words)


def _verdict(found: Verification, words: Words) -> str:
    if found.faults:
        return words.say("The pack is not sound: {faults}.", faults=_faults(len(found.faults), words))
    signed = words.of("; it is signed") if found.signed else ""
    if found.counted is None:
        said = to_say("The pack is sound: as it was made, and every figure follows from what is enclosed{signed}.")
        return words.say(said, signed=signed)
    if not found.counted.differences:
        said = to_say("The pack is sound, and the logs say the same: counted again, every figure is equal{signed}.")
        return words.say(said, signed=signed)
    if found.counted.less is None:
        return words.of("The pack is sound in itself, and the logs say something else.")
    if not Decimal(found.counted.less):
        said = to_say("The pack is sound in itself, and the logs count otherwise; they make the same amount.")
        return words.of(said)
    return words.say(
        "The pack is sound in itself, and the logs say something else: {amount} {currency} instead of {claimed}.",
        amount=money(found.counted.compensation),
        currency=found.currency,
        claimed=money(found.compensation),
    )


def _faults(number: int, words: Words) -> str:
    return words.count_of(number, "{number} thing is wrong", "{number} things are wrong", number=number)


def _print_said(said: object, title: str, console: Console, words: Words) -> None:
    assert isinstance(said, list | tuple)  # noqa: S101
    if not said:
        return
    table = _table(console, title)
    for each in said:
        assert isinstance(each, Said)  # noqa: S101
        where, what = named(each.where, words.of), told(each.what, words.of)
        table.add_row(Text(for_terminal(where)), Text(for_terminal(what)))
    console.print(table)


def _print_differences(counted: Counted, console: Console, words: Words) -> None:
    table = _table(console, words.of("Where they differ"), 3)
    table.add_row(Text(""), Text(words.of("pack"), style="bold"), Text(words.of("logs"), style="bold"))
    for each in counted.differences:
        table.add_row(*(Text(for_terminal("-" if text is None else text)) for text in vars(each).values()))
    console.print(table)


def _table(console: Console, title: str, columns: int = 2) -> Table:
    console.print()
    console.print(Text(title, style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table
