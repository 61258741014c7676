"""What the values of options may be: text, names that a file can have, numbers within bounds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options.spoken import in_words
from sla_audit.intake.log_formats import OPTIONS
from sla_audit.sentence import Sentence, to_say
from sla_audit.system.plain_text import is_unicode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

MOST_NEAR, MOST_JOBS = 10**9, 1024
"""More failures than any month has, and more threads than help."""


class File(click.Path):
    """The path of a file, which need not be UTF-8."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what no file can be called."""
        return super().convert(_named(self, value, param, ctx), param, ctx)


class Reference(click.types.StringParamType):
    """The id of something, or the path of a file; or, of logs, a glob."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what no file can be called."""
        return super().convert(_named(self, value, param, ctx), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the names of files."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class Text(click.types.StringParamType):
    """A text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what cannot be written in UTF-8, and what no text has."""
        if isinstance(value, str) and ("\0" in value or not is_unicode(value)):
            self.fail(
                in_words(Sentence("{value!r:.80}: expected text in UTF-8, without NUL characters.", value=value)),
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


class LinesFormat(Text):
    """What logs hold: the name of a format, or how a gateway writes its lines, in its own notation."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is neither the name of a format, nor has fields, nor names a file that may have some."""
        text = str(super().convert(value, param, ctx))
        if text in OPTIONS or any(sign in text for sign in "$%{") or is_file_said(text):
            return text
        names = ", ".join(map(repr, OPTIONS))
        found = Sentence(
            "{value!r:.80} is not one of {names}, nor a gateway's own format, nor a file that has one.",
            value=text,
            names=names,
        )
        return self.fail(in_words(found))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the names of formats and of files."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(each) for each in OPTIONS if each.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]


FILE = File(path_type=Path)
REFERENCE = Reference()
_TEXT = Text()
LINES_FORMAT = LinesFormat()


def take_only_text(group: click.Group) -> None:
    """Let every option and argument of text be `Text` that is nothing more special."""
    for command in group.commands.values():
        if isinstance(command, click.Group):
            take_only_text(command)
        for parameter in command.params:
            if type(parameter.type) is click.types.StringParamType:
                parameter.type = _TEXT


def _named(kind: click.ParamType[Any], value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
    try:
        found = None
        if not value:
            found = to_say("{value!r:.80}: expected the name of a file, found an empty one.")
        elif b"\0" in os.fsencode(value):
            found = to_say("{value!r:.80}: expected the name of a file, found one with a NUL character.")
    except UnicodeEncodeError:
        found = to_say("{value!r:.80}: expected the name of a file, found one that the file system cannot have.")
    if found is not None:
        kind.fail(in_words(Sentence(found, value=value)), param, ctx)
    return value


def is_file_said(text: str) -> bool:
    """Tell whether a text is a path of a file, or one with the name of what is in it."""
    return file_said(text) is not None


def file_said(text: str) -> Path | None:
    """Give the file whose path a text is, or begins with; None where there is none."""
    try:
        return next((Path(each) for each in (text, text.rpartition(":")[0]) if each and Path(each).is_file()), None)
    except OSError:
        return None
