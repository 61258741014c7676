"""`sla-audit render`: other formats of a report that was saved, without counting again."""

from __future__ import annotations

from pathlib import Path

import click

from sla_audit.cli.console import print_document, printing, warn, write
from sla_audit.cli.inputs import contract_option, id_of_built_in, lang_option, output_option
from sla_audit.cli.values import FILE
from sla_audit.report.formats import STDOUT, render


@click.command("render")
@click.argument("report", metavar="REPORT.json", type=FILE)
@contract_option
@output_option
@lang_option
def render_command(report: Path, contract: str | None, outputs: tuple[Path, ...], lang: str | None) -> int:
    """Make other formats of a report that compute saved as JSON.

    Nothing is counted again: the files are those that compute would have written beside it, to the byte. A report
    whose figures do not follow from one another, or that was made with another agreement, is refused.
    Without -o, the table is printed.

    \b
    Examples:
      sla-audit render october.json -o october.xlsx -o october.md
      sla-audit render october.json --lang zh

    \b
    Exit codes:
      0  done
      2  nothing written: wrong usage, or a report that cannot be trusted
    """
    from sla_audit.contract.load import BUILT_IN, load_contract
    from sla_audit.report import files
    from sla_audit.report.restored import restore
    from sla_audit.report.terminal import print_report
    from sla_audit.report.wording import warnings
    from sla_audit.report.words import words_of
    from sla_audit.second_judgement import judged_again, refuse_another_contract

    inputs = [report, *([Path(contract)] if contract else [])]
    files.check_outputs(outputs, None, inputs)
    restored = restore(report)
    agreement = load_contract(contract or id_of_built_in(restored.saved) or BUILT_IN)
    refuse_another_contract(restored.saved, report, agreement)
    judged_again(restored.saved, report, agreement)

    words = words_of(lang or "en")
    contents = files.rendered(restored.report, agreement, outputs, words=words)
    if STDOUT in outputs:
        print_document(render(restored.report, agreement, STDOUT))
    elif not outputs:
        warn(warnings(restored.report, words), words)
        with printing() as console:
            print_report(restored.report, agreement, None, console, words=words)
    write(contents)
    return 0
