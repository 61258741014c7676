"""When a claim may be filed, how, and with what."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sla_audit.contract.terms.fields import Bilingual, Part
from sla_audit.model.calendar import CHINA, is_known
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import Name


def _known_calendar(country: str) -> str:
    if country != CHINA and not is_known(country):
        raise ValueError(
            Sentence("{country!r} is no country whose holidays are known; write a code such as CN", country=country)
        )
    return country


class ClaimRule(Part):
    """When a claim may be filed (clause 2.10.2).

    It opens the day after the n-th working day of the month that follows the cycle, or n days after the cycle's
    last day, and closes at the end of the n-th month after it, or n days after the cycle's last day.
    """

    clause: Name
    calendar: Annotated[str, AfterValidator(_known_calendar)] | None = None
    opens_after_working_day: int | None = Field(default=None, ge=1, le=10)
    opens_after_days: int | None = Field(default=None, ge=0, le=366)
    closes_months_after: int | None = Field(default=None, ge=1, le=36)
    closes_days_after: int | None = Field(default=None, ge=1, le=732)
    evidence: Bilingual | None = None
    """What a claim must bring."""
    channel: Bilingual | None = None
    """How and where it is filed."""

    @model_validator(mode="after")
    def _opens_and_closes_once(self) -> Self:
        if (self.opens_after_working_day is None) == (self.opens_after_days is None):
            raise ValueError("one of `opens_after_working_day` and `opens_after_days` says when claims open, not both")
        if (self.closes_months_after is None) == (self.closes_days_after is None):
            raise ValueError("one of `closes_months_after` and `closes_days_after` says when claims close, not both")
        if self.opens_after_working_day is not None and self.calendar is None:
            raise ValueError("`opens_after_working_day` needs a `calendar`")
        return self
