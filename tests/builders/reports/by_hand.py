"""Reports made by hand, for what writes and reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.allocation.service import STRETCHES
from sla_audit.judge.verdicts import differing
from sla_audit.model.claims import ClaimWindow
from sla_audit.report.document import Report, results
from sla_audit.report.schema import types

CONTRACT = load_contract(BUILT_IN)

OF_ALL = CONTRACT.model_copy(
    update={
        "readings": {
            name: reading.model_copy(update={"excluded_in_denominator": True})
            for name, reading in CONTRACT.readings.items()
        }
    }
)
"""The same agreement, but what is excluded stays in the denominator of the rate."""


Row = dict[str, Any]


LITERAL: Row = {
    "success": 960,
    "explicit_failure": 20,
    "excluded": 20,
    "success_rate": "0.979591",
    "credit_rate": "0.15",
    "decision": "owed",
    "reason": "below_objective",
    "compensation": "180.00",
    "estimate": None,
}


BROAD: Row = {
    "success": 920,
    "explicit_failure": 60,
    "excluded": 20,
    "success_rate": "0.938775",
    "credit_rate": "0.3",
    "decision": "owed",
    "reason": "below_objective",
    "compensation": "360.00",
    "estimate": None,
}


EDGES: Row = {
    "fewer_failures": 11,
    "fewer_credit_rate": "0",
    "fewer_compensation": "0.00",
    "more_failures": 29,
    "more_credit_rate": "0.3",
    "more_compensation": "360.00",
}


OWED: Row = {
    "account_id": "A",
    "cycle": "2026-10",
    "cycle_start": "2026-10-09",
    "cycle_end": "2026-10-31",
    "plan": "paid",
    "service_fee": "1200.00",
    "cash_paid": "1000.00",
    "billed_calls": None,
    "requests": 1000,
    **LITERAL,
    "failures_to_edge": 11,
    "capped": False,
    "readings_differ": True,
    **EDGES,
    "excluded_by_clause": [
        {"clause": 1, "requests": 5},
        {"clause": 4, "requests": 14},
        {"clause": 12, "requests": 1},
    ],
    "failures": [
        {"status": 502, "no_answer": True, "requests": 12},
        {"status": 503, "no_answer": False, "requests": 7},
        {"status": None, "no_answer": False, "requests": 1},
    ],
    "periods": None,
    "opens_on": "2026-11-05",
    "closes_on": "2026-11-30",
    "calendar": "official",
    **{f"literal/{name}": value for name, value in LITERAL.items()},
    **{f"broad/{name}": value for name, value in BROAD.items()},
}


NOT_OWED: Row = {
    "success": 99,
    "explicit_failure": 1,
    "excluded": 0,
    "success_rate": "0.990000",
    "credit_rate": "0",
    "decision": "not_owed",
    "reason": "objective_met",
    "compensation": "0.00",
}


UNDETERMINED: Row = NOT_OWED | {
    "success_rate": "0.950000",
    "credit_rate": "0.15",
    "decision": "undetermined",
    "reason": "billing_missing",
    "service_fee": None,
    "cash_paid": None,
    "compensation": None,
}


HEAD: Row = {
    "schema": "sla-audit/report/1",
    "contract": {"id": "jdcloud-smart-compose", "version": "2019-11", "sha256": "0" * 64},
    "reading": "literal",
    "as_of": "2026-11-20",
    "time_zone": "Asia/Shanghai",
    "currency": "CNY",
    "inputs": [{"path": "october.csv", "bytes": 1, "rows": 1000}],
    "holidays": None,
    "rows": {
        "read": 1000,
        "counted": 1000,
        "outside_cycle": 0,
        "outside_period": 0,
        "other_service": 0,
        "duplicate": 0,
        "rejected": 0,
    },
    "exclusions": [],
    "totals": {
        "accounts": 1,
        "breached": 1,
        "owed": 1,
        "undetermined": 0,
        "compensation": "180.00",
        "readings": {
            "literal": {"compensation": "180.00", "undetermined": 0},
            "broad": {"compensation": "360.00", "undetermined": 0},
        },
    },
    "warnings": [],
}


def _whole(row: Row) -> Row:
    """Give a row like `OWED`, whose verdict under the reading in force is that of the row."""
    said = OWED | row
    return said | {f"literal/{name}": said[name] for name in LITERAL if f"literal/{name}" not in row}


def a_report(*rows: Row, totals: Row | None = None, **head: Any) -> Report:
    """Give a report whose results are like `OWED`, and its head like `HEAD`, but for what is given."""
    table = pl.DataFrame([_whole(row) for row in rows], schema=types(["literal", "broad"]))
    return Report(HEAD | head | {"totals": HEAD["totals"] | (totals or {})}, table)


CYCLES = pl.DataFrame(
    [
        ("A", "2026-09", date(2026, 9, 9), date(2026, 9, 30), "paid", Decimal("1200.00"), Decimal("1000.00")),
        ("A", "2026-10", date(2026, 10, 1), date(2026, 10, 31), "paid", Decimal("411.1"), Decimal(0)),
        ("B", "2026-10", date(2026, 10, 1), date(2026, 10, 20), None, None, None),
    ],
    schema={
        "account_id": pl.String,
        "cycle": pl.String,
        "cycle_start": pl.Date,
        "cycle_end": pl.Date,
        "plan": pl.String,
        "service_fee": pl.Decimal(38, 6),
        "cash_paid": pl.Decimal(38, 6),
    },
    orient="row",
).with_columns(billed_calls=pl.Series([1000, 0, None], dtype=pl.Int64), periods=pl.lit(None, STRETCHES))


VERDICTS = (
    pl.DataFrame(
        [
            (
                "A",
                "2026-09",
                "literal",
                1000,
                960,
                20,
                20,
                979_591,
                "0.15",
                11,
                "owed",
                "below_objective",
                "180.00",
                False,
            ),
            (
                "A",
                "2026-09",
                "broad",
                1000,
                920,
                60,
                20,
                938_775,
                "0.3",
                12,
                "owed",
                "below_objective",
                "360.00",
                False,
            ),
            ("A", "2026-10", "literal", 1, 1, 0, 0, 1_000_000, "0", 1, "not_owed", "objective_met", "0.00", False),
            ("A", "2026-10", "broad", 1, 1, 0, 0, 1_000_000, "0", 1, "not_owed", "objective_met", "0.00", False),
            ("B", "2026-10", "literal", 4, 0, 0, 4, None, None, None, "not_owed", "no_requests", "0.00", False),
            ("B", "2026-10", "broad", 4, 0, 1, 3, 0, "0.6", 1, "undetermined", "account_unknown", None, False),
        ],
        schema={
            "account_id": pl.String,
            "cycle": pl.String,
            "reading": pl.String,
            "requests": pl.Int64,
            "success": pl.Int64,
            "explicit_failure": pl.Int64,
            "excluded": pl.Int64,
            "success_rate": pl.Int64,
            "credit_rate": pl.String,
            "failures_to_edge": pl.Int64,
            "decision": pl.String,
            "reason": pl.String,
            "compensation": pl.String,
            "capped": pl.Boolean,
        },
        orient="row",
    )
    .with_columns(
        pl.col("compensation").cast(pl.Decimal(38, 2)),
        *(
            pl.lit(value, pl.Int64 if name.endswith("failures") else pl.String).alias(name)
            for name, value in EDGES.items()
        ),
    )
    .with_columns(
        pl.lit(None, pl.Decimal(38, 2)).alias("estimate"),
        pl.col("fewer_compensation", "more_compensation").cast(pl.Decimal(38, 2)),
    )
)


BY_READING = {name: VERDICTS.filter(pl.col("reading") == name) for name in ("literal", "broad")}


BY_CLAUSE = {
    "literal": {1: [5, 0, 0], 4: [14, 0, 0], 9: [0, 0, 4], 12: [1, 0, 0]},
    "broad": {4: [20, 0, 0], 9: [0, 0, 3]},
}


CLAIMS = {
    "2026-09": ClaimWindow(date(2026, 10, 11), date(2026, 10, 31), "official"),
    "2026-10": ClaimWindow(date(2026, 11, 5), date(2026, 11, 30), "provisional"),
}


def table(reading: str = "literal") -> pl.DataFrame:
    left_out = BY_CLAUSE[reading].items()
    listed = [
        [{"clause": clause, "requests": requests[at]} for clause, requests in left_out if requests[at]] or None
        for at in range(CYCLES.height)
    ]
    by_clause = pl.Series(listed, dtype=pl.List(pl.Struct({"clause": pl.Int32, "requests": pl.Int64})))
    return results(CYCLES, BY_READING, by_clause, differing(BY_READING), CLAIMS, reading)
