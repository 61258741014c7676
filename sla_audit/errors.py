"""What a user can cause, with the next step to take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sla_audit.sentence import Message, Sentence, Translated, having_replaced, in_english, named, said_by, to_say, told

_WITHIN_A_FILE = re.compile(r", (?:line|row) \d+$|: [^\s:/]+$")
"""A row of a file, or a field of it."""
_NAMED = 3
_CHECK, _CHOOSE = to_say("Check the path."), to_say("Choose another place.")
MANY_FILES = 5
"""So many files with the same mistake are told in one message."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found against what was expected, and what to do next.

    `where` names a file, a row of it, or an option, which is told as it is; a sentence where it has words of its own.
    """

    where: Message
    what: Message
    remedy: Message = ""

    def lines(self, translated: Translated = in_english) -> list[str]:
        """Give the message in a language, and on a line of its own what to do next."""
        remedy = [told(self.remedy, translated)] if self.remedy else []
        return [f"{named(self.where, translated)}: {told(self.what, translated)}", *remedy]

    def __str__(self) -> str:
        """Give the message as it is printed, without markup."""
        return "\n  ".join(self.lines())


class InputError(Exception):
    """An input that cannot be trusted. Nothing is written; the exit code is 2."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    def __reduce__(self) -> tuple[type[InputError], tuple[Problem, ...]]:
        """Send the problems, of which the text is made, to another process."""
        return type(self), self.problems


def cannot_be_read(where: Message, error: Exception, remedy: Message = _CHECK, *, in_short: bool = False) -> Problem:
    """Say why a file cannot be read; `in_short` takes the first line of what a library says."""
    return Problem(where, Sentence("cannot be read: {why}", why=said_by(error, in_short=in_short)), remedy)


def cannot_be_written(where: Message, error: Exception, remedy: Message = _CHOOSE) -> Problem:
    """Say why a file cannot be written."""
    return Problem(where, Sentence("cannot be written: {why}", why=said_by(error)), remedy)


def alike_as_one(problems: Iterable[Problem]) -> list[Problem]:
    """Say the same mistake of many files once, with the first few of them and how many there are.

    Rows and fields of a file stay by themselves: each of them is to be mended.
    """
    problems = list(problems)
    files: dict[tuple[Message, Message], list[str]] = {}
    for problem in problems:
        if not _WITHIN_A_FILE.search(str(problem.where)):
            files.setdefault((problem.what, problem.remedy), []).append(str(problem.where))
    said: dict[Problem, None] = {}
    for problem in problems:
        where = files.get((problem.what, problem.remedy), [])
        if len(where) >= MANY_FILES and str(problem.where) in where:
            said[replace(problem, where=in_many_files(where))] = None
        else:
            said[problem] = None
    return list(said)


def in_many_files(places: Sequence[str]) -> Sentence:
    """Name the first few of many files, or of places in them, one for each, and how many there are."""
    named = ", ".join(places[:_NAMED])
    return Sentence(
        "{files:,} files ({named} and {more:,} more)", files=len(places), named=named, more=len(places) - _NAMED
    )


def field_name(location: Iterable[int | str]) -> str:
    """Name a field of a file by the way to it, entries of a list counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    """Let a problem name files as the user did, by the paths of those that were read in their place."""
    return Problem(*(having_replaced(each, names) for each in (problem.where, problem.what, problem.remedy)))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `InputError` with all the problems, if there are any."""
    found = tuple(problems)
    if found:
        raise InputError(*found)
