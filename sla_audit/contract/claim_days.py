"""The first and the last day on which a claim is taken, and whether they are in that order (clause 2.10.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.month import FIRST_DAY, LAST_DAY, Month

_FOUR_YEARS = 48  # months: cycles of every length, one with a February of 29 days among them


class Rule(Protocol):
    """What `model.ClaimRule` says of the days."""

    @property
    def calendar(self) -> str | None:
        """The country whose working days are counted."""

    @property
    def opens_after_working_day(self) -> int | None:
        """Number of a working day of the month after the cycle."""

    @property
    def opens_after_days(self) -> int | None:
        """Days after the last of the cycle."""

    @property
    def closes_months_after(self) -> int | None:
        """Months after the cycle, of which it is the end."""

    @property
    def closes_days_after(self) -> int | None:
        """Days after the last of the cycle."""


class ClaimDays(NamedTuple):
    """Both inclusive."""

    opens_on: date
    closes_on: date


def claim_days(cycle: ServiceCycle, rule: Rule, working_days: WorkingDays) -> ClaimDays:
    """Find the days of a cycle's claim: months after it are counted from its last one."""
    last_month = Month.of(cycle.last_day)
    if rule.opens_after_working_day is None:
        opens_after = cycle.last_day + timedelta(days=rule.opens_after_days or 0)
    else:
        following = last_month.plus(1)
        nth = working_days.nth_of_month(following.year, following.number, rule.opens_after_working_day)
        opens_after = nth or following.last_day
    if rule.closes_months_after is None:
        closes_on = cycle.last_day + timedelta(days=rule.closes_days_after or 0)
    else:
        closes_on = last_month.plus(rule.closes_months_after).last_day
    return ClaimDays(opens_after + timedelta(days=1), closes_on)


def closes_too_early(rule: Rule, kind: type[ServiceCycle]) -> ServiceCycle | None:
    """Find a cycle of a kind whose claims would close before they open, by the calendar that is installed."""
    for cycle in _in_doubt(rule, kind):
        days = claim_days(cycle, rule, INSTALLED.of(rule.calendar))
        if days.closes_on < days.opens_on:
            return cycle
    return None


def longest_wait(working_day: int) -> int:
    """Say on which day of a month its n-th working day is at the latest: no holidays are as long as that."""
    return 2 * working_day + 7


def _in_doubt(rule: Rule, kind: type[ServiceCycle]) -> Iterator[ServiceCycle]:
    """Yield the cycles that are worth looking at: working days take long to count."""
    working_day, days = rule.opens_after_working_day, rule.closes_days_after
    if working_day is None:
        months = _FOUR_YEARS
    elif days is None or days > longest_wait(working_day):
        months = 0
    else:
        months = (LAST_DAY.year - FIRST_DAY.year) * 12
    for number in range(months // kind.MONTHS):
        yield kind.of(FIRST_DAY).plus(number)
