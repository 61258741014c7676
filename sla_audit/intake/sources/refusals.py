"""What is said of files that are no logs, or may not be read as such."""

from __future__ import annotations

from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.log_formats import BY_SUFFIX, SUFFIXES_SAID
from sla_audit.intake.sources.left_out import left_out
from sla_audit.model.log_summary import LeftOut
from sla_audit.sentence import Message, Sentence, as_phrase, to_say


def why_left_out(file: Path) -> LeftOut:
    """Say why a file of a directory is left out."""
    return left_out(file, of_a_known_kind=suffix_unpacked(file) in BY_SUFFIX)


def no_log(folder: Path, others: list[LeftOut]) -> Problem:
    """Say that a directory holds no log, and what it holds."""
    if not others:
        found = Sentence("the directory holds no log ({suffixes})", suffixes=SUFFIXES_SAID)
        return Problem(folder.as_posix(), found, "Name another place.")
    text = to_say("the directory holds no log ({suffixes}), but {named}")
    if len(others) > 3:
        text = to_say("the directory holds no log ({suffixes}), but {named} and {more} more")
    named = ", ".join(each.path for each in others[:3])
    found = Sentence(text, suffixes=SUFFIXES_SAID, named=named, more=len(others) - 3)
    return Problem(folder.as_posix(), found, "Name another place, or these files one by one, with --format.")


def in_two_groups(shown: str, first: int, other: int) -> Problem:
    """Say that two groups of patterns, counted from 0, name a file."""
    found = Sentence(
        "is named by sources {first} and {other}, each of which says how its logs are read",
        first=first + 1,
        other=other + 1,
    )
    return Problem(shown, found, "Name it in one of [[sources]] alone.")


def unknown_kind(path: Path, expected: Message, remedy: Message) -> Problem:
    """Say that the suffix of a file says nothing."""
    text = to_say("no suffix does not say what it holds; expected {expected}")
    if path.suffix:
        text = to_say("the suffix {suffix!r} does not say what it holds; expected {expected}")
    return Problem(path.as_posix(), Sentence(text, suffix=path.suffix, expected=as_phrase(expected)), remedy)
