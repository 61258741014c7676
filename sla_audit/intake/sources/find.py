"""Which files are read: single files, directories and globs, mixed, each file once; and streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sla_audit.errors import Problem, refuse
from sla_audit.intake.sources.dated import Days
from sla_audit.intake.sources.finder import Beside, Finder, Group
from sla_audit.intake.sources.source import Source
from sla_audit.intake.tables.live import LiveTable
from sla_audit.model.log_summary import LeftOut

_NOTHING = Beside()


@dataclass(frozen=True)
class Found:
    """The files of a run, in the order of their paths, and those that were named more than once."""

    sources: tuple[Source, ...]
    repeated: tuple[Path, ...]
    left_out: tuple[LeftOut, ...] = ()
    """What directories hold besides, and is not read."""
    tables: tuple[tuple[str, LiveTable], ...] = ()
    """The tables of which files are read, each by its path as it was given."""


def find_sources(patterns: Iterable[str], form: str | None = None, beside: Beside = _NOTHING) -> Found:
    """Resolve files, directories (searched whole), globs and streams (`-` is standard input) to the logs they name.

    A file that several patterns name is read once. `form` is what those hold whose names do not say; in a directory
    they are left out. Raises `InputError` for every pattern that names nothing, a file of an unknown kind, or, by a
    directory or a glob, files of a table (see `tables`).
    """
    return find_groups([Group(patterns, form)], beside)


def find_groups(groups: Iterable[Group], beside: Beside = _NOTHING, days: Days | None = None) -> Found:
    """Do the same for groups of patterns; where dates stand in them, for some `days`.

    What one group leaves out may be a log of another. Raises `InputError` also for a file that two of them name.
    """
    found, problems = look_for(groups, beside, days)
    refuse(problems)
    return found


def look_for(
    groups: Iterable[Group], beside: Beside = _NOTHING, days: Days | None = None
) -> tuple[Found, list[Problem]]:
    """Give what `find_groups` finds, and the problems for which it would raise `InputError`."""
    finder = Finder(beside, days)
    for number, group in enumerate(groups):
        finder.begin(number, group)
        for pattern in group.patterns:
            finder.take(pattern)
        finder.end(group)
    sources = sorted(finder.first_seen.values(), key=lambda source: source.path)
    read = {source.shown for source in sources}
    left_out = tuple(each for path, each in finder.left_out.items() if path not in read)
    return Found(tuple(sources), tuple(finder.repeated), left_out, tuple(sorted(finder.read.items()))), finder.problems
