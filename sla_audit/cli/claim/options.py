"""The options that say which ledger, which claims, and what is said of them: shared by the commands of `claim`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options.asked import as_of_of, config_of, contract_of
from sla_audit.cli.options.inputs import contract_option, lang_option, ledger_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.sentence import Sentence, to_say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.claim_ledger import Enter, Which
    from sla_audit.contract.model import Contract
    from sla_audit.ledger.entering import Said
    from sla_audit.model.ledger import Nevertheless

MOST_CLAIMS = 10**15
"""More than any ledger has, and a number that it can hold."""

_LEDGER = (
    ledger_option,
    click.option("--config", metavar="FILE", type=FILE, help="Options from a TOML file, its ledger among them."),
    contract_option,
    click.option(
        "--as-of",
        metavar="DAY",
        help="The day of which to speak, YYYY-MM-DD in the contract's time zone, or an instant with its offset from "
        "UTC.  [default: today]",
    ),
    lang_option,
)
_WHICH = (
    click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(min=1, max=MOST_CLAIMS)),
    click.option("--account", metavar="ID", allow_from_autoenv=False, help="The account, instead of NUMBER."),
    click.option(
        "--cycle", metavar="YYYY-MM", allow_from_autoenv=False, help="Its cycle, where it has several claims."
    ),
)
_SAID = (
    click.option(
        "--on", "day", metavar="DAY", allow_from_autoenv=False, help="The day on which it happened.  [default: --as-of]"
    ),
    click.option(
        "--reference", metavar="TEXT", allow_from_autoenv=False, help="The number of a letter, a ticket or a voucher."
    ),
    click.option("--note", metavar="TEXT", allow_from_autoenv=False, help="What else there is to say."),
    click.option("--by", "said_by", metavar="NAME", help="Who says so."),
)
amount_option = click.option(
    "--amount", metavar="AMOUNT", allow_from_autoenv=False, help="In the contract's currency, such as 360.00."
)


@dataclass(frozen=True)
class Asked:
    """What a command of `claim` is asked about."""

    config: Config
    contract: Contract
    as_of: date
    ledger: Path


def ledger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which ledger is meant, and as of when."""
    return _with(_LEDGER, command)


def entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which claims are meant, and what is said of them."""
    return _with((*_WHICH, *_SAID, *_LEDGER), command)


def which_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which claims are meant."""
    return _with((*_WHICH, *_LEDGER), command)


def asked_of(given: dict[str, Any]) -> Asked:
    """Tell which ledger is meant, under which contract, as of when. Raises `click.UsageError`."""
    config = config_of(given)
    contract = contract_of(given, config)
    ledger = given["ledger"] or config.ledger
    if ledger is None:
        raise click.UsageError(
            in_words(to_say("Name the ledger: --ledger FILE, or ledger in the config. compute --ledger makes one."))
        )
    return Asked(config, contract, as_of_of(given, config, contract), ledger)


def which_of(given: dict[str, Any], *, several: bool = False) -> Which:
    """Tell which claims are meant, one of them unless `several` may be. Raises `click.UsageError`."""
    from sla_audit.commands.claim_ledger import Which

    numbers, account, cycle = given["numbers"], given["account"], given["cycle"]
    if numbers and (account is not None or cycle is not None):
        raise click.UsageError(in_words(to_say("NUMBER says which claim is meant; leave out --account and --cycle.")))
    if not numbers and account is None:
        raise click.UsageError(in_words(to_say("Say which claim is meant: its NUMBER, or --account and --cycle.")))
    if len(numbers) > 1 and not several:
        raise click.UsageError(in_words(to_say("Name one claim; more than one NUMBER was given.")))
    return Which(tuple(numbers), account, cycle)


def said_of(given: dict[str, Any], asked: Asked, *nevertheless: Nevertheless) -> Said:
    """Gather what is said of a claim. Raises `click.BadParameter`."""
    from sla_audit.cli.options import parameters
    from sla_audit.ledger.entering import Said

    day = given["day"]
    return Said(
        day=asked.as_of if day is None else parameters.day(day, asked.contract.zone, "--on"),
        noted_on=asked.as_of,
        amount=amount_of(given.get("amount")),
        reference=_stripped(given["reference"]),
        note=_stripped(given["note"]),
        said_by=_stripped(given["said_by"]),
        nevertheless=frozenset(each for each in nevertheless if given[each]),
    )


def amount_of(written: str | None) -> Decimal | None:
    """Read an amount. Raises `click.BadParameter`."""
    import re

    from sla_audit.intake.facts.amounts import STRICT_AMOUNT

    if written is None:
        return None
    if not re.fullmatch(STRICT_AMOUNT, written, re.ASCII) or not Decimal(written):
        found = Sentence("{written!r}: expected an amount above 0, such as 360.00.", written=written)
        raise click.BadParameter(in_words(found), param_hint="--amount")
    return Decimal(written)


def enter(given: dict[str, Any], asked: Asked, said: Said, how: Enter, *, several: bool = False) -> int:
    """Enter what is said, and print how the claims stand with it."""
    from sla_audit.cli.console import printing
    from sla_audit.cli.options.asked import words_for
    from sla_audit.commands import claim_ledger
    from sla_audit.report.terminal.ledger import print_noted

    which = which_of(given, several=several)
    noted = claim_ledger.enter(asked.ledger, asked.contract, which, said, how)
    with printing() as console:
        for each in noted:
            print_noted(
                each.claim, console, words_for(given, asked.config).of_cycles(asked.contract), was_there=each.was_there
            )
    return 0


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def _with(options: tuple[Callable[..., Any], ...], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command
