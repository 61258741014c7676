"""Claims as calendar reminders: the day each one opens, and the last day to file it."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report.claims_document import Claim, Claims

_MORNING = timedelta(hours=9)
_DAY = timedelta(days=1)


def render_calendar(claims: Claims, contract: Contract) -> bytes:
    """Write the claims that can be filed, now or later, as an iCalendar file; the same claims give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//sla-audit//claims//EN")
    calendar.add("version", "2.0")
    for claim in claims.claims:
        if claim.state in {"open", "not_yet_open"}:
            what = f"{contract.title.en}, {claim.cycle}, {for_terminal(claim.account_id)}"
            amount = f"{claim.compensation} {claims.currency}"
            unsure = " The holidays it depends on are not announced yet." if claim.calendar == "provisional" else ""
            details = (
                f"{amount} of compensation for {claim.cycle} (clause {contract.compensation.clause}). Claims are taken "
                f"from {claim.opens_on} to {claim.closes_on}, both inclusive (clause {contract.claim.clause}).{unsure}"
            )
            opening = _event(claim, claims.as_of, claim.opens_on, f"Claim opens: {what}", details)
            opening.add_component(_alarm(_MORNING, f"The claim for {amount} can be filed from today."))
            last_day = _event(claim, claims.as_of, claim.closes_on, f"Last day to claim {amount}: {what}", details)
            last_day.add_component(_alarm(_MORNING - 3 * _DAY, f"Three days are left to claim {amount}."))
            last_day.add_component(_alarm(_MORNING, f"Today is the last day to claim {amount}."))
            calendar.add_component(opening)
            calendar.add_component(last_day)
    return bytes(calendar.to_ical())


def _event(claim: Claim, as_of: date, day: date, summary: str, details: str) -> Event:
    event = Event()
    key = f"{claim.account_id}\n{claim.cycle}\n{summary.partition(' ')[0]}"
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@sla-audit")
    event.add("dtstamp", datetime.combine(as_of, time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("summary", summary)
    event.add("description", details)
    event.add("transp", "TRANSPARENT")
    return event


def _alarm(after_midnight: timedelta, text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", after_midnight)
    alarm.add("description", text)
    return alarm
