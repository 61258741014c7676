"""Reports of several agreements at a terminal: one after the other, and what is owed by all."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from sla_audit.output.escape import for_terminal
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.selection import Show
from sla_audit.report.several import Part, together
from sla_audit.report.terminal.report import print_report


def print_several(
    parts: Sequence[Part], show: Show | None, console: Console, near: int, words: Words = ENGLISH
) -> None:
    """Print each report under its name, then what all of them come to, unit by unit."""
    for part in parts:
        console.print(Rule(Text(for_terminal(part.name)), align="left", style="dim"))
        print_report(part.report, part.contract, show, console, near, words)
        console.print()
    console.print(Rule(Text(words.of("All agreements")), align="left", style="dim"))
    for unit, owed in together(parts).items():
        amount = owed.in_words(words.owing(unit))
        said = words.say("Owed: {amount} {currency}", amount=amount, currency=unit)
        console.print(Text(said, style="bold"))
