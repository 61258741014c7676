"""`sla-audit dialects`: the gateways whose logs are understood as they are."""

from __future__ import annotations

import click

from sla_audit.cli.console import printing


@click.command()
def dialects() -> int:
    """List the dialects: how gateways write their logs.

    A dialect names the columns, and tells from some fields whether a request was answered, got no answer
    from the service, or was left by the client. It is chosen by --dialect, or by the columns of a log where it
    alone fits them. A TOML file of your own works the same.

    \b
    Example:
      sla-audit dialects
    """
    from sla_audit.intake.dialects.dialect import built_in_dialects
    from sla_audit.report.terminal.dialects import print_dialects

    with printing() as console:
        print_dialects(built_in_dialects().values(), console)
    return 0
