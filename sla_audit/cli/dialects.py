"""`sla-audit dialects`: the gateways whose logs are understood as they are."""

from __future__ import annotations

from pathlib import Path

import click

from sla_audit.cli.console import printing
from sla_audit.cli.options.inputs import lang_option
from sla_audit.cli.options.values import FILE


@click.command()
@click.option(
    "--from",
    "config",
    metavar="FILE",
    type=FILE,
    help="List the log formats of a gateway's own configuration (nginx.conf, httpd.conf, haproxy.cfg, Envoy's) "
    "instead, and what to give --log-format for each.",
)
@lang_option
def dialects(config: Path | None, lang: str | None) -> int:
    """List the dialects: how gateways write their logs.

    A dialect names the columns, and tells from some fields whether a request was answered, got no answer
    from the service, or was left by the client. It is chosen by --dialect, or by the columns of a log where it
    alone fits them. A TOML file of your own works the same.

    \b
    Examples:
      sla-audit dialects
      sla-audit dialects --from /etc/nginx/nginx.conf
    """
    from sla_audit.intake.dialects.dialect import built_in_dialects
    from sla_audit.intake.dialects.log_format import formats_of
    from sla_audit.report.language import words_of
    from sla_audit.report.terminal.dialects import print_dialects, print_formats

    words = words_of(lang or "en")
    with printing() as console:
        if config is None:
            print_dialects(built_in_dialects().values(), console, words)
        else:
            print_formats(formats_of(config), console, words)
    return 0
