"""What a shell offers to complete: ids of what comes with the program, words for months, files.

It is asked at every press of a key, so nothing is loaded for it but names of files. Files come first: click's bash
script forgets what comes before them, and offers them where nothing else fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sla_audit.cli.options.values import Reference
from sla_audit.storage.location import parted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Logs(Reference):
    """Files, directories or globs."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Part the files that a variable names."""
        return parted(rv)


def contracts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the ids of built-in contracts, or the name of a file."""
    from sla_audit.contract.built_in import built_in_contracts

    return _file(incomplete) + _words(built_in_contracts(), incomplete)


def dialects(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the ids of built-in dialects, or the name of a file."""
    return _file(incomplete) + _words(_ids("sla_audit.intake", "dialects"), incomplete)


def cycles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the words that mean months."""
    return _words(["last", "running", "all"], incomplete)


def _ids(package: str, *folders: str) -> list[str]:
    from importlib.resources import files

    names = sorted(entry.name for entry in files(package).joinpath(*folders).iterdir())
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml")]


def _words(words: list[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _file(incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]
