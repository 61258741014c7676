"""`sla-audit tally`: count logs once, for as many audits as it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import warn, write
from sla_audit.cli.options.asked import config_of, contract_of, inputs_of, logs_of, quiet_of, words_for
from sla_audit.cli.options.inputs import lang_option, log_options, rejects_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.cli.update import say_taken, update_tallies
from sla_audit.sentence import Sentence, to_say

if TYPE_CHECKING:
    from sla_audit.output.atomic import Content


@click.command()
@log_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=FILE,
    help="The tally to write, a .tally.parquet file.",
)
@click.option(
    "--update",
    metavar="DIR",
    type=FILE,
    help="Instead of -o: count what no tally in a directory counts yet, into one more.",
)
@click.option(
    "--keep",
    type=click.Choice(["api", "region", "error_code"]),
    multiple=True,
    help="Tell requests apart by this as well, for --api, exclusions of some APIs or regions, and agreements that "
    "name error codes. Repeatable.",
)
@rejects_option
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing but errors.")
def tally(**given: Any) -> int:
    """Count logs into a tally, which every command takes wherever it takes logs.

    A tally has the number of requests by account, day, status and flags, and is read much faster than
    the logs. Days begin in the contract's time zone. Tallies add up: give several, or tallies and
    logs together; a log that would be counted twice is refused.

    An exclusion may begin or end at any time of day. Give --exclusions, and days are cut at the edges
    of these windows as well. A window that comes later and cuts a day is refused where it matters, that is
    where requests failed on that day: keep the logs, they are needed then.

    With --update, logs that a tally in the directory counts are known again by what is in them, moved,
    renamed or packed. A tally of which a log has grown is counted anew, from all its logs; a log that was
    rewritten is refused. Duplicates are told among the logs of one update, and not between updates.

    \b
    Examples:
      sla-audit tally logs/2026-10-01/ -o tallies/2026-10-01.tally.parquet
      sla-audit tally tallies/2026-10-*.tally.parquet -o october.tally.parquet
      sla-audit tally --update tallies/ logs/
      sla-audit compute october.tally.parquet --billing billing.csv

    \b
    Exit codes:
      0  done
      2  nothing written: wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.audit import take_tally
    from sla_audit.intake.reject_store import all_of, reject_files
    from sla_audit.intake.rejects import reject_rows
    from sla_audit.output.destinations import check_places
    from sla_audit.report.formats.csv_file import csv_blocks
    from sla_audit.tally.saved.write import SUFFIX

    config = config_of(given)
    contract = contract_of(given, config)
    logs = logs_of(given, config)
    exclusions = given["exclusions"] or config.exclusions
    output, directory, rejects = given["output"], given["update"], given["rejects"] or config.rejects
    if (output is None) == (directory is None):
        raise click.UsageError(in_words(to_say("Expected -o FILE, or --update DIR.")))
    if directory is not None:
        return update_tallies(given, config, logs, contract)
    if not output.name.lower().endswith(SUFFIX):
        found = Sentence("{file!r} does not end with {suffix}.", file=output.as_posix(), suffix=SUFFIX)
        raise click.BadParameter(in_words(found), param_hint="-o")
    check_places([output], rejects, inputs_of(given, config, logs, exclusions))

    quiet, words = quiet_of(given, config), words_for(given, config)
    with reject_files(wanted=rejects is not None) as files:
        with progress_bar(words, quiet=quiet) as progress:
            taken = take_tally(
                replace(logs, reject_files=files), contract, exclusions, given["keep"], progress, config.facts
            )
        contents: dict[Path, Content] = {output: taken.content}
        if rejects is not None:
            contents[rejects] = csv_blocks(reject_rows(all_of(taken.rejects)))
        write(contents)
    if not quiet:
        warn((notice.told(words.of) for notice in taken.notices), words)
        say_taken(output, taken, words)
    return 0
