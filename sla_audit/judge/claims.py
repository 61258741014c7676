"""When a claim for a cycle may be filed, and what can be done on a day (clause 2.10.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sla_audit.contract.calendar import CalendarState, WorkingDays
from sla_audit.contract.model import ClaimRule
from sla_audit.contract.month import Month

ClaimState = Literal["nothing_owed", "undetermined", "not_yet_open", "open", "closed"]


@dataclass(frozen=True)
class ClaimWindow:
    """The days, both inclusive, on which a claim is taken; `calendar` says how sure they are."""

    opens_on: date
    closes_on: date
    calendar: CalendarState


def claim_window(cycle: Month, rule: ClaimRule, working_days: WorkingDays) -> ClaimWindow:
    """Find the claim window of a cycle, in the days of the contract's time zone."""
    following = cycle.plus(1)
    calendar: CalendarState = "official"
    if rule.opens_after_working_day is None:
        opens_after = cycle.last_day + timedelta(days=rule.opens_after_days or 0)
    else:
        nth = working_days.nth_of_month(following.year, following.number, rule.opens_after_working_day)
        opens_after = nth or following.last_day
        calendar = working_days.state(following.year)
    if rule.closes_months_after is None:
        closes_on = cycle.last_day + timedelta(days=rule.closes_days_after or 0)
    else:
        closes_on = cycle.plus(rule.closes_months_after).last_day
    return ClaimWindow(opens_after + timedelta(days=1), closes_on, calendar)


def claim_state(decision: str, window: ClaimWindow, as_of: date) -> ClaimState:
    """Tell what can be done about a verdict on a day."""
    if decision == "not_owed":
        return "nothing_owed"
    if decision == "undetermined":
        return "undetermined"
    if as_of < window.opens_on:
        return "not_yet_open"
    return "open" if as_of <= window.closes_on else "closed"
