"""What can be claimed on a day: from verdicts, or from a saved report whose verdicts are judged again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sla_audit.contract.calendar import INSTALLED, WorkingDays
from sla_audit.contract.model import Contract
from sla_audit.contract.month import Month
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.judge.claims import claim_state, claim_window
from sla_audit.judge.classify import CLASSES
from sla_audit.judge.ruling import rule_on
from sla_audit.report.claims_document import Claim, Claims
from sla_audit.report.document import rate
from sla_audit.report.saved import AGAIN, SavedReport


def claims_of(results: pl.DataFrame, contract: Contract, working_days: WorkingDays, as_of: date) -> Claims:
    """Tell what can be claimed on a day, in the order of the results.

    `results` has `account_id`, `cycle`, `decision`, `reason` and `compensation` (text, null where undetermined).
    """
    said = results.select("account_id", "cycle", "decision", "reason", "compensation")
    claims = (claim_of(row, contract, working_days, as_of) for row in said.iter_rows(named=True))
    return Claims(as_of, contract.currency, tuple(claims))


def claim_of(result: Mapping[str, Any], contract: Contract, working_days: WorkingDays, as_of: date) -> Claim:
    """Tell what can be claimed for one result, a row of what `claims_of` takes."""
    window = claim_window(Month.parse(result["cycle"]), contract.claim, working_days)
    state = claim_state(result["decision"], window, as_of)
    return Claim(
        **result,
        state=state,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        calendar=window.calendar,
        working_days_left=working_days.between(as_of, window.closes_on) if state == "open" else None,
    )


def results_of(
    report: SavedReport,
    where: Path,
    contract: Contract,
    as_of: date,
    reading: str,
    working_days: WorkingDays = INSTALLED,
) -> pl.DataFrame:
    """Give the results of a saved report as they stand on a day, under a reading.

    Its counts are judged again. Raises `InputError` where that does not give the verdicts it holds, or it was made
    with another contract or holidays file.
    """
    shown = where.as_posix()
    made_with = report.contract
    if made_with.sha256 != contract.sha256:
        found = f"made with the contract {made_with.id!r}, sha256 {made_with.sha256}; this is {contract.id!r}, "
        remedy = "Name that contract file with --contract, or make the report again with sla-audit compute."
        raise InputError(Problem(shown, f"{found}sha256 {contract.sha256}", remedy))
    days = report.holidays
    if days is not None and days.sha256 != working_days.sha256:
        found = f"made with the holidays file {days.path}, sha256 {days.sha256}"
        raise InputError(Problem(shown, found, "Name that file with --holidays, or make the report again."))
    if any(reading not in result.readings for result in report.results):
        raise InputError(Problem(shown, f"holds no reading {reading!r}", AGAIN))
    cycles, requests = _cycles(report), {name: _requests(report, name) for name in contract.readings}
    then = {name: rule_on(cycles, each, contract, name, report.as_of) for name, each in requests.items()}
    refuse(_judged_otherwise(report, then, shown))
    now = rule_on(cycles, requests[reading], contract, reading, as_of)
    # What was still running when it was counted may have had more requests since.
    was_running = pl.lit(then[reading]["reason"] == "cycle_running")
    return cycles.select("account_id", "cycle").hstack(
        now.select(
            decision=pl.when(was_running).then(pl.lit("undetermined")).otherwise("decision"),
            reason=pl.when(was_running).then(pl.lit("cycle_running")).otherwise("reason"),
            compensation=pl.when(~was_running).then(pl.col("compensation").cast(pl.String)),
        )
    )


def _cycles(report: SavedReport) -> pl.DataFrame:
    rows = [
        (
            result.account_id,
            result.cycle,
            result.cycle_start,
            result.cycle_end,
            Month.parse(result.cycle).last_day,
            result.plan,
            result.plan is not None,
            result.service_fee,
            result.cash_paid,
        )
        for result in report.results
    ]
    money = pl.Decimal(38, 6)
    schema = {
        "account_id": pl.String(),
        "cycle": pl.String(),
        "cycle_start": pl.Date(),
        "cycle_end": pl.Date(),
        "month_end": pl.Date(),
        "plan": pl.String(),
        "known": pl.Boolean(),
        "service_fee": money,
        "cash_paid": money,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _requests(report: SavedReport, reading: str) -> pl.DataFrame:
    """Give the requests of each result by class; none where it lacks the reading."""
    verdicts = [result.readings.get(reading) for result in report.results]
    return pl.DataFrame(
        {name: [0 if verdict is None else getattr(verdict, name) for verdict in verdicts] for name in CLASSES},
        schema=dict.fromkeys(CLASSES, pl.Int64()),
    )


def _judged_otherwise(report: SavedReport, verdicts: Mapping[str, pl.DataFrame], where: str) -> Iterator[Problem]:
    """Say which verdicts of a report do not follow from its counts, facts and contract."""
    said = ("success_rate", "credit_rate", "decision", "reason", "compensation")
    judged = {
        name: verdict.with_columns(success_rate=rate(pl.col("success_rate"))).select(said).rows()
        for name, verdict in verdicts.items()
    }
    for row, result in enumerate(report.results):
        for name, verdict in result.readings.items():
            found = tuple(getattr(verdict, column) for column in said)
            expected = judged[name][row] if name in judged else found
            if found != expected:
                at = next(at for at in range(len(said)) if found[at] != expected[at])
                place = f"{where}: account {result.account_id!r}, cycle {result.cycle}, reading {name!r}"
                what = f"{said[at]} is {_shown(found[at])}; its counts, facts and contract give {_shown(expected[at])}"
                yield Problem(place, what, AGAIN)


def _shown(value: object) -> str:
    return "null" if value is None else repr(str(value))
