"""The agreement as a validated model: what a contract file may say, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sla_audit.contract.claim_days import closes_too_early
from sla_audit.model.statuses import StatusSetField
from sla_audit.model.zones import zone_named
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.system.settings_file import ExactDecimal, Name, OneLine, StrictModel

if TYPE_CHECKING:
    import polars as pl

_Number = TypeVar("_Number", int, "pl.Expr")

Rate = Annotated[ExactDecimal, Field(ge=0, le=1, max_digits=7, decimal_places=6)]
"""A share of one, exact to six decimals, so that rates compare in 64-bit integers."""

Basis = Literal["computed", "facts", "not_judged"]
"""Whether a clause is computed from the log, taken from facts that a party asserts, or out of reach."""

OF_THE_EXCLUSION = "of the exclusion"

CauseNumber = Annotated[int, Field(ge=1, le=9999)]
"""The number of a cause in its clause."""

_FINEST = Decimal("0.000001")
"""Amounts have six decimals: what is owed is not rounded more finely."""


class _Model(StrictModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)


class Bilingual(_Model):
    """A short title in our own words, in English and in Chinese."""

    en: OneLine
    zh: OneLine


class Objective(_Model):
    """The success rate that is promised (clause 2.7)."""

    clause: Name
    success_rate: Rate


class Reading(_Model):
    """One way to read "no response": which statuses are explicit failures (clause 2.7.1)."""

    clause: Name
    meaning: OneLine
    explicit_failure: StatusSetField
    excluded_in_denominator: bool

    def kept_and_counted(
        self, success: _Number, explicit_failure: _Number, excluded: _Number
    ) -> tuple[_Number, _Number]:
        """Give what stands above and below the line of the success rate, from the requests of each class."""
        kept = success + excluded if self.excluded_in_denominator else success
        return kept, kept + explicit_failure


class Condition(_Model):
    """What must hold for a rule to match; what is not named does not matter."""

    status: StatusSetField | None = None
    content_flag: bool | None = None
    client_aborted: bool | None = None
    explicit_failure: bool | None = None
    accepted_exclusion: bool | None = None


def _number_or_words(cause: Any) -> Any:
    if cause in (None, OF_THE_EXCLUSION) or type(cause) is int:
        return cause
    raise ValueError(Sentence("expected the number of a cause, or {word!r}", word=OF_THE_EXCLUSION))


class Rule(_Model):
    """One step of the classification: the first rule whose condition holds gives the class."""

    when: Condition
    class_: Literal["success", "explicit_failure", "excluded"] = Field(alias="class")
    cause: Annotated[int | Literal["of the exclusion"] | None, BeforeValidator(_number_or_words)] = None

    @model_validator(mode="after")
    def _cause_goes_with_excluded(self) -> Self:
        if (self.class_ == "excluded") != (self.cause is not None):
            raise ValueError("a cause belongs to the class `excluded`, and that class needs one")
        if self.cause == OF_THE_EXCLUSION and not self.when.accepted_exclusion:
            raise ValueError(
                Sentence("cause {word!r} needs `accepted_exclusion = true` in `when`", word=OF_THE_EXCLUSION)
            )
        return self


class Cause(_Model):
    """One of the causes whose unavailability is left out of the rate (clause 2.7.1)."""

    number: CauseNumber
    title: Bilingual
    basis: Basis
    notice_required: bool = False


class Tier(_Model):
    """The share of the service fee owed where the success rate lies in `[from_, below)`."""

    from_: Rate = Field(alias="from")
    below: Rate
    rate: Rate

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.from_ >= self.below:
            raise ValueError(
                Sentence("holds no rate: from {start} is not under below {below}", start=self.from_, below=self.below)
            )
        return self


class Compensation(_Model):
    """What is owed below the objective, and its limits (clause 2.10.1)."""

    clause: Name
    base: Literal["service_fee"]
    cap: Literal["cash_paid"]
    quantum: ExactDecimal = Field(ge=_FINEST, le=1)
    rounding: Literal["half_up"]
    paid_as: Literal["voucher", "cash"]
    uncompensated_plans: tuple[Literal["paid", "free"], ...]
    tiers: tuple[Tier, ...] = Field(min_length=1)

    @field_validator("quantum")
    @classmethod
    def _quantum_is_a_decimal_place(cls, quantum: Decimal) -> Decimal:
        if quantum.normalize().as_tuple().digits != (1,):
            raise ValueError(Sentence("{quantum} is not a decimal place such as 0.01", quantum=quantum))
        return quantum.normalize()

    @field_validator("tiers")
    @classmethod
    def _tiers_meet(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        """Order the tiers from the best rate down, and require that they leave nothing open."""
        ordered = tuple(sorted(tiers, key=lambda tier: tier.below, reverse=True))
        mistakes: list[Sentence] = []
        for upper, lower in pairwise(ordered):
            if lower.below < upper.from_:
                mistakes.append(Sentence("gap: no tier covers [{start}, {end})", start=lower.below, end=upper.from_))
            if lower.below > upper.from_:
                mistakes.append(
                    Sentence("overlap: two tiers cover [{start}, {end})", start=upper.from_, end=lower.below)
                )
            if lower.rate <= upper.rate:
                mistakes.append(
                    Sentence(
                        "not monotone: the tier below {below} owes {rate}, "
                        "no more than the {above} of the tier above it",
                        below=lower.below,
                        rate=lower.rate,
                        above=upper.rate,
                    )
                )
        if ordered[-1].from_ != 0:
            mistakes.append(Sentence("gap: no tier covers [0, {end})", end=ordered[-1].from_))
        if mistakes:
            raise ValueError(in_series(mistakes, to_say("{listed}; {value}")))
        return ordered


class ClaimRule(_Model):
    """When a claim may be filed (clause 2.10.2).

    It opens the day after the n-th working day of the month that follows the cycle, or n days after the cycle's
    last day, and closes at the end of the n-th month after the cycle's, or n days after the cycle's last day.
    """

    clause: Name
    calendar: Literal["CN"] | None = None
    opens_after_working_day: int | None = Field(default=None, ge=1, le=10)
    opens_after_days: int | None = Field(default=None, ge=0, le=366)
    closes_months_after: int | None = Field(default=None, ge=1, le=24)
    closes_days_after: int | None = Field(default=None, ge=1, le=732)

    @model_validator(mode="after")
    def _opens_and_closes_once(self) -> Self:
        if (self.opens_after_working_day is None) == (self.opens_after_days is None):
            raise ValueError("one of `opens_after_working_day` and `opens_after_days` says when claims open, not both")
        if (self.closes_months_after is None) == (self.closes_days_after is None):
            raise ValueError("one of `closes_months_after` and `closes_days_after` says when claims close, not both")
        if self.opens_after_working_day is not None and self.calendar is None:
            raise ValueError("`opens_after_working_day` needs a `calendar`")
        early = closes_too_early(self)
        if early is not None:
            raise ValueError(Sentence("claims close before they open, such as those for {early}", early=early))
        return self


class Clause(_Model):
    """What the program makes of a clause; shown by `sla-audit contract show`."""

    number: Name
    title: Bilingual
    basis: Basis
    how: OneLine


class Contract(_Model):
    """A service level agreement, whole. `sha256` is that of the file it was read from."""

    schema_: Literal["sla-audit/contract/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=100)
    version: Name
    source: OneLine
    sha256: str
    effective_from: date
    title: Bilingual
    time_zone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    objective: Objective
    compensation: Compensation
    readings: dict[Name, Reading] = Field(min_length=1)
    default_reading: str
    causes: tuple[Cause, ...] = Field(min_length=1)
    classification: tuple[Rule, ...] = Field(min_length=1)
    claim: ClaimRule
    clauses: tuple[Clause, ...]
    same_as: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """The SHA-256 of earlier files of this agreement that give the same figures: reports made with these are taken."""
    failure_name: OneLine | None = None
    """What the provider's own English edition of the agreement calls an explicit failure."""

    @property
    def identity(self) -> dict[str, str]:
        """What tells it from others, as documents name it."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days and months begin."""
        return ZoneInfo(self.time_zone)

    def cause(self, number: int) -> Cause | None:
        """Find a cause of exclusion by its number."""
        return next((cause for cause in self.causes if cause.number == number), None)

    # The checks below span fields. Each runs on the field that comes last, so that it is reported
    # beside every other mistake of the file instead of after them.

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return zone_named(name).key

    @field_validator("compensation")
    @classmethod
    def _tiers_start_at_objective(cls, compensation: Compensation, info: ValidationInfo) -> Compensation:
        objective: Objective | None = info.data.get("objective")
        top = compensation.tiers[0].below
        if objective and top != objective.success_rate:
            raise ValueError(
                Sentence(
                    "the highest tier ends at {top}, the objective is {success_rate}: they must meet",
                    top=top,
                    success_rate=objective.success_rate,
                )
            )
        return compensation

    @field_validator("default_reading")
    @classmethod
    def _default_is_a_reading(cls, name: str, info: ValidationInfo) -> str:
        readings = info.data.get("readings")
        if readings and name not in readings:
            raise ValueError(
                Sentence("{name!r} is not one of the readings: {readings}", name=name, readings=", ".join(readings))
            )
        return name

    @field_validator("causes")
    @classmethod
    def _causes_are_distinct(cls, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
        numbers = [cause.number for cause in causes]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(Sentence("numbered twice: {twice}", twice=", ".join(map(str, twice))))
        return causes

    @field_validator("classification")
    @classmethod
    def _rules_are_complete(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        mistakes: list[Sentence] = []
        if "causes" in info.data:
            numbers = {cause.number for cause in info.data["causes"]}
            mistakes += [
                Sentence("rule {at}: cause {cause} is not among the causes", at=at, cause=rule.cause)
                for at, rule in enumerate(rules, 1)
                if isinstance(rule.cause, int) and rule.cause not in numbers
            ]
        anything = Condition()
        if rules[-1].when != anything:
            mistakes.append(
                Sentence("the last rule must match anything (`when = {}`), so that every request has a class")
            )
        if any(rule.when == anything for rule in rules[:-1]):
            mistakes.append(Sentence("only the last rule may match anything: what follows it is never reached"))
        if mistakes:
            raise ValueError(in_series(mistakes, to_say("{listed}; {value}")))
        return rules
