"""The report, `sla-audit/report/1`: a head, and a table of results from which every format is made.

Amounts and rates are text in it, so that no reader turns them into floats by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, overload
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.claims import ClaimWindow
from sla_audit.model.coverage import Coverage, LogsKept
from sla_audit.model.facts import Exclusion
from sla_audit.model.flags import FlagCount, Flagged
from sla_audit.model.notice import Notice
from sla_audit.model.reconciliation import Reconciliation
from sla_audit.model.verdicts import EXACT_RATE, ExclusionFinding, Logged, Metered, Metering, Totals
from sla_audit.report.coverage import as_json as coverage_json
from sla_audit.report.daily import as_json as day_as_json
from sla_audit.report.daily import by_result, written
from sla_audit.report.periods import written as written_periods
from sla_audit.report.reconciliation import as_json as reconciliation_json
from sla_audit.report.schema import COLUMNS, EDGES, OF_A_READING, VERDICT, of_some, types
from sla_audit.report.without import WITHOUT
from sla_audit.report.without import by_result as without_by_result

SCHEMA = "sla-audit/report/1"
_CYCLE = ("account_id", "cycle")
_AMOUNTS = ("compensation", "estimate", "fewer_compensation", "more_compensation")
_RATE_DIGITS = 6
WORST = 20
"""So many of the results that are often flagged are listed."""


@dataclass(frozen=True)
class Report:
    """What an audit found.

    `head` has the keys of the JSON that come once. `results` has one row per account and cycle, in order, and the
    columns of `schema.types`; those of a verdict are under the reading in force, and once more for every reading.
    `failures` is null but for results of which more is told (see `judge.breakdown.detailed`), and where the report was
    saved by an earlier version. Where days were asked for, `head` has `daily`, and `results` too (see
    `daily.by_result`), and what each would be `without` each exclusion (see `report.without`). Of a report that was
    saved, `as_said` names what follows from nothing else in it.
    """

    head: dict[str, Any]
    results: pl.DataFrame
    as_said: tuple[Notice, ...] = ()

    @property
    def readings(self) -> list[str]:
        """The names of the readings, in the order of the contract."""
        return list(self.head["totals"]["readings"])

    def excluded_by_cause(self) -> pl.DataFrame:
        """Add the excluded requests of all accounts up, by `cycle` and `clause`, in this order."""
        parts = self.results.select("cycle", pl.col("excluded_by_clause").alias("part")).explode("part").unnest("part")
        return parts.drop_nulls().group_by("cycle", "clause").agg(pl.col("requests").sum()).sort("cycle", "clause")


def head(
    *,
    contract: Contract,
    reading: str,
    as_of: date,
    provenance: Mapping[str, Any] | None = None,
    inputs: Sequence[Mapping[str, Any]],
    left_out: Sequence[Mapping[str, Any]],
    holidays: Mapping[str, str] | None,
    rows: Mapping[str, int],
    request_ids: Mapping[str, int],
    logged: Logged,
    coverage: Coverage,
    metering: Metering,
    kept: LogsKept | None = None,
    content_flags: Sequence[FlagCount] = (),
    often_flagged: Sequence[Flagged] = (),
    exclusions: Iterable[ExclusionFinding],
    reconciliation: Reconciliation,
    daily: pl.DataFrame | None = None,
    attribution: Sequence[Mapping[str, Any]] | None = None,
    totals: Totals,
    notices: Sequence[Notice],
) -> dict[str, Any]:
    """Assemble what a report says once; the keys are in the order in which they are written.

    `provenance` has the `program`, the `files` besides the logs and the `options` that were set (see
    `commands.provenance`).

    `left_out` has `path`, `bytes` (null where there is no telling) and `reason` of what lay beside the logs and was not
    read. `content_flags` are `flags.FlagCount`s; `often_flagged` those of `judge.breakdown.flagged`, of which some are
    listed. `daily` is `overall` of `breakdown.days.Days`, and `attribution` what the failures of each day
    cost (see `breakdown.attribution`), where days were asked for. `notices` are written twice: as
    `warnings`, whole sentences in English, and in the parts from which other languages are made.
    """
    return {
        "schema": SCHEMA,
        "contract": contract.identity,
        "reading": reading,
        "as_of": as_of.isoformat(),
        "time_zone": contract.time_zone,
        "currency": contract.unit_owed,
        **({} if provenance is None else {"provenance": dict(provenance)}),
        "inputs": list(inputs),
        "left_out": list(left_out),
        "holidays": holidays,
        "rows": dict(rows),
        "request_ids": dict(request_ids),
        **_logged(logged),
        "coverage": coverage_json(coverage, contract.zone),
        "metering": metering_json(metering, kept),
        "content_flags": [{"value": flag.value, "rows": flag.rows, "flagged": flag.flagged} for flag in content_flags],
        "often_flagged": {
            "results": len(often_flagged),
            "worst": [each._asdict() for each in often_flagged[:WORST]],
        },
        "exclusions": [
            {
                "id": finding.exclusion.id,
                "clause": finding.exclusion.clause,
                "state": finding.state,
                "reason": finding.reason,
                **asserted(finding.exclusion, contract.zone),
                "requests": finding.requests,
                "requests_alone": finding.requests_alone,
                "compensation_saved": None
                if finding.compensation_saved is None
                else amount(finding.compensation_saved),
                "undetermined": finding.undetermined,
            }
            for finding in exclusions
        ],
        "reconciliation": reconciliation_json(reconciliation),
        **({} if daily is None else {"daily": [day_as_json(row) for row in written(daily).iter_rows(named=True)]}),
        **({} if attribution is None else {"attribution": list(attribution)}),
        "totals": {
            "accounts": totals.accounts,
            "breached": totals.breached,
            "owed": totals.owed,
            "undetermined": totals.undetermined,
            "compensation": amount(totals.compensation),
            "readings": {
                name: {"compensation": amount(owed.compensation), "undetermined": owed.undetermined}
                for name, owed in totals.by_reading.items()
            },
        },
        "warnings": [str(notice) for notice in notices],
        "notices": [notice.as_json() for notice in notices],
    }


def asserted(exclusion: Exclusion, zone: ZoneInfo) -> dict[str, Any]:
    """Write down what is asserted of an exclusion besides its clause; instants carry their offset."""

    def written(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "starts_at": written(exclusion.starts_at),
        "ends_at": written(exclusion.ends_at),
        "notified_at": written(exclusion.notified_at),
        **{name: sorted(getattr(exclusion, name)) for name in ("accounts", "regions", "apis")},
        "asserted_by": exclusion.asserted_by or None,
        "note": exclusion.note,
    }


def _logged(logged: Logged) -> dict[str, Any]:
    """Write down what the logs have of the service: rows by month and by API pattern, and the months left out."""
    return {
        "months": [{"cycle": str(month), "rows": rows} for month, rows in logged.by_cycle.items()],
        "months_skipped": [str(month) for month in logged.skipped],
        "apis": [{"pattern": pattern, "rows": rows} for pattern, rows in logged.by_api.items()],
    }


def metering_json(metering: Metering, kept: LogsKept | None) -> dict[str, Any]:
    """Write down where billing and the logs do not agree, and which days of a year there are."""
    silent = metering.silent.with_columns(amount_text(pl.col("service_fee")))
    bills = metering.differing
    return {
        "calls_not_logged": metering.short.to_dicts(),
        "fees_without_requests": silent.to_dicts(),
        "tolerance": metering.tolerance.written,
        "compared": metering.compared,
        "over": _together([bill for bill in bills if bill.difference > 0]),
        "under": _together([bill for bill in bills if bill.difference < 0]),
        "differing": [
            {
                "account_id": bill.account_id,
                "cycle": bill.cycle,
                "billed_calls": bill.billed_calls,
                "requests": bill.requests,
                "difference": bill.difference,
                "unit_price": amount(bill.unit_price),
                "worth": amount(bill.worth),
            }
            for bill in bills
        ],
        "logs_kept": kept
        and {
            "first_day": kept.first_day and kept.first_day.isoformat(),
            "last_day": kept.last_day and kept.last_day.isoformat(),
            "missing": [{"first_day": first.isoformat(), "last_day": last.isoformat()} for first, last in kept.missing],
        },
    }


def _together(bills: Sequence[Metered]) -> dict[str, Any]:
    """Add up bills that are all too high, or all too low: both are told as amounts above 0."""
    worths = [bill.worth for bill in bills]
    return {
        "results": len(bills),
        "calls": abs(sum(bill.difference for bill in bills)),
        "worth": amount(abs(sum((worth for worth in worths if worth is not None), Decimal(0)))),
        "without_price": worths.count(None),
    }


def results(
    cycles: pl.DataFrame,
    verdicts: Mapping[str, pl.DataFrame],
    by_clause: pl.Series,
    differing: pl.Series,
    claims: Mapping[str, ClaimWindow],
    reading: str,
    *,
    failures: pl.Series | None = None,
    daily: pl.DataFrame | None = None,
    without: pl.DataFrame | None = None,
    exclusions: Sequence[str] = (),
    facts: Sequence[str] = (),
) -> pl.DataFrame:
    """Write verdicts down as the table of results (see `Report.results`), in the order of `cycles`.

    What is given is as in `model.verdicts.Judgement`; `reading` is the one in force; `failures` are those of
    `judge.breakdown.failures`, `daily` is `by_cycle` of `judge.breakdown.days.Days`, beside which `without` may be
    given; `exclusions` are the ids of those that it names by position; `facts` is what the agreement asks for.
    """
    by_reading = {name: _in_text(verdict) for name, verdict in verdicts.items()}
    windows = pl.DataFrame(
        [
            (cycle, window.opens_on.isoformat(), window.closes_on.isoformat(), window.calendar)
            for cycle, window in claims.items()
        ],
        schema=dict.fromkeys(("cycle", "opens_on", "closes_on", "calendar"), pl.String),
        orient="row",
    )
    frame = cycles.select(
        *_CYCLE,
        pl.col("cycle_start", "cycle_end").dt.to_string("%Y-%m-%d"),
        "plan",
        amount_text(pl.col("service_fee")),
        amount_text(pl.col("cash_paid")),
        "billed_calls",
        written_periods(pl.col("periods")),
    )
    in_force = by_reading[reading]
    parts = [frame, in_force.select("requests", *VERDICT, "failures_to_edge", "capped", *EDGES)]
    parts += [part.select(pl.col(VERDICT).name.prefix(f"{name}/")) for name, part in by_reading.items()]
    table = (
        pl.concat(parts, how="horizontal")
        .with_columns(readings_differ=differing, excluded_by_clause=by_clause, failures=failures)
        .join(windows, on="cycle", how="left", maintain_order="left")
        .select(pl.col(name).cast(type_) for name, type_ in types(list(verdicts)).items())
    )
    table = table.with_columns(_of_some(cycles, in_force, facts)).with_columns(_exactly(by_reading))
    if daily is None:
        return table
    table = table.join(by_result(daily), on=_CYCLE, how="left", maintain_order="left")
    if without is None:
        return table
    named = without_by_result(_in_text(without), exclusions)
    # Of what is told by day, it is told too where no exclusion took anything out.
    none = pl.when(pl.col("daily").is_not_null()).then(pl.lit([], WITHOUT))
    table = table.join(named, on=_CYCLE, how="left", maintain_order="left")
    return table.with_columns(without=pl.coalesce("without", none))


def _of_some(cycles: pl.DataFrame, verdict: pl.DataFrame, facts: Sequence[str]) -> list[pl.Series]:
    """Give the columns that only some agreements need: what is billed, and what is measured besides the rate."""
    found = cycles.select(name for name in facts if name in cycles.columns)
    measured = [] if "hourly_fee" not in facts else [verdict["fault_minutes"]]
    named = found.hstack(measured)
    return [
        named.select(amount_text(pl.col(each.name)) if each.kind == "amount" else pl.col(each.name)).to_series()
        for each in of_some(named.columns)
    ]


def _exactly(by_reading: Mapping[str, pl.DataFrame]) -> list[pl.Series]:
    """Give the columns of exact rates (see `schema.measured`), where intervals are measured."""
    return [
        verdict[column].alias(f"{name}/{column}")
        for name, verdict in by_reading.items()
        for column in EXACT_RATE
        if column in verdict.columns
    ]


def completed(report: Report, verdicts: Mapping[str, pl.DataFrame]) -> Report:
    """Give a report that was saved what earlier versions do not write, from the verdicts of its counts, by reading."""
    by_reading = {name: _in_text(verdict) for name, verdict in verdicts.items()}
    in_force = by_reading[report.head["reading"]]
    columns = [in_force[column.name] for column in COLUMNS if column.derived]
    columns += [
        verdict[column.name].alias(f"{name}/{column.name}")
        for name, verdict in by_reading.items()
        for column in OF_A_READING
        if column.derived
    ]
    return replace(report, results=report.results.with_columns(columns))


def _in_text(verdict: pl.DataFrame) -> pl.DataFrame:
    """Write the rates and amounts of verdicts as the table of results has them."""
    amounts = [name for name in _AMOUNTS if name in verdict.columns]
    return verdict.with_columns(amount_text(pl.col(amounts)), success_rate=rate(pl.col("success_rate")))


def rate(millionths: pl.Expr) -> pl.Expr:
    """Write a rate in millionths as a decimal with six places, none of them rounded."""
    one = 10**_RATE_DIGITS
    return pl.format("{}.{}", millionths // one, (millionths % one).cast(pl.String).str.zfill(_RATE_DIGITS))


def amount_text(value: pl.Expr) -> pl.Expr:
    """Write an amount with two decimals, or with as many more as it takes to be exact."""
    return value.cast(pl.Decimal(38, 6)).cast(pl.String).str.replace(r"0{1,4}$", "")


@overload
def amount(value: Decimal) -> str: ...
@overload
def amount(value: None) -> None: ...
def amount(value: Decimal | None) -> str | None:
    """Write a single amount, as `amount_text` does a column."""
    if value is None:
        return None
    whole, _, decimals = f"{value:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"
