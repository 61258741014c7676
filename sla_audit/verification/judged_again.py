"""The counts of a saved report, judged again: what it says must follow from them and its contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.judge.allocation.service import STRETCHES
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.edges import with_edges
from sla_audit.judge.ruling import rule_on
from sla_audit.model.cycle_lengths import NAMES, cycle_named
from sla_audit.report.document import rate
from sla_audit.report.saved.json_text import AGAIN
from sla_audit.report.saved.places import place_of
from sla_audit.report.saved.read import SavedReport
from sla_audit.report.schema import EDGES
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.verification.measured import impossible, measured_of

_OF_A_READING = ("success_rate", "credit_rate", "decision", "reason", "compensation")
_OF_THE_RESULT = ("capped", "failures_to_edge", "fault_minutes")
_DERIVED = "estimate"
"""What the verdicts of earlier versions lack."""


def refuse_another_contract(report: SavedReport, where: Path, contract: Contract) -> None:
    """Raise `InputError` where a report was made with another contract, or is at odds with its own."""
    made_with, shown = report.contract, where.as_posix()
    if made_with.sha256 not in (contract.sha256, *contract.same_as):
        found = Sentence(
            "made with the contract {id!r}, sha256 {sha256}; this is {own!r}, sha256 {own_sha256}",
            id=made_with.id,
            sha256=made_with.sha256,
            own=contract.id,
            own_sha256=contract.sha256,
        )
        remedy = to_say("Name that contract file with --contract, or make the report again with sla-audit compute.")
        raise InputError(Problem(shown, found, remedy))
    said = {
        "contract.id": (made_with.id, contract.id),
        "contract.version": (made_with.version, contract.version),
        "time_zone": (report.time_zone, contract.time_zone),
        "currency": (report.currency, contract.unit_owed),
    }
    wrong = [
        Sentence("{name} is {found!r}; its contract has {right!r}", name=name, found=found, right=is_)
        for name, (found, is_) in said.items()
        if found != is_
    ]
    wrong += _of_other_lengths(report, contract)
    refuse([Problem(shown, what, AGAIN) for what in wrong])


def _of_other_lengths(report: SavedReport, contract: Contract) -> Iterator[Sentence]:
    """Say which cycles of a report are not as long as those of its contract."""
    of_months = (month.cycle for month in report.months or ())
    for cycle in sorted({*(result.cycle for result in report.results), *of_months}):
        if not contract.cycles.WRITTEN.fullmatch(cycle):
            yield Sentence(
                "has the cycle {cycle}; a cycle of its contract is a {length}",
                cycle=cycle,
                length=Sentence(NAMES[contract.cycle.length]),
            )


def _half_billed(report: SavedReport, where: str, contract: Contract) -> Iterator[Problem]:
    """Say which results lack a part of their bill."""
    for result in report.results:
        if len({getattr(result, name) is None for name in contract.facts}) > 1:
            facts = in_series(contract.facts, to_say("{listed} and {value}"))
            found = Sentence("one of {facts} is null, and the other is not", facts=facts)
            yield Problem(place_of(where, result), found, AGAIN)


def judged_again(report: SavedReport, where: Path, contract: Contract) -> dict[str, pl.DataFrame]:
    """Give the verdicts (see `ruling.rule_on`) of a report's counts on its day, by reading; `edges` of that in force.

    Raises `InputError` where they are not those that it holds.
    """
    refuse(_half_billed(report, where.as_posix(), contract))
    cycles = cycles_of(report)
    refuse(impossible(report, cycles, contract, where.as_posix()))
    verdicts = {name: ruled(report, cycles, contract, name, report.as_of) for name in contract.readings}
    if report.reading in verdicts:  # one that the contract has not is refused below
        verdicts[report.reading] = with_edges(verdicts[report.reading], cycles, contract, report.reading)
    refuse(_judged_otherwise(report, verdicts, where.as_posix()))
    return verdicts


def ruled(report: SavedReport, cycles: pl.DataFrame, contract: Contract, reading: str, as_of: date) -> pl.DataFrame:
    """Rule on a report's counts, and on what it says was measured, as they stand on a day (see `ruling.rule_on`)."""
    measured = measured_of(report, contract, reading)
    return rule_on(cycles, requests_of(report, reading), contract, reading, as_of, measured)


def cycles_of(report: SavedReport) -> pl.DataFrame:
    """Give the cycles of a report, as `ruling.rule_on` takes them, in the order of its results.

    A report that does not say how many rows there are of a month is of a time when that did not matter.
    """
    empty = {month.cycle for month in report.months or () if not month.rows}
    rows = [
        (
            result.account_id,
            result.cycle,
            result.cycle_start,
            result.cycle_end,
            cycle.last_day,
            cycle.days,
            result.cycle not in empty,
            result.billed_calls,
            result.plan,
            result.plan is not None,
            result.service_fee,
            result.cash_paid,
            result.calls_bought,
            result.hourly_fee,
            None if result.periods is None else [dict(period) for period in result.periods],
        )
        for result in report.results
        for cycle in [cycle_named(result.cycle)]
    ]
    money = pl.Decimal(38, 6)
    schema = {
        "account_id": pl.String(),
        "cycle": pl.String(),
        "cycle_start": pl.Date(),
        "cycle_end": pl.Date(),
        "last_day": pl.Date(),
        "days": pl.Int64(),
        "logged": pl.Boolean(),
        "billed_calls": pl.Int64(),
        "plan": pl.String(),
        "known": pl.Boolean(),
        "service_fee": money,
        "cash_paid": money,
        "calls_bought": pl.Int64(),
        "hourly_fee": money,
        "periods": STRETCHES,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def requests_of(report: SavedReport, reading: str) -> pl.DataFrame:
    """Give the requests of each result by class; none where it lacks the reading."""
    verdicts = [result.readings.get(reading) for result in report.results]
    return pl.DataFrame(
        {name: [0 if verdict is None else getattr(verdict, name) for verdict in verdicts] for name in CLASSES},
        schema=dict.fromkeys(CLASSES, pl.Int64()),
    )


def _judged_otherwise(report: SavedReport, verdicts: Mapping[str, pl.DataFrame], where: str) -> Iterator[Problem]:
    """Say which verdicts of a report do not follow from its counts, facts and contract."""
    columns = [*_OF_A_READING, *_OF_THE_RESULT, _DERIVED, *EDGES]
    judged = {
        name: verdict.with_columns(success_rate=rate(pl.col("success_rate")))
        .select(name for name in columns if name in verdict.columns)
        .to_dicts()
        for name, verdict in verdicts.items()
    }
    for row, result in enumerate(report.results):
        for name, verdict in result.readings.items():
            expected = judged[name][row] if name in judged else {}
            found = {column: getattr(verdict, column) for column in _OF_A_READING}
            if verdict.estimate is not None:
                found[_DERIVED] = verdict.estimate
            if name == report.reading:
                said = (name for name in _OF_THE_RESULT if name in result.model_fields_set)
                found |= {column: getattr(result, column) for column in said}
                found |= dict(result.edges or ())
            wrong = next((each for each in expected if each in found and found[each] != expected[each]), None)
            if wrong is not None:
                yield Problem(
                    place_of(where, result, name),
                    Sentence(
                        "{name} is {found}; its counts, facts and contract give {gives}",
                        name=wrong,
                        found=_shown(found[wrong]),
                        gives=_shown(expected[wrong]),
                    ),
                    AGAIN,
                )


def _shown(value: object) -> str:
    return "null" if value is None else repr(str(value))
