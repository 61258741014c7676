"""Calendar months, the cycles of the service (clause 2.7.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from sla_audit.sentence import Sentence

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1970, 2199

FIRST_DAY = date(_FIRST_YEAR, 1, 1)
"""The first day that can be audited."""

LAST_DAY = date(_LAST_YEAR, 12, 31)
"""The last day that can be audited."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, written `YYYY-MM`."""

    year: int
    number: int

    def __str__(self) -> str:
        """Write the month as `YYYY-MM`."""
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`; raises `ValueError` for anything else."""
        written = _WRITTEN.fullmatch(text)
        if not written or not _FIRST_YEAR <= int(written[1]) <= _LAST_YEAR:
            raise ValueError(
                Sentence(
                    "{written!r} is not a month such as 2026-10, from {first} to {last}",
                    written=text,
                    first=_FIRST_YEAR,
                    last=_LAST_YEAR,
                )
            )
        return cls(int(written[1]), int(written[2]))

    @staticmethod
    def checked(day: date) -> date:
        """Give a day back; raises `ValueError` where it lies in no month that can be audited."""
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValueError(
                Sentence("{day} is not from {first} to {last}", day=day, first=_FIRST_YEAR, last=_LAST_YEAR)
            )
        return day

    @classmethod
    def of(cls, day: date) -> Month:
        """Give the month that `day` lies in."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """Give the month that many months later."""
        return Month.of(self.first_day + relativedelta(months=months))

    def until(self, last: Month) -> list[Month]:
        """List the months from this one to another, both included."""
        months = [self]
        while months[-1] < last:
            months.append(months[-1].plus(1))
        return months

    @property
    def first_day(self) -> date:
        """The 1st of the month."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month, leap years included."""
        return self.first_day + relativedelta(day=31)
