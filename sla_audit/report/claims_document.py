"""Claims as a document, `sla-audit/claims/1`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sla_audit.model.ledger import TrackedClaim
from sla_audit.output.escape import for_json
from sla_audit.report.ledger.document import as_row
from sla_audit.report.ledger.fields import FIELDS

SCHEMA = "sla-audit/claims/1"


@dataclass(frozen=True)
class Claim:
    """What can be done about one account and cycle; `working_days_left`, today included, where it is open.

    It is `tracked` where a ledger is given that has it.
    """

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
    tracked: TrackedClaim | None = None

    @property
    def is_dealt_with(self) -> bool:
        """Whether the ledger, where one is given, says that it was filed or withdrawn: then it is not to be filed."""
        return self.tracked is not None and (self.tracked.filed or self.tracked.withdrawn) is not None


@dataclass(frozen=True)
class Claims:
    """What can be claimed on a day, in the order of accounts and cycles."""

    as_of: date
    currency: str
    claims: tuple[Claim, ...]

    @property
    def any_open(self) -> bool:
        """Whether some claim can be filed on that day."""
        return any(claim.state == "open" and not claim.is_dealt_with for claim in self.claims)


def render_claims(claims: Claims) -> str:
    """Write claims as JSON; the same claims give the same bytes."""
    listed = [_written(claim) for claim in claims.claims]
    whole = {"schema": SCHEMA, "as_of": claims.as_of.isoformat(), "claims": listed}
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1)) + "\n"


def _written(claim: Claim) -> dict[str, Any]:
    """Write a claim down; of the ledger only where one is given."""
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(claim).items()}
    del said["tracked"]
    if claim.tracked is None:
        return said
    row = as_row(claim.tracked)
    return said | {"ledger": {name: row[name] for name in FIELDS}}
