"""The report as Parquet: one row per account and cycle, in exact types, with the head of the JSON in its metadata."""

from __future__ import annotations

import io
import json

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_json
from sla_audit.report.document import Report
from sla_audit.report.ledger import fields
from sla_audit.report.schema import OF_A_READING, Kind, ResultColumn, late_columns, of_some, parquet_columns

KEY = "sla-audit"
"""The key of the metadata under which the head stands, as JSON."""

_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "count": pa.int64(),
    "rate": pa.decimal128(7, 6),
    "amount": pa.decimal128(38, 6),
    "truth": pa.bool_(),
    "by_clause": pa.list_(pa.struct({"clause": pa.int32(), "requests": pa.int64()})),
}


_MULTIPLE = pa.decimal128(10, 6)
"""How many times the base a tier owes, where that is no share of it."""


def render_parquet(report: Report, contract: Contract | None = None) -> bytes:
    """Write the results; what is text in the JSON is a decimal or a date here, and a null stays one."""
    multiples = contract is not None and not contract.under(report.head["reading"]).compensation.is_share

    def type_of(column: ResultColumn) -> pa.DataType:
        return _MULTIPLE if multiples and column.name.endswith("credit_rate") else _TYPES[column.kind]

    columns = [(column.name, column.flat, type_of(column)) for column in parquet_columns()]
    columns += [
        (f"{name}/{column.name}", f"{name}_{column.flat}", type_of(column))
        for name in report.readings
        for column in OF_A_READING
        if not column.late
    ]
    columns += [(column.name, column.flat, type_of(column)) for column in late_columns()]
    columns += [
        (f"{name}/{column.name}", f"{name}_{column.flat}", type_of(column))
        for name in report.readings
        for column in OF_A_READING
        if column.late
    ]
    columns += [(column.name, column.flat, type_of(column)) for column in of_some(report.results.columns)]
    of_claims = fields.flat(report.results.columns)
    table = report.results.with_columns(
        pl.col(fields.LEDGER).struct.field(name).alias(flat) for name, flat, _ in of_claims
    )
    columns += [(flat, flat, _TYPES[kind]) for _, flat, kind in of_claims]
    written = table.select(_exact(name, type_).alias(flat) for name, flat, type_ in columns)
    head = for_json(json.dumps(report.head, ensure_ascii=False))
    typed = written.to_arrow().cast(pa.schema([(flat, type_) for _, flat, type_ in columns], metadata={KEY: head}))
    file = io.BytesIO()
    pq.write_table(typed, file, compression="zstd")
    return file.getvalue()


def _exact(name: str, type_: pa.DataType) -> pl.Expr:
    if pa.types.is_decimal(type_):
        return pl.col(name).cast(pl.Decimal(type_.precision, type_.scale))
    if pa.types.is_date(type_):
        return pl.col(name).str.to_date("%Y-%m-%d")
    return pl.col(name)
