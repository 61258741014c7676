"""The dialects for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.output.escape import for_terminal
from sla_audit.report.language import Words
from sla_audit.report.terminal.layout import WARNING
from sla_audit.sentence import Message, told


class Lasting(Protocol):
    """Where a log says how long a request took."""

    @property
    def column(self) -> str | None:
        """The name of the column; None where no log has it."""
        ...


class Taking(Protocol):
    """Which column says how long a request took."""

    @property
    def column(self) -> str:
        """Its name."""
        ...

    @property
    def unit(self) -> str:
        """What its numbers are."""
        ...


class Listed(Protocol):
    """What is shown of a format in a gateway's configuration."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def option(self) -> str:
        """What to give for it."""
        ...

    @property
    def written(self) -> str:
        """The format itself."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The fields that a log of it has."""
        ...

    @property
    def lacks(self) -> Message | None:
        """Why no log of it can be read."""
        ...


class Described(Protocol):
    """What is shown of a dialect."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def title(self) -> str:
        """The gateway, and the log."""
        ...

    @property
    def all_notes(self) -> Sequence[str]:
        """What to know of it."""
        ...

    @property
    def fields(self) -> Sequence[str]:
        """The fields that tell how a request ended."""
        ...

    @property
    def lasted(self) -> Lasting | None:
        """What is to be taken from the time of a request's end, to know when it was submitted."""
        ...

    @property
    def took(self) -> Taking | None:
        """How long a request took, whatever the time of the log is."""
        ...

    @property
    def aliases(self) -> Mapping[str, Sequence[str]]:
        """Other names of what it reads."""
        ...

    @property
    def columns(self) -> Mapping[Any, Sequence[str]]:
        """Where the canonical columns are."""
        ...


def print_dialects(dialects: Iterable[Described], console: Console, words: Words) -> None:
    """List dialects, with the columns that each must find and what to know of it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Dialect"), no_wrap=True)
    table.add_column(words.of("Gateway and log; what it reads; what to know"), overflow="fold")
    for dialect in dialects:
        said = Text(dialect.title)
        named = [f"{canonical}={','.join(names)}" for canonical, names in dialect.columns.items()]
        named += [] if dialect.took is None else [f"duration={dialect.took.column},{dialect.took.unit}"]
        said.append(f"\n{' '.join(named)}", style="dim")
        if dialect.lasted is not None and dialect.lasted.column is not None:
            less = words.say("submitted: the time less {column}, where the log has it", column=dialect.lasted.column)
            said.append(f"\n{less}", style="dim")
        said.append("\n" + words.say("ended: {fields}", fields=", ".join(dialect.fields)), style="dim")
        if dialect.aliases:
            others = "; ".join(f"{own}: {', '.join(names)}" for own, names in dialect.aliases.items())
            said.append("\n" + words.say("other names: {others}", others=others), style="dim")
        if "account_id" not in dialect.columns:
            no_account = words.of("no account: say which column it is with --column account_id=NAME")
            said.append(f"\n{no_account}", style=WARNING)
        for note in dialect.all_notes:
            said.append(f"\n{words.of(note)}", style=WARNING)
        table.add_row(dialect.id, said)
    console.print(table)


def print_formats(formats: Iterable[Listed], console: Console, words: Words) -> None:
    """List the formats of a configuration, with what to give for each and the fields among which the account is."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Format"), no_wrap=True)
    table.add_column(words.of("How it is written; what to give; what a log of it has"), overflow="fold")
    for each in formats:
        said = Text(for_terminal(each.written))
        if each.lacks is None:
            said.append(f"\n--log-format {quote(for_terminal(each.option))} --column account_id=NAME", style="bold")
            names = words.say("NAME is one of: {names}", names=for_terminal(", ".join(each.columns)))
            said.append(f"\n{names}", style="dim")
        else:
            said.append(f"\n{for_terminal(told(each.lacks, words.of))}", style=WARNING)
        table.add_row(Text(for_terminal(each.name)), said)
    console.print(table)
