"""What a saved report has of a ledger, read back."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sla_audit.model.ledger import TrackedState
from sla_audit.report.saved.daily import Count, Day, SavedModel
from sla_audit.report.saved.read import Amount


class SavedTracked(SavedModel):
    """What a ledger had of a claim."""

    number: Annotated[int, Field(ge=1, le=10**15, strict=True)]
    state: TrackedState
    file_by: Day | None
    filed_on: Day | None
    filed: Amount | None
    approved: Amount | None
    credited: Amount | None
    outstanding: Amount | None


class SavedClaims(SavedModel):
    """What it had of all claims of a kind."""

    kind: Literal["to_file", "awaited", "credited", "lapsed"]
    file_by: Day | None
    claims: Annotated[int, Field(ge=1, le=10**15, strict=True)]
    amount: Amount
    undetermined: Count

    @model_validator(mode="after")
    def _to_file_by_a_day(self) -> Self:
        if (self.kind == "to_file") != (self.file_by is not None):
            raise ValueError("file_by is for claims to be filed, and each of these has one")
        return self
