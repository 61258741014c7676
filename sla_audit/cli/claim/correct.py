"""`sla-audit claim correct`: an entry was wrong, and is struck out."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from sla_audit.cli.claim.options import MOST_CLAIMS, asked_of, enter, entry_options, said_of


@click.command("correct")
@entry_options
@click.option(
    "--entry",
    metavar="NUMBER",
    type=click.IntRange(min=1, max=MOST_CLAIMS),
    required=True,
    allow_from_autoenv=False,
    help="The entry to strike out, as claim show numbers it.",
)
def correct(**given: Any) -> int:
    """Strike out an entry that was wrong.

    It is as if it had never been said; then say what is right. The entry stays in the ledger and is
    shown as struck out. One on which others rest, as an answer rests on a filing, cannot be struck out
    before them.

    \b
    Examples:
      sla-audit claim correct 3 --entry 7 --ledger claims.db
      sla-audit claim file 3 --ledger claims.db --on 2026-11-12 --amount 360.00

    \b
    Exit codes:
      0  noted, or there already
      2  nothing noted: wrong usage, a bad ledger, or what cannot be
    """
    from sla_audit.ledger import entering

    asked = asked_of(given)
    entry = given["entry"]
    return enter(given, asked, said_of(given, asked), partial(entering.correct, number=entry))
