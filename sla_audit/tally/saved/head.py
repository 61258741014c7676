"""What a tally file says of itself: its rows, and an account of every log that it counts, which must agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    field_validator,
    model_validator,
)

from sla_audit.contract.intervals import PossibleFailures
from sla_audit.model.instant import microseconds, moment
from sla_audit.model.month import FIRST_DAY, LAST_DAY, Month
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS, StatusSet
from sla_audit.model.tally import OUTCOME_FIELDS
from sla_audit.model.zones import zone_named
from sla_audit.sentence import Sentence
from sla_audit.tally.dedup.same_request import Ids

SCHEMA: Literal["sla-audit/tally/3"] = "sla-audit/tally/3"
SECOND_SCHEMA = "sla-audit/tally/2"
"""It has no digest: whether it was changed after it was made cannot be told."""
FIRST_SCHEMA = "sla-audit/tally/1"
"""It has no `no_answer` either: a status beside which a gateway said that the service did not answer was null in it."""

_TOLD = {name for name, field in OUTCOME_FIELDS.items() if field.is_scope}
_MOST_REQUESTS = 10**12  # of one tally; sums of a million such stay within 64 bits
_DIGEST = r"^[0-9a-f]{64}$"
_EARLIEST, _LATEST = -86_400 * 10**6, 7_258_377_600 * 10**6
"""Instants before and after any that is of a day that can be audited, whatever the zone."""


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class TallyRows(_Said):
    """How many requests a tally counts, and how many rows of its logs are not among them.

    `rejected` rows could not be read; `unattributed` rows have no account, and need none (see `TallyEnding`); the
    others say what request ids told: see `same_request.Ids`.
    """

    counted: Annotated[int, Field(ge=0, le=_MOST_REQUESTS)]
    rejected: NonNegativeInt
    duplicate: NonNegativeInt = 0
    contradicted: NonNegativeInt = 0
    unattributed: NonNegativeInt = 0
    shared: NonNegativeInt = 0
    reused: NonNegativeInt = 0
    reused_ids: NonNegativeInt = 0

    @property
    def ids(self) -> Ids:
        """What request ids told of its logs."""
        return Ids(**{each.name: getattr(self, each.name) for each in fields(Ids)})

    @property
    def read(self) -> int:
        """How many rows its logs have."""
        return self.counted + self.duplicate + self.rejected + self.unattributed


class TallyBeginning(_Said):
    """What a log of text begins with, so that it is known again when it has grown: see `fingerprint.Beginning`."""

    bytes: Annotated[int, Field(ge=1)]
    sha256: str = Field(pattern=_DIGEST)


class TallySource(_Said):
    """A log that was counted: see `model.log_summary.LogSummary`."""

    path: str
    bytes: NonNegativeInt
    rows: NonNegativeInt
    rejected: NonNegativeInt
    local_time: bool
    columns: tuple[str, ...]
    fingerprint: str = Field(pattern=_DIGEST)
    dialect: str | None = None
    notes: tuple[str, ...] = ()
    assumed_utc: bool = False
    wrapper: str | None = None
    content: str | None = Field(default=None, pattern=_DIGEST)
    beginning: TallyBeginning | None = None


class TallyEnding(_Said):
    """How some rows ended that have no account: under the contract of the time, no rate depends on whose they are."""

    status: Annotated[int, Field(ge=FIRST_STATUS, le=LAST_STATUS)] | None = None
    no_answer: bool | None = None
    content_flag: bool | None = None
    client_aborted: bool | None = None
    api: str | None = None
    error_code: str | None = None
    took_over: Annotated[int, Field(ge=1)] | None = None
    rows: Annotated[int, Field(ge=1, le=_MOST_REQUESTS)]


class TallyLeftOut(_Said):
    """What a directory of its logs held besides, and was not read: see `model.log_summary.LeftOut`."""

    path: str
    bytes: NonNegativeInt | None
    reason: str


class TallyFlag(_Said):
    """How many rows of a month of the logs have a content flag, and what was made of it: see `flags.FlagCount`."""

    month: Annotated[str, AfterValidator(lambda text: str(Month.parse(text)))]
    value: str | None
    rows: NonNegativeInt
    flagged: bool


class Intervals(_Said):
    """By which intervals a tally tells what an account had, besides by day: those in which something may have failed.

    That is where it had a request with one of the statuses in `failures`, or without one, with an error code that is
    one of `error_codes` (globs), or one that took longer than the limit `took_over`, in microseconds; accounts are told
    apart by columns besides.
    """

    interval: Literal["1min", "5min", "1h"]
    failures: tuple[Annotated[int, Field(ge=FIRST_STATUS, le=LAST_STATUS)], ...]
    error_codes: tuple[str, ...] = ()
    took_over: Annotated[int, Field(ge=1)] | None = None
    by: tuple[Literal["api", "region"], ...] = ()

    @property
    def possible(self) -> PossibleFailures:
        """What a request has that may have failed."""
        return PossibleFailures(StatusSet(frozenset(self.failures), none=True), self.error_codes, self.took_over)


class TallyHead(_Said):
    """What a tally file says of itself.

    `tells` names the optional columns (`region`, `api`, `error_code`, `took_over`) by which requests are told apart,
    and `limits` are those, in microseconds, of which it is told which one a request took longer than. Its `slots` begin
    and end at the midnights of `time_zone`, and where they were cut besides; tallies of one day that were cut otherwise
    and then added up have slots that overlap. Where it has `intervals`, those are slots too, and other slots have the
    rest.
    """

    schema_: Literal["sla-audit/tally/1", "sla-audit/tally/2", "sla-audit/tally/3"] = Field(
        default=SCHEMA, alias="schema"
    )
    time_zone: str
    tells: tuple[str, ...]
    limits: tuple[Annotated[int, Field(ge=1)], ...] = ()
    rows: TallyRows
    unattributed: tuple[TallyEnding, ...] = ()
    content_flags: tuple[TallyFlag, ...] = ()
    sources: tuple[TallySource, ...]
    left_out: tuple[TallyLeftOut, ...] = ()
    intervals: Intervals | None = None
    slots: tuple[tuple[AwareDatetime, AwareDatetime], ...] = ()

    @field_validator("tells")
    @classmethod
    def _known_columns(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not _TOLD.issuperset(names) or len(set(names)) < len(names):
            raise ValueError("tells apart by something else than api, region, error_code and took_over")
        return names

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return zone_named(name).key

    @model_validator(mode="after")
    def _limits_are_told(self) -> Self:
        if bool(self.limits) != ("took_over" in self.tells) or list(self.limits) != sorted(set(self.limits)):
            raise ValueError("names other limits than it tells")
        return self

    @model_validator(mode="after")
    def _sources_are_named(self) -> Self:
        if self.rows.counted and not self.sources:
            raise ValueError("counts requests of no log")
        return self

    @model_validator(mode="after")
    def _endings_are_rows(self) -> Self:
        if sum(ending.rows for ending in self.unattributed) != self.rows.unattributed:
            raise ValueError("accounts for other rows without an account than it has")
        return self

    @model_validator(mode="after")
    def _sources_are_its_rows(self) -> Self:
        read, rejected = (sum(getattr(source, name) for source in self.sources) for name in ("rows", "rejected"))
        if (read, rejected) != (self.rows.read, self.rows.rejected):
            raise ValueError(
                Sentence(
                    "its logs have {read} rows, of which {rejected} are rejected; it accounts for {rows} and {rejects}",
                    read=read,
                    rejected=rejected,
                    rows=self.rows.read,
                    rejects=self.rows.rejected,
                )
            )
        return self

    @model_validator(mode="after")
    def _sources_are_distinct(self) -> Self:
        logs = Counter(source.fingerprint for source in self.sources if source.rows)
        twice = next((source.path for source in self.sources if logs[source.fingerprint] > 1), None)
        if twice is not None:
            raise ValueError(Sentence("counts the log {twice} twice", twice=twice))
        return self

    @property
    def edges(self) -> frozenset[tuple[int, int]]:
        """Its slots, in microseconds since 1970."""
        return frozenset((microseconds(starts_at), microseconds(ends_at)) for starts_at, ends_at in self.slots)


def within_a_day(slot: tuple[int, int], zone: ZoneInfo) -> bool:
    """Tell whether a slot, in microseconds since 1970, is of one day of a zone."""
    return _day(slot[0], zone) == _day(slot[1] - 1, zone)


def can_be_audited(slot: tuple[int, int], zone: ZoneInfo) -> bool:
    """Tell whether a slot is of a day, in a zone, that runs judge."""
    starts_at, ends_at = slot
    inside = starts_at >= _EARLIEST and ends_at <= _LATEST
    return inside and _day(starts_at, zone) >= FIRST_DAY and _day(ends_at - 1, zone) <= LAST_DAY


def _day(instant: int, zone: ZoneInfo) -> date:
    return moment(instant, zone).date()
