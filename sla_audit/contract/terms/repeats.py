"""Requests that come too soon after an error: how long a caller has to wait before it asks again."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sla_audit.contract.terms.durations import Duration, microseconds_of
from sla_audit.contract.terms.fields import Part
from sla_audit.model.statuses import StatusSetField
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import Name

_LONGEST = "1h"


def _no_longer_than_is_looked_for(wait: str) -> str:
    if microseconds_of(wait) > microseconds_of(_LONGEST):
        raise ValueError(Sentence("{wait} is longer than an hour, the longest wait that is looked for", wait=wait))
    return wait


Wait = Annotated[Duration, AfterValidator(_no_longer_than_is_looked_for)]


class Repeats(Part):
    """When a request is `repeated`, which rules may ask: it comes sooner after an error of the same one than it may.

    Two requests are the same one if they are of one account, and what the columns `same` of the log say is the same, be
    it nothing. An error is a request with one of the statuses `errors`, whatever a reading calls a failure: so a
    request is repeated under all readings, or under none.

    Errors of the same request are in a row until one of these is no error, be it that it came too soon. `after` each
    error, also one that came too soon, the next request has to wait: so long after the first of the row, and `factor`
    times as long after each further one, but at most `most_wait`. Or only `after` the first error of a row: for so long
    all are repeated, and the next error is a first one again. A request that comes when the wait is over, to the
    microsecond, is not repeated.

    Waits are between the times at which requests were submitted, as everywhere: how long an answer took is not seen.
    Requests of one instant do not follow each other: each is judged by what came before, and then the errors among them
    are one more each in the row, or begin one if some are no errors. What came before is looked at from the beginning
    of the day before on, so that a month is judged the same, whichever others are beside it.
    """

    clause: Name
    same: tuple[Literal["region", "api", "client"], ...]
    errors: StatusSetField
    wait: Wait
    factor: int = Field(default=1, ge=1, le=1000)
    most_wait: Wait | None = None
    after: Literal["each_error", "first_error"] = "each_error"

    @property
    def shortest(self) -> int:
        """How long callers have to wait after a first error, in microseconds."""
        return microseconds_of(self.wait)

    @property
    def longest(self) -> int:
        """How long after an error a request may be a repeated one, likewise."""
        return microseconds_of(self.most_wait or self.wait)

    @model_validator(mode="after")
    def _waits_make_sense(self) -> Self:
        twice = sorted({column for column in self.same if self.same.count(column) > 1})
        if twice:
            raise ValueError(Sentence("named twice: {twice}", twice=", ".join(twice)))
        if (self.factor > 1) != (self.most_wait is not None):
            raise ValueError("`factor` and `most_wait` go together: waits that grow end somewhere, others do not grow")
        if self.most_wait is not None and self.longest <= self.shortest:
            raise ValueError("`most_wait` is no longer than `wait`: nothing grows")
        if self.after == "first_error" and self.factor > 1:
            raise ValueError("`factor` belongs to waits after each error: there is one after the first")
        return self
