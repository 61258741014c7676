"""Claims as a document, `sla-audit/claims/1`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sla_audit.output.escape import for_json

SCHEMA = "sla-audit/claims/1"


@dataclass(frozen=True)
class Claim:
    """What can be done about one account and cycle; `working_days_left`, today included, where it is open."""

    account_id: str
    cycle: str
    state: str
    opens_on: date
    closes_on: date
    calendar: str
    decision: str
    reason: str
    compensation: str | None
    working_days_left: int | None


@dataclass(frozen=True)
class Claims:
    """What can be claimed on a day, in the order of accounts and cycles."""

    as_of: date
    currency: str
    claims: tuple[Claim, ...]

    @property
    def any_open(self) -> bool:
        """Whether some claim can be filed on that day."""
        return any(claim.state == "open" for claim in self.claims)


def render_claims(claims: Claims) -> str:
    """Write claims as JSON; the same claims give the same bytes."""
    listed = [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(claim).items()}
        for claim in claims.claims
    ]
    whole = {"schema": SCHEMA, "as_of": claims.as_of.isoformat(), "claims": listed}
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1)) + "\n"
