"""The language of help and of usage errors: it is told from the arguments, before a command knows its options."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import click

from sla_audit.report.language import LANGUAGES
from sla_audit.sentence import Message, to_say, told

_KEPT_LINES = "\b\n"
_OF_CLICK = (
    to_say("Usage:"),
    to_say("Options"),
    to_say("Commands"),
    to_say("Show this message and exit."),
    to_say("Show the version and exit."),
    to_say("Error: {message}"),
    to_say("Invalid value: {message}"),
    to_say("Invalid value for {param_hint}: {message}"),
    to_say("No such option {name!r}."),
    to_say("No such command {name!r}."),
    to_say("Missing command."),
    to_say("Try '{command} {option}' for help."),
    to_say("default: {default}"),
)


def language_asked(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Tell the language that `--lang` or `SLA_AUDIT_LANG` asks for; English where what they ask for is none."""
    asked = environment.get("SLA_AUDIT_LANG", "")
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang":
            asked = arguments[at + 1] if at + 1 < len(arguments) else ""
        elif argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
    return asked if asked in LANGUAGES else "en"


@contextmanager
def speaking(group: click.Group, language: str) -> Iterator[None]:
    """Let the help of all commands, and what click says itself, be in another language than English for a while."""
    if language == "en":
        yield
        return
    from sla_audit.report.language import words_of

    words = words_of(language)
    with ExitStack() as stack:
        stack.enter_context(_click_speaking(language))
        for command in commands(group):
            told = in_paragraphs(command.help or "", words.of)
            stack.enter_context(_having(command, help=told, short_help=told.partition("\n\n")[0]))
            for parameter in command.params:
                if isinstance(parameter, click.Option) and parameter.help:
                    stack.enter_context(_having(parameter, help=words.of(parameter.help)))
        yield


def in_words(said: Message) -> str:
    """Tell a sentence, or a text without places, in the language in which click speaks too."""
    import gettext

    return told(said, gettext.gettext)


def commands(command: click.Command) -> Iterator[click.Command]:
    """Give a command and all below it."""
    yield command
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from commands(each)


def in_paragraphs(text: str, of: Callable[[str], str]) -> str:
    """Put each paragraph of a help text into other words, those with lines of their own line by line."""
    return "\n\n".join(_paragraph(each, of) for each in inspect.cleandoc(text).split("\n\n"))


def _paragraph(paragraph: str, of: Callable[[str], str]) -> str:
    if not paragraph.startswith(_KEPT_LINES):
        return of(" ".join(paragraph.split()))
    return _KEPT_LINES + "\n".join(_line(line, of) for line in paragraph.removeprefix(_KEPT_LINES).split("\n"))


def _line(line: str, of: Callable[[str], str]) -> str:
    """Put a line into other words: a title, or what an exit code means; commands stay."""
    head, text = re.fullmatch(r"(\s*(?:\d+\s+)?)(.*)", line).groups()  # type: ignore[union-attr]
    return head + (text if text.startswith("sla-audit ") else of(text))


@contextmanager
def _having(said: click.Command | click.Option, **texts: str) -> Iterator[None]:
    """Let a command or an option have other texts for a while."""
    before = {name: getattr(said, name) for name in texts}
    vars(said).update(texts)
    try:
        yield
    finally:
        vars(said).update(before)


@contextmanager
def _click_speaking(language: str) -> Iterator[None]:
    """Give click, which asks the standard library's gettext, the catalogue of the program for a while."""
    import gettext
    from importlib.resources import as_file, files

    domain, asked = gettext.textdomain(), os.environ.get("LANGUAGE")
    with as_file(files("sla_audit.report").joinpath("locale")) as folder:
        gettext.bindtextdomain("sla_audit", str(folder))
        gettext.textdomain("sla_audit")
        os.environ["LANGUAGE"] = language
        try:
            yield
        finally:
            gettext.textdomain(domain)
            os.environ.pop("LANGUAGE")
            os.environ.update({} if asked is None else {"LANGUAGE": asked})
