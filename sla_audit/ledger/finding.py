"""What a run found, noted: a claim for each breach, and what it is worth wherever that has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sla_audit.errors import InputError, Problem
from sla_audit.ledger.rows import Book
from sla_audit.ledger.standing import found_by
from sla_audit.model.ledger import ClaimKey, Finding, History
from sla_audit.sentence import Sentence

_WORTH_NOTING = frozenset({"account_unknown", "billing_missing"})
"""Why the amount of a breach is unknown that was seen in the logs. A month that still runs is none yet."""


class Found(NamedTuple):
    """What a run found of one account and cycle; `breached` is whether the rate is below the objective."""

    key: ClaimKey
    finding: Finding
    breached: bool


def note_findings(book: Book, contract: str, currency: str, results: Iterable[Found]) -> int:
    """Note what a run found, and give how many claims are new or worth something else now.

    What people said stays as it is. A result for which nothing is owed makes no claim, but changes one that is there;
    so does one whose amount is undetermined, which makes a claim only where the rate is below the objective as well.
    Raises `InputError` where the ledger has the contract's claims in another currency.
    """
    known = {history.key: history for history in book.histories(contract)}
    changed = 0
    for key, finding, breached in results:
        history = known.get(key)
        if history is None and not _is_claim(finding, breached=breached):
            continue
        if history is not None and history.currency != currency:
            raise InputError(_other_currency(history, currency))
        if history is None or _is_news(finding, history):
            number = book.add_claim(key, currency) if history is None else history.number
            book.add_finding(number, finding)
            changed += 1
    return changed


def _is_claim(finding: Finding, *, breached: bool) -> bool:
    return finding.decision == "owed" or (
        finding.decision == "undetermined" and breached and finding.reason in _WORTH_NOTING
    )


def _is_news(finding: Finding, history: History) -> bool:
    """Tell whether a run says something else than the last one of a day not after it."""
    before = found_by(history, finding.as_of)
    return before is None or _said(before) != _said(finding)


def _said(finding: Finding) -> dict[str, object]:
    return {name: value for name, value in vars(finding).items() if name != "as_of"}


def _other_currency(history: History, currency: str) -> Problem:
    return Problem(
        Sentence(
            "claim {number} ({account_id}, {cycle})",
            number=history.number,
            account_id=history.key.account_id,
            cycle=history.key.cycle,
        ),
        Sentence(
            "is in {currency}, but the contract's amounts are in {now} now", currency=history.currency, now=currency
        ),
        "Amounts are never converted: give a contract of another currency another id, or name another ledger.",
    )
