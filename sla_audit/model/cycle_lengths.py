"""How long service cycles may be, and which cycle a name is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.month import Month
from sla_audit.model.quarter import Quarter
from sla_audit.sentence import to_say

CycleLength = Literal["month", "quarter"]

KINDS: Mapping[CycleLength, type[ServiceCycle]] = {"month": Month, "quarter": Quarter}
"""The cycles of each length."""

NAMES: Mapping[CycleLength, str] = {"month": to_say("month"), "quarter": to_say("quarter")}
"""What a cycle of each length is called."""


def cycle_named(text: str) -> ServiceCycle:
    """Read the name of a cycle, of whatever length; raises `ValueError`, which speaks of months, for anything else."""
    kind = next((kind for kind in KINDS.values() if kind.WRITTEN.fullmatch(text)), Month)
    return kind.parse(text)
