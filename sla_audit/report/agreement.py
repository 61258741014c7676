"""What an agreement says of its claims and clauses, in words that more than one format shows."""

from __future__ import annotations

from sla_audit.contract.terms.claim import ClaimRule
from sla_audit.report.language import Words
from sla_audit.sentence import to_say

BASIS = {
    "computed": to_say("computed from the log"),
    "facts": to_say("taken from facts"),
    "not_judged": to_say("cannot be judged from logs"),
}
"""What becomes of a clause, by `contract.model.Basis`."""


def opening(claim: ClaimRule, words: Words) -> str:
    """Say from which day on claims are taken."""
    if claim.opens_after_working_day is not None:
        said = to_say("the day after working day {number} of the next month")
        return words.say(said, number=claim.opens_after_working_day)
    return words.say("day {number} after the cycle", number=(claim.opens_after_days or 0) + 1)


def closing(claim: ClaimRule, words: Words) -> str:
    """Say until which day, inclusive, claims are taken."""
    if claim.closes_months_after is not None:
        return words.say("the end of month {number} after the cycle", number=claim.closes_months_after)
    return words.say("day {number} after the cycle", number=claim.closes_days_after)
