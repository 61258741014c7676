"""Who is judged by itself, and for how long."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sla_audit.contract.terms.fields import Part
from sla_audit.model.cycle_lengths import CycleLength
from sla_audit.sentence import Sentence


class Unit(Part):
    """What is judged by itself, besides accounts: these may be told `apart` by columns of the log.

    Sub-units by the `pooled` column have intervals of their own, which are added up. A cycle with fewer than
    `least_requests` is not judged.
    """

    apart: tuple[Literal["region", "api"], ...] = ()
    pooled: Literal["region", "api"] | None = None
    least_requests: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _columns_are_distinct(self) -> Self:
        columns = [*self.apart, *([] if self.pooled is None else [self.pooled])]
        twice = sorted({column for column in columns if columns.count(column) > 1})
        if twice:
            raise ValueError(Sentence("named twice: {twice}", twice=", ".join(twice)))
        return self


class Cycle(Part):
    """How long a service cycle is, and what becomes of one in which an account was in service on some days only.

    A quarter is one of the calendar: three whole months are counted together, billed together and judged once.
    """

    length: CycleLength = "month"
    partial: Literal["counted", "not_judged", "as_whole"] = "counted"
