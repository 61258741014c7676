"""What a contract by intervals asks of the counts: how long they are, of whom, and where something may have failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sla_audit.contract.model import Contract
from sla_audit.contract.service import is_one_of
from sla_audit.contract.terms.classes import Condition
from sla_audit.contract.terms.durations import microseconds_of
from sla_audit.contract.terms.reading import Reading
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS, StatusSet

_STATUSES = range(FIRST_STATUS, LAST_STATUS + 1)


def step_of(contract: Contract) -> timedelta | None:
    """Give how long the intervals are; None where it judges requests, whenever they were."""
    return None if contract.measure is None else contract.measure.step


def units_by(contract: Contract) -> tuple[Literal["region", "api"], ...]:
    """Name the columns by which intervals are told apart besides accounts."""
    pooled = () if contract.unit.pooled is None else (contract.unit.pooled,)
    return tuple(dict.fromkeys((*contract.unit.apart, *pooled)))


@dataclass(frozen=True)
class PossibleFailures:
    """What any request has that may be an explicit failure: one of the `statuses`, a code, or a time over a limit.

    Codes are globs; the limit is in microseconds, None: however long requests take. No status at all is always among
    the statuses.
    """

    statuses: StatusSet
    error_codes: tuple[str, ...] = ()
    took_over: int | None = None

    def holds(self, status: int | None, error_code: str | None, took_over: int | None) -> bool:
        """Tell whether a request that ended so may be a failure."""
        return self.statuses.holds(status) or is_one_of(error_code, self.error_codes) or self._is_over(took_over)

    @property
    def are_told_by_status(self) -> bool:
        """Whether nothing but the status tells."""
        return not self.error_codes and self.took_over is None

    def covers(self, other: PossibleFailures) -> bool:
        """Tell whether it certainly holds of whatever the other holds of."""
        slow = other.took_over is None or (self.took_over is not None and self.took_over <= other.took_over)
        return other.statuses.codes <= self.statuses.codes and set(other.error_codes) <= set(self.error_codes) and slow

    def _is_over(self, took_over: int | None) -> bool:
        return self.took_over is not None and took_over is not None and took_over >= self.took_over

    def __or__(self, other: PossibleFailures) -> PossibleFailures:
        """Give what either holds of."""
        limits = [each.took_over for each in (self, other) if each.took_over is not None]
        return PossibleFailures(
            StatusSet(self.statuses.codes | other.statuses.codes, none=True),
            tuple(sorted({*self.error_codes, *other.error_codes})),
            min(limits, default=None),
        )


def possible_failures(contract: Contract) -> PossibleFailures:
    """Tell which requests may be explicit failures, under any reading, and whatever excludes them."""
    rules = [rule.when for rule in contract.classification if rule.class_ == "explicit_failure"]
    found = PossibleFailures(StatusSet(frozenset(), none=True))
    for when in rules:
        for reading in contract.readings.values():
            found |= _of_rule(when, reading)
    return found


def _of_rule(when: Condition, reading: Reading) -> PossibleFailures:
    """Give what a request has to which a condition may apply: of several things that it must have, one."""
    nothing = StatusSet(frozenset(), none=True)
    if when.took_over is not None:
        return PossibleFailures(nothing, took_over=microseconds_of(when.took_over))
    if when.error_code is not None:
        return PossibleFailures(nothing, when.error_code)
    statuses = frozenset(status for status in _STATUSES if _may_match(when, reading, status))
    codes = reading.error_codes if when.explicit_failure else None
    return PossibleFailures(StatusSet(statuses, none=True), codes or ())


def _may_match(when: Condition, reading: Reading, status: int) -> bool:
    if when.status is not None and status not in when.status.codes:
        return False
    return when.explicit_failure in (None, status in reading.explicit_failure.codes)
