"""The report as a document, `sla-audit/report/1`: what every format is made from.

Amounts and rates are text, so that no reader turns them into floats by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

SCHEMA = "sla-audit/report/1"

Document = dict[str, Any]

_RATE_DIGITS = 6


def results(
    cycles: pl.DataFrame,
    verdicts: pl.DataFrame,
    by_clause: pl.DataFrame,
    claims: Mapping[str, Any],
    reading: str,
) -> list[Document]:
    """Give one entry per account and cycle, in the order of `cycles`.

    The columns are those of `judge.verdicts.Judgement`; `claims` has a window per cycle.
    """
    by_reading = {name: part for (name,), part in verdicts.group_by("reading")}
    order = list(dict.fromkeys(verdicts["reading"].to_list()))
    clauses: dict[tuple[str, str], dict[str, int]] = {}
    in_force = by_clause.filter(pl.col("reading") == reading)
    for account, cycle, clause, requests in in_force.select("account_id", "cycle", "clause", "requests").iter_rows():
        clauses.setdefault((account, cycle), {})[str(clause)] = requests
    rows = zip(cycles.iter_rows(named=True), *(by_reading[name].iter_rows(named=True) for name in order), strict=True)
    return [
        _result(cycle, dict(zip(order, per_reading, strict=True)), clauses, claims, reading)
        for cycle, *per_reading in rows
    ]


def _result(
    cycle: Document,
    readings: dict[str, Document],
    clauses: Mapping[tuple[str, str], dict[str, int]],
    claims: Mapping[str, Any],
    reading: str,
) -> Document:
    verdict = readings[reading]
    claim = claims[cycle["cycle"]]
    return {
        "account_id": cycle["account_id"],
        "cycle": cycle["cycle"],
        "cycle_start": cycle["cycle_start"].isoformat(),
        "cycle_end": cycle["cycle_end"].isoformat(),
        "plan": cycle["plan"],
        "requests": verdict["requests"],
        "success": verdict["success"],
        "explicit_failure": verdict["explicit_failure"],
        "excluded": {
            "total": verdict["excluded"],
            "by_clause": clauses.get((cycle["account_id"], cycle["cycle"]), {}),
        },
        "success_rate": rate(verdict["success_rate"]),
        "credit_rate": verdict["credit_rate"],
        "decision": verdict["decision"],
        "reason": verdict["reason"],
        "service_fee": amount(cycle["service_fee"]),
        "cash_paid": amount(cycle["cash_paid"]),
        "compensation": amount(verdict["compensation"]),
        "capped": verdict["capped"],
        "readings": {
            name: {
                "success": each["success"],
                "explicit_failure": each["explicit_failure"],
                "excluded": each["excluded"],
                "success_rate": rate(each["success_rate"]),
                "credit_rate": each["credit_rate"],
                "decision": each["decision"],
                "reason": each["reason"],
                "compensation": amount(each["compensation"]),
            }
            for name, each in readings.items()
        },
        "claim": {
            "opens_on": claim.opens_on.isoformat(),
            "closes_on": claim.closes_on.isoformat(),
            "calendar": claim.calendar,
        },
    }


def exclusions(findings: Iterable[Any]) -> list[Document]:
    """Give one entry per exclusion, in the order of the facts file."""
    return [
        {
            "id": finding.exclusion.id,
            "clause": finding.exclusion.clause,
            "state": finding.state,
            "reason": finding.reason,
            "requests": finding.requests,
        }
        for finding in findings
    ]


def totals(sums: Any) -> Document:
    """Give the sums over all results."""
    return {
        "accounts": sums.accounts,
        "breached": sums.breached,
        "owed": sums.owed,
        "undetermined": sums.undetermined,
        "compensation": amount(sums.compensation),
        "readings": {name: {"compensation": amount(owed)} for name, owed in sums.by_reading.items()},
    }


def document(
    *,
    contract: Any,
    reading: str,
    as_of: date,
    inputs: Sequence[Document],
    rows: Mapping[str, int],
    exclusions: Sequence[Document],
    results: Sequence[Document],
    totals: Document,
    warnings: Sequence[str],
) -> Document:
    """Assemble the whole report; its keys are in the order in which they are written."""
    return {
        "schema": SCHEMA,
        "contract": {"id": contract.id, "version": contract.version, "sha256": contract.sha256},
        "reading": reading,
        "as_of": as_of.isoformat(),
        "time_zone": contract.time_zone,
        "currency": contract.currency,
        "inputs": list(inputs),
        "rows": dict(rows),
        "exclusions": list(exclusions),
        "results": list(results),
        "totals": totals,
        "warnings": list(warnings),
    }


def rate(millionths: int | None) -> str | None:
    """Write a rate in millionths as a decimal with six places."""
    if millionths is None:
        return None
    digits = f"{millionths:0{_RATE_DIGITS + 1}}"
    return f"{digits[:-_RATE_DIGITS]}.{digits[-_RATE_DIGITS:]}"


def amount(value: Decimal | None) -> str | None:
    """Write an amount with two decimals, or with as many more as it takes to be exact."""
    if value is None:
        return None
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return f"{value:.{places}f}"
