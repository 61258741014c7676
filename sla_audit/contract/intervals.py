"""What a contract by intervals asks of the counts: how long they are, of whom, and where something may have failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sla_audit.contract.model import Contract, Reading
from sla_audit.contract.terms.classes import Rule
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS, StatusSet


def step_of(contract: Contract) -> timedelta | None:
    """Give how long the intervals are; None where it judges requests, whenever they were."""
    return None if contract.measure is None else contract.measure.step


def units_by(contract: Contract) -> tuple[Literal["region", "api"], ...]:
    """Name the columns by which intervals are told apart besides accounts."""
    pooled = () if contract.unit.pooled is None else (contract.unit.pooled,)
    return tuple(dict.fromkeys((*contract.unit.apart, *pooled)))


def possible_failures(contract: Contract) -> StatusSet:
    """Give the statuses of requests that may be explicit failures, under any reading, and whatever excludes them.

    No status at all is always among them.
    """
    rules = [rule for rule in contract.classification if rule.class_ == "explicit_failure"]
    return StatusSet(
        frozenset(
            status
            for status in range(FIRST_STATUS, LAST_STATUS + 1)
            if any(_may_match(rule, reading, status) for rule in rules for reading in contract.readings.values())
        ),
        none=True,
    )


def _may_match(rule: Rule, reading: Reading, status: int) -> bool:
    when = rule.when
    if when.status is not None and status not in when.status.codes:
        return False
    return when.explicit_failure in (None, status in reading.explicit_failure.codes)
