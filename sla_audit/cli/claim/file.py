"""`sla-audit claim file`: a claim was sent to the other side."""

from __future__ import annotations

from typing import Any

import click

from sla_audit.cli.claim.options import amount_option, asked_of, enter, entry_options, said_of
from sla_audit.cli.options.spoken import in_words
from sla_audit.sentence import to_say


@click.command("file")
@entry_options
@amount_option
@click.option("--late", is_flag=True, help="It was filed after the last day, nevertheless.")
@click.option("--early", is_flag=True, help="It was filed before the first day, nevertheless.")
def file(**given: Any) -> int:
    """Note that claims were filed.

    They were sent to the other side by e-mail or in writing. What was claimed is what the last run
    found to be owed, unless --amount says otherwise. A claim that was filed in time does not lapse.
    Several claims may be filed with one letter. The same said again is not noted twice.

    \b
    Examples:
      sla-audit claim file 3 --ledger claims.db --reference MAIL-17
      sla-audit claim file 3 4 5 --ledger claims.db --on 2026-11-12
      sla-audit claim file --account acct-7 --ledger claims.db --amount 350.00

    \b
    Exit codes:
      0  noted, or there already
      2  nothing noted: wrong usage, a bad ledger, or what makes no sense
    """
    from sla_audit.ledger import entering

    asked = asked_of(given)
    said = said_of(given, asked, "late", "early")
    if said.amount is not None and len(given["numbers"]) > 1:
        raise click.UsageError(in_words(to_say("--amount is that of one claim; name one NUMBER.")))
    return enter(given, asked, said, entering.file, several=True)
