"""`sla-audit claim credit`: money has come, as a voucher on a later bill."""

from __future__ import annotations

from typing import Any

import click

from sla_audit.cli.claim.options import amount_option, asked_of, enter, entry_options, said_of


@click.command("credit")
@entry_options
@amount_option
@click.option("--more", is_flag=True, help="It is more in all than what was approved or claimed, and right.")
def credit(**given: Any) -> int:
    """Note a credit: a voucher on a later bill.

    Without --amount it is all that is still to come. Several credits of a claim add up. One of the same
    day, amount and --reference as another is that one, and is not noted twice.

    \b
    Examples:
      sla-audit claim credit 3 --ledger claims.db --on 2026-12-03 --reference V-2041
      sla-audit claim credit 3 --ledger claims.db --amount 180.00 --reference V-2042

    \b
    Exit codes:
      0  noted, or there already
      2  nothing noted: wrong usage, a ledger that cannot be used, or an entry that makes no sense
    """
    from sla_audit.ledger import entering

    asked = asked_of(given)
    return enter(given, asked, said_of(given, asked, "more"), entering.credit)
