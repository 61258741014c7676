"""The report as Parquet: one row per account and cycle, in exact types, with the head of the JSON in its metadata."""

from __future__ import annotations

import io
import json

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.output.escape import for_json
from sla_audit.report.document import VERDICT, Report

KEY = "sla-audit"
"""The key of the metadata under which the head stands, as JSON."""

_AMOUNT, _RATE = pa.decimal128(38, 6), pa.decimal128(7, 6)
_VERDICT = {
    "success": pa.int64(),
    "explicit_failure": pa.int64(),
    "excluded": pa.int64(),
    "success_rate": _RATE,
    "credit_rate": _RATE,
    "decision": pa.string(),
    "reason": pa.string(),
    "compensation": _AMOUNT,
}
_RESULT = {
    "account_id": pa.string(),
    "cycle": pa.string(),
    "cycle_start": pa.date32(),
    "cycle_end": pa.date32(),
    "plan": pa.string(),
    "requests": pa.int64(),
    **_VERDICT,
    "excluded_by_clause": pa.list_(pa.struct({"clause": pa.int32(), "requests": pa.int64()})),
    "service_fee": _AMOUNT,
    "cash_paid": _AMOUNT,
    "capped": pa.bool_(),
    "failures_to_edge": pa.int64(),
    "readings_differ": pa.bool_(),
    "claim_opens_on": pa.date32(),
    "claim_closes_on": pa.date32(),
    "claim_calendar": pa.string(),
}


def render_parquet(report: Report, _contract: object = None) -> bytes:
    """Write the results; what is text in the JSON is a decimal or a date here, and a null stays one."""
    columns = _RESULT | {f"{name}_{column}": _VERDICT[column] for name in report.readings for column in VERDICT}
    columns["billed_calls"] = pa.int64()
    written = report.results.rename(
        {name: f"claim_{name}" for name in ("opens_on", "closes_on", "calendar")}
        | {f"{name}/{column}": f"{name}_{column}" for name in report.readings for column in VERDICT}
    ).select(_exact(name, type_) for name, type_ in columns.items())
    head = for_json(json.dumps(report.head, ensure_ascii=False))
    table = written.to_arrow().cast(pa.schema(list(columns.items()), metadata={KEY: head}))
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def _exact(name: str, type_: pa.DataType) -> pl.Expr:
    if pa.types.is_decimal(type_):
        return pl.col(name).cast(pl.Decimal(type_.precision, type_.scale))
    if pa.types.is_date(type_):
        return pl.col(name).str.to_date("%Y-%m-%d")
    return pl.col(name)
