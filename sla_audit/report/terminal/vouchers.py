"""The vouchers of a bill for a person at a terminal: what was credited to which claim, and what matches none."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sla_audit.model.ledger import TrackedClaim, Voucher
from sla_audit.output.escape import for_terminal
from sla_audit.report.language import Words
from sla_audit.report.ledger.words import STATES
from sla_audit.report.numbers import money
from sla_audit.report.terminal.layout import WARNING
from sla_audit.sentence import to_say

_MADE = ("credited", "was_there")


def print_vouchers(
    matched: Sequence[tuple[Voucher, str, tuple[TrackedClaim, ...]]], currency: str, console: Console, words: Words
) -> None:
    """Print a line for each voucher, those that are to be looked at last, and how many found their claim."""
    for voucher, outcome, claims in sorted(matched, key=lambda each: each[1] not in _MADE):
        text = _line(voucher, outcome, claims, currency, words)
        console.print(Text(for_terminal(text), style="" if outcome in _MADE else WARNING), soft_wrap=True)
    made = sum(outcome in _MADE for _, outcome, _ in matched)
    said = to_say("Vouchers: {rows:,}, of which {matched:,} belong to a claim.")
    console.print(Text(words.say(said, rows=len(matched), matched=made)), soft_wrap=True)


def _line(voucher: Voucher, outcome: str, claims: tuple[TrackedClaim, ...], currency: str, words: Words) -> str:
    reference = "" if voucher.reference is None else words.say(" ({reference})", reference=voucher.reference)
    values = {
        "account": voucher.account_id,
        "amount": money(voucher.amount),
        "currency": currency,
        "reference": reference,
        "place": voucher.place,
        "claims": words.listed(_claim(claim) for claim in claims),
        "state": words.of(STATES[claims[0].state]) if claims else "",
    }
    said = {
        "credited": to_say("{account}: {amount} {currency}{reference} is credited to claim {claims}: {state}."),
        "was_there": to_say(
            "{account}: {amount} {currency}{reference} was noted before, of claim {claims}: nothing is changed."
        ),
        "several": to_say(
            "{account}: {amount} {currency}{reference} may belong to several claims: {claims}. Say which: "
            "sla-audit claim credit NUMBER ({place})."
        ),
    }.get(outcome, to_say("{account}: {amount} {currency}{reference} matches no claim ({place})."))
    if outcome == "nothing" and claims:
        said = to_say(
            "{account}: {amount} {currency}{reference} matches no claim ({place}); awaited are {claims}. If it is a "
            "part of one: sla-audit claim credit NUMBER --amount."
        )
    return words.say(said, **values)


def _claim(claim: TrackedClaim) -> str:
    awaited = "" if claim.outstanding is None else f": {money(claim.outstanding)}"
    return f"{claim.number} ({claim.key.cycle}{awaited})"
