"""Names of files as reports, tallies and messages write them: as text, which not every name is."""

from __future__ import annotations

import os
from pathlib import Path

from sla_audit.errors import Problem


def as_text(path: Path) -> str:
    """Write a path; bytes that are no UTF-8 become escapes, as in Python."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def no_text(path: Path) -> Problem | None:
    """Say that the name of a file is no text; None where it is.

    A report has the names of its inputs, and none of its formats can hold such a one.
    """
    try:
        os.fsencode(str(path)).decode("utf-8")
    except UnicodeDecodeError:
        return Problem(as_text(path), "its name is not UTF-8, so that no report can name it", "Rename it.")
    return None
