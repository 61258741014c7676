"""`sla-audit verify`: a claim pack, checked by itself and by other logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import printing
from sla_audit.cli.options.asked import config_of, quiet_of, request_of, words_for
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option, printed_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.sentence import Sentence, to_say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.claim_pack.compare import Comparison
    from sla_audit.commands.claim_pack.verify import Checked
    from sla_audit.report.verification_document import Verification

EXIT_DIFFERS = 1


@click.command("verify")
@click.argument("pack", metavar="PACK", type=FILE)
@input_options_beside_format
@click.option(
    "--account",
    metavar="ID",
    help="What the logs call the account, where the pack has a pseudonym, or another name.  [default: as the pack]",
)
@click.option(
    "--signers",
    metavar="FILE",
    type=FILE,
    help="Who may have signed it, as the allowed signers of ssh-keygen; then a pack without signature is not sound.",
)
@click.option("--identity", metavar="NAME", help="Which of them must have.  [default: any]")
@printed_option("How to print what was found.")
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; the exit code tells. Errors stay.")
def verify(pack: Path, **given: Any) -> int:
    """Check a claim pack: the folder or the .zip that sla-audit claim pack made.

    By itself: that no byte was changed, nothing is missing and nothing was added; that it is signed,
    where that is asked for; that every figure of the report and the letters follows from the rows, the
    facts and the agreement enclosed, by judging them again.

    With LOGS: the account is counted again in these, and each figure that differs is listed: by class,
    by clause, by day, and what it comes to. Facts that are not given are those of the pack.

    \b
    Examples:
      sla-audit verify acct-7-2026-10.zip
      sla-audit verify acct-7-2026-10.zip our-logs/ --billing billing.csv
      sla-audit verify acct-7-2026-10/ --signers allowed_signers

    \b
    Exit codes:
      0  sound, and equal where logs are given
      1  changed, or does not follow, or the logs say something else
      2  wrong usage, or an input that cannot be read
    """
    from sla_audit.commands.claim_pack.verify import verify as verified
    from sla_audit.report.terminal.verification import print_verification
    from sla_audit.report.verification_document import render_verification

    if given["identity"] is not None and given["signers"] is None:
        raise click.UsageError(in_words(to_say("--identity is one of those that --signers names; give both.")))
    config = config_of(given)
    quiet = quiet_of(given, config)
    checked = verified(pack, given["signers"], given["identity"])
    compared = None
    if given["logs"] or config.logs or config.sources:
        compared = _compared(checked, given, config, quiet=quiet) if checked.is_sound else None
    found = _document(pack, checked, compared)
    if not quiet:
        with printing() as console:
            if given["form"] == "json":
                console.out(render_verification(found), end="", highlight=False)
            else:
                print_verification(found, console, words_for(given, config))
    return 0 if found.holds else EXIT_DIFFERS


def _compared(checked: Checked, given: dict[str, Any], config: Config, *, quiet: bool) -> Comparison:
    """Count the logs again. Raises `click.UsageError` where something else is asked than the pack is about."""
    from sla_audit.commands.claim_pack.compare import compare

    enclosed, report = checked.enclosed, checked.report
    assert enclosed is not None  # a sound pack was read whole  # noqa: S101
    assert report is not None  # noqa: S101
    for option in ("cycle", "as_of", "reading"):
        if given[option] is not None:
            leave = Sentence(
                "The pack says what it is about; leave out {option}.", option=f"--{option.replace('_', '-')}"
            )
            raise click.UsageError(in_words(leave))
    asked = request_of(given, config)
    contract = enclosed.contract if given["contract"] is None and config.contract is None else asked.contract
    if enclosed.terms.reading not in contract.readings:
        found = Sentence(
            "{contract} has no reading {reading!r}, by which the pack claims.",
            contract=contract.id,
            reading=enclosed.terms.reading,
        )
        raise click.UsageError(in_words(found))
    terms = enclosed.terms.request(contract, asked.logs)
    request = replace(
        asked,
        contract=contract,
        as_of=terms.as_of,
        reading=terms.reading,
        period=terms.period,
        apis=asked.apis or terms.apis,
    )
    with progress_bar(words_for(given, config), quiet=quiet) as progress:
        return compare(enclosed, report, request, given["account"] or enclosed.terms.account, progress)


def _document(pack: Path, checked: Checked, compared: Comparison | None) -> Verification:
    from sla_audit.report.verification_document import Counted, Differs, Said, Verification

    manifest, report = checked.manifest, checked.report
    counted = None
    if compared is not None:
        differences = tuple(Differs(*each) for each in compared.differences)
        counted = Counted(compared.compensation, compared.less, differences)
    return Verification(
        pack=pack.as_posix(),
        account_id=None if manifest is None else manifest.account_id,
        cycle=None if manifest is None else manifest.cycle,
        compensation=None if report is None else report.results["compensation"][0],
        currency=None if report is None else report.head["currency"],
        signed=checked.signed,
        faults=tuple(Said(*each) for each in checked.faults),
        notes=tuple(Said(*each) for each in checked.notes),
        counted=counted,
    )
