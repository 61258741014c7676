"""Ledgers of claims: made without a run of the program, and written to by processes that are killed."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from sla_audit.ledger import entering
from sla_audit.ledger.database import transaction
from sla_audit.ledger.entering import Said
from sla_audit.ledger.finding import Found, note_findings
from sla_audit.ledger.rows import Book
from sla_audit.model.ledger import ClaimKey, Finding, History

CONTRACT, CURRENCY = "jdcloud-smart-compose", "CNY"
TODAY = date(2026, 11, 20)


def finding(amount: str | None = "360.00", as_of: date = TODAY, **other: object) -> Finding:
    """Make what a run of October 2026 found."""
    decision = "undetermined" if amount is None else "owed" if Decimal(amount) else "not_owed"
    reason = {"owed": "below_objective", "undetermined": "billing_missing", "not_owed": "objective_met"}[decision]
    values = {
        "as_of": as_of,
        "reading": "literal",
        "decision": decision,
        "reason": reason,
        "amount": None if amount is None else Decimal(amount),
        "first_day": date(2026, 10, 1),
        "last_day": date(2026, 10, 31),
        "opens_on": date(2026, 11, 5),
        "closes_on": date(2026, 11, 30),
        "calendar": "official",
    }
    return Finding(**(values | other))  # type: ignore[arg-type]


def found(account: str, amount: str | None = "360.00", **other: object) -> Found:
    """Make what a run found of an account."""
    return Found(ClaimKey(CONTRACT, account, "2026-10"), finding(amount, **other), breached=True)  # type: ignore[arg-type]


def note(path: Path, *results: Found) -> int:
    """Note what a run found."""
    with transaction(path, create=True) as connection:
        return note_findings(Book(connection, path), CONTRACT, CURRENCY, results)


def note_as_if_in_euros(path: Path, account: str) -> None:
    """Note a claim in another currency than that of the contract."""
    with transaction(path, create=True) as connection:
        note_findings(Book(connection, path), CONTRACT, "EUR", [found(account)])


def histories(path: Path) -> list[History]:
    """Give all that a ledger holds."""
    with transaction(path, only_read=True) as connection:
        return Book(connection, path).histories(CONTRACT)


def credit_for_ever(path: Path, claim: int, writer: str, start: int) -> None:
    """Credit a claim again and again, each with a reference of its own, and say so when it is in the ledger."""
    number = start
    while True:
        with transaction(path) as connection:
            book = Book(connection, path)
            (history,) = (each for each in book.histories(CONTRACT) if each.number == claim)
            said = Said(TODAY, TODAY, Decimal("0.01"), reference=f"{writer}-{number}")
            entering.credit(book, history, said)
        print(number, flush=True)
        number += 1


if __name__ == "__main__":
    credit_for_ever(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
