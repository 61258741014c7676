"""`sla-audit claim`: what becomes of each claim, and the pack with which it is filed."""

from __future__ import annotations

import click

from sla_audit.cli.claim.pack import pack


@click.group()
def claim() -> None:
    """Make what a claim is filed with.

    \b
    Examples:
      sla-audit claim pack --config sla-audit.toml --cycle last --all -o claims/
    """


for command in (pack,):
    claim.add_command(command)
