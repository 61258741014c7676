"""`sla-audit explain`: why an account got its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import printing, warn, write
from sla_audit.cli.options.asked import config_of, cycle_of, inputs_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option, printed_option
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.audit import Request
    from sla_audit.commands.one_account import OneAccount
    from sla_audit.commands.traced_logs import Traced


@click.command()
@input_options_beside_format
@click.option("--account", metavar="ID", required=True, help="The account to explain.")
@printed_option("How to print the explanation.")
@click.option(
    "--rows",
    metavar="FILE",
    type=FILE,
    help="Also write the requests behind it to a .csv, .jsonl, .parquet or .xlsx file: see sla-audit rows.",
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
      sla-audit explain logs/ --account acct-7 --cycle last --rows acct-7.xlsx

    \b
    Exit codes:
      0  done
      2  wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.explain import count_for, explained
    from sla_audit.commands.one_account import facts_and_keys
    from sla_audit.report.explanation import render_explanation
    from sla_audit.report.terminal.explanation import print_explanation

    config = config_of(given)
    request = request_of(given, config)
    cycle_of(request)
    quiet, words = quiet_of(given, config), words_for(given, config)
    _check_rows(given, config, request)
    facts, keys = facts_and_keys(request, given["account"])
    with _rows_wanted(given, request, keys) as rows:
        with progress_bar(words, quiet=quiet) as progress:
            case = count_for(request, given["account"], facts, progress, rows)
        explanation = explained(case, request)
        if not quiet:
            warn([notice.told(words.of) for notice in explanation.notices], words)
        with printing() as console:
            if given["form"] == "json":
                console.out(render_explanation(explanation), end="", highlight=False)
            else:
                print_explanation(explanation, request.contract, console, words)
        write({} if rows is None else {given["rows"]: _rows_of(case, request, given["rows"])})
    return 0


def _check_rows(given: dict[str, Any], config: Config, request: Request) -> None:
    """Refuse a file of rows that cannot be made. Raises `InputError`."""
    from sla_audit.errors import refuse
    from sla_audit.output.destinations import check_places
    from sla_audit.report.rows.files import cannot_hold_rows

    if given["rows"] is not None:
        refuse(cannot_hold_rows([given["rows"]]))
        check_places([given["rows"]], None, inputs_of(given, config, request.logs, *request.fact_files))


def _rows_wanted(
    given: dict[str, Any], request: Request, keys: frozenset[str]
) -> AbstractContextManager[Traced | None]:
    """Make room for the rows behind an explanation, where they are asked for."""
    from sla_audit.commands.rows import RowsAsked, kept_rows

    return nullcontext() if given["rows"] is None else kept_rows(request, RowsAsked(given["account"]), keys)


def _rows_of(case: OneAccount, request: Request, path: Path) -> Iterator[bytes]:
    from sla_audit.commands.rows import RowsAsked, tables_of
    from sla_audit.report.rows.columns import laid_out
    from sla_audit.report.rows.files import row_blocks

    tables = tables_of(case, RowsAsked(case.account))
    return row_blocks(
        laid_out(tables, request.contract, case.account, request.reading, keys=case.keys is not None), path
    )
