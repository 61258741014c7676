"""`sla-audit tally --update DIR`: a directory of tallies, kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import warn, write
from sla_audit.cli.options.asked import inputs_of, quiet_of, words_for
from sla_audit.cli.progress import progress_bar
from sla_audit.sentence import Sentence, said_by

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.audit import Taken
    from sla_audit.commands.count import Logs
    from sla_audit.commands.update import Update
    from sla_audit.contract.model import Contract
    from sla_audit.output.atomic import Content
    from sla_audit.report.language import Words


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
    quiet, words = quiet_of(given, config), words_for(given, config)
    with _alone(directory), reject_files(wanted=rejects is not None) as files:
        with progress_bar(words, quiet=quiet) as progress:
            counted = replace(logs, reject_files=files)
            done = update(directory, counted, contract, exclusions, given["keep"], progress, forms=config.facts)
        contents: dict[Path, Content] = {path: taken.content for path, taken in done.taken.items()}
        if rejects is not None:
            stores = [store for taken in done.taken.values() for store in taken.rejects]
            contents[rejects] = csv_blocks(reject_rows(all_of(stores)))
        write(contents)
    if not quiet:
        _tell(done, words)
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
            what = Sentence("cannot be written to: {why}", why=said_by(error))
            raise InputError(Problem(directory.as_posix(), what, "Name another directory.")) from error
        try:
            yield
        finally:
            held.close()
            if is_new:
                with suppress(OSError):  # it holds tallies now
                    directory.rmdir()


def say_taken(path: Path, taken: Taken, words: Words, *, anew: bool = False) -> None:
    """Say what a tally counts."""
    from sla_audit.output.escape import for_terminal

    said = words.say("{requests} requests of {logs} logs", requests=taken.counted, logs=taken.logs)
    if taken.duplicate:
        said = words.say("{said}, without {rows} duplicate rows", said=said, rows=taken.duplicate)
    if anew:
        said = words.say("{said}, anew, because a log has grown", said=said)
    click.echo(f"{for_terminal(path.as_posix())}: {said}", err=True)


def _tell(done: Update, words: Words) -> None:
    """Say what was counted, what was known, and what is gone."""
    warn((notice.told(words.of) for notice in done.notices), words)
    if done.gone:
        paths = _some([each.source.path for each in done.gone], words)
        warn([words.say("gone since they were counted, and counted still: {paths}", paths=paths)], words)
    for path, taken in done.taken.items():
        say_taken(path, taken, words, anew=path in done.again)
    if not done.taken:
        click.echo(words.say("nothing new: {logs} logs are counted already", logs=done.known), err=True)


def _some(paths: Sequence[str], words: Words, most: int = 3) -> str:
    named, more = ", ".join(paths[:most]), len(paths) - most
    return words.say("{named} and {more} more", named=named, more=more) if more > 0 else named
