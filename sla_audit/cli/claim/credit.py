"""`sla-audit claim credit`: money has come, as a voucher on a later bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.claim.options import Asked, amount_option, asked_of, enter, entry_options, said_of
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.sentence import Sentence

if TYPE_CHECKING:
    from sla_audit.ledger.entering import Said

EXIT_UNMATCHED = 1


@click.command("credit")
@entry_options
@amount_option
@click.option(
    "--from",
    "bill",
    metavar="FILE",
    type=FILE,
    help="Credit all vouchers of a bill: a table with account_id, voucher (an amount) and, if it has them, voucher_id "
    "and credited_on. Each is matched by reference, or else by account and amount.",
)
@click.option("--more", is_flag=True, help="It is more in all than what was approved or claimed, and right.")
def credit(**given: Any) -> int:
    """Note a credit: a voucher on a later bill.

    Without --amount it is all that is still to come. Several credits of a claim add up. One of the same
    day, amount and --reference as another is that one, and is not noted twice. With --from, vouchers
    that match no claim, or several, are named, and nothing is noted of them.

    \b
    Examples:
      sla-audit claim credit 3 --ledger claims.db --reference V-2041
      sla-audit claim credit 3 --ledger claims.db --amount 180.00
      sla-audit claim credit --from bill-2026-12.csv --ledger claims.db

    \b
    Exit codes:
      0  noted, or there already
      1  --from has vouchers that match no claim, or several
      2  nothing noted: wrong usage, a bad ledger, or what makes no sense
    """
    from sla_audit.ledger import entering

    asked = asked_of(given)
    said = said_of(given, asked, "more")
    if given["bill"] is not None:
        return _from_bill(given, asked, said)
    return enter(given, asked, said, entering.credit)


def _from_bill(given: dict[str, Any], asked: Asked, said: Said) -> int:
    """Credit what a bill has, and say what matches no claim, or several."""
    from sla_audit.cli.console import printing
    from sla_audit.cli.options.asked import words_for
    from sla_audit.commands.claim_ledger import credit_from
    from sla_audit.intake.facts.vouchers import read_vouchers
    from sla_audit.report.terminal.vouchers import print_vouchers

    beside = {"numbers": "NUMBER", "account": "--account", "cycle": "--cycle", "amount": "--amount"}
    spoken = [words for name, words in beside.items() if given[name]]
    if spoken:
        leave = Sentence("--from says which claims, and how much; leave out {options}.", options=", ".join(spoken))
        raise click.UsageError(in_words(leave))
    if not asked.contract.compensation.is_money:
        found = Sentence("the contract {contract} owes no money, as vouchers are", contract=asked.contract.id)
        raise click.UsageError(in_words(found))
    vouchers = read_vouchers(given["bill"], asked.config.facts.billing, asked.contract.currency)
    words = words_for(given, asked.config)
    matched = credit_from(asked.ledger, asked.contract, vouchers, said)
    with printing() as console:
        print_vouchers(
            [(each.voucher, each.outcome, each.claims) for each in matched], asked.contract.currency, console, words
        )
    return 0 if all(each.outcome in {"credited", "was_there"} for each in matched) else EXIT_UNMATCHED
