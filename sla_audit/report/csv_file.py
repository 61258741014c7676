"""The report as CSV: one row per account and cycle, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from sla_audit.report.document import Document
from sla_audit.report.safe_text import for_spreadsheet

_PLAIN = (
    "account_id", "cycle", "cycle_start", "cycle_end", "plan", "requests", "success", "explicit_failure",
)  # fmt: skip
_DECIDED = (
    "success_rate", "credit_rate", "decision", "reason", "service_fee", "cash_paid", "compensation", "capped",
)  # fmt: skip
_PER_READING = ("explicit_failure", "success_rate", "decision", "compensation")


def render_csv(document: Document) -> str:
    """Write the results with a header; empty cells are what the JSON has as null."""
    readings = list(document["totals"]["readings"])
    header = [
        *_PLAIN, "excluded", "excluded_by_clause", *_DECIDED, "currency", "reading",
        "claim_opens_on", "claim_closes_on", "claim_calendar",
        *(f"{name}_{column}" for name in readings for column in _PER_READING),
    ]  # fmt: skip
    rows: list[list[Any]] = [header]
    for result in document["results"]:
        excluded, claim = result["excluded"], result["claim"]
        rows.append([
            *(result[name] for name in _PLAIN),
            excluded["total"],
            ";".join(f"{clause}:{requests}" for clause, requests in excluded["by_clause"].items()),
            *(result[name] for name in _DECIDED),
            document["currency"], document["reading"],
            claim["opens_on"], claim["closes_on"], claim["calendar"],
            *(result["readings"][name][column] for name in readings for column in _PER_READING),
        ])  # fmt: skip
    return csv_text(rows)


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as CSV; text that a spreadsheet would run as a formula is disarmed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return for_spreadsheet(value) if isinstance(value, str) else value
