"""A report that was saved as JSON, made a `Report` again, from which every format can be made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from sla_audit.contract.notice import Notice
from sla_audit.errors import Problem, refuse
from sla_audit.report.daily import DAYS
from sla_audit.report.document import VERDICT, Report, amount, schema
from sla_audit.report.saved import (
    AGAIN,
    Amount,
    SavedReport,
    SavedResult,
    SavedTotals,
    SavedVerdict,
    checked,
    fault_of_sum,
    known_sum,
    read_json,
)
from sla_audit.report.saved_daily import Count, Day, SavedCounts, SavedDay, SavedModel
from sla_audit.report.wording import EXCLUSION_STATES, LATER_PLACES, PLACES

_PLAIN = ("account_id", "cycle", "plan", "billed_calls", "requests", "failures_to_edge", "capped", "readings_differ")


class _Claim(SavedModel):
    opens_on: Day
    closes_on: Day
    calendar: Literal["official", "provisional", "supplied"]


class _Result(SavedResult):
    failures_to_edge: Count | None
    readings_differ: bool
    claim: _Claim


class _Exclusion(SavedModel):
    id: str
    clause: Annotated[int, Field(ge=1, strict=True)]
    state: str
    reason: str | None
    requests: Count
    requests_alone: Count | None
    compensation_saved: Amount | None
    undetermined: Count | None = None

    @model_validator(mode="after")
    def _known_state(self) -> Self:
        if (self.state, self.reason) not in EXCLUSION_STATES:
            raise ValueError(f"no exclusion is {self.state!r} for the reason {self.reason!r}")
        return self


class _Input(SavedModel):
    path: str
    bytes: Count
    rows: Count


class _LeftOut(SavedModel):
    path: str
    bytes: Count | None
    reason: str


class _Flag(SavedModel):
    value: str | None
    rows: Count
    flagged: Annotated[bool, Field(strict=True)]


class _OftenFlagged(SavedModel):
    account_id: str
    cycle: str
    requests: Count
    flagged: Count


class _Often(SavedModel):
    results: Count
    worst: tuple[_OftenFlagged, ...]


class _Owed(SavedModel):
    compensation: Amount | None
    undetermined: Count | None = None


class _Api(SavedModel):
    pattern: str
    rows: Count


class _Coverage(SavedModel):
    gaps: tuple[dict[str, Any], ...] = ()
    cut_short: tuple[dict[str, Any], ...] = ()
    thin_days: tuple[dict[str, Any], ...] = ()
    strays: tuple[dict[str, Any], ...] = ()


class _Metering(SavedModel):
    calls_not_logged: tuple[dict[str, Any], ...]
    fees_without_requests: tuple[dict[str, Any], ...]


class _Totals(SavedTotals):
    accounts: Count
    breached: Count
    readings: dict[str, _Owed]


class _Notice(SavedModel):
    text: str
    values: dict[str, str | int | _Notice]


class WholeReport(SavedReport):
    """All that a report of `sla-audit/report/1` must hold; `daily` only where its run made reports.

    What later versions say besides (`months`, `months_skipped`, `apis`, `coverage`, `metering`) may be missing.
    """

    inputs: tuple[_Input, ...]
    request_ids: dict[str, Count] | None = None
    left_out: tuple[_LeftOut, ...] | None = None
    months_skipped: tuple[str, ...] = ()
    apis: tuple[_Api, ...] = ()
    coverage: _Coverage | None = None
    metering: _Metering | None = None
    content_flags: tuple[_Flag, ...] | None = None
    often_flagged: _Often | None = None
    exclusions: tuple[_Exclusion, ...]
    results: tuple[_Result, ...]
    totals: _Totals
    warnings: tuple[str, ...]
    notices: tuple[_Notice, ...] | None = None

    @field_validator("rows")
    @classmethod
    def _every_place(cls, rows: dict[str, int]) -> dict[str, int]:
        missing = [name for name in ("read", *PLACES) if name not in rows and name not in LATER_PLACES]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}")
        return rows

    @model_validator(mode="after")
    def _notices_are_the_warnings(self) -> Self:
        if self.notices is not None:
            said = tuple(str(Notice.from_json(notice.model_dump())) for notice in self.notices)
            if said != self.warnings:
                raise ValueError("notices do not say what the warnings say")
        return self


class Restored(NamedTuple):
    """A report that was saved, and what was checked of it."""

    report: Report
    saved: WholeReport


def restore(path: Path) -> Restored:
    """Read a report whole. Raises `InputError` as `saved.checked` does, and where a sum of it does not hold."""
    content = read_json(path)
    saved = checked(content, path, WholeReport)
    refuse([Problem(path.as_posix(), what, AGAIN) for what in _sums(saved)])
    rows = [_row(result, saved.reading) for result in saved.results]
    columns = schema(list(saved.totals.readings))
    if saved.daily is not None:
        columns["daily"] = DAYS
        for row, result in zip(rows, saved.results, strict=True):
            row["daily"] = None if result.daily is None else [_day(day) for day in result.daily]
    results = pl.DataFrame(rows, schema=columns)
    # What a later version says besides stays.
    head = {key: value for key, value in content.items() if key != "results"}
    head["totals"] = head["totals"] | _totals(saved)
    return Restored(Report(head, results), saved)


def _totals(saved: WholeReport) -> dict[str, Any]:
    """Give the sums of money as they are written now: old reports said 0.00 where nothing was known."""
    by_reading = {
        name: [result.readings[name].compensation for result in saved.results] for name in saved.totals.readings
    }
    return {
        "compensation": amount(known_sum(by_reading[saved.reading])),
        "readings": {
            name: {"compensation": amount(known_sum(amounts)), "undetermined": amounts.count(None)}
            for name, amounts in by_reading.items()
        },
    }


def _sums(saved: WholeReport) -> Iterator[str]:
    accounts = len({result.account_id for result in saved.results})
    if accounts != saved.totals.accounts:
        yield f"totals.accounts is {saved.totals.accounts}, but the results are of {accounts}"
    breached = sum(result.credit_rate not in (None, "0") for result in saved.results)
    if breached != saved.totals.breached:
        yield f"totals.breached is {saved.totals.breached}, but {breached} results are below the objective"
    readings = list(saved.totals.readings)
    if any(list(result.readings) != readings for result in saved.results) or saved.reading not in readings:
        yield f"totals.readings are {', '.join(readings)}, but the results have others"
        return
    for name, total in saved.totals.readings.items():
        amounts = [result.readings[name].compensation for result in saved.results]
        yield from fault_of_sum(f"totals.readings.{name}.compensation", total.compensation, amounts)
        unknown = amounts.count(None)
        if total.undetermined not in (None, unknown):
            yield f"totals.readings.{name}.undetermined is {total.undetermined}, but {unknown} amounts are null"
    for result in saved.results:
        said = {(verdict.decision, verdict.compensation) for verdict in result.readings.values()}
        if result.readings_differ != (len(said) > 1):
            yield f"readings_differ of account {result.account_id!r}, cycle {result.cycle} does not follow"


def _row(result: _Result, reading: str) -> dict[str, Any]:
    """Give a row of `Report.results`."""
    return {
        **{name: getattr(result, name) for name in _PLAIN},
        "cycle_start": result.cycle_start.isoformat(),
        "cycle_end": result.cycle_end.isoformat(),
        "service_fee": amount(result.service_fee),
        "cash_paid": amount(result.cash_paid),
        **_verdict(result.readings[reading]),
        **{
            f"{name}/{each}": value
            for name in result.readings
            for each, value in _verdict(result.readings[name]).items()
        },
        "opens_on": result.claim.opens_on.isoformat(),
        "closes_on": result.claim.closes_on.isoformat(),
        "calendar": result.claim.calendar,
        "excluded_by_clause": _by_clause(result),
        "failures": None if result.failures is None else [each.model_dump() for each in result.failures],
    }


def _day(day: SavedDay) -> dict[str, Any]:
    """Give a day of a row's `daily`."""
    return {
        "date": day.date.isoformat(),
        "success": day.success,
        "explicit_failure": day.explicit_failure,
        "excluded": day.excluded.total,
        "excluded_by_clause": _by_clause(day),
    }


def _by_clause(counts: SavedCounts) -> list[dict[str, int]] | None:
    parts = counts.excluded.by_clause.items()
    return [{"clause": int(clause), "requests": requests} for clause, requests in parts] or None


def _verdict(verdict: SavedVerdict) -> dict[str, Any]:
    said = {name: getattr(verdict, name) for name in VERDICT}
    return said | {"compensation": amount(verdict.compensation)}
