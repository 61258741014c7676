"""What a saved report says of billed calls against logged ones."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sla_audit.model.verdicts import CallTolerance
from sla_audit.report.saved.daily import Count, Day, SavedModel
from sla_audit.report.saved.read import Amount, Cycle
from sla_audit.sentence import Sentence


class SavedShort(SavedModel):
    """A bill with more calls than the logs have requests."""

    account_id: str
    cycle: Cycle
    billed_calls: Annotated[int, Field(ge=0, lt=10**18, strict=True)]
    requests: Count


class SavedSilent(SavedModel):
    """A fee without requests."""

    account_id: str
    cycle: Cycle
    service_fee: Amount


class SavedMetered(SavedShort):
    """A bill for other calls than the logs have."""

    difference: Annotated[int, Field(gt=-(10**18), lt=10**18, strict=True)]
    unit_price: Amount | None
    worth: Annotated[str, Field(pattern=r"^-?[0-9]{1,40}\.[0-9]{2,6}$")] | None


class SavedApart(SavedModel):
    """Bills that are too high, or too low, together."""

    results: Count
    calls: Annotated[int, Field(ge=0, lt=10**30, strict=True)]
    worth: Annotated[str, Field(pattern=r"^[0-9]{1,40}\.[0-9]{2,6}$")]
    without_price: Count


class SavedDays(SavedModel):
    """Days, both ends inclusive."""

    first_day: Day
    last_day: Day


class SavedKept(SavedModel):
    """Which days of a year the logs have."""

    first_day: Day | None
    last_day: Day | None
    missing: tuple[SavedDays, ...]


class SavedMetering(SavedModel):
    """Where billing and the logs do not agree."""

    calls_not_logged: tuple[SavedShort, ...]
    fees_without_requests: tuple[SavedSilent, ...]
    tolerance: Annotated[str, AfterValidator(lambda text: CallTolerance(text).written)] | None = None
    compared: Count = 0
    over: SavedApart | None = None
    under: SavedApart | None = None
    differing: tuple[SavedMetered, ...] = ()
    logs_kept: SavedKept | None = None

    @model_validator(mode="after")
    def _whole_or_not(self) -> Self:
        later = {"tolerance", "compared", "over", "under", "differing", "logs_kept"}
        if self.model_fields_set & later and not self.model_fields_set >= later:
            raise ValueError(Sentence("lacks {lacking}", lacking=", ".join(sorted(later - self.model_fields_set))))
        if self.tolerance is not None and (self.over is None or self.under is None):
            raise ValueError("has a tolerance, and not what is beyond it")
        return self
