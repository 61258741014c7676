"""When a claim for a cycle may be filed (clause 2.10.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sla_audit.contract.calendar import CalendarState, calendar_state, nth_working_day
from sla_audit.contract.model import ClaimRule
from sla_audit.contract.month import Month


@dataclass(frozen=True)
class ClaimWindow:
    """The days, both inclusive, on which a claim is taken; `calendar` says how sure they are."""

    opens_on: date
    closes_on: date
    calendar: CalendarState


def claim_window(cycle: Month, rule: ClaimRule) -> ClaimWindow:
    """Find the claim window of a cycle: from the day after the n-th working day of the next month."""
    following = cycle.plus(1)
    last_working_day = nth_working_day(following.year, following.number, rule.opens_after_working_day)
    return ClaimWindow(
        opens_on=last_working_day + timedelta(days=1),
        closes_on=cycle.plus(rule.closes_months_after).last_day,
        calendar=calendar_state(following.year),
    )
