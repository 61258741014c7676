"""A report that was saved as JSON, read back: whole, of this version, and with sums that hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from sla_audit.errors import InputError, Problem, field_name, refuse
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.month import Month
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS
from sla_audit.model.zones import zone_named
from sla_audit.report.document import SCHEMA
from sla_audit.report.saved.daily import Count, Day, SavedCounts, SavedDay, SavedModel, faults
from sla_audit.report.saved.json_text import AGAIN, read_json
from sla_audit.report.saved.places import place_of
from sla_audit.report.sentences import REASONS
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.system.broken_rule import broken_rule
from sla_audit.system.plain_text import is_unicode


def _text(value: Any) -> Any:
    """Take amounts as a report writes them: a number in JSON may have been a float."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value)):
        raise ValueError("should be text, such as '180.00'")
    return value


def _whole(value: Any) -> Any:
    """Take whole numbers of any size as a report writes them; as text, no reader makes floats of them."""
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,99}", value, re.ASCII):
        raise ValueError("should be a whole number as text, such as '8838'")
    return int(value)


def _encodable(text: str) -> str:
    if not is_unicode(text):
        raise ValueError("holds half a character (a lone surrogate)")
    return text


def _known_reason(code: str) -> str:
    if code not in REASONS:
        raise ValueError(Sentence("should be one of {reasons}", reasons=", ".join(REASONS)))
    return code


Amount = Annotated[Decimal, BeforeValidator(_text), Field(ge=0, max_digits=30, decimal_places=6)]
_Text = Annotated[str, AfterValidator(_encodable)]
Cycle = Annotated[str, AfterValidator(lambda text: str(cycle_named(text)))]
_AuditDay = Annotated[Day, AfterValidator(Month.checked)]
_Reason = Annotated[str, AfterValidator(_known_reason)]
_Decision = Literal["owed", "not_owed", "undetermined"]
_Many = Annotated[int, Field(ge=0, lt=10**18, strict=True)]
_Rate = Annotated[str, Field(pattern=r"^[01]\.[0-9]{6}$")]
WholeNumber = Annotated[int, BeforeValidator(_whole)]
_CreditRate = Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,30})?$")]


class SavedMeasured(SavedModel):
    """An exact rate: `kept` of a `total`."""

    kept: WholeNumber
    total: WholeNumber

    @model_validator(mode="after")
    def _is_a_rate(self) -> Self:
        if not self.kept <= self.total or not self.total:
            raise ValueError("is no rate: kept is more than total, or total is 0")
        return self


class SavedVerdict(SavedModel):
    """What a result says under one reading."""

    success: Count
    explicit_failure: Count
    excluded: Count
    success_rate: _Rate | None
    credit_rate: _CreditRate | None
    decision: _Decision
    reason: _Reason
    compensation: Amount | None
    estimate: Amount | None = None
    measured: SavedMeasured | None = None


class SavedEdges(SavedModel):
    """How far the edges of a tier are, and what would be owed beyond them; only below the objective."""

    fewer_failures: Count
    fewer_credit_rate: _CreditRate
    fewer_compensation: Amount | None
    more_failures: Count | None
    more_credit_rate: _CreditRate | None
    more_compensation: Amount | None


class SavedFailure(SavedModel):
    """Explicit failures that ended alike."""

    status: Annotated[int, Field(ge=FIRST_STATUS, le=LAST_STATUS, strict=True)] | None
    no_answer: Annotated[bool, Field(strict=True)] | None
    requests: Annotated[int, Field(ge=1, le=10**15, strict=True)]


class SavedPeriod(SavedModel):
    """Days of service on a plan, inclusive."""

    first_day: Day
    last_day: Day
    plan: Literal["paid", "free"]


class SavedOtherwise(SavedModel):
    """What a result would be without an exclusion; where a tally does not tell that, only what it took out."""

    exclusion: _Text
    requests: Annotated[int, Field(ge=1, le=10**15, strict=True)]
    requests_alone: Count | None
    success: Count | None
    explicit_failure: Count | None
    excluded: Count | None
    success_rate: _Rate | None
    credit_rate: _CreditRate | None
    decision: _Decision | None
    compensation: Amount | None


class SavedResult(SavedCounts):
    """One account and cycle."""

    account_id: _Text
    cycle: Cycle
    cycle_start: Day
    cycle_end: Day
    plan: Literal["paid", "free"] | None
    requests: Count
    success_rate: _Rate | None
    credit_rate: _CreditRate | None
    decision: _Decision
    reason: _Reason
    service_fee: Amount | None
    cash_paid: Amount | None
    billed_calls: _Many | None = None
    calls_bought: _Many | None = None
    hourly_fee: Amount | None = None
    fault_minutes: Count | None = None
    compensation: Amount | None
    capped: Annotated[bool, Field(strict=True)]
    estimate: Amount | None = None
    edges: SavedEdges | None = None
    readings: dict[str, SavedVerdict]
    periods: tuple[SavedPeriod, ...] | None = None
    failures: tuple[SavedFailure, ...] | None = None
    daily: tuple[SavedDay, ...] | None = None
    without: tuple[SavedOtherwise, ...] | None = None


class SavedContract(SavedModel):
    """The contract that a report was made with."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    version: str
    sha256: str


class SavedHolidays(SavedModel):
    """The holidays file that a report was made with."""

    path: str
    sha256: str


class SavedTotals(SavedModel):
    """The sums of a report."""

    owed: Count
    undetermined: Count
    compensation: Amount | None


class SavedMonth(SavedModel):
    """How many rows of the service the logs have in a month."""

    cycle: Cycle
    rows: Count


class SavedReport(SavedModel):
    """A report of `sla-audit/report/1`, as far as claims depend on it. Old ones have no `months`."""

    contract: SavedContract
    reading: str
    as_of: _AuditDay
    time_zone: Annotated[str, AfterValidator(lambda name: zone_named(name).key)]
    currency: str
    holidays: SavedHolidays | None
    rows: dict[str, Count]
    months: tuple[SavedMonth, ...] | None = None
    daily: tuple[SavedDay, ...] | None = None
    results: tuple[SavedResult, ...]
    totals: SavedTotals


AnyReport = TypeVar("AnyReport", bound=SavedReport)


def read_report(path: Path) -> SavedReport:
    """Read a report as far as claims depend on it. Raises `InputError` as `checked` does."""
    return checked(read_json(path), path, SavedReport)


def checked(content: Any, path: Path, model: type[AnyReport]) -> AnyReport:
    """Check what a file holds. Raises `InputError` where it is no such report, or its counts do not add up."""
    where = path.as_posix()
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise InputError(
            Problem(
                where,
                Sentence("the schema is {schema!r}; expected {expected!r}", schema=schema, expected=SCHEMA),
                AGAIN,
            )
        )
    try:
        report = model.model_validate(content)
    except ValidationError as error:
        raise InputError(*(_problem(where, mistake) for mistake in error.errors())) from error
    refuse([Problem(each, what, AGAIN) for each, what in _sums(report, where)])
    return report


def _sums(report: SavedReport, where: str) -> Iterator[tuple[Message, Message]]:
    """Say which sums of a report do not hold."""
    for result in report.results:
        place = place_of(where, result)
        for what in (*_sums_of_result(result, report.reading), *_failures_of(result), *_days_of_result(result)):
            yield place, what
    counted, read = sum(result.requests for result in report.results), report.rows.get("read", 0)
    if report.rows.get("counted") != counted:
        yield (
            where,
            Sentence(
                "rows.counted is {rows}, but the results have {counted} requests",
                rows=report.rows.get("counted"),
                counted=counted,
            ),
        )
    places = sum(count for name, count in report.rows.items() if name != "read")
    if places != read:
        yield where, Sentence("rows.read is {read}, but the rows are in {places} places", read=read, places=places)
    yield from ((where, fault) for fault in _months(report))
    amounts = [result.compensation for result in report.results]
    yield from ((where, fault) for fault in fault_of_sum("totals.compensation", report.totals.compensation, amounts))
    for decision, total in (("owed", report.totals.owed), ("undetermined", report.totals.undetermined)):
        found = sum(result.decision == decision for result in report.results)
        if found != total:
            yield (
                where,
                Sentence(
                    "totals.{decision} is {total}, but {found} results are {decision}",
                    decision=decision,
                    total=total,
                    found=found,
                ),
            )
    keys = [(result.account_id, result.cycle) for result in report.results]
    if len(set(keys)) < len(keys):
        yield where, to_say("an account and cycle come twice")
    if report.daily is not None:
        yield from ((where, fault) for fault in faults(report.daily, report.results))


def known_sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Add amounts up; None where it is not known that anything is owed, and not known that nothing is."""
    known = sum((each for each in amounts if each is not None), Decimal(0))
    return known if known or (amounts and None not in amounts) else None


def fault_of_sum(name: str, said: Decimal | None, amounts: Sequence[Decimal | None]) -> Iterator[Message]:
    """Say where a sum does not hold. Old reports said 0.00 where nothing was known."""
    owed = known_sum(amounts)
    if said != owed and not (owed is None and said == 0):
        found, makes = ("null" if each is None else each for each in (said, owed))
        yield Sentence("{name} is {found}, but the results make {makes}", name=name, found=found, makes=makes)


def _months(report: SavedReport) -> Iterator[Message]:
    """Say where the rows of the months are not those of the results."""
    if report.months is None:
        return
    requests: dict[str, int] = dict.fromkeys((month.cycle for month in report.months), 0)
    for result in report.results:
        if result.cycle not in requests:
            yield Sentence("months lacks {cycle}, of which there are results", cycle=result.cycle)
            return
        requests[result.cycle] += result.requests
    for month in report.months:
        if month.rows < requests[month.cycle]:
            yield Sentence(
                "months has {rows} rows of {cycle}, but its results have {requests} requests",
                rows=month.rows,
                cycle=month.cycle,
                requests=requests[month.cycle],
            )
    rows = sum(month.rows for month in report.months)
    judged = report.rows.get("counted", 0) + report.rows.get("outside_cycle", 0)
    if rows != judged:
        yield Sentence(
            "months has {rows} rows, but {judged} are counted or outside service dates", rows=rows, judged=judged
        )


def _sums_of_result(result: SavedResult, reading: str) -> Iterator[Message]:
    parts = result.success + result.explicit_failure + result.excluded.total
    if parts != result.requests:
        yield Sentence(
            "requests is {requests}, but success, explicit_failure and excluded make {parts}",
            requests=result.requests,
            parts=parts,
        )
    by_clause = sum(result.excluded.by_clause.values())
    if by_clause != result.excluded.total:
        yield Sentence(
            "excluded.total is {total}, but excluded.by_clause makes {by_clause}",
            total=result.excluded.total,
            by_clause=by_clause,
        )
    for name, verdict in result.readings.items():
        parts = verdict.success + verdict.explicit_failure + verdict.excluded
        if parts != result.requests:
            yield Sentence(
                "requests is {requests}, but the reading {name!r} makes {parts}",
                requests=result.requests,
                name=name,
                parts=parts,
            )
    cycle = cycle_named(result.cycle)
    if not cycle.first_day <= result.cycle_start <= result.cycle_end <= cycle.last_day:
        yield Sentence(
            "cycle_start {cycle_start} and cycle_end {cycle_end} are not of the cycle",
            cycle_start=result.cycle_start,
            cycle_end=result.cycle_end,
        )
    in_force = result.readings.get(reading)
    if in_force is None:
        yield Sentence("there is no verdict for the reading in force, {reading!r}", reading=reading)
    elif any(getattr(in_force, name) != getattr(result, name) for name in _SAID_TWICE):
        yield Sentence("the verdict is not that of the reading in force, {reading!r}", reading=reading)


def _failures_of(result: SavedResult) -> Iterator[Message]:
    if result.failures is None:
        return
    found = sum(each.requests for each in result.failures)
    if found != result.explicit_failure:
        yield Sentence(
            "explicit_failure is {explicit_failure}, but failures makes {found}",
            explicit_failure=result.explicit_failure,
            found=found,
        )
    kinds = {(each.status, each.no_answer) for each in result.failures}
    if len(kinds) < len(result.failures):
        yield to_say("failures has a kind twice")
    if any(no_answer is None and status is not None for status, no_answer in kinds):
        yield to_say("failures has a status of which it is not known whether it is one")


def _days_of_result(result: SavedResult) -> Iterator[Message]:
    if result.daily is not None:
        yield from faults(result.daily, [result])
        if not all(result.cycle_start <= day.date <= result.cycle_end for day in result.daily):
            yield to_say("daily has days outside the cycle")


_SAID_TWICE = (
    "estimate",
    "success",
    "explicit_failure",
    "success_rate",
    "credit_rate",
    "decision",
    "reason",
    "compensation",
)


def _problem(where: str, mistake: Any) -> Problem:
    field = field_name(mistake["loc"])
    what = broken_rule(mistake)
    if mistake["type"] != "missing":
        what = Sentence("{what}, found {shown:.80}", what=what, shown=repr(mistake["input"]))
    return Problem(f"{where}: {field}", what, AGAIN)
