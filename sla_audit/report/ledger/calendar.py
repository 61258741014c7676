"""Claims that are to be filed as a calendar: one reminder for each cycle, however many accounts it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from icalendar import Event

from sla_audit.contract.model import Contract
from sla_audit.model.ledger import Tracked, TrackedClaim
from sla_audit.output.escape import for_terminal
from sla_audit.report.formats.ics import DAY, MORNING, alarm, all_day, calendar_of
from sla_audit.report.ledger.document import urgency
from sla_audit.report.numbers import money

_LISTED = 50


def render_reminders(tracked: Tracked, contract: Contract) -> bytes:
    """Write a reminder for each cycle in which claims are to be filed; the same claims give the same bytes.

    It stands on the last day to file them, and reminds of that on the day they open, three days before, and that day.
    """
    to_file = [claim for claim in tracked.claims if claim.file_by is not None]
    ordered = sorted(to_file, key=lambda claim: (claim.found.closes_on, claim.key.cycle, urgency(claim)))
    by_cycle = groupby(ordered, key=lambda claim: (claim.found.closes_on, claim.key.cycle))
    return calendar_of(_reminder(last, cycle, list(claims), tracked, contract) for (last, cycle), claims in by_cycle)


def _reminder(last: date, cycle: str, claims: Sequence[TrackedClaim], tracked: Tracked, contract: Contract) -> Event:
    opens_on = min(claim.found.opens_on for claim in claims)
    number = f"{len(claims):,} claim{'s' if len(claims) > 1 else ''}"
    amount = _sum(claims, tracked.currency)
    summary = f"Last day to file {number}, {amount}: {contract.title.en}, {cycle}"
    event = all_day(
        f"{contract.id}\n{cycle}\nledger", tracked.as_of, last, summary, _details(claims, opens_on, contract)
    )
    event.add_component(alarm(MORNING - (last - opens_on), f"{number}, {amount}, can be filed from today."))
    if last - opens_on > 3 * DAY:
        event.add_component(alarm(MORNING - 3 * DAY, f"Three days are left to file {number}, {amount}."))
    event.add_component(alarm(MORNING, f"Today is the last day to file {number}, {amount}."))
    return event


def _details(claims: Sequence[TrackedClaim], opens_on: date, contract: Contract) -> str:
    last, clause = claims[0].found.closes_on, contract.claim.clause
    lines = [
        f"Claims are taken from {opens_on} to {last}, both inclusive (clause {clause}).",
        *(
            f"{claim.number}: {for_terminal(claim.key.account_id)}, {_amount(claim.found.amount)} {claim.currency}"
            for claim in claims[:_LISTED]
        ),
    ]
    if any(claim.found.calendar == "provisional" for claim in claims):
        lines.insert(1, "The holidays it depends on are not announced yet.")
    if len(claims) > _LISTED:
        lines.append(f"... and {len(claims) - _LISTED:,} more: sla-audit claim list.")
    return "\n".join(lines)


def _sum(claims: Sequence[TrackedClaim], currency: str) -> str:
    known = [claim.found.amount for claim in claims if claim.found.amount is not None]
    unsure = "at least " if len(known) < len(claims) else ""
    return f"{unsure}{money(sum(known, Decimal(0)))} {currency}"


def _amount(amount: Decimal | None) -> str:
    return "?" if amount is None else money(amount)
