"""`sla-audit contract`: what an agreement says, and whether a contract file is sound."""

from __future__ import annotations

from pathlib import Path

import click

from sla_audit.cli.console import printing
from sla_audit.cli.options import completion
from sla_audit.cli.options.inputs import lang_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE, REFERENCE
from sla_audit.sentence import Sentence


@click.group()
def contract() -> None:
    """List the agreements that are known, show one clause by clause, begin a contract file, or check one."""


@contract.command("list")
@lang_option
def list_(lang: str | None) -> int:
    """List the agreements that come with the program.

    \b
    Example:
      sla-audit contract list
    """
    from sla_audit.contract.built_in import built_in_contracts
    from sla_audit.contract.load import load_contract
    from sla_audit.report.language import words_of
    from sla_audit.report.terminal.contract import print_contracts

    known = [load_contract(each) for each in built_in_contracts()]
    with printing() as console:
        print_contracts(known, console, words_of(lang or "en"))
    return 0


@contract.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option(
    "--from",
    "contract_id",
    metavar="ID",
    required=True,
    type=REFERENCE,
    shell_complete=completion.contracts,
    help="The agreement to begin with: see sla-audit contract list.",
)
def new(file: Path, contract_id: str) -> int:
    """Write the contract file of an agreement, to make another of it.

    It has every number with the clause that it comes from. What is changed in it is another agreement, so give it an
    id and a version of its own.

    \b
    Examples:
      sla-audit contract new ours.toml --from jdcloud-smart-compose
      sla-audit contract check ours.toml
      sla-audit compute --contract ours.toml logs

    Exit codes: 0 written; 2 there is no such agreement, or a file of this name.
    """
    from sla_audit.contract.load import contract_file
    from sla_audit.errors import InputError, Problem, refuse
    from sla_audit.output.atomic import write_files
    from sla_audit.output.destinations import check_places
    from sla_audit.output.escape import for_terminal

    content = contract_file(contract_id)
    if file.exists():
        raise InputError(Problem(file.as_posix(), "is there already", "Name another file."))
    check_places([file], None, ())
    refuse(write_files({file: content}))
    click.echo(
        in_words(Sentence("{file}: written. Give it an id and a version of its own.", file=for_terminal(str(file))))
    )
    return 0


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
@lang_option
def check(file: str, lang: str | None) -> int:
    """Check a contract file and report every mistake in it, by field.

    Of a sound one, draw what each rate earns, the best first, for a person to hold against the text.

    \b
    Example:
      sla-audit contract check my-contract.toml

    Exit codes: 0 sound; 2 there are mistakes.
    """
    from sla_audit.contract.load import load_contract
    from sla_audit.output.escape import for_terminal
    from sla_audit.report.language import words_of
    from sla_audit.report.terminal.contract_numbers import picture

    loaded = load_contract(file)
    said = Sentence(
        "{file}: sound. {id}, version {version}, sha256 {sha256}",
        file=for_terminal(file),
        id=loaded.id,
        version=loaded.version,
        sha256=loaded.sha256,
    )
    click.echo(in_words(said))
    with printing() as console:
        for line in picture(loaded, words_of(lang or "en")):
            console.print(line, markup=False, highlight=False)
    return 0


@contract.command("test")
@click.argument("contracts", metavar="[ID|FILE]...", nargs=-1, type=REFERENCE, shell_complete=completion.contracts)
@lang_option
def test_(contracts: tuple[str, ...], lang: str | None) -> int:
    """Run the worked examples that contract files carry: what a hand computed, against what the program finds.

    Without any, the agreements that come with the program are tested, all of them.

    \b
    Examples:
      sla-audit contract test aws-api-gateway
      sla-audit contract test my-contract.toml

    Exit codes: 0 all hold; 1 some do not; 2 a file cannot be read, or has mistakes or no examples.
    """
    from sla_audit.contract.built_in import built_in_contracts
    from sla_audit.contract.load import examples_of, load_contract
    from sla_audit.errors import Problem, refuse
    from sla_audit.judge.worked import work_out
    from sla_audit.report.language import words_of
    from sla_audit.report.terminal.contract import print_worked

    loaded = {each: load_contract(each) for each in contracts or built_in_contracts()}
    examples = {name: examples_of(name, each) for name, each in loaded.items()}
    refuse(
        Problem(name, "has no worked example", "Add some as [[examples]], computed by hand.")
        for name, found in examples.items()
        if not found
    )
    holds = True
    with printing() as console:
        for name, each in loaded.items():
            worked = list(work_out(each, examples[name]))
            holds &= not any(example.differences for example in worked)
            print_worked(name, worked, console, words_of(lang or "en"))
    return 0 if holds else 1
