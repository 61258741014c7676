"""`sla-audit claim answer`: what the other side says to a claim."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import click

from sla_audit.cli.claim.options import amount_option, asked_of, enter, entry_options, said_of
from sla_audit.cli.options.spoken import in_words
from sla_audit.sentence import to_say


@click.command("answer")
@entry_options
@click.option("--approved", is_flag=True, help="All that was claimed is approved.")
@click.option("--rejected", is_flag=True, help="Nothing is.")
@amount_option
@click.option("--more", is_flag=True, help="The amount is more than what was claimed, and right.")
def answer(**given: Any) -> int:
    """Note what the other side answers.

    It approves all that was claimed, an --amount, or nothing. A later answer, such as one to an
    objection, takes the place of an earlier one. The same said again is not noted twice.

    \b
    Examples:
      sla-audit claim answer 3 4 --approved --ledger claims.db
      sla-audit claim answer 3 --amount 180.00 --ledger claims.db
      sla-audit claim answer 3 --rejected --ledger claims.db --on 2026-11-20

    \b
    Exit codes:
      0  noted, or there already
      2  nothing noted: wrong usage, a bad ledger, or what makes no sense
    """
    from sla_audit.ledger import entering

    if [given["approved"], given["rejected"], given["amount"] is not None].count(True) != 1:
        raise click.UsageError(
            in_words(to_say("Say what was answered: one of --approved, --amount AMOUNT and --rejected."))
        )
    if given["amount"] is not None and len(given["numbers"]) > 1:
        raise click.UsageError(in_words(to_say("--amount is that of one claim; name one NUMBER.")))
    asked = asked_of(given)
    said = said_of(given, asked, "more")
    if given["rejected"]:
        said = replace(said, amount=Decimal(0))
    return enter(given, asked, said, entering.answer, several=True)
