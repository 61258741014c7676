"""`sla-audit rows`: the requests behind a figure, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import print_document, warn, write
from sla_audit.cli.options.asked import config_of, cycle_of, inputs_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.output.escape import for_label
from sla_audit.sentence import Sentence, to_say

if TYPE_CHECKING:
    import polars as pl

    from sla_audit.commands.audit import Request
    from sla_audit.commands.rows import RowClass, RowsAsked

_CLASSES: dict[str, tuple[RowClass, ...]] = {
    "all": (),
    "success": ("success",),
    "failed": ("explicit_failure",),
    "excluded": ("excluded",),
    "duplicate": ("duplicate",),
    "outside": ("outside_cycle", "other_service"),
}
_REJECTED = "rejected"
_BYTES_A_BLOCK = 1 << 20


@click.command()
@input_options_beside_format
@click.option("--account", metavar="ID", help="The account. Needed but for --class rejected.")
@click.option(
    "--class",
    "class_",
    type=click.Choice([*_CLASSES, _REJECTED]),
    default="all",
    show_default=True,
    help="What became of the rows, under the reading in force. Outside: on days without service, or of another API. "
    "Rejected: those of any account that cannot be read, and why.",
)
@click.option(
    "--clause", metavar="N", type=click.IntRange(min=1), help="Only what this cause of clause 2.7.1 left out."
)
@click.option("--exclusion", metavar="ID", help="Only what this exclusion left out.")
@click.option("--day", metavar="DAY", help="Only this day, YYYY-MM-DD in the contract's time zone.")
@click.option(
    "-o",
    "--output",
    "output",
    metavar="FILE",
    type=FILE,
    help="Write the rows to a .csv, .jsonl, .parquet or .xlsx file.  [default: print them as CSV]",
)
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Show no progress, no warnings and no sums; errors stay.")
def rows(**given: Any) -> int:
    """List the requests behind a figure: those of an account in a month, each with what became of it, and why.

    A row says in which file and line it stands, when the request was submitted (as logged, and in the
    contract's time zone), its id and its status as logged; then its class under the reading in force and
    under each other one, the clause, the exclusion and the rule of the agreement that decided. There are
    as many rows as the report has requests, class by class. What a row is not counted for is said in its
    class: duplicate, outside_cycle (no service on that day), other_service (another API).

    The logs are read as for a report, once. Tallies have no rows.

    \b
    Examples:
      sla-audit rows --config sla-audit.toml --account acct-7 -o rows.csv
      sla-audit rows logs/ --account acct-7 --cycle last --class failed
      sla-audit rows logs/ --account acct-7 --cycle last --exclusion M-1012
      sla-audit rows logs/ --class rejected -o rejected.csv

    \b
    Exit codes:
      0  done
      2  nothing written: wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.rows import rejected_tables
    from sla_audit.commands.rows import rows as rows_of
    from sla_audit.errors import refuse
    from sla_audit.intake import notices
    from sla_audit.output.destinations import check_places
    from sla_audit.report.rows.columns import laid_out
    from sla_audit.report.rows.files import cannot_hold_rows

    config = config_of(given)
    request = request_of(given, config)
    outputs = [] if given["output"] is None else [given["output"]]
    refuse(cannot_hold_rows(outputs))
    check_places(outputs, None, inputs_of(given, config, request.logs, *request.fact_files))
    quiet, words, found = quiet_of(given, config), words_for(given, config), Counter[str]()
    if given["class_"] == _REJECTED:
        with progress_bar(words, quiet=quiet) as progress:
            tables = rejected_tables(request, progress)
            _put(tables, given["output"])
        return 0
    asked = _asked(given, request)
    with progress_bar(words, quiet=quiet) as progress, rows_of(request, asked, progress) as behind:
        if not quiet:
            warn([notice.told(words.of) for notice in notices.unfinished(behind.case.counted.unfinished)], words)
        tables, keys = _counted(behind.tables, found), behind.case.keys is not None
        _put(laid_out(tables, request.contract, asked.account, request.reading, keys=keys), given["output"])
    if not quiet:
        sums = ", ".join(f"{rows:,} {name}" for name, rows in sorted(found.items()))
        said = words.count_of(
            found.total(),
            "{rows:,} row of {account} in {month}: {classes}",
            "{rows:,} rows of {account} in {month}: {classes}",
            rows=found.total(),
            account=for_label(asked.account),
            month=behind.case.cycle,
            classes=sums or words.of("none"),
        )
        click.echo(said, err=True)
    return 0


def _asked(given: dict[str, Any], request: Request) -> RowsAsked:
    """Say which rows are asked for. Raises `click.UsageError`."""
    from sla_audit.cli.options import parameters
    from sla_audit.commands.rows import RowsAsked

    if given["account"] is None:
        raise click.MissingParameter(param_hint="--account", param_type="option")
    cycle = cycle_of(request)
    day = None if given["day"] is None else parameters.day(given["day"], request.contract.zone, "--day")
    if day is not None and not cycle.first_day <= day <= cycle.last_day:
        raise click.BadParameter(in_words(Sentence("{day} is not in the cycle.", day=day)), param_hint="--day")
    if given["exclusion"] is not None and request.exclusions is None:
        raise click.BadParameter(
            in_words(to_say("needs --exclusions, which says what it is.")), param_hint="--exclusion"
        )
    return RowsAsked(given["account"], frozenset(_CLASSES[given["class_"]]), given["clause"], given["exclusion"], day)


def _counted(tables: Iterator[pl.DataFrame], found: Counter[str]) -> Iterator[pl.DataFrame]:
    """Pass tables on, and count their rows by class."""
    for table in tables:
        found.update(dict(table["class"].value_counts().iter_rows()))
        yield table


def _put(tables: Iterator[pl.DataFrame], output: Path | None) -> None:
    """Write tables to a file, or print them as CSV: all of them, or nothing."""
    from sla_audit.report.rows.files import csv_of_rows, row_blocks
    from sla_audit.system.temporary import numbered_files, put_away

    if output is not None:
        write({output: row_blocks(tables, output)})
        return
    with numbered_files() as files:
        made = files.next()
        with put_away(made, "rows"), made.open("wb") as file:
            file.writelines(csv_of_rows(tables))
        with made.open("rb") as file:
            while block := file.read(_BYTES_A_BLOCK):
                print_document(block)
