"""What the parts of a contract file are written in: titles in two languages, exact rates, what a clause rests on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from sla_audit.system.settings_file import ExactDecimal, OneLine, StrictModel

Rate = Annotated[ExactDecimal, Field(ge=0, le=1, max_digits=7, decimal_places=6)]
"""A share of one, exact to six decimals, so that rates compare in 64-bit integers."""

Basis = Literal["computed", "facts", "not_judged"]
"""Whether a clause is computed from the log, taken from facts that a party asserts, or out of reach."""


class Part(StrictModel):
    """A table of a contract file."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class Bilingual(Part):
    """A short title in our own words, in English and in Chinese."""

    en: OneLine
    zh: OneLine
