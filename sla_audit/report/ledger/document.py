"""The claims of a ledger as documents: `sla-audit/ledger/1` in JSON, and the same columns in CSV.

What a claim says is declared once, here; amounts are text, days are `YYYY-MM-DD`, and what is not so is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.ledger import TO_FILE, Entry, Tracked, TrackedClaim
from sla_audit.output.escape import for_json
from sla_audit.report.document import amount
from sla_audit.report.formats.csv_file import for_spreadsheet

SCHEMA = "sla-audit/ledger/1"

_FAR = date.max
_URGENCY = (*TO_FILE[::-1], "filed", "partly_approved", "approved", "partly_credited", "rejected", "lapsed")


def _of(said: Entry | None, name: str) -> Any:
    return None if said is None else getattr(said, name)


COLUMNS: dict[str, Callable[[TrackedClaim], Any]] = {
    "number": lambda claim: claim.number,
    "account_id": lambda claim: claim.key.account_id,
    "cycle": lambda claim: claim.key.cycle,
    "state": lambda claim: claim.state,
    "file_by": lambda claim: claim.file_by,
    "worth": lambda claim: claim.found.amount,
    "filed_on": lambda claim: _of(claim.filed, "day"),
    "filed": lambda claim: _of(claim.filed, "amount"),
    "answered_on": lambda claim: _of(claim.answer, "day"),
    "approved": lambda claim: _of(claim.answer, "amount"),
    "credited_on": lambda claim: _of(claim.credits[-1] if claim.credits else None, "day"),
    "credited": lambda claim: claim.credited if claim.credits else None,
    "outstanding": lambda claim: claim.outstanding,
    "withdrawn_on": lambda claim: _of(claim.withdrawn, "day"),
    "filing_reference": lambda claim: _of(claim.filed, "reference"),
    "answer_reference": lambda claim: _of(claim.answer, "reference"),
    "credit_references": lambda claim: "; ".join(filter(None, (each.reference for each in claim.credits))) or None,
    "nevertheless": lambda claim: _of(claim.filed, "nevertheless"),
    "opens_on": lambda claim: claim.found.opens_on,
    "closes_on": lambda claim: claim.found.closes_on,
    "calendar": lambda claim: claim.found.calendar,
    "first_day": lambda claim: claim.found.first_day,
    "last_day": lambda claim: claim.found.last_day,
    "decision": lambda claim: claim.found.decision,
    "reason": lambda claim: claim.found.reason,
    "reading": lambda claim: claim.found.reading,
    "found_on": lambda claim: claim.found.as_of,
    "pack_letter": lambda claim: None if claim.pack is None else claim.pack.letter,
    "pack_as_of": lambda claim: None if claim.pack is None else claim.pack.as_of,
    "pack_claims": lambda claim: None if claim.pack is None else claim.pack.amount,
    "pack_manifest": lambda claim: None if claim.pack is None else claim.pack.manifest,
}
"""Every column of a claim, in order: `worth` is what the last run found, `found_on` the day of that run,
`pack_letter` the number of the letter in the last pack that was made, `pack_manifest` the digest of its manifest."""


def selected(
    tracked: Tracked,
    states: Collection[str] = (),
    within: int | None = None,
    account: str | None = None,
    cycle: str | None = None,
) -> Tracked:
    """Choose claims, those first that lapse first; `within` so many days, those that lapse then if nothing is done."""

    def is_meant(claim: TrackedClaim) -> bool:
        soon = within is None or (claim.file_by is not None and (claim.file_by - tracked.as_of).days <= within)
        return (
            soon
            and (not states or claim.state in states)
            and account in {None, claim.key.account_id}
            and cycle in {None, claim.key.cycle}
        )

    return replace(tracked, claims=tuple(sorted(filter(is_meant, tracked.claims), key=urgency)))


def urgency(claim: TrackedClaim) -> tuple[object, ...]:
    """Order claims by what lapses first, then by what is awaited, then by what is over."""
    rank = _URGENCY.index(claim.state) if claim.state in _URGENCY else len(_URGENCY)
    worth = claim.outstanding or claim.found.amount or Decimal(0)
    return claim.file_by is None, claim.file_by or _FAR, rank, -worth, claim.key.cycle, claim.key.account_id


def as_row(claim: TrackedClaim) -> dict[str, str | int | None]:
    """Write a claim down, in the columns of `COLUMNS`."""
    return {name: _written(value(claim)) for name, value in COLUMNS.items()}


def render_json(tracked: Tracked, contract: Contract) -> bytes:
    """Write claims as JSON; the same claims give the same bytes."""
    whole = {
        "schema": SCHEMA,
        "as_of": tracked.as_of.isoformat(),
        "contract": contract.id,
        "currency": tracked.currency,
        "claims": [as_row(claim) for claim in tracked.claims],
    }
    return (for_json(json.dumps(whole, ensure_ascii=False, indent=1)) + "\n").encode()


def render_csv(tracked: Tracked, _contract: object = None) -> bytes:
    """Write claims as CSV, with a header; what is null is empty."""
    schema = {name: pl.Int64() if name == "number" else pl.String() for name in COLUMNS}
    table = pl.DataFrame([as_row(claim) for claim in tracked.claims], schema=schema)
    return (
        table.with_columns(for_spreadsheet(pl.col(pl.String)), currency=pl.lit(tracked.currency)).write_csv().encode()
    )


def _written(value: Any) -> str | int | None:
    if isinstance(value, Decimal):
        return amount(value)
    return value.isoformat() if isinstance(value, date) else value
