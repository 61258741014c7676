"""Claims that are to be filed as a calendar: two reminders for each cycle, however many accounts it has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sla_audit.contract.model import Contract
from sla_audit.model.ledger import Tracked, TrackedClaim
from sla_audit.report.document import amount
from sla_audit.report.formats.ics import Reminded, calendar_of, key_of
from sla_audit.report.language import Words
from sla_audit.report.ledger.document import urgency


def render_reminders(tracked: Tracked, contract: Contract, words: Words, account: str | None = None) -> bytes:
    """Write reminders for each cycle in which claims are to be filed; the same claims give the same bytes.

    They stand on the day on which claims open and on the last day to file them. Where the claims are those of one
    `account`, its events stand beside those of all accounts, and do not replace them.
    """
    to_file = [claim for claim in tracked.claims if claim.file_by is not None]
    ordered = sorted(to_file, key=lambda claim: (claim.found.closes_on, claim.key.cycle, urgency(claim)))
    by_cycle = groupby(ordered, key=lambda claim: (claim.found.closes_on, claim.key.cycle))
    reminded = (_reminded(cycle, list(claims), contract, account) for (_, cycle), claims in by_cycle)
    return calendar_of(reminded, contract, tracked.as_of, tracked.currency, words)


def _reminded(cycle: str, claims: Sequence[TrackedClaim], contract: Contract, account: str | None) -> Reminded:
    return Reminded(
        key=key_of(contract, cycle, account, "ledger"),
        cycle=cycle,
        opens_on=min(claim.found.opens_on for claim in claims),
        closes_on=claims[0].found.closes_on,
        provisional=any(claim.found.calendar == "provisional" for claim in claims),
        claims=[(f"{claim.number}, {claim.key.account_id}", amount(claim.found.amount)) for claim in claims],
    )
