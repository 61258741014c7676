"""Worked examples of an agreement: what is logged and billed, and what a hand computed from it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sla_audit.contract.terms.durations import Duration
from sla_audit.contract.terms.fields import Part
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import Name, OneLine


def _an_amount(written: Any) -> Any:
    if type(written) is int:
        return Decimal(written)
    try:
        return Decimal(written) if isinstance(written, str) else written
    except InvalidOperation as error:
        raise ValueError(Sentence("{written!r} is no amount such as 120.00", written=written)) from error


def _a_time(written: Any) -> Any:
    try:
        at = datetime.fromisoformat(written) if isinstance(written, str) else written
    except ValueError as error:
        raise ValueError(Sentence("{written!r} is no time such as 2026-10-05T00:00", written=written)) from error
    if isinstance(at, datetime) and at.tzinfo is not None:
        raise ValueError(Sentence("{at}: expected a time in the contract's zone, without an offset", at=at))
    return at


Amount = Annotated[Decimal, BeforeValidator(_an_amount), Field(ge=0, max_digits=30, decimal_places=6)]


class Facts(Part):
    """What is billed in the example: of these, the ones that the agreement asks for."""

    service_fee: Amount | None = None
    cash_paid: Amount | None = None
    calls_bought: int | None = Field(default=None, ge=0)
    hourly_fee: Amount | None = None
    plan: Literal["paid", "free"] = "paid"


class Ended(Part):
    """How the failures of an example ended: with which status and code, and after how long."""

    status: Annotated[int, Field(ge=FIRST_STATUS, le=LAST_STATUS)] | Literal["none"] = 200
    error_code: Name | None = None
    took: Duration | None = None


def _no_more_repeated(some: Failing | Example) -> None:
    if some.repeated > some.failures:
        raise ValueError("has more repeated requests than failures, which these are")


class Failing(Part):
    """So many intervals in a row, from a time of the contract's zone on, each with so many requests and failures.

    They are those `of` a sub-unit, where these are told apart. Of the failures, some may be `repeated` too soon. All
    `ended` as is said, or as those of the example.
    """

    at: Annotated[datetime, BeforeValidator(_a_time)]
    count: int = Field(default=1, ge=1, le=50_000)
    requests: int = Field(ge=1)
    failures: int = Field(ge=0)
    repeated: int = Field(default=0, ge=0)
    of: Name | None = None
    ended: Ended | None = None

    @model_validator(mode="after")
    def _no_more_failures_than_requests(self) -> Self:
        if self.failures > self.requests:
            raise ValueError("has more failures than requests")
        _no_more_repeated(self)
        return self


class Example(Part):
    """What is owed to one account for a cycle; `requests` and `failures` are spread over it.

    Failures `ended` as is said; else with a status that is a failure under the reading or, where it has none, a code.
    Some of them may be `repeated` too soon after others, as `[repeats]` says.

    What is expected is the `rate`, cut after six places, and what is `owed`, in the unit of the base.
    """

    name: OneLine
    cycle: str = "2026-10"
    first_day: date | None = None
    last_day: date | None = None
    reading: Name | None = None
    requests: int = Field(default=0, ge=0)
    failures: int = Field(default=0, ge=0)
    repeated: int = Field(default=0, ge=0)
    intervals: tuple[Failing, ...] = ()
    ended: Ended | None = None
    silent_units: tuple[Name, ...] = ()
    api: Name | None = None
    facts: Facts = Field(default_factory=Facts)
    judged: bool = True
    rate: Annotated[str, Field(pattern=r"^[01]\.[0-9]{6}$")] | None = None
    owed: Amount
    opens_on: date | None = None
    closes_on: date | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        try:
            cycle = cycle_named(self.cycle)
        except ValueError as error:
            raise ValueError(
                Sentence(
                    "cycle {cycle!r}: expected a month such as 2026-10, or a quarter such as 2026-Q4", cycle=self.cycle
                )
            ) from error
        first, last = self.first_day or cycle.first_day, self.last_day or cycle.last_day
        if max(first, cycle.first_day) > min(last, cycle.last_day):
            raise ValueError("is of no day of its cycle: see `first_day` and `last_day`")
        if self.failures > self.requests:
            raise ValueError("has more failures than requests")
        _no_more_repeated(self)
        if self.judged != (self.rate is not None):
            raise ValueError("a rate is expected of what is judged, and of nothing else")
        return self
