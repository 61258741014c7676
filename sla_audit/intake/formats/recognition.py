"""What the first lines of a log tell of how it is written: the ways that formats recognise, and the likeliest."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sla_audit.errors import InputError
from sla_audit.intake.bytes.encoding import UTF_16_MARKS, undecodable
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.naming import Naming
from sla_audit.intake.formats.interface import OpenedLog
from sla_audit.intake.formats.wrappers import OBJECTS, WRAPPERS, Wrapper
from sla_audit.intake.values.timestamps import instant_of

_LINES_A_LOOK, _BYTES_A_LOOK = 100, 1 << 20
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Candidate:
    """A way in which a log may be written: its `title`, how many of the first lines are so, and what opens it so.

    `odd` are lines that may be so, but that something odd stands in a field of theirs.
    """

    title: str
    lines: int
    open: Callable[[], OpenedLog]
    wrapper: Wrapper | None = None
    is_object: bool = False
    odd: int = 0

    @property
    def said(self) -> str:
        """The way, as a message names it."""
        return self.title if self.wrapper is None else f"{self.title} within {self.wrapper.name}"


def likeliest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Give the ways in which most lines may be written.

    What is within an object of Docker's or the journal's is meant, and not that object.
    """
    within = max((each.lines for each in candidates if each.wrapper in OBJECTS), default=0)
    counts = [
        (each.lines - (within if each.is_object and each.wrapper is None else 0), each.odd if not each.lines else 0)
        for each in candidates
    ]
    return [each for each, count in zip(candidates, counts, strict=True) if count == max(counts)]


def first_lines(head: Head) -> list[bytes]:
    """Give the first lines that are not blank, without their ends."""
    with head.open() as file:
        mark = file.peek(len(UTF_16_MARKS[0]))
        if head.encoding == UTF_8 and mark.startswith(UTF_16_MARKS):
            raise InputError(undecodable(head.path, UTF_8, "a byte order mark of UTF-16", 0, mark))
        size = 0
        found: list[bytes] = []
        while len(found) < _LINES_A_LOOK and size < _BYTES_A_LOOK and (line := file.readline(_BYTES_A_LOOK)):
            line = line if size else line.removeprefix(BOM_UTF8)
            size += len(line)
            if line.strip():
                found.append(line.rstrip(b"\r\n"))
    return found


def within(lines: Sequence[bytes]) -> Iterator[tuple[Wrapper | None, list[bytes]]]:
    """Give the lines as they are, and what is within each wrapper that some of them have."""
    yield None, list(lines)
    for wrapper in WRAPPERS:
        inner = [found for line in lines if (found := wrapper.off(line)) is not None]
        if inner:
            yield wrapper, inner


def has_time(said: Mapping[str, str], dialect: Dialect) -> bool:
    """Tell whether fields have a time where a dialect has it."""
    names = Naming(dialect, said).timestamp
    return instant_of("T".join(said.get(name, "") for name in names), _UTC, dialect.time_format)[0] is not None


def as_text(line: bytes) -> str:
    """Give a line as text, with what is no UTF-8 in it kept apart."""
    return line.decode(UTF_8, "surrogateescape")
