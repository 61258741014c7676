"""The report as JSON, `sla-audit/report/1`."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from sla_audit.output.escape import for_json
from sla_audit.report.daily import as_json_text, excluded
from sla_audit.report.document import Report
from sla_audit.report.schema import COLUMNS, VERDICT, at


def render_json(report: Report, _contract: object = None) -> bytes:
    """Write the report; the same report gives the same bytes."""
    return (for_json(_laid_out(as_json(report))) + "\n").encode()


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as JSON holds it, keys in the order in which they are written."""
    table = report.results.with_columns(pl.col("^daily$").list.eval(as_json_text(pl.element())))
    results = [_result(row, report.readings) for row in table.iter_rows(named=True)]
    whole: dict[str, Any] = {}
    for key, value in report.head.items():
        if key == "totals":
            whole["results"] = results
        whole[key] = value
    return whole


def _result(row: dict[str, Any], readings: list[str]) -> dict[str, Any]:
    daily, failures = row.get("daily"), row.get("failures")
    return {
        **{name: row[name] for name in _BEFORE},
        "excluded": excluded(row),
        **{name: row[name] for name in _AFTER},
        "readings": {name: {column: row[f"{name}/{column}"] for column in VERDICT} for name in readings},
        "claim": {name: row[name] for name in _CLAIM},
        **({} if failures is None else {"failures": [_Written(_text(each)) for each in failures]}),
        **({} if daily is None else {"daily": [_Written(day) for day in daily]}),
    }


_PLACES = [column.place for column in COLUMNS]
_BEFORE = [column.name for column in COLUMNS[: _PLACES.index("excluded")]]
_AFTER = [column.name for column in at("result") if column.name not in _BEFORE]
_CLAIM = [column.name for column in at("claim")]


class _Written(str):
    """JSON that is written already."""


def _laid_out(value: Any, newline: str = "\n") -> str:
    """Write JSON with a line for each key and each entry of a list; what is written already has one line."""
    inner = f"{newline} "
    if isinstance(value, _Written):
        return value
    if isinstance(value, dict) and value and "date" not in value:
        parts = [f"{_text(key)}: {_laid_out(part, inner)}" for key, part in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{newline}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(_laid_out(part, inner) for part in value)}{newline}]"
    return _text(value)


_text = json.JSONEncoder(ensure_ascii=False).encode
