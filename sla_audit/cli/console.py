"""What is printed: reports on standard output, warnings on standard error."""

from __future__ import annotations

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


@contextmanager
def printing() -> Iterator[Console]:
    """Give a console on standard output that takes text as it is, without markup.

    Who reads it, and whether there is room for it, is a matter of `streams`.
    """
    from rich.console import Console

    yield Console(markup=False, highlight=False, emoji=False)
    sys.stdout.flush()


def print_document(content: bytes) -> None:
    """Print a document as it is, whatever encoding a terminal has."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def warn(warnings: Iterable[str], words: Words) -> None:
    """Print warnings to standard error."""
    from sla_audit.output.escape import for_terminal

    for warning in warnings:
        head = click.style(words.of("warning"), fg="yellow")
        click.echo(words.say("{head}: {said}", head=head, said=for_terminal(warning)), err=True)


def write(contents: Mapping[Path, Content]) -> None:
    """Write files, once all that is printed has found room: else it would be said that nothing was written."""
    from sla_audit.output.atomic import write_files
    from sla_audit.report.language import ENGLISH

    sys.stdout.flush()
    if contents:
        warn((" ".join(late.lines()) for late in write_files(contents)), ENGLISH)
