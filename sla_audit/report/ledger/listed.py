"""The claims that a report has of a ledger, as rows for people: what lapses first stands first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.ledger.words import STATES

_NEVER = "9999"


class Listed(NamedTuple):
    """A claim in words and figures as they are shown; what there is not is empty.

    `compensation` is what is owed, exactly; None where that is not known.
    """

    number: int
    account_id: str
    cycle: str
    code: str
    state: str
    owed: str
    file_by: str
    filed: str
    credited: str
    outstanding: str
    compensation: str | None


def listed(report: Report, words: Words) -> list[Listed]:
    """List the claims of a report; none where it was made without a ledger."""
    if LEDGER not in report.results.columns:
        return []
    rows = report.results.select("account_id", "cycle", "compensation", LEDGER).drop_nulls(LEDGER)
    return [_listed(row, words) for row in sorted(rows.iter_rows(named=True), key=_urgency)]


def _listed(row: Mapping[str, Any], words: Words) -> Listed:
    claim = row[LEDGER]
    filed, credited, outstanding = (
        "" if claim[name] is None else words.owed(claim[name]) for name in ("filed", "credited", "outstanding")
    )
    return Listed(
        claim["number"],
        row["account_id"],
        row["cycle"],
        claim["state"],
        words.of(STATES[claim["state"]]),
        "?" if row["compensation"] is None else words.owed(row["compensation"]),
        claim["file_by"] or "",
        filed,
        credited,
        outstanding,
        row["compensation"],
    )


def _urgency(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row[LEDGER]["file_by"] or _NEVER, row["cycle"], row["account_id"]


def titles(currency: str, words: Words) -> Iterator[str]:
    """Name the columns of a list of claims, from the account on."""
    yield words.of("Account")
    yield words.of("Cycle")
    yield words.of("State")
    yield words.say("Owed, {currency}", currency=currency)
    yield words.of("File by")
    yield words.say("Filed, {currency}", currency=currency)
    yield words.say("Credited, {currency}", currency=currency)
    yield words.say("To come, {currency}", currency=currency)
