"""Service cycles: the calendar months, or quarters, by which an agreement judges (clause 2.7.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from dateutil.relativedelta import relativedelta

from sla_audit.sentence import Sentence

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years that can be audited."""


@dataclass(frozen=True, order=True)
class ServiceCycle:
    """A stretch of a calendar year: the `number`-th of those of its kind, which are so many `MONTHS` long.

    Those of one kind are in order of time; those of two kinds cannot be compared. A kind says besides how they are
    `WRITTEN`, year and number in groups, in which `FORM`, and what is said of text that `IS_NONE`.
    """

    year: int
    number: int

    MONTHS: ClassVar[int]
    WRITTEN: ClassVar[re.Pattern[str]]
    FORM: ClassVar[str]
    IS_NONE: ClassVar[str]

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        return self.FORM.format(self.year, self.number)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes; raises `ValueError` for anything else."""
        written = cls.WRITTEN.fullmatch(text)
        if not written or not FIRST_YEAR <= int(written[1]) <= LAST_YEAR:
            raise ValueError(Sentence(cls.IS_NONE, written=text, first=FIRST_YEAR, last=LAST_YEAR))
        return cls(int(written[1]), int(written[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Give the one that `day` lies in."""
        return cls(day.year, (day.month - 1) // cls.MONTHS + 1)

    def plus(self, cycles: int) -> Self:
        """Give the one that many later."""
        return self.of(self.first_day + relativedelta(months=self.MONTHS * cycles))

    def until(self, last: Self) -> list[Self]:
        """List those from this one to another, both included."""
        cycles = [self]
        while cycles[-1] < last:
            cycles.append(cycles[-1].plus(1))
        return cycles

    @property
    def first_day(self) -> date:
        """The 1st of its first month."""
        return date(self.year, (self.number - 1) * self.MONTHS + 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of its last month, leap years included."""
        return self.first_day + relativedelta(months=self.MONTHS - 1, day=31)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1
