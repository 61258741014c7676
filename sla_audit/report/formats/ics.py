"""Claims as calendar reminders: the day each one opens, and the last day to file it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report.claims_document import Claims

MORNING = timedelta(hours=9)
DAY = timedelta(days=1)


def render_calendar(claims: Claims, contract: Contract) -> bytes:
    """Write the claims that can be filed, now or later, as an iCalendar file; the same claims give the same bytes."""
    return calendar_of(_reminders(claims, contract))


def _reminders(claims: Claims, contract: Contract) -> Iterator[Event]:
    for claim in claims.claims:
        if claim.state in {"open", "not_yet_open"} and not claim.is_dealt_with:
            what = f"{contract.title.en}, {claim.cycle}, {for_terminal(claim.account_id)}"
            amount = f"{claim.compensation} {claims.currency}"
            unsure = " The holidays it depends on are not announced yet." if claim.calendar == "provisional" else ""
            details = (
                f"{amount} of compensation for {claim.cycle} (clause {contract.compensation.clause}). Claims are taken "
                f"from {claim.opens_on} to {claim.closes_on}, both inclusive (clause {contract.claim.clause}).{unsure}"
            )
            key = f"{claim.account_id}\n{claim.cycle}"
            opening = all_day(f"{key}\nClaim", claims.as_of, claim.opens_on, f"Claim opens: {what}", details)
            opening.add_component(alarm(MORNING, f"The claim for {amount} can be filed from today."))
            summary = f"Last day to claim {amount}: {what}"
            last_day = all_day(f"{key}\nLast", claims.as_of, claim.closes_on, summary, details)
            last_day.add_component(alarm(MORNING - 3 * DAY, f"Three days are left to claim {amount}."))
            last_day.add_component(alarm(MORNING, f"Today is the last day to claim {amount}."))
            yield opening
            yield last_day


def calendar_of(events: Iterable[Event]) -> bytes:
    """Write events as an iCalendar file."""
    calendar = Calendar()
    calendar.add("prodid", "-//sla-audit//claims//EN")
    calendar.add("version", "2.0")
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def all_day(key: str, as_of: date, day: date, summary: str, details: str) -> Event:
    """Make an event of a whole day, which the same `key` makes again: a calendar knows it by that."""
    event = Event()
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@sla-audit")
    event.add("dtstamp", datetime.combine(as_of, time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + DAY)
    event.add("summary", summary)
    event.add("description", details)
    event.add("transp", "TRANSPARENT")
    return event


def alarm(after_midnight: timedelta, text: str) -> Alarm:
    """Make an alarm, so long after the midnight in which the day of its event begins."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", after_midnight)
    alarm.add("description", text)
    return alarm
