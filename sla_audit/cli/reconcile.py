"""`sla-audit reconcile`: where two sides differ, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import printing, write
from sla_audit.cli.options import completion
from sla_audit.cli.options.asked import config_of, inputs_of, month_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import lang_option, printed_option, side_options
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar

if TYPE_CHECKING:
    from sla_audit.commands.audit import Request
    from sla_audit.commands.two_sides.reconcile import Given
    from sla_audit.output.atomic import Content
    from sla_audit.report.comparison import Compared

EXIT_DIFFER = 1
_OF_BOTH = ("config", "contract", "cycle", "as_of", "reading", "holidays", "jobs", "quiet", "lang")


@click.command()
@click.argument("ours", type=completion.Logs())
@click.argument("theirs", type=completion.Logs())
@side_options
@click.option("--account", metavar="ID", required=True, help="The account to compare.")
@click.option(
    "--their-config",
    metavar="FILE",
    type=FILE,
    help="How their logs are written, and which facts they assert.  [default: as ours]",
)
@click.option(
    "--their-exclusions",
    metavar="FILE",
    type=FILE,
    help="The exclusions that they assert.  [default: those of --their-config, or ours]",
)
@printed_option("How to print the comparison.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=FILE,
    help="Also write it as .json; or the requests that differ, one by one, as .csv, .jsonl, .parquet or .xlsx.",
)
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; the exit code tells. Errors stay.")
def reconcile(**given: Any) -> int:
    """Compare what two sides count for an account in a month: OURS and THEIRS, each logs, a tally or a report.

    First what both come to, class by class and in money; then what differs: requests that only one side has, that
    ended otherwise on the other side, that the other does not count (another month, out of service, a duplicate), or
    judges otherwise, as where it excludes them. Of each it is said how many requests they are, and by how much the
    compensation moves with them, once what stands above is settled: together, that is the difference of the
    amounts. Days that differ come last.

    Requests are the same where id and time are, else where the id is, else, without ids, where the time is. Where a
    side is a tally, outcomes are compared, not requests; where one is a saved report (.json), classes and clauses.

    \b
    Examples:
      sla-audit reconcile ours/ theirs/ --account acct-7 --cycle 2026-10
      sla-audit reconcile ours/ theirs/ --config sla-audit.toml \\
        --their-config theirs.toml --account acct-7 --cycle last -o differ.xlsx

    \b
    Exit codes:
      0  both sides agree
      1  they differ
      2  wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.two_sides.reconcile import reconcile as compare
    from sla_audit.output.destinations import check_places
    from sla_audit.report.comparison import Compared, render_comparison
    from sla_audit.report.terminal.comparison import print_comparison

    config, output = config_of(given), given["output"]
    ours = request_of(given | {"logs": (given["ours"],)}, config)
    theirs = _theirs(given)
    month = month_of(ours)
    _check(output)
    read = [path for each in (ours, theirs) for path in inputs_of(given, config, each.logs, *each.fact_files)]
    check_places([] if output is None else [output], None, read)
    quiet, contract = quiet_of(given, config), ours.contract
    with progress_bar(words_for(given, config), quiet=quiet) as progress:
        sides = _given(ours, given["ours"]), _given(theirs, given["theirs"])
        comparison = compare(*sides, given["account"], month, progress)
    compared = Compared(
        contract=contract.identity,
        reading=ours.reading,
        as_of=ours.as_of,
        currency=contract.currency,
        time_zone=contract.time_zone,
        account_id=given["account"],
        cycle=str(month),
        comparison=comparison,
    )
    if not quiet:
        with printing() as console:
            if given["form"] == "json":
                console.out(render_comparison(compared), end="", highlight=False)
            else:
                print_comparison(compared, contract, console, words_for(given, config))
    write(_files(compared, output))
    return 0 if comparison.agree else EXIT_DIFFER


def _theirs(given: Mapping[str, Any]) -> Request:
    """Say what is asked of their logs: in all that is not said otherwise, what is asked of ours."""
    said = dict(given)
    if given["their_config"] is not None:
        said = {
            name: value if name in _OF_BOTH else type(value)() if isinstance(value, tuple) else None
            for name, value in given.items()
        }
        said["config"] = given["their_config"]
    said |= {"logs": (given["theirs"],)}
    if given["their_exclusions"] is not None:
        said["exclusions"] = given["their_exclusions"]
    return request_of(said, config_of(said))


def _given(request: Request, path: str) -> Given:
    from sla_audit.commands.two_sides.reconcile import Given
    from sla_audit.commands.two_sides.saved_side import is_saved_report

    return Given(request, Path(path) if is_saved_report(Path(path)) else None)


def _check(output: Any) -> None:
    """Refuse an output that cannot be made. Raises `InputError`."""
    from sla_audit.errors import refuse
    from sla_audit.report.rows.files import cannot_hold_rows

    if output is not None and output.suffix.lower() != ".json":
        refuse(cannot_hold_rows([output]))


def _files(compared: Compared, output: Any) -> dict[Any, Content]:
    from sla_audit.report.comparison import one_by_one, render_comparison
    from sla_audit.report.rows.files import row_blocks

    if output is None:
        return {}
    if output.suffix.lower() == ".json":
        return {output: render_comparison(compared)}
    return {output: row_blocks([one_by_one(compared)], output)}
