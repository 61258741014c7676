"""All that a saved report must hold, and the types of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from sla_audit.model.notice import Grade, Notice
from sla_audit.report.saved.daily import Count, Day, SavedModel
from sla_audit.report.saved.ledger import SavedClaims, SavedTracked
from sla_audit.report.saved.metering import SavedMetering
from sla_audit.report.saved.provenance import SavedInput, SavedProvenance
from sla_audit.report.saved.read import Amount, Cycle, SavedReport, SavedResult, SavedTotals
from sla_audit.report.sentences import EXCLUSION_STATES, LATER_PLACES, PLACES
from sla_audit.sentence import Sentence

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d", re.ASCII)


def _instant(value: Any) -> Any:
    """Take instants as a report writes them."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("should be an instant, such as '2026-10-09T01:00:00+08:00'")
    return datetime.fromisoformat(value)


def _in_our_time(instant: datetime) -> datetime:
    if not 1969 <= instant.year <= 2200:
        raise ValueError("should be of the years 1970 to 2199")
    return instant


_Instant = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_in_our_time)]
_Flag = Annotated[bool, Field(strict=True)]


class SavedClaim(SavedModel):
    """When a claim is taken."""

    opens_on: Day
    closes_on: Day
    calendar: Literal["official", "provisional", "supplied"]


class WholeResult(SavedResult):
    """One account and cycle, with all that is said of it."""

    failures_to_edge: Count | None
    readings_differ: _Flag
    claim: SavedClaim
    ledger: SavedTracked | None = None


_ASSERTED = {"starts_at", "ends_at", "notified_at", "accounts", "regions", "apis", "asserted_by", "note"}


class SavedExclusion(SavedModel):
    """What became of an exclusion."""

    id: str
    clause: Annotated[int, Field(ge=1, strict=True)]
    state: Literal["applied", "refused"]
    reason: Literal["not_announced", "announced_late"] | None
    starts_at: _Instant | None = None
    ends_at: _Instant | None = None
    notified_at: _Instant | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    asserted_by: str | None = None
    note: str = ""
    requests: Count
    requests_alone: Count | None
    compensation_saved: Amount | None
    undetermined: Count | None = None

    @model_validator(mode="after")
    def _known_state(self) -> Self:
        if (self.state, self.reason) not in EXCLUSION_STATES:
            raise ValueError(
                Sentence("no exclusion is {state!r} for the reason {reason!r}", state=self.state, reason=self.reason)
            )
        said = self.model_fields_set
        if said & _ASSERTED and not said >= _ASSERTED:
            raise ValueError(
                Sentence("says of an exclusion {said} without the rest", said=", ".join(sorted(said & _ASSERTED)))
            )
        if said & _ASSERTED and (self.starts_at is None or self.ends_at is None):
            raise ValueError("an exclusion has no start, or no end")
        return self


class SavedLeftOut(SavedModel):
    """What lay beside the logs and was not read."""

    path: str
    bytes: Count | None
    reason: str


class SavedFlag(SavedModel):
    """A content flag, and what was made of it."""

    value: str | None
    rows: Count
    flagged: _Flag


class SavedOftenFlagged(SavedModel):
    """A result of whose requests many are flagged."""

    account_id: str
    cycle: Cycle
    requests: Annotated[int, Field(ge=1, le=10**15, strict=True)]
    flagged: Count


class SavedOften(SavedModel):
    """How many results these are, and the worst of them."""

    results: Count
    worst: tuple[SavedOftenFlagged, ...]


class SavedOwed(SavedModel):
    """What is owed under a reading."""

    compensation: Amount | None
    undetermined: Count | None = None


class SavedApi(SavedModel):
    """How many rows match a pattern."""

    pattern: str
    rows: Count


class SavedStretch(SavedModel):
    """A stretch of time."""

    starts_at: _Instant
    ends_at: _Instant


class SavedGap(SavedStretch):
    """A stretch without rows."""

    cycle: Cycle


class SavedCycleEnd(SavedGap):
    """One at an edge of a cycle."""

    edge: Literal["beginning", "end", "whole"]


class SavedThinDay(SavedModel):
    """A day with few rows."""

    cycle: Cycle
    day: Day
    rows: Count
    usual: Count


class SavedOutlier(SavedStretch):
    """Rows far from the rest of their log."""

    path: str
    rows: Count
    rest_starts_at: _Instant
    rest_ends_at: _Instant


class SavedCoverage(SavedModel):
    """Whether the logs are whole."""

    resolution: Literal["rows", "stretches"] | None = None
    gaps: tuple[SavedGap, ...] = ()
    cut_short: tuple[SavedCycleEnd, ...] = ()
    thin_days: tuple[SavedThinDay, ...] = ()
    strays: tuple[SavedOutlier, ...] = ()


class SavedUnmatched(SavedModel):
    """A name that is not on the other side."""

    name: str
    nearest: str | None
    differs_by: Literal["letter_case", "spaces", "leading_zeros", "full_width", "one_letter", "several"] | None
    exclusion: str = ""
    scope: Literal["accounts", "regions", "apis"] = "accounts"


class SavedUnmatchables(SavedModel):
    """How many such names there are, and the first of them."""

    count: Count
    near: Count
    listed: tuple[SavedUnmatched, ...]


class SavedFile(SavedModel):
    """The accounts of a facts file against those of the logs."""

    given: Count
    in_logs: Count
    not_in_logs: SavedUnmatchables
    lacks: SavedUnmatchables
    elsewhere: Count = 0


class SavedScopes(SavedModel):
    """The names in scopes of exclusions."""

    given: Count
    found: Count
    not_found: SavedUnmatchables


class SavedReconciliation(SavedModel):
    """What facts and logs have in common."""

    accounts: SavedFile | None
    billing: SavedFile | None
    exclusions: SavedScopes | None
    alias: SavedFile | None = None


class SavedAttribution(SavedModel):
    """What the explicit failures of a day cost."""

    date: Day
    explicit_failure: Count
    results: Count
    compensation: Amount | None
    compensation_caused: Amount | None
    estimate_caused: Amount | None
    undetermined: Count


class WholeTotals(SavedTotals):
    """The sums of a report, all of them."""

    accounts: Count
    breached: Count
    readings: dict[str, SavedOwed]


class SavedNotice(SavedModel):
    """A warning in its parts; reports of earlier versions have no grade, and a phrase of a sentence none at all."""

    text: str
    grade: Grade | None = None
    values: dict[str, Annotated[int, Field(strict=True)] | str | SavedNotice]


class WholeReport(SavedReport):
    """All that a report of `sla-audit/report/1` must hold; `daily` only where its run made reports.

    What later versions say besides (from `request_ids` on, until `exclusions`) may be missing.
    """

    provenance: SavedProvenance | None = None
    inputs: tuple[SavedInput, ...]
    request_ids: dict[str, Count] | None = None
    left_out: tuple[SavedLeftOut, ...] | None = None
    months_skipped: tuple[Cycle, ...] | None = None
    apis: tuple[SavedApi, ...] | None = None
    coverage: SavedCoverage | None = None
    metering: SavedMetering | None = None
    content_flags: tuple[SavedFlag, ...] | None = None
    often_flagged: SavedOften | None = None
    reconciliation: SavedReconciliation | None = None
    exclusions: tuple[SavedExclusion, ...]
    ledger: tuple[SavedClaims, ...] | None = None
    attribution: tuple[SavedAttribution, ...] | None = None
    results: tuple[WholeResult, ...]
    totals: WholeTotals
    warnings: tuple[str, ...]
    notices: tuple[SavedNotice, ...] | None = None

    @field_validator("rows")
    @classmethod
    def _every_place(cls, rows: dict[str, int]) -> dict[str, int]:
        missing = [name for name in ("read", *PLACES) if name not in rows and name not in LATER_PLACES]
        if missing:
            raise ValueError(Sentence("lacks {lacking}", lacking=", ".join(missing)))
        return rows

    @model_validator(mode="after")
    def _notices_are_the_warnings(self) -> Self:
        if self.notices is not None:
            said = tuple(str(Notice.from_json(notice.model_dump())) for notice in self.notices)
            if said != self.warnings:
                raise ValueError("notices do not say what the warnings say")
        return self
