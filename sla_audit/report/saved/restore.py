"""A report that was saved as JSON, made a `Report` again, from which every format can be made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sla_audit.errors import Problem, refuse
from sla_audit.report.daily import DAYS
from sla_audit.report.document import Report, amount
from sla_audit.report.ledger.fields import CLAIM, LEDGER
from sla_audit.report.saved.daily import SavedCounts, SavedDay
from sla_audit.report.saved.json_text import AGAIN, read_json
from sla_audit.report.saved.read import SavedOtherwise, SavedPeriod, SavedVerdict, checked, fault_of_sum, known_sum
from sla_audit.report.saved.whole import WholeReport, WholeResult
from sla_audit.report.schema import COLUMNS, EDGES, OF_SOME, VERDICT, measured, types
from sla_audit.report.without import WITHOUT
from sla_audit.sentence import Message, Sentence

_AS_SAVED = ("text", "count", "truth")
_PLAIN = [
    column.name
    for column in COLUMNS
    if column.place == "result" and column.kind in _AS_SAVED and not (column.by_reading)
]


class Restored(NamedTuple):
    """A report that was saved, and what was checked of it."""

    report: Report
    saved: WholeReport


def read_whole(path: Path) -> WholeReport:
    """Read all that a report must hold. Raises `InputError` where it is no report, or a sum in it does not hold."""
    return whole_of(read_json(path), path)


def whole_of(content: Any, path: Path) -> WholeReport:
    """Check what a file holds, as `read_whole` does."""
    saved = checked(content, path, WholeReport)
    refuse([Problem(path.as_posix(), what, AGAIN) for what in _sums(saved)])
    return saved


def restore(path: Path) -> Restored:
    """Read a report whole, and make it one again. Raises `InputError` as `read_whole` does."""
    return restored(read_json(path), path)


def restored(content: Any, path: Path) -> Restored:
    """Do the same with what such a file holds."""
    saved = whole_of(content, path)
    rows = [_row(result, saved.reading) for result in saved.results]
    columns = types(list(saved.totals.readings))
    for some in OF_SOME:
        if any(some.name in result.model_fields_set for result in saved.results):
            columns[some.name] = some.type
            for row, result in zip(rows, saved.results, strict=True):
                row[some.name] = _written(getattr(result, some.name))
    columns |= _measured(saved, rows)
    if saved.daily is not None:
        columns["daily"] = DAYS
        for row, result in zip(rows, saved.results, strict=True):
            row["daily"] = None if result.daily is None else [_day(day) for day in result.daily]
    if any(result.without is not None for result in saved.results):
        columns["without"] = WITHOUT
        for row, result in zip(rows, saved.results, strict=True):
            row["without"] = None if result.without is None else [_otherwise(each) for each in result.without]
    if saved.ledger is not None:
        columns[LEDGER] = CLAIM
        for row, result in zip(rows, saved.results, strict=True):
            row[LEDGER] = None if result.ledger is None else {name: _written(value) for name, value in result.ledger}
    results = pl.DataFrame(rows, schema=columns)
    # What a later version says besides stays.
    head = {key: value for key, value in content.items() if key != "results"}
    head["totals"] = head["totals"] | _totals(saved)
    return Restored(Report(head, results), saved)


def _measured(saved: WholeReport, rows: list[dict[str, Any]]) -> dict[str, pl.DataType]:
    """Add the exact rates of each reading to rows, where there are any; give the types of their columns."""
    columns: dict[str, pl.DataType] = {}
    for name in saved.totals.readings:
        exact = [result.readings[name].measured for result in saved.results]
        for field, column in measured(name).items() if any(exact) else ():
            columns[column] = pl.String()
            for row, each in zip(rows, exact, strict=True):
                row[column] = None if each is None else str(getattr(each, field))
    return columns


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


def _sums(saved: WholeReport) -> Iterator[Message]:
    accounts = len({result.account_id for result in saved.results})
    if accounts != saved.totals.accounts:
        yield Sentence(
            "totals.accounts is {accounts}, but the results are of {found}",
            accounts=saved.totals.accounts,
            found=accounts,
        )
    breached = sum(result.credit_rate not in (None, "0") for result in saved.results)
    if breached != saved.totals.breached:
        yield Sentence(
            "totals.breached is {breached}, but {found} results are below the objective",
            breached=saved.totals.breached,
            found=breached,
        )
    readings = list(saved.totals.readings)
    if any(list(result.readings) != readings for result in saved.results) or saved.reading not in readings:
        yield Sentence("totals.readings are {readings}, but the results have others", readings=", ".join(readings))
        return
    for name, total in saved.totals.readings.items():
        amounts = [result.readings[name].compensation for result in saved.results]
        yield from fault_of_sum(f"totals.readings.{name}.compensation", total.compensation, amounts)
        unknown = amounts.count(None)
        if total.undetermined not in (None, unknown):
            yield Sentence(
                "totals.readings.{name}.undetermined is {undetermined}, but {unknown} amounts are null",
                name=name,
                undetermined=total.undetermined,
                unknown=unknown,
            )
    for result in saved.results:
        said = {(verdict.decision, verdict.compensation) for verdict in result.readings.values()}
        if result.readings_differ != (len(said) > 1):
            yield Sentence(
                "readings_differ of account {account_id!r}, cycle {cycle} does not follow",
                account_id=result.account_id,
                cycle=result.cycle,
            )


def _row(result: WholeResult, reading: str) -> dict[str, Any]:
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
        **{name: None if result.edges is None else _written(getattr(result.edges, name)) for name in EDGES},
        "periods": None if result.periods is None else [_period(each) for each in result.periods],
        "failures": None if result.failures is None else [each.model_dump() for each in result.failures],
    }


def _written(value: Any) -> Any:
    """Write an amount or a day as the table of results has it; other values are the same there."""
    if isinstance(value, Decimal):
        return amount(value)
    return value.isoformat() if isinstance(value, date) else value


def _period(period: SavedPeriod) -> dict[str, str]:
    return {name: str(value) for name, value in period}


def _day(day: SavedDay) -> dict[str, Any]:
    """Give a day of a row's `daily`."""
    return {
        "date": day.date.isoformat(),
        "success": day.success,
        "explicit_failure": day.explicit_failure,
        "excluded": day.excluded.total,
        "excluded_by_clause": _by_clause(day),
    }


def _otherwise(each: SavedOtherwise) -> dict[str, Any]:
    """Give an entry of a row's `without`."""
    return {name: _written(value) for name, value in each}


def _by_clause(counts: SavedCounts) -> list[dict[str, int]] | None:
    parts = counts.excluded.by_clause.items()
    return [{"clause": int(clause), "requests": requests} for clause, requests in parts] or None


def _verdict(verdict: SavedVerdict) -> dict[str, Any]:
    said = {name: getattr(verdict, name) for name in VERDICT}
    return said | {"compensation": amount(verdict.compensation), "estimate": amount(verdict.estimate)}
