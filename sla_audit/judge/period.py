"""The cycles that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NoReturn
from zoneinfo import ZoneInfo

from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.month import Month
from sla_audit.sentence import Sentence, to_say

_FROM_AS_OF = {"last": -1, "running": 0}
_OTHERS = {
    1: to_say("{written!r}: the cycles of this agreement are months, as in {such}"),
    3: to_say("{written!r}: the cycles of this agreement are quarters, as in {such}"),
}
"""What is said of a cycle of another kind, by the months of those that are expected."""
_EXPECTED = {
    1: to_say("{written!r}: expected YYYY-MM, YYYY-MM..YYYY-MM, last, running or all"),
    3: to_say("{written!r}: expected YYYY-Qn, YYYY-Qn..YYYY-Qn, last, running or all"),
}


@dataclass(frozen=True)
class Period:
    """A run of cycles of one kind, both ends included; without ends, every one that the logs touch."""

    first: ServiceCycle | None = None
    last: ServiceCycle | None = None

    @classmethod
    def parse(cls, text: str, as_of: date, kind: type[ServiceCycle] = Month) -> Period:
        """Read two cycles of a kind with `..` between, or one; `last` and `running` (before and of `as_of`), or `all`.

        Raises `ValueError` that says what was expected.
        """
        if text == "all":
            return cls()
        if text in _FROM_AS_OF:
            cycle = kind.of(as_of).plus(_FROM_AS_OF[text])
            return cls(cycle, cycle)
        written, dots, end = text.partition("..")
        try:
            first, last = kind.parse(written), kind.parse(end if dots else written)
        except ValueError as error:
            _refuse(text, [written, end] if dots else [written], kind, error)
        if last < first:
            raise ValueError(Sentence("{written!r}: ends before it starts", written=text))
        return cls(first, last)

    def __str__(self) -> str:
        """Write it as the option takes it, without words that depend on the day."""
        if self.first is None or self.last is None:
            return "all"
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def running(self, as_of: date, kind: type[ServiceCycle]) -> Period | None:
        """Give the cycle of a kind that a day is in by itself, or None where it was not asked for."""
        cycle, cycles = kind.of(as_of), self.cycles()
        return Period(cycle, cycle) if cycles is None or cycle in cycles else None

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

    def cycles(self) -> list[ServiceCycle] | None:
        """List the cycles, or None where the logs decide."""
        return None if self.first is None or self.last is None else self.first.until(self.last)


def _refuse(text: str, ends: list[str], kind: type[ServiceCycle], error: ValueError) -> NoReturn:
    """Raise `ValueError` for what is no run of cycles of a kind; of those of another one, say which are meant."""
    try:
        first, *_, last = (cycle_named(each) for each in [*ends, *ends])
    except ValueError:
        raise ValueError(Sentence(_EXPECTED[kind.MONTHS], written=text)) from error
    meant = Period(kind.of(first.first_day), kind.of(last.last_day))
    raise ValueError(Sentence(_OTHERS[kind.MONTHS], written=text, such=meant)) from error
