"""Why an account got its verdict, as a document: `sla-audit/explanation/1`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sla_audit.model.notice import Notice
from sla_audit.output.escape import for_json
from sla_audit.report.claims_document import Claim

SCHEMA = "sla-audit/explanation/1"
_OF_SOME_ENDINGS = ("error_code", "took_over")
_OF_SOME = ("calls_bought", "hourly_fee", "fault_minutes", "intervals", "intervals_lost")


@dataclass(frozen=True)
class Ended:
    """Requests that ended alike: with a status as logged (None: there is none), and the gateway's word or without it.

    `no_answer` says whether the gateway says that the service did not answer; None: a tally does not tell that, nor
    whether there was a status. Where the agreement asks for it, `error_code` is the answer's, and `took_over` the limit
    that the request took longer than, in microseconds.
    """

    status: int | None
    no_answer: bool | None
    requests: int
    error_code: str | None = None
    took_over: int | None = None


@dataclass(frozen=True)
class Step:
    """Requests that share a class, and the clause or the exclusion that gave it, by how they ended."""

    class_: str
    clause: int | None
    exclusion: str | None
    requests: int
    endings: Sequence[Ended]

    @property
    def statuses(self) -> Mapping[str, int]:
        """The requests by status as logged, `none` without one."""
        sums: Counter[str] = Counter()
        for each in self.endings:
            sums["none" if each.status is None else str(each.status)] += each.requests
        return sums


@dataclass(frozen=True)
class Verdict:
    """What follows from the counts; rates and amounts as in the report."""

    success: int
    explicit_failure: int
    excluded: int
    success_rate: str | None
    credit_rate: str | None
    decision: str
    reason: str
    compensation: str | None
    capped: bool


@dataclass(frozen=True)
class NearestTier:
    """How many failures fewer or more change the rate of credit, and to what."""

    failures: int
    credit_rate: str


@dataclass(frozen=True)
class WhatIf:
    """An exclusion that touches the account and cycle.

    `otherwise` is the verdict without it, or, where it was refused, the one if it had been announced; None where a
    tally has added up what that depends on. `asserted` is its window, notice, scope, note and who asserts it, as in a
    report, and `reason` why it was refused.
    """

    id: str
    clause: int
    state: str
    requests: int
    requests_alone: int | None
    otherwise: Verdict | None
    reason: str | None = None
    asserted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExplainedDay:
    """The requests of one day of the cycle, by class."""

    day: date
    success: int
    explicit_failure: int
    excluded: int


@dataclass(frozen=True)
class Period:
    """Days of service in the month, inclusive, on a plan."""

    first_day: date
    last_day: date
    plan: str


@dataclass(frozen=True)
class Explanation:
    """Everything that led to a verdict, under the reading in force unless it says otherwise.

    `kept` of `total` requests make the success rate, None where intervals are measured: then so many of the cycle's
    `intervals` (of all sub-units together) are lost of it, a decimal that is cut after six places. The tier holds rates
    in `[tier_from, tier_below)`. `share` is the base, such as the fee, times the rate of credit, exact, before cap and
    rounding. What only some agreements ask for, or measure, is None under others. `untouched` exclusions are of other
    times or accounts. `notices` say what of the logs is not in it yet. An account that has several rows in the accounts
    file has `periods`, of which those on another plan than that of the cycle are not judged.
    """

    contract: Mapping[str, str]
    reading: str
    as_of: date
    currency: str
    account_id: str
    cycle: str
    cycle_start: date
    cycle_end: date
    plan: str | None
    verdict: Verdict
    outside_service: int
    steps: Sequence[Step]
    kept: int | None
    total: int | None
    tier_from: str | None
    tier_below: str | None
    fewer: NearestTier | None
    more: NearestTier | None
    service_fee: str | None
    cash_paid: str | None
    share: str | None
    exclusions: Sequence[WhatIf]
    untouched: int
    readings: Mapping[str, Verdict]
    days: Sequence[ExplainedDay]
    claim: Claim
    notices: Sequence[Notice] = ()
    periods: Sequence[Period] = ()
    calls_bought: int | None = None
    hourly_fee: str | None = None
    fault_minutes: int | None = None
    intervals: int | None = None
    intervals_lost: str | None = None

    @property
    def as_result(self) -> Mapping[str, Any]:
        """What its amount follows from, under the names that a row of `Report.results` has (see `owing.product_of`)."""
        of_verdict = {name: getattr(self.verdict, name) for name in ("credit_rate", "explicit_failure")}
        return of_verdict | {name: getattr(self, name) for name in ("cycle", "fault_minutes", "hourly_fee")}

    @property
    def requests(self) -> int:
        """All requests of the cycle."""
        return sum(step.requests for step in self.steps)


def render_explanation(explanation: Explanation) -> str:
    """Write an explanation as JSON; the same explanation gives the same bytes."""
    whole = {"schema": SCHEMA, **asdict(explanation)}
    if not explanation.periods:
        del whole["periods"]
    for name in _OF_SOME:
        if whole[name] is None:
            del whole[name]
    whole["exclusions"] = [{**each, **each.pop("asserted")} for each in whole["exclusions"]]
    whole["warnings"] = list(map(str, whole.pop("notices")))
    whole["steps"] = [_step(step) for step in explanation.steps]
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1, default=_written)) + "\n"


def _step(step: Step) -> dict[str, Any]:
    said = asdict(step)
    endings = [
        {key: value for key, value in each.items() if key not in _OF_SOME_ENDINGS or value is not None}
        for each in said.pop("endings")
    ]
    return {"class": said.pop("class_"), **said, "statuses": step.statuses, "endings": endings}


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))
