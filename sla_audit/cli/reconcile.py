"""`sla-audit reconcile`: where two sides differ, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sla_audit.cli.console import printing, write
from sla_audit.cli.options import completion
from sla_audit.cli.options.asked import (
    config_of,
    cycle_of,
    inputs_of,
    quiet_of,
    request_of,
    settings_and_facts,
    words_for,
)
from sla_audit.cli.options.inputs import lang_option, printed_option, side_options
from sla_audit.cli.options.values import FILE
from sla_audit.cli.progress import progress_bar
from sla_audit.sentence import Sentence
from sla_audit.storage.location import location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla_audit.commands.two_sides.reconcile import Given
    from sla_audit.errors import Problem

EXIT_DIFFER = 1
_OF_BOTH = (
    "config",
    "contract",
    "cycle",
    "as_of",
    "reading",
    "holidays",
    "jobs",
    "engine",
    "spark_master",
    "quiet",
    "lang",
)


@click.command()
@click.argument("ours", type=completion.Logs())
@click.argument("theirs", type=completion.Logs())
@side_options
@click.option("--account", metavar="ID", required=True, help="The account to compare.")
@click.option(
    "--their-account",
    metavar="ID",
    help="What they call the account, where it is another name.  [default: as --account]",
)
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
    "outputs",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help="Also write the comparison to a file: .html, a page for people; .json; or the requests that differ, one by "
    "one, as .csv, .jsonl, .parquet or .xlsx. Repeatable.",
)
@lang_option
@click.option("--quiet", is_flag=True, default=None, help="Print nothing; the exit code tells. Errors stay.")
def reconcile(**given: Any) -> int:
    """Compare what two sides count for an account in the one month of --cycle: OURS and THEIRS.

    Each is logs, a tally, a report (.json) or a claim pack (its folder or .zip).

    First what both come to, class by class and in money; then what differs: requests that only one side has, that
    ended otherwise on the other side, that the other does not count (another month, out of service, a duplicate),
    judges otherwise, as where it excludes them, or has on another day. Of each it is said how many requests they are,
    and by how much the compensation moves with them, once what stands above is settled: together, that is the
    difference of the amounts. Days that differ come last.

    Requests are the same where id and time are, else where the id is, else, without ids, where the time is. Where a
    side is a tally, outcomes are compared, not requests; where one is a report, classes and clauses.

    A claim pack is checked first, as by verify, and one that was changed is refused. It lists all but plain answers,
    which it counts: a request that only the other side lists may be among these. Facts that are not given are those
    of the pack. Where it has a pseudonym, --account is what the other side calls the account.

    \b
    Examples:
      sla-audit reconcile ours/ theirs/ --account acct-7 --cycle 2026-10
      sla-audit reconcile ours/ theirs/ --config sla-audit.toml \\
        --their-config theirs.toml --account acct-7 --cycle last -o differ.xlsx
      sla-audit reconcile ours/ acct-7-2026-10.zip --account acct-7 \\
        --cycle 2026-10 -o difference.html

    \b
    Exit codes:
      0  both sides agree
      1  they differ
      2  wrong usage, or an input that cannot be trusted
    """
    from sla_audit.commands.two_sides.reconcile import reconcile as compare
    from sla_audit.report.terminal.comparison import print_comparison
    from sla_audit.report.two_sides.document import Compared, render_comparison
    from sla_audit.report.two_sides.files import comparison_files

    config = config_of(given)
    ours, theirs = _side(given, given["ours"], None), _side(_as_theirs(given), given["theirs"], given["their_account"])
    request, outputs = ours.given.request, given["outputs"]
    cycle = cycle_of(request)
    _check(outputs, ours, theirs)
    quiet, contract, words = quiet_of(given, config), request.contract, words_for(given, config)
    with progress_bar(words, quiet=quiet) as progress:
        comparison = compare(ours.given, theirs.given, given["account"], cycle, progress)
    compared = Compared(
        contract=contract.identity,
        reading=request.reading,
        as_of=request.as_of,
        currency=contract.unit_owed,
        time_zone=contract.time_zone,
        account_id=given["account"],
        cycle=str(cycle),
        sides=(given["ours"], given["theirs"]),
        comparison=comparison,
    )
    if not quiet:
        with printing() as console:
            if given["form"] == "json":
                console.out(render_comparison(compared), end="", highlight=False)
            else:
                print_comparison(compared, contract, console, words)
    write(comparison_files(compared, contract, outputs, words))
    return 0 if comparison.agree else EXIT_DIFFER


class _Side(NamedTuple):
    """A side, the files that are read for it, and the claim pack that it is, if it is one."""

    given: Given
    files: list[Path]
    pack: Path | None = None


def _as_theirs(given: Mapping[str, Any]) -> dict[str, Any]:
    """Say what is given for their side: in all that is not said otherwise, what is given for ours."""
    said = dict(given)
    if given["their_config"] is not None:
        said = {
            name: value if name in _OF_BOTH else type(value)() if isinstance(value, tuple) else None
            for name, value in given.items()
        }
        said["config"] = given["their_config"]
    if given["their_exclusions"] is not None:
        said["exclusions"] = given["their_exclusions"]
    return said | {"outputs": given["outputs"]}


def _side(given: Mapping[str, Any], path: str, account: str | None) -> _Side:
    """Tell what a side is: a claim pack, a report, or logs."""
    from sla_audit.commands.two_sides.reconcile import Given
    from sla_audit.commands.two_sides.saved_side import is_saved_report
    from sla_audit.errors import InputError, Problem
    from sla_audit.pack.archive import looks_packed, packs_in

    said = {**given, "logs": (path,)}
    config, place = config_of(said), location(path)
    request = request_of(said, config)
    facts = request.fact_files
    if looks_packed(place):
        files = settings_and_facts(said, config, request.logs, *facts)
        return _Side(Given(request, pack=place, account=account), [*files, place], place)
    if packs := packs_in(place):
        found = Sentence("holds claim packs, such as {pack}, and each is of one account", pack=packs[0].name)
        raise InputError(Problem(path, found, Sentence("Name one: {pack}", pack=packs[0].as_posix())))
    report = place if is_saved_report(place) else None
    return _Side(Given(request, report, account=account), inputs_of(said, config, request.logs, *facts))


def _check(outputs: Sequence[Path], ours: _Side, theirs: _Side) -> None:
    """Refuse outputs that cannot be made. Raises `InputError`."""
    from sla_audit.errors import refuse
    from sla_audit.output.destinations import faulty_places
    from sla_audit.report.two_sides.files import cannot_be_made

    packs = [side.pack for side in (ours, theirs) if side.pack is not None]
    refuse(
        [
            *cannot_be_made(outputs),
            *faulty_places(outputs, None, [*ours.files, *theirs.files]),
            *_within_a_pack(outputs, packs),
        ]
    )


def _within_a_pack(outputs: Sequence[Path], packs: Sequence[Path]) -> Iterator[Problem]:
    """Say which outputs would be part of a claim pack, which holds nothing but what was sealed."""
    from sla_audit.errors import Problem
    from sla_audit.output.destinations import place_of

    for output in outputs:
        for pack in packs:
            if place_of(pack) in place_of(output).parents:
                found = Sentence("lies in the claim pack {pack}, which would then not be sound", pack=pack.as_posix())
                yield Problem(output.as_posix(), found, "Choose another place.")
