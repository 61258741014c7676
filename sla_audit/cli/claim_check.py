"""`sla-audit claim-check`: what can be claimed today, until when, for how much."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from sla_audit.cli.console import printing, warn, warn_by_grade, write
from sla_audit.cli.options.asked import (
    as_of_of,
    config_of,
    contract_of,
    id_of_built_in,
    inputs_of,
    period_of,
    quiet_of,
    reading_of,
    request_of,
    words_for,
)
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option, ledger_option, printed_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.sentence import Sentence

if TYPE_CHECKING:
    import polars as pl

    from sla_audit.cli.options.config import Config
    from sla_audit.contract.model import Contract
    from sla_audit.judge.period import Period
    from sla_audit.model.calendar import WorkingDays
    from sla_audit.model.notice import Notice

EXIT_NOTHING_OPEN = 1

_OF_THE_RUN = {
    "logs": "LOGS",
    "accounts": "--accounts",
    "billing": "--billing",
    "alias": "--alias",
    "exclusions": "--exclusions",
    "dialect": "--dialect",
    "log_format": "--log-format",
    "columns": "--column",
    "delimiter": "--delimiter",
    "encoding": "--encoding",
    "time_zone": "--time-zone",
    "as_of_version": "--as-of-version",
    "apis": "--api",
    "max_rejected": "--max-rejected",
    "no_statistics": "--no-statistics",
    "jobs": "--jobs",
    "engine": "--engine",
    "spark_master": "--spark-master",
}


@click.command("claim-check")
@input_options_beside_format
@click.option(
    "--report",
    metavar="FILE",
    type=FILE,
    help="A report that compute saved as .json, instead of LOGS: nothing is counted again.",
)
@click.option("--account", metavar="ID", help="Check only this account.  [default: all]")
@printed_option("How to print the claims.", people="table")
@click.option(
    "--ics",
    metavar="FILE",
    type=FILE,
    help="Also write calendar reminders: for each cycle the day its claims open and the last day, with their total.",
)
@ledger_option
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; the exit code tells. Errors stay.")
def claim_check(**given: Any) -> int:
    """Tell which claims can be filed, until when, and for how much.

    A claim opens and closes on days that the agreement fixes; working days are those of its calendar.
    Days are those of the contract's time zone. With --ledger, claims that were filed or withdrawn are
    not told as ones to file; nothing is noted.

    \b
    Examples:
      sla-audit claim-check --config sla-audit.toml --ics claims.ics
      sla-audit claim-check --report october.json --ledger claims.db
      sla-audit claim-check --report october.json
      sla-audit claim-check --report october.json --account acct-7

    \b
    Exit codes:
      0  at least one claim can be filed now
      1  none can
      2  nothing written: wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.claim_ledger import tracked
    from sla_audit.commands.claims import claims_of
    from sla_audit.intake.facts.holidays import read_holidays
    from sla_audit.report.claims_document import render_claims
    from sla_audit.report.formats.ics import render_calendar
    from sla_audit.report.selected import chosen
    from sla_audit.report.terminal.claims import print_claims

    config = config_of(given)
    working_days = read_holidays(given["holidays"] or config.holidays, config.facts.holidays)
    judged = _saved(given, config, working_days) if given["report"] else _counted(given, config)
    contract, asked = judged.contract, judged.period.cycles()
    cycles = None if asked is None else [str(cycle) for cycle in asked]
    ledger = given["ledger"] or config.ledger
    known = () if ledger is None else tracked(ledger, contract, judged.as_of).claims
    claims = claims_of(chosen(judged.results, given["account"], cycles), contract, working_days, judged.as_of, known)

    reminders = (
        {}
        if given["ics"] is None
        else {given["ics"]: render_calendar(claims, contract, words_for(given, config), given["account"])}
    )
    if not quiet_of(given, config):
        with printing() as console:
            if given["form"] == "json":
                console.out(render_claims(claims), end="", highlight=False)
            else:
                print_claims(
                    claims,
                    contract,
                    console,
                    every=given["account"] is not None,
                    as_said=judged.as_said,
                    words=words_for(given, config),
                )
    write(reminders)
    return 0 if claims.any_open else EXIT_NOTHING_OPEN


class _Judged(NamedTuple):
    """Results, the contract and the day they were judged by, and the cycles that are asked for.

    Of a saved report, what is `as_said` in it follows from nothing else.
    """

    contract: Contract
    as_of: date
    period: Period
    results: pl.DataFrame
    as_said: tuple[Notice, ...] = ()


def _counted(given: dict[str, Any], config: Config) -> _Judged:
    """Audit the logs."""
    from sla_audit.commands.audit import audit
    from sla_audit.output.destinations import check_places
    from sla_audit.report.standing.warnings import warnings_by_grade

    request = request_of(given, config)
    ledger = given["ledger"] or config.ledger
    if given["ics"] is not None:
        check_places([given["ics"]], None, inputs_of(given, config, request.logs, *request.fact_files, ledger))
    quiet = quiet_of(given, config)
    with progress_bar(words_for(given, config), quiet=quiet) as progress:
        report = audit(request, progress).report
    if not quiet:
        words = words_for(given, config).of_contract(request.contract)
        warn_by_grade(warnings_by_grade(report, words), words)
    return _Judged(request.contract, request.as_of, request.period, report.results)


def _saved(given: dict[str, Any], config: Config, working_days: WorkingDays) -> _Judged:
    """Read a saved report, which holds what its run was given."""
    from sla_audit.commands.claims import results_of
    from sla_audit.commands.verify_report import check
    from sla_audit.model.calendar import INSTALLED
    from sla_audit.output.destinations import check_places
    from sla_audit.report.saved.restore import read_whole

    path: Path = given["report"]
    source = click.get_current_context().get_parameter_source
    beside = [words for name, words in _OF_THE_RUN.items() if source(name) is ParameterSource.COMMANDLINE]
    if beside:
        leave = Sentence("--report holds what its run was given; leave out {options}.", options=", ".join(beside))
        raise click.UsageError(in_words(leave))
    if given["ics"] is not None:
        check_places(
            [given["ics"]],
            None,
            [path, *filter(None, [given["config"], given["holidays"], given["ledger"] or config.ledger])],
        )
    report = read_whole(path)
    contract = contract_of(given, config, default=id_of_built_in(report))
    as_of = as_of_of(given, config, contract)
    reading = reading_of(given, config, contract, default=report.reading)
    running = sorted({result.cycle for result in report.results if result.reason == "cycle_running"})
    if running and report.as_of < as_of:
        words = words_for(given, config)
        said = words.say(
            "the report is of {as_of}, when {cycles} had not ended: make it again to know more",
            as_of=report.as_of,
            cycles=words.listed(running),
        )
        warn([said], words)
    results = results_of(report, path, contract, as_of, reading, working_days)
    as_said = check(report, path, contract, working_days if report.holidays is not None else INSTALLED)
    return _Judged(
        contract, as_of, period_of(given, config, as_of, contract), results, tuple(each.said for each in as_said)
    )
