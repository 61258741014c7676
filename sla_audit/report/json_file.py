"""The report as JSON, `sla-audit/report/1`."""

from __future__ import annotations

import json
from typing import Any

from sla_audit.report.document import VERDICT, Report
from sla_audit.report.safe_text import for_json


def render_json(report: Report, _contract: object = None) -> bytes:
    """Write the report; the same report gives the same bytes."""
    return (for_json(json.dumps(as_json(report), ensure_ascii=False, indent=1)) + "\n").encode()


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as JSON holds it, keys in the order in which they are written."""
    results = [_result(row, report.readings) for row in report.results.iter_rows(named=True)]
    whole: dict[str, Any] = {}
    for key, value in report.head.items():
        if key == "totals":
            whole["results"] = results
        whole[key] = value
    return whole


def _result(row: dict[str, Any], readings: list[str]) -> dict[str, Any]:
    plain = ("account_id", "cycle", "cycle_start", "cycle_end", "plan", "requests", "success", "explicit_failure")
    decided = (
        "success_rate",
        "credit_rate",
        "decision",
        "reason",
        "service_fee",
        "cash_paid",
        "compensation",
        "capped",
        "failures_to_edge",
        "readings_differ",
    )
    by_clause = {str(part["clause"]): part["requests"] for part in row["excluded_by_clause"] or ()}
    return {
        **{name: row[name] for name in plain},
        "excluded": {"total": row["excluded"], "by_clause": by_clause},
        **{name: row[name] for name in decided},
        "readings": {name: {column: row[f"{name}/{column}"] for column in VERDICT} for name in readings},
        "claim": {name: row[name] for name in ("opens_on", "closes_on", "calendar")},
    }
