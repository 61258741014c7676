"""How a text may be read: which requests are failures, and what else it may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import Field, model_validator

from sla_audit.contract.service import is_one_of
from sla_audit.contract.terms.classes import Globs
from sla_audit.contract.terms.fields import Part
from sla_audit.model.statuses import NO_STATUS, StatusSetField
from sla_audit.system.settings_file import Name, OneLine

if TYPE_CHECKING:
    import polars as pl

_Number = TypeVar("_Number", int, "pl.Expr")


class Reading(Part):
    """One way to read the text: which requests are explicit failures (clause 2.7.1), and what else it says otherwise.

    These are such with a status of `explicit_failure`, and such with one of the `error_codes`, whatever the status.
    `changes` are fields of the contract by their dotted path, and what they are under this reading.
    """

    clause: Name
    meaning: OneLine
    explicit_failure: StatusSetField = NO_STATUS
    error_codes: Globs | None = None
    """Globs, as those of a `Condition` are."""
    excluded_in_denominator: bool
    changes: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_failures(self) -> Self:
        if self.explicit_failure == NO_STATUS and self.error_codes is None:
            raise ValueError("says of no request that it failed: see `explicit_failure` and `error_codes`")
        return self

    def fails(self, status: int | None, error_code: str | None) -> bool:
        """Tell whether a request that was answered so is an explicit failure; a status of None: it was not answered."""
        by_code = self.error_codes is not None and is_one_of(error_code, self.error_codes)
        return by_code or self.explicit_failure.holds(status)

    def kept_and_counted(
        self, success: _Number, explicit_failure: _Number, excluded: _Number
    ) -> tuple[_Number, _Number]:
        """Give what stands above and below the line of the success rate, from the requests of each class."""
        kept = success + excluded if self.excluded_in_denominator else success
        return kept, kept + explicit_failure
