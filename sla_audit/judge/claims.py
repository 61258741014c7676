"""When a claim for a cycle may be filed, and what can be done on a day (clause 2.10.2)."""

from __future__ import annotations

from datetime import date

from sla_audit.contract.claim_days import claim_days
from sla_audit.contract.terms.claim import ClaimRule
from sla_audit.errors import Problem, refuse
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.claims import ClaimState, ClaimWindow
from sla_audit.model.cycle import ServiceCycle
from sla_audit.sentence import Sentence


def claim_window(cycle: ServiceCycle, rule: ClaimRule, working_days: WorkingDays) -> ClaimWindow:
    """Find the claim window of a cycle, in the days of the contract's time zone.

    Raises `InputError` where it would close before it opens, as a holidays file can make it.
    """
    working_days = working_days.of(rule.calendar)
    days = claim_days(cycle, rule, working_days)
    refuse(
        Problem(
            Sentence("claims for {cycle}", cycle=cycle),
            Sentence(
                "would close on {closes_on}, before they open on {opens_on}",
                closes_on=days.closes_on,
                opens_on=days.opens_on,
            ),
            "Check the holidays file, and [claim] of the contract.",
        )
        for _ in range(days.closes_on < days.opens_on)
    )
    counted = rule.opens_after_working_day is not None
    return ClaimWindow(*days, working_days.state(cycle.plus(1).year) if counted else "official")


def claim_state(decision: str, window: ClaimWindow, as_of: date) -> ClaimState:
    """Tell what can be done about a verdict on a day."""
    if decision == "not_owed":
        return "nothing_owed"
    if decision == "undetermined":
        return "undetermined"
    if as_of < window.opens_on:
        return "not_yet_open"
    return "open" if as_of <= window.closes_on else "closed"
