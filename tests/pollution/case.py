"""What a polluted log is, and what must come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.pollution.log import LOG, Request


@dataclass(frozen=True)
class Counts:
    """The run ends with 0 and the figures of these rows; `rejected` others could not be read, and are said to be so."""

    rows: Sequence[Request] = LOG
    rejected: int = 0


@dataclass(frozen=True)
class Refused:
    """The run ends with 2, nothing is written, and the message names the file, the `place` in it and what is wrong."""

    message: str
    place: str = ""


@dataclass(frozen=True)
class AsAnotherReads:
    """Damage that nobody may be able to see, as in a name: the run is refused, or has the figures that another reader's
    rows give, one that believes no statistics.
    """


Outcome = Counts | Refused | AsAnotherReads
CLEAN = Counts()


@dataclass(frozen=True)
class Case:
    """A polluted log, named by a sentence, and its outcome with the given options."""

    name: str
    content: bytes
    outcome: Outcome
    file: str = "log.csv"
    options: Sequence[str] = field(default=())


def without(*rows: int) -> list[Request]:
    """Give the clean log without some of its rows, which are counted from 1."""
    return [row for number, row in enumerate(LOG, 1) if number not in rows]
