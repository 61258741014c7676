"""Which class a request has: the ordered rules, and the causes that leave one out of the rate."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sla_audit.contract.terms.durations import Duration
from sla_audit.contract.terms.fields import Basis, Bilingual, Part
from sla_audit.model.statuses import StatusSetField
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import OneLine

OF_THE_EXCLUSION = "of the exclusion"

Globs = Annotated[tuple[OneLine, ...], Field(min_length=1)]
"""Patterns of names, of which one at least must match."""

CauseNumber = Annotated[int, Field(ge=1, le=9999)]
"""The number of a cause in its clause."""


class Condition(Part):
    """What must hold for a rule to match; what is not named does not matter."""

    status: StatusSetField | None = None
    api: Globs | None = None
    """Globs of the operations that are meant."""
    error_code: Globs | None = None
    """Globs of the codes that are meant; an answer without a code has none of them."""
    took_over: Duration | None = None
    """How long the request took, at least: strictly more than that."""
    content_flag: bool | None = None
    client_aborted: bool | None = None
    explicit_failure: bool | None = None
    accepted_exclusion: bool | None = None
    repeated: bool | None = None
    """Sooner after an error than `[repeats]` allows."""


def _number_or_words(cause: Any) -> Any:
    if cause in (None, OF_THE_EXCLUSION) or type(cause) is int:
        return cause
    raise ValueError(Sentence("expected the number of a cause, or {word!r}", word=OF_THE_EXCLUSION))


class Rule(Part):
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


class Cause(Part):
    """One of the causes whose unavailability is left out of the rate (clause 2.7.1)."""

    number: CauseNumber
    title: Bilingual
    basis: Basis
    notice_required: bool = False
