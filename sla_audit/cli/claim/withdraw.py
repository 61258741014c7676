"""`sla-audit claim withdraw`: a claim is taken back, or will not be filed."""

from __future__ import annotations

from typing import Any

import click

from sla_audit.cli.claim.options import asked_of, enter, entry_options, said_of


@click.command("withdraw")
@entry_options
def withdraw(**given: Any) -> int:
    """Note that claims are withdrawn.

    They were taken back, or are not going to be filed. They are no longer among those that will lapse.
    A claim that was withdrawn may be filed again.

    \b
    Examples:
      sla-audit claim withdraw 3 --ledger claims.db --note "settled by phone"
      sla-audit claim withdraw --account acct-7 --ledger claims.db

    \b
    Exit codes:
      0  noted, or there already
      2  nothing noted: wrong usage, a bad ledger, or what makes no sense
    """
    from sla_audit.ledger import entering

    asked = asked_of(given)
    return enter(given, asked, said_of(given, asked), entering.withdraw, several=True)
