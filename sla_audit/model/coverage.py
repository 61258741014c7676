"""Whether the logs are whole, as a value: what seems to be missing, or to be in the wrong place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Outlier:
    """Some rows of a log and where they lie, and where the rest lies; half-open, in microseconds since 1970."""

    path: str
    rows: int
    starts_at: int
    ends_at: int
    rest_starts_at: int
    rest_ends_at: int


CycleEnd = Literal["beginning", "end", "whole"]


@dataclass(frozen=True)
class Gap:
    """A stretch of a cycle without any row, half-open, in microseconds since 1970.

    It has an `edge` where it begins or ends with the audited days of the cycle.
    """

    cycle: str
    starts_at: int
    ends_at: int
    edge: CycleEnd | None


@dataclass(frozen=True)
class ThinDay:
    """A day that has no more than so many `rows`, where so many are `usual`."""

    cycle: str
    day: date
    rows: int
    usual: int


@dataclass(frozen=True)
class Coverage:
    """What seems to be missing, or to be in the wrong place; in the order of time.

    `resolution` is `rows` where the time of every row of the audited days was looked at; `stretches` where of some no
    more than the bounds is known, so that what is missing between them is not told.
    """

    resolution: Literal["rows", "stretches"]
    gaps: tuple[Gap, ...]
    cut_short: tuple[Gap, ...]
    thin_days: tuple[ThinDay, ...]
    strays: tuple[Outlier, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not (self.gaps or self.cut_short or self.thin_days or self.strays)


@dataclass(frozen=True)
class LogsKept:
    """The first and the last day of which there is a row, and stretches of days without any, inclusive.

    These are of the twelve months before that of the audit. Where the time of each row is not known, a stretch in which
    rows lie counts whole.
    """

    first_day: date | None
    last_day: date | None
    missing: tuple[tuple[date, date], ...]
