"""`sla-audit claim pack`: the letter of a claim, with everything by which the other side can check it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import warn
from sla_audit.cli.options.asked import (
    config_of,
    contract_reference,
    cycle_of,
    inputs_of,
    quiet_of,
    request_of,
    words_for,
)
from sla_audit.cli.options.inputs import input_options_beside_format, lang_option, ledger_option
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.sentence import to_say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.claim_ledger import PackToNote
    from sla_audit.commands.claim_pack.make import MadePack, PackAsked
    from sla_audit.contract.model import Contract
    from sla_audit.output.folders import Made
    from sla_audit.pack.pseudonyms import Pseudonyms
    from sla_audit.report.language import Words
    from sla_audit.report.letter.parties import Parties

_PARTIES = {
    "claimant": "Who claims, as the letter names it.",
    "claimant_address": "Its address.",
    "contact": "Whom to ask: telephone, e-mail.",
    "signatory": "Who signs: name and position.",
    "provider": "From whom is claimed.",
    "provider_address": "The provider's address, or its e-mail.",
}


def _party_options(command: Any) -> Any:
    for name, said in reversed(_PARTIES.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="TEXT", help=said)(command)
    return command


@click.command("pack")
@input_options_beside_format
@click.option("--account", metavar="ID", help="The account whose claim it is.")
@click.option("--all", "all_", is_flag=True, help="A pack for each account that can claim on --as-of.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    type=FILE,
    required=True,
    help="Where the packs go; it is made where it is not there.",
)
@_party_options
@click.option(
    "--edition",
    metavar="N",
    type=click.IntRange(1, 9999),
    default=1,
    show_default=True,
    help="The number of the pack, where an earlier one of the same claim was sent.",
)
@click.option(
    "--all-rows",
    is_flag=True,
    help="Enclose every request, one by one. Else those that were plainly answered are counted by day.",
)
@click.option(
    "--font",
    metavar="FILE",
    type=FILE,
    help="A TrueType font for the Chinese in the PDF.  [default: Noto Serif SC]",
)
@click.option("--sign", "key", metavar="KEY", type=FILE, help="Sign the packs with an SSH key, through ssh-keygen.")
@click.option(
    "--pseudonymise",
    metavar="KEYFILE",
    type=FILE,
    help="Name accounts by pseudonyms, which depend on the secret in this file; it is made where it is not there. "
    "Keep it, and do not send it.",
)
@ledger_option
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; errors stay.")
def pack(**given: Any) -> int:
    """Write the letter of a claim, with all by which the other side can check it.

    For an account that can claim on --as-of (clause 2.10.2), or for each of them, a folder ACCOUNT-CYCLE and the
    same as a .zip: the letter in English and Chinese as .docx, .pdf and .md; the report on this account
    as page and JSON; rows.csv with every request that failed or was left out, and where it stands in
    the logs; answered.csv with the others by day; the facts, and the agreement. manifest.json has the
    digest of all of it, which the letter names. sla-audit verify checks a pack.

    The same inputs give the same bytes. A pack that is there already is never overwritten. With --ledger,
    each pack is noted under its claim, which claim list then shows as ready with its letter, and --all
    leaves out what was filed or withdrawn.
    Who claims stands in the config, under [claim], or in options; what is missing is marked in the letter.

    \b
    Examples:
      sla-audit claim pack --config sla-audit.toml --cycle last --all -o claims/
      sla-audit claim pack --config sla-audit.toml --account acct-7 -o claims/
      sla-audit claim pack --config sla-audit.toml --all -o claims/ --sign KEY
      sla-audit claim pack --config sla-audit.toml --all -o packs/ --ledger FILE

    \b
    Exit codes:
      0  done
      2  nothing written: no claim can be filed, wrong usage, or a bad input
    """
    from sla_audit.commands.claim_ledger import check_ledger, noting_packs, tracked_where_there
    from sla_audit.commands.claim_pack.make import PackAsked, packs
    from sla_audit.contract.load import contract_file
    from sla_audit.errors import refuse
    from sla_audit.output.folders import write_anew
    from sla_audit.report.formats.registry import cannot_be_made
    from sla_audit.report.letter.render import cannot_write_letters

    if (given["account"] is None) != given["all_"]:
        raise click.UsageError(in_words(to_say("Say whose claim it is: --account ID, or --all.")))
    config = config_of(given)
    request = request_of(given, config)
    cycle_of(request)
    refuse([*cannot_write_letters(), *cannot_be_made([Path("page.html")])])
    ledger = given["ledger"] or config.ledger
    _refuse_folder(given, config, request.logs)
    if ledger is not None:
        check_ledger(ledger)
    quiet, words = quiet_of(given, config), words_for(given, config)
    asked = PackAsked(
        account=given["account"],
        parties=_parties(given, config),
        edition=given["edition"],
        all_rows=given["all_rows"],
        pseudonyms=_pseudonyms(given["pseudonymise"]),
        key=given["key"],
        font=given["font"] or config.claim.font,
    )
    done: list[MadePack] = []
    known = () if ledger is None else tracked_where_there(ledger, request.contract, request.as_of)

    def noting() -> AbstractContextManager[object]:
        if ledger is None:
            return nullcontext()
        return noting_packs(ledger, _to_note(done, asked), request.contract, request.reading, request.as_of)

    with progress_bar(words, quiet=quiet) as progress:
        made = packs(request, asked, contract_file(contract_reference(given, config)), known, progress)
        write_anew(given["folder"], _things(made, done), noting)
    if not quiet:
        _say(done, given["folder"], request.contract.unit_owed, ledger, words)
        _warn(asked, request.contract, words)
    return 0


def _things(packs: Iterator[MadePack], done: list[MadePack]) -> Iterator[tuple[str, Made]]:
    """Give each pack as a folder and as a zip, and note what was made."""
    from dataclasses import replace

    from sla_audit.commands.claim_ledger import FOUND
    from sla_audit.pack.archive import zip_of

    for each in packs:
        yield each.folder, each.files
        yield f"{each.folder}.zip", zip_of(each.folder, each.files)
        done.append(replace(each, files={}, result=each.result.select(FOUND)))  # memory keeps no more of a pack


def _to_note(done: list[MadePack], asked: PackAsked) -> list[PackToNote]:
    from sla_audit.commands.claim_ledger import PackToNote

    return [PackToNote(each.result, each.number, asked.edition, each.manifest) for each in done]


def _parties(given: dict[str, Any], config: Config) -> Parties:
    from sla_audit.report.letter.parties import Parties

    said = {name: given[name] if given[name] is not None else getattr(config.claim, name) for name in _PARTIES}
    return Parties(**{name: (value or "").strip() or None for name, value in said.items()})


def _pseudonyms(path: Path | None) -> Pseudonyms | None:
    """Read the key of pseudonyms, which is made where it is not there."""
    import secrets

    from sla_audit.errors import InputError, cannot_be_written
    from sla_audit.pack.pseudonyms import read_key

    if path is None:
        return None
    try:
        with open(path, "x", encoding="ascii", opener=_for_oneself) as file:
            file.write(secrets.token_hex(32) + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise InputError(cannot_be_written(f"--pseudonymise {path.as_posix()}", error)) from error
    return read_key(path)


def _for_oneself(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


def _refuse_folder(given: dict[str, Any], config: Config, logs: Any) -> None:
    """Refuse a folder of logs, in which packs would be read as logs by the next run."""
    from sla_audit.errors import InputError, Problem

    folder: Path = given["folder"]
    where = f"-o {folder.as_posix()}"
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem(where, "is no folder", "Choose another place."))
    parents = {path.parent.resolve() for path in inputs_of(given, config, logs)}
    if folder.resolve() in parents:
        raise InputError(Problem(where, "holds files that this run reads", "Choose a folder of its own."))


def _say(done: list[MadePack], folder: Path, currency: str, ledger: Path | None, words: Words) -> None:
    from decimal import Decimal

    from sla_audit.output.escape import for_label

    words = words.owing(currency)
    for each in done:
        place = (folder / each.folder).as_posix()
        owed = words.say(
            "{amount} {currency}, letter {letter}",
            amount=words.owed(each.compensation),
            currency=currency,
            letter=each.number,
        )
        click.echo(f"{for_label(place)}  {owed}")
    total = sum((Decimal(each.compensation) for each in done), Decimal(0))
    packs = words.count_of(
        len(done),
        "{packs:,} pack, each as a folder and as a .zip: {amount} {currency}.",
        "{packs:,} packs, each as a folder and as a .zip: {amount} {currency}.",
        packs=len(done),
        amount=words.owed(total),
        currency=currency,
    )
    click.echo(packs)
    if ledger is not None:
        click.echo(
            words.say(
                "Noted in {ledger}: sla-audit claim file says there that they were sent.",
                ledger=for_label(ledger.as_posix()),
            )
        )


def _warn(asked: PackAsked, contract: Contract, words: Words) -> None:
    """Say what the letters lack before they can be sent."""
    from sla_audit.report.letter.render import has_chinese

    lacking = []
    if asked.parties.missing:
        missing = ", ".join(f"--{name.replace('_', '-')}" for name in asked.parties.missing)
        lacking += [
            words.say(
                "the letters are to be filled in by hand; not given: {options} ([claim] of the config)",
                options=missing,
            )
        ]
    if contract.claim.evidence is not None:
        said = to_say("clause {clause} asks for more than logs show: the letters have a place where it is to be added")
        lacking.append(words.say(said, clause=contract.claim.clause))
    if not has_chinese(asked.font):
        lacking += [
            words.of(
                to_say(
                    "the PDF only names a Chinese font, and shows gaps where there is none: "
                    "pip install 'sla-audit[claim]', or --font FILE"
                )
            )
        ]
    warn(lacking, words)
