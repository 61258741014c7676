"""`sla-audit claim show`: all that the ledger holds of a claim."""

from __future__ import annotations

from typing import Any

import click

from sla_audit.cli.claim.options import asked_of, which_of, which_options


@click.command("show")
@which_options
def show(**given: Any) -> int:
    """Show all that is held of a claim.

    That is how it stands, what runs found, and each entry, those that are struck out too.

    \b
    Examples:
      sla-audit claim show 3 --ledger claims.db
      sla-audit claim show --account acct-7 --cycle 2026-10 --ledger claims.db

    \b
    Exit codes:
      0  done
      2  wrong usage, a ledger that cannot be used, or no such claim
    """
    from sla_audit.cli.console import printing
    from sla_audit.cli.options.asked import words_for
    from sla_audit.commands.claim_ledger import shown
    from sla_audit.report.terminal.ledger import print_claim

    asked = asked_of(given)
    claim, history = shown(asked.ledger, asked.contract, which_of(given), asked.as_of)
    with printing() as console:
        print_claim(claim, history, asked.as_of, console, words_for(given, asked.config).of_cycles(asked.contract))
    return 0
