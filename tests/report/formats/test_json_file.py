"""The report as JSON: written column by column, and the same as of each result by itself."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.output.escape import for_json
from sla_audit.report.daily import DAYS, as_json, excluded
from sla_audit.report.document import Report
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.schema import COLUMNS, VERDICT, at, types

READINGS = ["literal", "broad"]
COUNTS = st.integers(0, 2**53)
TEXTS = st.text(max_size=4) | st.sampled_from(['"', "\\", "\x00", "\x7f", "\u202e", "a\nb", "账户", "\U0001f600", ""])
CLAUSES = st.none() | st.lists(
    st.fixed_dictionaries({"clause": st.integers(1, 11), "requests": COUNTS}),
    max_size=3,
    unique_by=lambda each: each["clause"],
)
_OF_KIND: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("text", "date", "rate", "amount"), st.none() | TEXTS),
    "count": st.none() | COUNTS,
    "truth": st.none() | st.booleans(),
    "by_clause": CLAUSES,
    "periods": st.none()
    | st.lists(st.fixed_dictionaries(dict.fromkeys(("first_day", "last_day", "plan"), st.sampled_from(["paid", "x"])))),
    "failures": st.none()
    | st.lists(
        st.fixed_dictionaries(
            {"status": st.none() | st.integers(100, 599), "no_answer": st.none() | st.booleans(), "requests": COUNTS}
        ),
        max_size=3,
    ),
}
DAY = st.fixed_dictionaries(
    {"date": st.dates().map(str), **dict.fromkeys(("success", "explicit_failure", "excluded"), COUNTS)}
    | {"excluded_by_clause": CLAUSES}
)
RESULT = st.fixed_dictionaries(
    {column.name: _OF_KIND[column.kind] for column in COLUMNS}
    | {
        f"{reading}/{column.name}": _OF_KIND[column.kind]
        for reading in READINGS
        for column in COLUMNS
        if column.by_reading
    }
    | {"daily": st.none() | st.lists(DAY, max_size=3)}
)


class OneLine(dict[str, Any]):
    """An object that is written on one line."""


def plainly(report: Report) -> bytes:
    """Write a report result by result, as `docs` show it."""
    document: dict[str, Any] = {}
    for key, value in report.head.items():
        if key == "totals":
            document["results"] = [_result(row) for row in report.results.iter_rows(named=True)]
        document[key] = value
    return for_json(_laid_out(document, "\n") + "\n").encode()


def _result(row: dict[str, Any]) -> dict[str, Any]:
    names = [column.name for column in COLUMNS]
    split = names.index("excluded")
    more = {
        "periods": None if row["periods"] is None else [OneLine(each) for each in row["periods"]],
        "failures": None if row["failures"] is None else [OneLine(each) for each in row["failures"]],
        "daily": None if row.get("daily") is None else [OneLine(as_json(day)) for day in row["daily"]],
    }
    return {
        **{name: row[name] for name in names[:split]},
        "excluded": excluded(row),
        **_said({column.name: row[column.name] for column in at("result") if column.name not in names[:split]}),
        **(
            {"edges": {column.name: row[column.name] for column in at("edges")}}
            if row["fewer_failures"] is not None
            else {}
        ),
        "readings": {name: _said({column: row[f"{name}/{column}"] for column in VERDICT}) for name in READINGS},
        "claim": {column.name: row[column.name] for column in at("claim")},
        **{name: value for name, value in more.items() if value is not None},
    }


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Leave an estimate out where there is none."""
    return {name: value for name, value in values.items() if name != "estimate" or value is not None}


def _laid_out(value: Any, newline: str) -> str:
    inner = f"{newline} "
    if isinstance(value, dict) and value and not isinstance(value, OneLine):
        parts = [f"{json.dumps(key)}: {_laid_out(part, inner)}" for key, part in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{newline}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(_laid_out(part, inner) for part in value)}{newline}]"
    return json.dumps(value, ensure_ascii=False)


@given(st.lists(RESULT, max_size=4), TEXTS, st.booleans())
def test_written_at_once_as_one_by_one(rows: list[dict[str, Any]], name: str, daily: bool) -> None:
    schema = types(READINGS) | ({"daily": DAYS} if daily else {})
    results = pl.DataFrame([{key: row[key] for key in schema} for row in rows], schema=schema)
    totals = {"accounts": len(rows), "readings": {key: {"compensation": None} for key in READINGS}}
    report = Report({"schema": name, "inputs": [], "totals": totals, "warnings": [name, "x"]}, results)
    assert render_json(report) == plainly(report)


def test_more_results_than_are_written_at_once() -> None:
    results = pl.DataFrame({"account_id": [f"acct-{at}" for at in range(10_000)]})
    others = [pl.lit(None, kind).alias(name) for name, kind in types(READINGS).items() if name != "account_id"]
    report = Report({"totals": {"readings": {key: {} for key in READINGS}}}, results.with_columns(others))
    assert render_json(report) == plainly(report)
