"""The claims of a ledger added up: what lapses on which day, what is awaited, what was credited, what has lapsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sla_audit.model.ledger import AWAITED, TO_FILE, TrackedClaim
from sla_audit.report.document import Report, amount
from sla_audit.report.language import Words
from sla_audit.report.ledger.fields import LEDGER

Sum = Mapping[str, Any]
"""How many `claims` there are of a `kind`, their `amount` and of how many that is `undetermined`; `file_by`, the last
day to file them, of those to be filed."""

KINDS = ("to_file", "awaited", "credited", "lapsed")


def summed(claims: Sequence[TrackedClaim]) -> list[Sum]:
    """Add claims up, by kind; those to be filed by the last day on which they can be, the first first."""
    to_file = [claim for claim in claims if claim.state in TO_FILE]
    sums = []
    for last in sorted({claim.found.closes_on for claim in to_file}):
        of_day = [claim.found.amount for claim in to_file if claim.found.closes_on == last]
        sums.append(_sum("to_file", of_day, last.isoformat()))
    sums += [
        _sum("awaited", [claim.outstanding for claim in claims if claim.state in AWAITED]),
        _sum("credited", [claim.credited for claim in claims if claim.credits]),
        _sum("lapsed", [claim.found.amount for claim in claims if claim.state == "lapsed"]),
    ]
    return [each for each in sums if each["claims"]]


def claims_of(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    """Say what a report has of the claims in a ledger; nothing where it was made without one."""
    yield from headlines(report.head.get(LEDGER, ()), report.head["currency"], words)


def headlines(sums: Iterable[Sum], currency: str, words: Words) -> Iterator[tuple[str, str]]:
    """Say each sum in a sentence, with its kind."""
    for each in sums:
        yield each["kind"], _headline(each, currency, words)


def _headline(each: Sum, currency: str, words: Words) -> str:
    known = words.owed(each["amount"])
    values = {
        "count": each["claims"],
        "last": each["file_by"],
        "amount": words.say("at least {amount}", amount=known) if each["undetermined"] else known,
        "currency": currency,
    }
    if each["kind"] == "to_file":
        return words.count_of(
            each["claims"],
            "{count:,} claim lapses unless it is filed by {last}: {amount} {currency}.",
            "{count:,} claims lapse unless they are filed by {last}: {amount} {currency}.",
            **values,
        )
    if each["kind"] == "awaited":
        return words.count_of(
            each["claims"],
            "{count:,} claim is filed and not credited yet: {amount} {currency}.",
            "{count:,} claims are filed and not credited yet: {amount} {currency}.",
            **values,
        )
    if each["kind"] == "credited":
        return words.count_of(
            each["claims"],
            "Credited for {count:,} claim: {amount} {currency}.",
            "Credited for {count:,} claims: {amount} {currency}.",
            **values,
        )
    return words.count_of(
        each["claims"],
        "{count:,} claim has lapsed: {amount} {currency}.",
        "{count:,} claims have lapsed: {amount} {currency}.",
        **values,
    )


def _sum(kind: str, amounts: Sequence[Decimal | None], file_by: str | None = None) -> Sum:
    known = [each for each in amounts if each is not None]
    return {
        "kind": kind,
        "file_by": file_by,
        "claims": len(amounts),
        "amount": amount(sum(known, Decimal(0))),
        "undetermined": len(amounts) - len(known),
    }
