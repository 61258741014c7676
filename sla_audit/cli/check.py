"""`sla-audit check`: a first look, before a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sla_audit.cli.console import printing
from sla_audit.cli.options.asked import config_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option, printed_option

if TYPE_CHECKING:
    from sla_audit.report.check_document import Check

EXIT_REFUSED = 2
_OWN = {"form", "lang", "quiet"}


@click.command()
@input_options_beside_format
@printed_option("How to print what was seen.")
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; the exit code tells. Errors stay.")
def check(**given: Any) -> int:
    """Look at logs and facts before a run: seconds, and nothing is written.

    Tells what the logs of any directory are: their formats, dialects, columns, time zones, months and
    accounts; what is left out; which facts match nothing; which rows a run would refuse; about how long it
    takes; and which command to run next. Facts are read whole. Of the logs, heads, footers and a sample are:
    256 KB at the beginning and 64 KB at the end of a text, 20,000 rows of a Parquet file, of 100 files at
    most. What is not looked at may still be refused by a run.

    \b
    Examples:
      sla-audit check logs/
      sla-audit check logs/ --accounts accounts.csv --billing billing.csv
      sla-audit check --config sla-audit.toml --format json

    \b
    Exit codes:
      0  a run would go through, as far as was looked
      2  it would be refused, or wrong usage
    """
    from sla_audit.commands.preflight.check import check as look
    from sla_audit.report.check_document import render_check
    from sla_audit.report.terminal.check import print_check

    config = config_of(given)
    request = request_of(given, config)
    found = look(request)
    found = replace(found, next=_next(found, given))
    if not quiet_of(given, config):
        with printing() as console:
            if given["form"] == "json":
                console.out(render_check(found), end="", highlight=False)
            else:
                print_check(found, request.contract, console, words_for(given, config))
    return EXIT_REFUSED if found.problems else 0


def _next(found: Check, given: dict[str, Any]) -> tuple[str, ...]:
    """Give the command that counts what was looked at, with what is lacking to be filled in."""
    context = click.get_current_context()
    words = ["sla-audit", "compute", *given["logs"]]
    for parameter in context.command.params:
        if not isinstance(parameter, click.Option) or parameter.name in _OWN or parameter.name is None:
            continue
        if context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
            value, name = given[parameter.name], max(parameter.opts, key=len)
            values = value if isinstance(value, tuple) else [value]
            words += [name] if parameter.is_flag else [word for each in values for word in (name, str(each))]
    known = [each.path for each in found.left_out if each.looks_like is not None]
    if not found.groups and known:
        words[2 : 2 + len(given["logs"])] = [*known, "--format", "log"]
    several = [group for group in found.groups if len(group.dialects) > 1]
    words += ["--dialect", "|".join(several[0].dialects)] if several else []
    lacks = dict.fromkeys(name for group in found.groups for name in group.lacks)
    words += [word for name in lacks for word in ("--column", f"{name}=NAME")]
    return tuple(words)
