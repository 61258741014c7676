"""`sla-audit contract`: what an agreement says, and whether a contract file is sound."""

from __future__ import annotations

import click

from sla_audit.cli.console import printing
from sla_audit.cli.options import completion
from sla_audit.cli.options.inputs import lang_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import REFERENCE
from sla_audit.sentence import Sentence


@click.group()
def contract() -> None:
    """Show an agreement clause by clause, or check a contract file."""


@contract.command()
@click.argument(
    "contract_id",
    metavar="[ID|FILE]",
    default="jdcloud-smart-compose",
    type=REFERENCE,
    shell_complete=completion.contracts,
)
@lang_option
def show(contract_id: str, lang: str | None) -> int:
    """Print an agreement: its numbers, and what becomes of each clause.

    Each clause is computed from the log, taken from facts that a party asserts, or cannot be judged
    from logs at all.

    \b
    Examples:
      sla-audit contract show
      sla-audit contract show my-contract.toml
    """
    from sla_audit.contract.load import load_contract
    from sla_audit.report.language import words_of
    from sla_audit.report.terminal.contract import print_contract

    loaded = load_contract(contract_id)
    with printing() as console:
        print_contract(loaded, console, words_of(lang or "en"))
    return 0


@contract.command()
@click.argument("file", metavar="FILE", type=REFERENCE)
def check(file: str) -> int:
    """Check a contract file and report every mistake in it, by field.

    \b
    Example:
      sla-audit contract check my-contract.toml

    Exit codes: 0 sound; 2 there are mistakes.
    """
    from sla_audit.contract.load import load_contract
    from sla_audit.output.escape import for_terminal

    loaded = load_contract(file)
    said = Sentence(
        "{file}: sound. {id}, version {version}, sha256 {sha256}",
        file=for_terminal(file),
        id=loaded.id,
        version=loaded.version,
        sha256=loaded.sha256,
    )
    click.echo(in_words(said))
    return 0
