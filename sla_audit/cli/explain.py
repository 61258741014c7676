"""`sla-audit explain`: why an account got its verdict."""

from __future__ import annotations

from typing import Any

import click

from sla_audit.cli.console import printing, warn
from sla_audit.cli.options.asked import config_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option
from sla_audit.cli.progress import progress_bar


@click.command()
@input_options_beside_format
@click.option("--account", metavar="ID", required=True, help="The account to explain.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the explanation.",
)
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Show no progress.")
def explain(**given: Any) -> int:
    """Explain the verdict of one account for one cycle, line by line.

    From all requests through each clause to the explicit failures; the rate as a fraction, its tier
    and how far the next one is; the amount's arithmetic; what the other side will argue, and what each
    argument is worth: the other readings, and every exclusion left out, or announced in time.

    \b
    Examples:
      sla-audit explain --config sla-audit.toml --account acct-7 --cycle 2026-10
      sla-audit explain logs/ --account acct-7 --cycle last --format json

    \b
    Exit codes:
      0  done
      2  wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.explain import explain as explain_verdict
    from sla_audit.report.explanation import render_explanation
    from sla_audit.report.terminal.explanation import print_explanation

    config = config_of(given)
    request = request_of(given, config)
    if len(request.period.months() or ()) != 1:
        raise click.BadParameter("expected one month, such as 2026-10 or last.", param_hint="--cycle")
    with progress_bar(quiet=quiet_of(given, config)) as progress:
        explained = explain_verdict(request, given["account"], progress)
    words = words_for(given, config)
    if not quiet_of(given, config):
        warn([notice.told(words.of) for notice in explained.notices], words)
    with printing() as console:
        if given["form"] == "json":
            console.out(render_explanation(explained), end="", highlight=False)
        else:
            print_explanation(explained, request.contract, console, words)
    return 0
