"""What a user can cause, with the next step to take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

_WITHIN_A_FILE = re.compile(r", (?:line|row) \d+$|: [^\s:/]+$")
"""A row of a file, or a field of it."""
_NAMED = 3
MANY_FILES = 5
"""So many files with the same mistake are told in one message."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found against what was expected, and what to do next.

    `where` names a file, a row of it, or an option.
    """

    where: str
    what: str
    remedy: str = ""

    def lines(self) -> list[str]:
        """Give the message, and on a line of its own what to do next."""
        return [f"{self.where}: {self.what}", *([self.remedy] if self.remedy else [])]

    def __str__(self) -> str:
        """Give the message as it is printed, without markup."""
        return "\n  ".join(self.lines())


class InputError(Exception):
    """An input that cannot be trusted. Nothing is written; the exit code is 2."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def alike_as_one(problems: Iterable[Problem]) -> list[Problem]:
    """Say the same mistake of many files once, with the first few of them and how many there are.

    Rows and fields of a file stay by themselves: each of them is to be mended.
    """
    problems = list(problems)
    files: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        if not _WITHIN_A_FILE.search(problem.where):
            files.setdefault((problem.what, problem.remedy), []).append(problem.where)
    said: dict[Problem, None] = {}
    for problem in problems:
        where = files.get((problem.what, problem.remedy), [])
        if len(where) >= MANY_FILES and problem.where in where:
            said[replace(problem, where=in_many_files(where))] = None
        else:
            said[problem] = None
    return list(said)


def in_many_files(places: Sequence[str]) -> str:
    """Name the first few of many files, or of places in them, one for each, and how many there are."""
    return f"{len(places):,} files ({', '.join(places[:_NAMED])} and {len(places) - _NAMED:,} more)"


def field_name(location: Iterable[int | str]) -> str:
    """Name a field of a file by the way to it, entries of a list counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    """Let a problem name files as the user did, by the paths of those that were read in their place."""
    where, what, remedy = problem.where, problem.what, problem.remedy
    for path, shown in names.items():
        where, what, remedy = (text.replace(path, shown) for text in (where, what, remedy))
    return Problem(where, what, remedy)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `InputError` with all the problems, if there are any."""
    found = tuple(problems)
    if found:
        raise InputError(*found)
