"""`sla-audit compute`: what is owed, to whom, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import print_document, printing, warn_by_grade, write
from sla_audit.cli.options.asked import config_of, inputs_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import (
    hash_logs_option,
    input_options,
    lang_option,
    ledger_option,
    metering_option,
    output_option,
    rejects_option,
)
from sla_audit.cli.options.values import MOST_NEAR
from sla_audit.cli.progress import progress_bar
from sla_audit.cli.several import compute_several
from sla_audit.report.formats.registry import STDOUT, by_day, render

if TYPE_CHECKING:
    from sla_audit.commands.audit import Request
    from sla_audit.report.document import Report
    from sla_audit.report.language import Words

EXIT_FOUND = 1


@click.command()
@input_options
@output_option
@rejects_option
@hash_logs_option
@metering_option
@ledger_option
@click.option(
    "--show",
    type=click.Choice(["owed", "breached", "all"]),
    help="Which results the table lists.  [default: breached under some reading, the first 60]",
)
@click.option(
    "--near",
    metavar="N",
    type=click.IntRange(min=0, max=MOST_NEAR),
    help="Mark rates that N failures fewer or more would have moved into another tier.  [default: 3]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breach", "undetermined", "gaps"]),
    multiple=True,
    help="Exit with 1 where a result is so, or where the logs are not whole: gaps looks at the time of every row, for "
    "months without rows, at billed calls that are not in the logs, and at what lay beside the logs and was not read. "
    "Repeatable.",
)
@click.option(
    "--print",
    "printed",
    type=click.Choice(["always", "matters", "never"]),
    help="When to print the table and warnings. Matters: there is money under some reading, a month that has ended "
    "cannot be judged, rows could not be read or seem to be missing, files beside the logs were not read, a fee is "
    "billed without any request, more than a tenth of an account's requests are flagged as illegal content, or "
    "--fail-on found something.  [default: always]",
)
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print no table, no warnings and no progress; errors stay.")
def compute(**given: Any) -> int:
    """Print the compensation owed, by account and service cycle.

    LOGS are files, directories or globs of .csv, .json, .jsonl and .log (each also rotated, and
    packed: .gz, .zst) and .parquet files, mixed; or streams, with --format: - is standard input. They
    need the columns timestamp, account_id and status, under these names or where --column says;
    directories such as account_id=acme are columns too. The columns content_flag, client_aborted,
    region and api are used where they are there, and error_code and duration where the agreement asks
    for them; so is request_id, by which rows that were sent twice are counted once.

    Every path may be that of an object in a store, such as s3://bucket/key. Of paths with {yyyy}, {mm}
    and {dd} in them, only those of the days of --cycle are looked for, and of a day around them.

    \b
    Examples:
      sla-audit compute logs/ --accounts accounts.csv --billing billing.csv
      sla-audit compute 'logs/2026-10-*.parquet' --cycle 2026-10 -o october.json
      sla-audit compute logs/ --cycle last -o report.xlsx -o report.md
      sla-audit compute logs/ --cycle last -o - | jq .totals
      sla-audit compute 's3://logs/{yyyy}/{mm}/{dd}/' --cycle last
      sla-audit compute access.csv --column timestamp=date,time
      sla-audit compute <(ssh gateway cat access.log) --format log
      sla-audit compute --config sla-audit.toml --fail-on breach --fail-on gaps
      sla-audit compute --config sla-audit.toml --cycle last --ledger claims.db

    \b
    Exit codes:
      0  done (money owed is a result, not a failure)
      1  done, and --fail-on found something
      2  nothing written: wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.audit import audit
    from sla_audit.commands.claim_ledger import check_ledger, with_ledger
    from sla_audit.intake.reject_store import all_of, reject_files
    from sla_audit.intake.rejects import reject_rows
    from sla_audit.report.attention import found_in, matters
    from sla_audit.report.formats import write as files
    from sla_audit.report.standing.warnings import warnings_by_grade

    config = config_of(given, several=True)
    fail_on = set(given["fail_on"] or config.fail_on)
    if config.audits:
        return EXIT_FOUND if fail_on & compute_several(given, config) else 0
    outputs = [*(given["outputs"] or config.output)]
    request = request_of(given, config)
    rejects = given["rejects"] or config.rejects
    ledger = given["ledger"] or config.ledger
    files.check_outputs(outputs, rejects, inputs_of(given, config, request.logs, *request.fact_files, ledger))
    if ledger is not None:
        check_ledger(ledger)
    request = replace(request, daily=by_day(outputs), every_time="gaps" in fail_on)

    quiet, words = quiet_of(given, config), words_for(given, config)
    with reject_files(wanted=rejects is not None) as kept:
        request = replace(request, logs=replace(request.logs, reject_files=kept))
        with progress_bar(words, quiet=quiet) as progress:
            result = audit(request, progress)
        if ledger is not None:
            result = replace(result, report=with_ledger(result.report, request.contract, ledger, request.as_of))

        rejected = reject_rows(all_of(result.rejects))
        contents = files.rendered(result.report, request.contract, outputs, rejects, rejected, words)
        found = bool(fail_on & found_in(result.report))
        when = "never" if quiet else given["printed"] or config.print
        told = when == "always" or (when == "matters" and (found or matters(result.report)))
        if told:
            cited = words.of_contract(request.contract)
            warn_by_grade(warnings_by_grade(result.report, cited), cited)
        if STDOUT in outputs:
            print_document(render(result.report, request.contract, STDOUT))
        elif told:
            near = config.near if given["near"] is None else given["near"]
            _print(result.report, request, given["show"] or config.show, near, words)
        write(contents)
    return EXIT_FOUND if found else 0


def _print(report: Report, request: Request, show: Any, near: int, words: Words) -> None:
    from sla_audit.report.terminal.report import print_report

    with printing() as console:
        print_report(report, request.contract, show, console, near, words)
