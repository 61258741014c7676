"""`sla-audit tally --update DIR`: a directory of tallies, kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import warn, write
from sla_audit.cli.options.asked import inputs_of, quiet_of
from sla_audit.cli.progress import progress_bar

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.audit import Taken
    from sla_audit.commands.count import Logs
    from sla_audit.commands.update import Update
    from sla_audit.contract.model import Contract
    from sla_audit.output.atomic import Content


def update_tallies(given: dict[str, Any], config: Config, logs: Logs, contract: Contract) -> int:
    """Bring a directory of tallies up to date: all that is written appears together. A second update waits.

    Raises `InputError` as `commands.update.update` does, and where nothing can be written there.
    """
    from sla_audit.commands.update import update
    from sla_audit.intake.reject_store import all_of, reject_files
    from sla_audit.intake.rejects import reject_rows
    from sla_audit.output.destinations import check_places
    from sla_audit.report.formats.csv_file import csv_blocks

    directory: Path = given["update"]
    exclusions, rejects = given["exclusions"] or config.exclusions, given["rejects"] or config.rejects
    check_places([], rejects, inputs_of(given, config, logs, exclusions))
    quiet = quiet_of(given, config)
    with _alone(directory), reject_files(wanted=rejects is not None) as files:
        with progress_bar(quiet=quiet) as progress:
            counted = replace(logs, reject_files=files)
            done = update(directory, counted, contract, exclusions, given["keep"], progress, forms=config.facts)
        contents: dict[Path, Content] = {path: taken.content for path, taken in done.taken.items()}
        if rejects is not None:
            stores = [store for taken in done.taken.values() for store in taken.rejects]
            contents[rejects] = csv_blocks(reject_rows(all_of(stores)))
        write(contents)
    if not quiet:
        _tell(done)
    return 0


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other updates of a directory out, which is made where it is not there; one left empty is gone again."""
    from sla_audit.errors import InputError, Problem
    from sla_audit.output.lock import UPDATE, locked

    with ExitStack() as held:
        try:
            is_new = not directory.exists()
            directory.mkdir(exist_ok=True)
            held.enter_context(locked(directory, UPDATE))
        except OSError as error:
            what = f"cannot be written to: {error.strerror or error}"
            raise InputError(Problem(directory.as_posix(), what, "Name another directory.")) from error
        try:
            yield
        finally:
            held.close()
            if is_new:
                with suppress(OSError):  # it holds tallies now
                    directory.rmdir()


def say_taken(path: Path, taken: Taken, besides: str = "") -> None:
    """Say what a tally counts."""
    from sla_audit.output.escape import for_terminal

    duplicates = f", without {taken.duplicate} duplicate rows" if taken.duplicate else ""
    said = f"{taken.counted} requests of {taken.logs} logs{duplicates}{besides}"
    click.echo(f"{for_terminal(path.as_posix())}: {said}", err=True)


def _tell(done: Update) -> None:
    """Say what was counted, what was known, and what is gone."""
    from sla_audit.report.language import ENGLISH

    warn(map(str, done.notices), ENGLISH)
    if done.gone:
        paths = _some([each.source.path for each in done.gone])
        warn([f"gone since they were counted, and counted still: {paths}"], ENGLISH)
    for path, taken in done.taken.items():
        anew = ", anew, because a log has grown" if path in done.again else ""
        say_taken(path, taken, anew)
    if not done.taken:
        click.echo(f"nothing new: {done.known} logs are counted already", err=True)


def _some(paths: Sequence[str], most: int = 3) -> str:
    more = len(paths) - most
    return ", ".join(paths[:most]) + (f" and {more} more" if more > 0 else "")
