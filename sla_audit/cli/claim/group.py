"""`sla-audit claim`: what became of each claim, from the day it is detected to the voucher on a later bill."""

from __future__ import annotations

import click

from sla_audit.cli.claim.answer import answer
from sla_audit.cli.claim.correct import correct
from sla_audit.cli.claim.credit import credit
from sla_audit.cli.claim.file import file
from sla_audit.cli.claim.listing import list_claims
from sla_audit.cli.claim.pack import pack
from sla_audit.cli.claim.show import show
from sla_audit.cli.claim.withdraw import withdraw


@click.group()
def claim() -> None:
    """Keep a ledger of claims: what is to be filed, what was, and what became of it.

    sla-audit compute --ledger FILE notes what logs show to be owed. The commands below note what people did and
    said. How a claim stands on a day follows from these, and is stored nowhere. claim pack writes the letter,
    with all by which the other side can check it; it needs no ledger, but notes there what it made.

    \b
    Examples:
      sla-audit claim pack --config sla-audit.toml --cycle last --all -o claims/
      sla-audit claim list --ledger claims.db --state lapsing --within 7
      sla-audit claim file 3 4 --ledger claims.db --reference MAIL-17
      sla-audit claim answer 3 --approved --ledger claims.db
      sla-audit claim credit 3 --ledger claims.db --reference V-2041
    """


for command in (list_claims, show, pack, file, answer, credit, withdraw, correct):
    claim.add_command(command)
