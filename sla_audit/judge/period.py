"""The months that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.month import Month
from sla_audit.sentence import Sentence

_FROM_AS_OF = {"last": -1, "running": 0}


@dataclass(frozen=True)
class Period:
    """A run of months, both ends included; without ends, every month that the logs touch."""

    first: Month | None = None
    last: Month | None = None

    @classmethod
    def parse(cls, text: str, as_of: date) -> Period:
        """Read `YYYY-MM`, `YYYY-MM..YYYY-MM`, `last` and `running` (the months before and of `as_of`), or `all`.

        Raises `ValueError` that says what was expected.
        """
        if text == "all":
            return cls()
        if text in _FROM_AS_OF:
            month = Month.of(as_of).plus(_FROM_AS_OF[text])
            return cls(month, month)
        written, dots, end = text.partition("..")
        try:
            first, last = Month.parse(written), Month.parse(end if dots else written)
        except ValueError as error:
            raise ValueError(
                Sentence("{written!r}: expected YYYY-MM, YYYY-MM..YYYY-MM, last, running or all", written=text)
            ) from error
        if last < first:
            raise ValueError(Sentence("{written!r}: ends before it starts", written=text))
        return cls(first, last)

    def __str__(self) -> str:
        """Write it as the option takes it, without words that depend on the day."""
        if self.first is None or self.last is None:
            return "all"
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def running(self, as_of: date) -> Period | None:
        """Give the month of a day by itself, or None where it was not asked for."""
        month, months = Month.of(as_of), self.months()
        return Period(month, month) if months is None or month in months else None

    @property
    def days(self) -> tuple[date, date] | None:
        """Give the first and the last day, or None where the logs decide."""
        return None if self.first is None or self.last is None else (self.first.first_day, self.last.last_day)

    def instants(self, zone: ZoneInfo) -> tuple[int, int] | None:
        """Give the half-open stretch of time in microseconds since 1970, or None where the logs decide."""
        if self.first is None or self.last is None:
            return None
        days = self.first.first_day, self.last.plus(1).first_day
        first, end = (microseconds(midnight(day, zone)) for day in days)
        return first, end

    def months(self) -> list[Month] | None:
        """List the months, or None where the logs decide."""
        return None if self.first is None or self.last is None else self.first.until(self.last)
