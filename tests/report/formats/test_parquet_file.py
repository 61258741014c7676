"""The report as Parquet: exact types, nulls that stay nulls, and the head in the metadata."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.report.document import Report
from sla_audit.report.formats.parquet_file import KEY, render_parquet
from tests.builders.reports.by_hand import UNDETERMINED, a_report


def table(report: Report) -> pa.Table:
    return pq.read_table(io.BytesIO(render_parquet(report)))


def test_a_result_is_a_row_of_exact_values() -> None:
    (row,) = table(a_report({})).to_pylist()
    assert row["compensation"] == Decimal("180.00")
    assert row["success_rate"] == Decimal("0.979591")
    assert (row["cycle_start"], row["claim_closes_on"]) == (date(2026, 10, 9), date(2026, 11, 30))
    assert (row["requests"], row["explicit_failure"], row["failures_to_edge"]) == (1000, 20, 11)
    assert row["excluded_by_clause"][0] == {"clause": 1, "requests": 5}
    assert (row["broad_compensation"], row["broad_success_rate"]) == (Decimal("360.00"), Decimal("0.938775"))
    assert (row["capped"], row["readings_differ"]) == (False, True)


def test_the_types_are_those_that_lose_nothing() -> None:
    schema = table(a_report({})).schema
    assert schema.field("compensation").type == pa.decimal128(38, 6)
    assert schema.field("success_rate").type == pa.decimal128(7, 6)
    assert schema.field("cycle_end").type == pa.date32()
    assert schema.field("requests").type == pa.int64()
    assert schema.field("account_id").type == pa.string()


def test_amounts_are_exact_to_the_last_digit() -> None:
    (row,) = table(a_report({"service_fee": "12345678901234567890.123456"})).to_pylist()
    assert row["service_fee"] == Decimal("12345678901234567890.123456")


def test_what_is_null_stays_so() -> None:
    nulls = {"plan": None, "success_rate": None, "credit_rate": None, "excluded_by_clause": None}
    (row,) = table(a_report(UNDETERMINED | nulls)).to_pylist()
    assert [row[name] for name in (*nulls, "service_fee", "compensation")] == [None] * 6


def test_no_results_have_the_same_columns() -> None:
    assert table(a_report()).schema.names == table(a_report({})).schema.names


def test_the_metadata_have_the_head() -> None:
    report = a_report({}, warnings=["mind \x1b"], inputs=[{"path": "a\udcff.csv", "bytes": 1, "rows": 1}])
    metadata = pq.read_schema(io.BytesIO(render_parquet(report))).metadata
    assert json.loads(metadata[KEY.encode()]) == report.head
