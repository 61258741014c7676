"""What the first lines of a log tell of how it is written: the ways that formats recognise, and the likeliest."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from sla_audit.errors import InputError
from sla_audit.intake.bytes.encoding import UTF_16_MARKS, undecodable
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.naming import Naming
from sla_audit.intake.formats.interface import OpenedLog
from sla_audit.intake.formats.wrappers import OBJECTS, WRAPPERS, Wrapper
from sla_audit.intake.values.time_forms import DateOrder
from sla_audit.intake.values.timestamps import instant_of
from sla_audit.sentence import Sentence, as_phrase

_LINES_A_LOOK, _BYTES_A_LOOK = 100, 1 << 20
_UTC = ZoneInfo("UTC")
_Fit = TypeVar("_Fit")


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
    def said(self) -> Sentence:
        """The way, as a message names it."""
        title = as_phrase(self.title)
        if self.wrapper is None:
            return title
        return Sentence("{title} within {wrapper}", title=title, wrapper=as_phrase(self.wrapper.name))


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


class FirstLines:
    """The first lines of a log that are not blank, without their ends, looked at in one way after the other.

    A way that fits fewer of them than another is given up as soon as that shows: a log is mostly of one way altogether.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.lines = lines
        self.most = 0
        """How many lines a way that was found fits."""

    @classmethod
    def of(cls, head: Head) -> FirstLines:
        """Read them. Raises `InputError` where they are in another encoding than is said."""
        with head.open() as file:
            mark = file.peek(len(UTF_16_MARKS[0]))
            if head.encoding == UTF_8 and mark.startswith(UTF_16_MARKS):
                raise InputError(undecodable(head.path, UTF_8, Sentence("a byte order mark of UTF-16"), 0, mark))
            size = 0
            found: list[bytes] = []
            while len(found) < _LINES_A_LOOK and size < _BYTES_A_LOOK and (line := file.readline(_BYTES_A_LOOK)):
                line = line if size else line.removeprefix(BOM_UTF8)
                size += len(line)
                if line.strip():
                    found.append(line.rstrip(b"\r\n"))
        return cls(found)

    def first(self) -> FirstLines:
        """Give the first alone."""
        return FirstLines(self.lines[:1])

    @cached_property
    def within(self) -> Sequence[tuple[Wrapper | None, Sequence[bytes]]]:
        """The lines as they are, and what is within each wrapper that some of them have."""
        inner = ((each, [found for line in self.lines if (found := each.off(line)) is not None]) for each in WRAPPERS)
        return [(None, self.lines), *((wrapper, some) for wrapper, some in inner if some)]

    def fitting(self, lines: Sequence[bytes], fit: Callable[[bytes], _Fit | None]) -> list[_Fit | None]:
        """Tell what each line is in some way, None where it is nothing; of a way that is given up, nothing at all."""
        found, may_miss = list[_Fit | None](), len(lines) - self.most
        for line in lines:
            found.append(fit(line))
            may_miss -= found[-1] is None
            if may_miss < 0:
                return []
        return found

    def seen(self, candidate: Candidate) -> Candidate:
        """Take note of a way in which the log may be written.

        An object is not meant where something is within it, which may be in fewer lines.
        """
        is_meant = not candidate.is_object or candidate.wrapper is not None
        if is_meant or not any(wrapper in OBJECTS for wrapper, _ in self.within):
            self.most = max(self.most, candidate.lines)
        return candidate


def has_time(said: Mapping[str, str], dialect: Dialect) -> bool:
    """Tell whether fields have a time where a dialect has it."""
    return is_time([said.get(name, "") for name in Naming(dialect, said).timestamp], dialect.time_format)


def is_time(fields: Sequence[str], order: DateOrder | None) -> bool:
    """Tell whether one field, or a date and a time, say an instant."""
    return instant_of("T".join(fields), _UTC, order)[0] is not None


def as_text(line: bytes) -> str:
    """Give a line as text, with what is no UTF-8 in it kept apart."""
    return line.decode(UTF_8, "surrogateescape")
