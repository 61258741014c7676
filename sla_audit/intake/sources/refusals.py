"""What is said of files that are no logs, or may not be read as such."""

from __future__ import annotations

from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.log_formats import BY_SUFFIX, SUFFIXES_SAID
from sla_audit.intake.sources.left_out import left_out
from sla_audit.model.log_summary import LeftOut


def why_left_out(file: Path) -> LeftOut:
    """Say why a file of a directory is left out."""
    return left_out(file, of_a_known_kind=suffix_unpacked(file) in BY_SUFFIX)


def no_log(folder: Path, others: list[LeftOut]) -> Problem:
    """Say that a directory holds no log, and what it holds."""
    named = ", ".join(each.path for each in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    besides = f", but {named}{more}" if others else ""
    remedy = "Name another place, or these files one by one, with --format." if others else "Name another place."
    return Problem(folder.as_posix(), f"the directory holds no log ({SUFFIXES_SAID}){besides}", remedy)


def in_two_groups(shown: str, first: int, other: int) -> Problem:
    """Say that two groups of patterns, counted from 0, name a file."""
    found = f"is named by sources {first + 1} and {other + 1}, each of which says how its logs are read"
    return Problem(shown, found, "Name it in one of [[sources]] alone.")


def unknown_kind(path: Path, expected: str, remedy: str) -> Problem:
    """Say that the suffix of a file says nothing."""
    found = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
    return Problem(path.as_posix(), f"{found} does not say what it holds; expected {expected}", remedy)
