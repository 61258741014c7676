"""What is owed for a rate, and its limits: `rate` of a tier times a base, at most a cap, rounded once."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from sla_audit.contract.terms.fields import Part, Rate
from sla_audit.model.units import CALLS, DAYS
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.system.settings_file import ExactDecimal, Name

_FINEST = Decimal("0.000001")
"""Amounts have six decimals: what is owed is not rounded more finely."""

_OF_MONEY = ("service_fee", "fault_fee")
_SHARED = ("service_fee", "days_of_month")
UNITS = {"failed_calls": CALLS, "days_of_month": DAYS}
"""What is given back where it is not money, by the base."""


class Tier(Part):
    """What is owed where the success rate lies in `[from_, below)`: so much of the base, or so many times the base."""

    from_: Rate = Field(alias="from")
    below: Rate
    rate: Annotated[ExactDecimal, Field(ge=0, le=1000, max_digits=10, decimal_places=6)]

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.from_ >= self.below:
            raise ValueError(
                Sentence("holds no rate: from {start} is not under below {below}", start=self.from_, below=self.below)
            )
        return self


class Compensation(Part):
    """What is owed below the objective, and its limits (clause 2.10.1 of the first agreement).

    The base is the `service_fee` of the cycle, the explicit failures in it, the days of its month (of a quarter, those
    of all three), or the fee of the time in which the service could not be used. Where it is `owed_when` a tier holds
    the rate, the objective does not matter. An amount that is not `more_than` so much is not owed. The tiers are those
    that a rate is looked up in; where the `overlapping` rows of a printed table are, the highest of them.
    """

    clause: Name
    base: Literal["service_fee", "failed_calls", "days_of_month", "fault_fee"]
    cap: Literal["cash_paid", "service_fee", "calls_bought", "none"]
    quantum: ExactDecimal = Field(ge=_FINEST, le=1)
    rounding: Literal["half_up"]
    paid_as: Literal["voucher", "cash", "credit", "calls", "service_time"]
    uncompensated_plans: tuple[Literal["paid", "free"], ...]
    owed_when: Literal["below_objective", "in_a_tier"] = "below_objective"
    more_than: Annotated[ExactDecimal, Field(ge=0)] = Decimal(0)
    overlapping: Literal["highest"] | None = None
    tiers: tuple[Tier, ...] = Field(min_length=1)

    @property
    def is_money(self) -> bool:
        """Whether money is owed, not calls or days."""
        return self.base in _OF_MONEY

    @property
    def is_share(self) -> bool:
        """Whether the rate of a tier is a share of the base, not how many times the base."""
        return self.base in _SHARED

    @property
    def facts(self) -> tuple[str, ...]:
        """What a bill must say: the columns of the billing file that base and cap need."""
        of_base = {"service_fee": "service_fee", "fault_fee": "hourly_fee"}.get(self.base)
        wanted = dict.fromkeys(name for name in (of_base, self.cap) if name not in {None, "none"})
        return tuple(str(name) for name in wanted)

    @field_validator("quantum")
    @classmethod
    def _quantum_is_a_decimal_place(cls, quantum: Decimal) -> Decimal:
        if quantum.normalize().as_tuple().digits != (1,):
            raise ValueError(Sentence("{quantum} is not a decimal place such as 0.01", quantum=quantum))
        return quantum.normalize()

    @model_validator(mode="after")
    def _cap_and_base_are_alike(self) -> Self:
        if self.base == "failed_calls" and self.cap not in {"calls_bought", "none"}:
            raise ValueError(Sentence("calls are given back: {cap} cannot cap them", cap=self.cap))
        if self.base == "days_of_month" and self.cap != "none":
            raise ValueError(Sentence("days are given back: {cap} cannot cap them", cap=self.cap))
        if self.is_money and self.cap == "calls_bought":
            raise ValueError("money is owed: calls_bought cannot cap it")
        return self

    @field_validator("tiers")
    @classmethod
    def _tiers_meet(cls, tiers: tuple[Tier, ...], info: ValidationInfo) -> tuple[Tier, ...]:
        """Order the tiers from the best rate down, and require that they leave nothing open."""
        if info.data.get("overlapping") == "highest":
            tiers = highest(tiers)
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
        if info.data.get("base") in _SHARED:
            mistakes += [
                Sentence(
                    "the tier below {below} owes {rate} times the base, not a share of it",
                    below=tier.below,
                    rate=tier.rate,
                )
                for tier in ordered
                if tier.rate > 1
            ]
        if ordered[-1].from_ != 0:
            mistakes.append(Sentence("gap: no tier covers [0, {end})", end=ordered[-1].from_))
        if mistakes:
            raise ValueError(in_series(mistakes, to_say("{listed}; {value}")))
        return ordered


def highest(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Make of tiers that overlap those in which each rate earns the highest; neighbours that earn alike are one."""
    edges = sorted({edge for tier in tiers for edge in (tier.from_, tier.below)})
    found: list[Tier] = []
    for start, end in pairwise(edges):
        rates = [tier.rate for tier in tiers if tier.from_ <= start and end <= tier.below]
        if not rates:
            continue
        goes_on = bool(found) and (found[-1].below, found[-1].rate) == (start, max(rates))
        first = found.pop().from_ if goes_on else start
        found.append(Tier.model_validate({"from": first, "below": end, "rate": max(rates)}))
    return tuple(found)
