"""`sla-audit render`: other formats of a report that was saved, without counting again."""

from __future__ import annotations

from pathlib import Path

import click

from sla_audit.cli.console import print_document, printing, warn_by_grade, write
from sla_audit.cli.options.asked import id_of_built_in
from sla_audit.cli.options.inputs import contract_option, lang_option, output_option
from sla_audit.cli.options.values import FILE
from sla_audit.report.formats.registry import STDOUT, render
from sla_audit.storage.location import location


@click.command("render")
@click.argument("report", metavar="REPORT.json", type=FILE)
@contract_option
@click.option(
    "--holidays",
    metavar="FILE",
    type=FILE,
    help="The holidays file that the report was made with, where it was: its claim dates are checked by it.",
)
@output_option
@lang_option
def render_command(
    report: Path, contract: str | None, holidays: Path | None, outputs: tuple[Path, ...], lang: str | None
) -> int:
    """Make other formats of a report that compute saved as JSON.

    Nothing is counted again. Whatever in the report follows from something else in it, from the agreement or from the
    calendar is recomputed, and a report in which it does not follow, or that was made with another agreement, is
    refused. The files are those that compute would have written beside it, to the byte, except that those for people
    also say what is as the report says, since it follows from nothing. Without -o, the table is printed.

    \b
    Examples:
      sla-audit render october.json -o october.xlsx -o october.md
      sla-audit render october.json --lang zh

    \b
    Exit codes:
      0  done
      2  nothing written: wrong usage, or a report that cannot be trusted
    """
    from sla_audit.commands.verify_report import believed
    from sla_audit.contract.load import BUILT_IN, load_contract
    from sla_audit.intake.facts.holidays import read_holidays
    from sla_audit.report.formats import write as files
    from sla_audit.report.language import words_of
    from sla_audit.report.saved.restore import restore
    from sla_audit.report.standing.warnings import warnings_by_grade
    from sla_audit.report.terminal.report import print_report

    inputs = [report, *([location(contract)] if contract else []), *([holidays] if holidays else [])]
    files.check_outputs(outputs, None, inputs)
    restored = restore(report)
    agreement = load_contract(contract or id_of_built_in(restored.saved) or BUILT_IN)
    shown = believed(restored, report, agreement, read_holidays(holidays))

    words = words_of(lang or "en").of_contract(agreement)
    contents = files.rendered(shown, agreement, outputs, words=words)
    if STDOUT in outputs:
        print_document(render(shown, agreement, STDOUT))
    elif not outputs:
        warn_by_grade(warnings_by_grade(shown, words), words)
        with printing() as console:
            print_report(shown, agreement, None, console, words=words)
    write(contents)
    return 0
