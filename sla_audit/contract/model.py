"""The agreement as a validated model: what a contract file may say, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import InitErrorDetails

from sla_audit.contract.claim_days import closes_too_early
from sla_audit.contract.terms.changes import changed, mistake, within
from sla_audit.contract.terms.claim import ClaimRule
from sla_audit.contract.terms.classes import Cause, Condition, Rule
from sla_audit.contract.terms.clauses import Citations, Clause, Unseen
from sla_audit.contract.terms.compensation import UNITS, Compensation
from sla_audit.contract.terms.durations import microseconds_of
from sla_audit.contract.terms.example import Example
from sla_audit.contract.terms.fields import Bilingual, Part
from sla_audit.contract.terms.measure import Measure, Objective
from sla_audit.contract.terms.reading import Reading
from sla_audit.contract.terms.repeats import Repeats
from sla_audit.contract.terms.unit import Cycle, Unit
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.cycle_lengths import KINDS, CycleLength
from sla_audit.model.tally import outcome_under
from sla_audit.model.zones import zone_named
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.system.settings_file import Name, OneLine

_EXPECTED: Mapping[CycleLength, str] = {
    "month": to_say("{name!r} is of the cycle {cycle!r}; expected a month, as [cycle] says, such as 2026-10"),
    "quarter": to_say("{name!r} is of the cycle {cycle!r}; expected a quarter, as [cycle] says, such as 2026-Q4"),
}
"""What is said of an example that is not of a cycle of the agreement's length."""


class Contract(Part):
    """A service level agreement, whole. `sha256` is that of the file it was read from."""

    schema_: Literal["sla-audit/contract/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=100)
    version: Name
    source: OneLine
    sha256: str
    effective_from: date
    effective_to: date | None = None
    read_on: date | None = None
    """The day on which the source was read."""
    title: Bilingual
    time_zone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    unit: Unit = Field(default_factory=Unit)
    cycle: Cycle = Field(default_factory=Cycle)
    objective: Objective
    measure: Measure | None = Field(default=None, validate_default=True)
    compensation: Compensation
    readings: dict[Name, Reading] = Field(min_length=1)
    default_reading: str
    causes_clause: Name | None = None
    """Where the text lists the causes that it leaves out; without one, it is the first agreement's 2.7.1."""
    metering_clause: Name | None = None
    """Where it speaks of the accuracy of metering, if it does."""
    causes: tuple[Cause, ...] = Field(min_length=1)
    repeats: Repeats | None = None
    classification: tuple[Rule, ...] = Field(min_length=1)
    claim: ClaimRule
    clauses: tuple[Clause, ...]
    unseen: tuple[Unseen, ...] = ()
    examples: tuple[Example, ...] = ()
    same_as: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """The SHA-256 of earlier files of this agreement that give the same figures: reports made with these are taken."""
    failure_name: OneLine | None = None
    """What the provider's own English edition of the agreement calls an explicit failure."""

    _under: dict[str, Contract] = PrivateAttr(default_factory=dict)

    def under(self, reading: str) -> Contract:
        """Give the contract as a reading reads it."""
        return self._under.get(reading, self)

    def only(self, reading: str) -> Contract:
        """Give the contract as if it had no other reading."""
        return self.model_copy(update={"readings": {reading: self.readings[reading]}, "default_reading": reading})

    @property
    def unit_owed(self) -> str:
        """What is owed: the currency, or `calls` or `days`."""
        return UNITS.get(self.compensation.base, self.currency)

    @property
    def is_share_of_fee(self) -> bool:
        """Whether a share of the service fee is owed by the share of requests, at most the cash paid."""
        terms = self.compensation
        return self.measure is None and (terms.base, terms.cap) == ("service_fee", "cash_paid")

    @property
    def citations(self) -> Citations | None:
        """What reports cite besides the clauses of its terms; None where it is what they cite anyway."""
        if self.causes_clause is None:
            return None
        readings = self.readings[self.default_reading].clause
        return Citations(self.causes_clause, self.objective.clause, self.metering_clause, readings)

    @property
    def facts(self) -> tuple[str, ...]:
        """What a bill must say under some reading: columns of the billing file."""
        return tuple(dict.fromkeys(name for read in self._as_read for name in read.compensation.facts))

    @property
    def joins_cycles(self) -> bool:
        """Whether what lies beside a cycle matters to it, under some reading: runs go on over its edges."""
        return any(read.measure is not None and read.measure.joins_cycles for read in self._as_read)

    @property
    def _as_read(self) -> tuple[Contract, ...]:
        return (self, *self._under.values())

    @property
    def columns(self) -> frozenset[str]:
        """The optional columns of a log without which requests cannot be told apart as the agreement does."""
        pooled = () if self.unit.pooled is None else (self.unit.pooled,)
        asked = (
            name for name in ("api", "error_code", "took_over") if any(getattr(each, name) for each in self._conditions)
        )
        by_code = ("error_code",) if any(each.error_codes for each in self.readings.values()) else ()
        same = () if self.repeats is None else self.repeats.same
        return frozenset((*self.unit.apart, *pooled, *asked, *by_code, *same))

    @property
    def outcome(self) -> list[str]:
        """Those columns of `model.tally.OUTCOME` that it can tell requests by; files of rows have no other."""
        return outcome_under(self.columns if self.repeats is None else self.columns | {"repeated"})

    @property
    def limits(self) -> tuple[int, ...]:
        """The limits that it names for how long a request may take, in microseconds, the lowest first."""
        named = {microseconds_of(each.took_over) for each in self._conditions if each.took_over is not None}
        return tuple(sorted(named))

    @property
    def _conditions(self) -> tuple[Condition, ...]:
        return tuple(rule.when for rule in self.classification)

    @property
    def identity(self) -> dict[str, str]:
        """What tells it from others, as documents name it."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}

    @property
    def cycles(self) -> type[ServiceCycle]:
        """The kind of its service cycles: `Month` or `Quarter`."""
        return KINDS[self.cycle.length]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days and cycles begin."""
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

    @field_validator("measure")
    @classmethod
    def _pooled_goes_with_time(cls, measure: Measure | None, info: ValidationInfo) -> Measure | None:
        unit: Unit | None = info.data.get("unit")
        if unit is not None and unit.pooled is not None and (measure is None or measure.bad is None):
            raise ValueError("`pooled` of [unit] belongs to a share of time")
        return measure

    @field_validator("compensation")
    @classmethod
    def _tiers_reach_the_objective(cls, compensation: Compensation, info: ValidationInfo) -> Compensation:
        objective: Objective | None = info.data.get("objective")
        measure: Measure | None = info.data.get("measure")
        top = compensation.tiers[0].below
        gated = compensation.owed_when == "below_objective"
        said = "owed_when" in compensation.model_fields_set  # the text has another table than its objective, knowingly
        if objective and gated and top != objective.success_rate and not (said and top > objective.success_rate):
            raise ValueError(
                Sentence(
                    "the highest tier ends at {top}, the objective is {success_rate}: they must meet",
                    top=top,
                    success_rate=objective.success_rate,
                )
            )
        has_faults = "measure" not in info.data or (measure is not None and measure.bad is not None)
        if compensation.base == "fault_fee" and not has_faults:
            raise ValueError("a fault_fee needs a share of time, which has faults")
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
        asked = any(rule.when.repeated is not None for rule in rules)
        if "repeats" in info.data and asked != (info.data["repeats"] is not None):
            mistakes.append(
                Sentence("`repeated` is asked by no rule: without one, [repeats] changes nothing")
                if not asked
                else Sentence("`repeated` needs [repeats], which says when a request is one")
            )
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

    @field_validator("claim")
    @classmethod
    def _claims_close_after_they_open(cls, claim: ClaimRule, info: ValidationInfo) -> ClaimRule:
        cycle: Cycle = info.data.get("cycle", Cycle())
        early = closes_too_early(claim, KINDS[cycle.length])
        if early is not None:
            raise ValueError(Sentence("claims close before they open, such as those for {early}", early=early))
        return claim

    @field_validator("examples")
    @classmethod
    def _examples_are_of_its_cycles(cls, examples: tuple[Example, ...], info: ValidationInfo) -> tuple[Example, ...]:
        cycle: Cycle | None = info.data.get("cycle")
        for example in examples:
            if cycle is not None and not KINDS[cycle.length].WRITTEN.fullmatch(example.cycle):
                raise ValueError(Sentence(_EXPECTED[cycle.length], name=example.name, cycle=example.cycle))
        return examples

    @field_validator("examples")
    @classmethod
    def _repeated_go_with_repeats(cls, examples: tuple[Example, ...], info: ValidationInfo) -> tuple[Example, ...]:
        if "repeats" in info.data and info.data["repeats"] is None:
            some = [each.name for each in examples if each.repeated or any(some.repeated for some in each.intervals)]
            if some:
                raise ValueError(
                    Sentence("{example!r} has `repeated` requests, which go with [repeats]", example=some[0])
                )
        return examples

    @field_validator("effective_to")
    @classmethod
    def _ends_after_it_begins(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("effective_from")
        if last is not None and first is not None and last < first:
            raise ValueError(Sentence("{last} is before effective_from, {first}", last=last, first=first))
        return last

    @model_validator(mode="wrap")
    @classmethod
    def _readings_may_change_it(cls, written: Any, validated: ModelWrapValidatorHandler[Self]) -> Self:
        contract = validated(written)
        if not isinstance(written, Mapping):
            return contract
        mistakes: list[InitErrorDetails] = []
        for name, reading in contract.readings.items():
            if reading.changes:
                try:
                    contract._under[name] = _under(contract, written, reading.changes)
                except ValidationError as error:
                    mistakes += (within(("readings", name, "changes"), each) for each in error.errors())
        if mistakes:
            raise ValidationError.from_exception_data(cls.__name__, mistakes)
        return contract


def _under(contract: Contract, written: Mapping[str, Any], changes: Mapping[str, Any]) -> Contract:
    """Give a contract as a reading with `changes` reads it; raises `ValidationError`."""
    table, mistakes = changed(written, changes)
    if not mistakes:
        under = type(contract).model_validate(table)
        if under.unit_owed == contract.unit_owed:
            return under
        what = Sentence(
            "owes {other} where other readings owe {unit}: what is owed is one thing",
            other=under.unit_owed,
            unit=contract.unit_owed,
        )
        mistakes = [mistake(("compensation.base",), what, under.compensation.base)]
    raise ValidationError.from_exception_data(type(contract).__name__, mistakes)
