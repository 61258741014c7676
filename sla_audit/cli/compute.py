"""`sla-audit compute`: what is owed, to whom, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import printing, warn
from sla_audit.cli.inputs import FILE, config_of, input_options, inputs_of, quiet_of, rejects_option, request_of
from sla_audit.cli.progress import progress_bar

if TYPE_CHECKING:
    from sla_audit.audit import Request
    from sla_audit.report.document import Report

EXIT_FOUND = 1


@click.command()
@input_options
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help="Also write the report to a .json or .csv file. Repeatable.",
)
@rejects_option
@click.option(
    "--show",
    type=click.Choice(["owed", "breached", "all"]),
    help="Which results the table lists.  [default: breached under some reading, the first 60]",
)
@click.option(
    "--near",
    metavar="N",
    type=click.IntRange(min=0),
    help="Mark rates that N failures fewer or more would have moved into another tier.  [default: 3]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breach", "undetermined"]),
    multiple=True,
    help="Exit with 1 where a result is so. Repeatable.",
)
@click.option(
    "--print",
    "printed",
    type=click.Choice(["always", "matters", "never"]),
    help="When to print the table and warnings. Matters: there is money under some reading, a month that has ended "
    "cannot be judged, rows could not be read, or --fail-on found something.  [default: always]",
)
@click.option("--quiet", is_flag=True, default=None, help="Print no table, no warnings and no progress; errors stay.")
def compute(**given: Any) -> int:
    """Print the compensation owed, by account and service cycle.

    LOGS are files, directories or globs of .csv (also .csv.gz and .csv.zst), .jsonl and .parquet
    files, mixed. They need the columns timestamp, account_id and status, under these names or where
    --column says. The columns content_flag, client_aborted, region and api are used where they are
    there.

    \b
    Examples:
      sla-audit compute logs/ --accounts accounts.csv --billing billing.csv
      sla-audit compute 'logs/2026-10-*.parquet' --cycle 2026-10 -o october.json
      sla-audit compute access.csv --column timestamp=date,time
      sla-audit compute --config sla-audit.toml --cycle last --fail-on breach

    \b
    Exit codes:
      0  done (money owed is a result, not a failure)
      1  done, and --fail-on found something
      2  nothing written: wrong usage, or an input that cannot be trusted
    """
    from sla_audit.audit import audit
    from sla_audit.intake.rejects import reject_rows
    from sla_audit.report import files
    from sla_audit.report.attention import matters

    config = config_of(given)
    request = request_of(given, config)
    outputs = [*(given["outputs"] or config.output)]
    rejects = given["rejects"] or config.rejects
    facts = (request.accounts, request.billing, request.exclusions, request.holidays)
    files.check_outputs(outputs, rejects, inputs_of(given, config, request.logs, *facts))

    quiet = quiet_of(given, config)
    with progress_bar(quiet=quiet) as progress:
        result = audit(request, progress)

    files.write_reports(result.report, outputs, rejects, reject_rows(result.rejects))
    totals = result.report.head["totals"]
    found = any(totals[_FLAGS[name]] for name in given["fail_on"] or config.fail_on)
    when = "never" if quiet else given["printed"] or config.print
    if when == "always" or (when == "matters" and (found or matters(result.report))):
        near = config.near if given["near"] is None else given["near"]
        _print(result.report, request, given["show"] or config.show, near)
    return EXIT_FOUND if found else 0


_FLAGS = {"breach": "breached", "undetermined": "undetermined"}


def _print(report: Report, request: Request, show: Any, near: int) -> None:
    from sla_audit.report.terminal import print_report

    warn(report.head["warnings"])
    with printing() as console:
        print_report(report, request.contract, show, console, near)
