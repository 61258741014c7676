"""What is printed: reports on standard output, warnings on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from sla_audit.output.atomic import Content
    from sla_audit.report.language import Words
    from sla_audit.report.standing.warnings import Warnings


_ORANGE = 166  # of 256: told from black and from white, as yellow is not


@contextmanager
def printing() -> Iterator[Console]:
    """Give a console on standard output that takes text as it is, without markup.

    Who reads it, and whether there is room for it, is a matter of `streams`.
    """
    from rich.console import Console

    yield Console(color_system=None if is_plain() else "auto", markup=False, highlight=False, emoji=False)
    sys.stdout.flush()


def is_plain() -> bool:
    """Tell whether all is to be printed without colours and weights, as NO_COLOR asks (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def marked(text: str, colour: str | int) -> str:
    """Give a text in a colour, for a terminal that shows any."""
    return text if is_plain() else click.style(text, fg=colour)


def print_document(content: bytes) -> None:
    """Print a document as it is, whatever encoding a terminal has."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def warn(warnings: Iterable[str], words: Words) -> None:
    """Print warnings to standard error."""
    from sla_audit.output.escape import for_terminal

    for warning in warnings:
        head = marked(words.of("warning"), _ORANGE)
        click.echo(words.say("{head}: {said}", head=head, said=for_terminal(warning)), err=True)


def warn_by_grade(warnings: Iterable[Warnings], words: Words) -> None:
    """Print the warnings of a report to standard error, each grade under its title."""
    for group in warnings:
        click.echo(words.say("{title}:", title=group.title), err=True)
        warn(group.said, words)


def write(contents: Mapping[Path, Content]) -> None:
    """Write files, once all that is printed has found room: else it would be said that nothing was written."""
    from sla_audit.output.atomic import write_files
    from sla_audit.report.language import ENGLISH

    sys.stdout.flush()
    if contents:
        warn((" ".join(late.lines()) for late in write_files(contents)), ENGLISH)
