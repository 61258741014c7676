"""What is wrong with what came of an input, and by what it is told from other findings."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

_FRAME = re.compile(r'File "[^"]*?/?((?:sla_audit|tests)/[^"]*)", line (\d+),? in (\S+)')
_LETTERS = re.compile(r"[^a-z ,]|(?<=counted )Said.*")
_THREADS = re.compile(r"(?:Current thread|Thread) 0x")


class FindingError(AssertionError):
    """Something that no input may cause. `kind` is one of a few words; what it is about is in the message."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind


def signature(error: BaseException) -> str:
    """Name a finding by its kind, or its exception and the innermost place in the program."""
    if isinstance(error, FindingError):
        return error.kind
    text = "".join(traceback.format_exception(error))
    said = _LETTERS.sub("", str(error).partition("\n")[0])[:40].strip()
    return f"{type(error).__name__} at {_place(text)}" + (f": {said}" if isinstance(error, AssertionError) else "")


def signature_of_traceback(text: str) -> str:
    """Name a bug by the traceback that the program printed."""
    last = [line for line in text.splitlines() if line and not line.startswith((" ", "This is a bug"))]
    return f"exit 70, {(last or ['?'])[-1].partition(':')[0]} at {_place(text)}"


def signature_of_death(what: str, stacks: Path) -> str:
    """Name a death or a hang by where Python's stacks say that it was."""
    text = stacks.read_text(errors="replace") if stacks.exists() else ""
    threads = [thread for thread in _THREADS.split(text) if "/sla_audit/" in thread]
    found = _FRAME.search(threads[0]) if threads else None  # innermost first
    return f"{what} at {_named(found)}"


def _place(text: str) -> str:
    found = [each for each in _FRAME.finditer(text) if each[1].startswith("sla_audit/")] or list(_FRAME.finditer(text))
    return _named(found[-1] if found else None)


def _named(found: re.Match[str] | None) -> str:
    return f"{found[1]}:{found[2]} {found[3]}" if found else "no place in the program"
