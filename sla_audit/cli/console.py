"""What is printed on standard output, and what becomes of a reader that goes away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sla_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from sla_audit.report.words import Words


@contextmanager
def printing() -> Iterator[Console]:
    """Give a console on standard output that takes text as it is, without markup.

    A reader that has seen enough ends the printing, not the run. Raises `InputError` where
    standard output cannot be written.
    """
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would leave with an exit code that means something else here

    with _to_a_reader():
        yield Plain(markup=False, highlight=False, emoji=False)


def print_document(content: bytes) -> None:
    """Print a document as it is, whatever encoding a terminal has. Raises `InputError` as `printing` does."""
    with _to_a_reader():
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


@contextmanager
def _to_a_reader() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python must not complain when it flushes what nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(Problem("standard output", what, "Free some space, or send it elsewhere.")) from error


def warn(warnings: Iterable[str], words: Words) -> None:
    """Print warnings to standard error."""
    from sla_audit.report.safe_text import for_terminal

    for warning in warnings:
        click.echo(f"{click.style(words.of('warning'), fg='yellow')}: {for_terminal(warning)}", err=True)
