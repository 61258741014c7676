"""Claims as values: the days on which one is taken, and what can be done on a day (clause 2.10.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sla_audit.model.calendar import CalendarState

ClaimState = Literal["nothing_owed", "undetermined", "not_yet_open", "open", "closed"]


@dataclass(frozen=True)
class ClaimWindow:
    """The days, both inclusive, on which a claim is taken; `calendar` says how sure they are."""

    opens_on: date
    closes_on: date
    calendar: CalendarState
