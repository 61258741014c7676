"""Claims as calendar reminders: for each cycle the day they open and the last day to file them, with their total."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from icalendar import Alarm, Calendar, Event

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report.claims_document import Claim, Claims
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.sums import Sum, added_up

_MORNING = timedelta(hours=9)
_DAY = timedelta(days=1)
_SOON = 3
"""So many days before the last one a calendar reminds of it."""
_LISTED = 50


@dataclass(frozen=True)
class Reminded:
    """The claims of a cycle that can be filed on the same days, both inclusive, each by its name and with its amount.

    A calendar knows the events again by their `key`.
    """

    key: str
    cycle: str
    opens_on: date
    closes_on: date
    provisional: bool
    claims: Sequence[tuple[str, str | None]]

    @property
    def total(self) -> Sum:
        """What they come to together."""
        return added_up(amount for _, amount in self.claims)


def render_calendar(claims: Claims, contract: Contract, words: Words = ENGLISH, account: str | None = None) -> bytes:
    """Write the claims that can be filed, now or later, as an iCalendar file; the same claims give the same bytes.

    Where they are those of one `account`, its events stand beside those of all accounts, and do not replace them.
    """
    to_file = [each for each in claims.claims if each.state in {"open", "not_yet_open"} and not each.is_dealt_with]
    by_cycle = groupby(sorted(to_file, key=_of_cycle), key=_of_cycle)
    reminded = (_reminded(list(group), contract, account) for _, group in by_cycle)
    return calendar_of(reminded, contract, claims.as_of, claims.currency, words)


def calendar_of(
    reminded: Iterable[Reminded], contract: Contract, as_of: date, currency: str, words: Words = ENGLISH
) -> bytes:
    """Write two events for each cycle, those of the day on which its claims open and of the last day to file them."""
    calendar, words = Calendar(), words.owing(currency)
    calendar.add("prodid", f"-//sla-audit//claims//{words.language.upper()}")
    calendar.add("version", "2.0")
    for each in reminded:
        for event in _events(each, contract, as_of, currency, words):
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _of_cycle(claim: Claim) -> tuple[date, str, date]:
    return claim.closes_on, claim.cycle, claim.opens_on


def key_of(contract: Contract, cycle: str, account: str | None, *more: str) -> str:
    """Make the key of what is about a cycle, and of one `account` of it where that is not None."""
    return "\n".join([contract.id, cycle, *more, *([] if account is None else ["account", account])])


def _reminded(claims: Sequence[Claim], contract: Contract, account: str | None) -> Reminded:
    first = claims[0]
    return Reminded(
        key=key_of(contract, first.cycle, account),
        cycle=first.cycle,
        opens_on=first.opens_on,
        closes_on=first.closes_on,
        provisional=any(claim.calendar == "provisional" for claim in claims),
        claims=[(claim.account_id, claim.compensation) for claim in claims],
    )


def _events(each: Reminded, contract: Contract, as_of: date, currency: str, words: Words) -> Iterator[Event]:
    claims = words.count_of(len(each.claims), "{count:,} claim", "{count:,} claims", count=len(each.claims))
    said = {
        "claims": claims,
        "total": words.say("{amount} {currency}", amount=each.total.in_words(words), currency=currency),
        "cycle": each.cycle,
        "agreement": words.title(contract.title),
    }
    details = "\n".join(_details(each, contract, currency, words))
    summary = words.say("{cycle}: {claims} can be filed from today, {total} ({agreement})", **said)
    opening = _all_day(f"{each.key}\nClaim", as_of, each.opens_on, summary, details)
    opening.add_component(_alarm(_MORNING, words.say("{cycle}: {claims} can be filed from today, {total}", **said)))
    yield opening
    summary = words.say("{cycle}: last day to file {claims}, {total} ({agreement})", **said)
    last = _all_day(each.key, as_of, each.closes_on, summary, details)
    if each.closes_on - each.opens_on > _SOON * _DAY:
        soon = words.say("{cycle}: {days} days are left to file {claims}, {total}", days=_SOON, **said)
        last.add_component(_alarm(_MORNING - _SOON * _DAY, soon))
    last.add_component(_alarm(_MORNING, words.say("{cycle}: last day to file {claims}, {total}", **said)))
    yield last


def _details(each: Reminded, contract: Contract, currency: str, words: Words) -> Iterator[str]:
    yield words.say(
        "Claims are taken from {opens_on} to {closes_on}, both inclusive (clause {clause}); what is owed is owed under "
        "clause {owed_by}.",
        opens_on=each.opens_on,
        closes_on=each.closes_on,
        clause=contract.claim.clause,
        owed_by=contract.compensation.clause,
    )
    if each.provisional:
        yield words.of("The holidays it depends on are not announced yet.")
    for name, amount in each.claims[:_LISTED]:
        shown = words.say(
            "{amount} {currency}", amount="?" if amount is None else words.owed(amount), currency=currency
        )
        yield words.say("{account}: {amount}", account=for_terminal(name), amount=shown)
    more = each.claims[_LISTED:]
    if more:
        left = added_up(amount for _, amount in more).in_words(words)
        shown = words.say("{amount} {currency}", amount=left, currency=currency)
        yield words.say("and {count:,} more, {amount}.", count=len(more), amount=shown)


def _all_day(key: str, as_of: date, day: date, summary: str, details: str) -> Event:
    """Make an event of a whole day, which the same `key` makes again: a calendar knows it by that."""
    event = Event()
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@sla-audit")
    event.add("dtstamp", datetime.combine(as_of, time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("summary", summary)
    event.add("description", details)
    event.add("transp", "TRANSPARENT")
    return event


def _alarm(after_midnight: timedelta, text: str) -> Alarm:
    """Make an alarm, so long after the midnight in which the day of its event begins."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", after_midnight)
    alarm.add("description", text)
    return alarm
