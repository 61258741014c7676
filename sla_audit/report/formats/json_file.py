"""The report as JSON, `sla-audit/report/1`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from sla_audit.output.escape import for_json
from sla_audit.report import periods, without
from sla_audit.report.daily import as_json_text, field
from sla_audit.report.document import Report
from sla_audit.report.formats.json_text import fields, lines, text_of, texts
from sla_audit.report.ledger.fields import FIELDS, LEDGER, as_json
from sla_audit.report.schema import COLUMNS, DERIVED, VERDICT, at, measured, of_some

_OF_KEYS, _OF_RESULTS = "\n ", "\n  "
"""What stands before a key of the report, and before a result."""
_AT_ONCE = 1 << 12  # results: what is made of them is soon used again

_PLACES = [column.place for column in COLUMNS]
_BEFORE = [column.name for column in COLUMNS[: _PLACES.index("excluded")]]
_AFTER = [column.name for column in at("result") if column.name not in _BEFORE]
_EDGES = [column.name for column in at("edges")]
_CLAIM = [column.name for column in at("claim")]


def render_json(report: Report, _contract: object = None) -> bytes:
    """Write the report; the same report gives the same bytes."""
    written, before = ["{"], _OF_KEYS
    for key, value in report.head.items():
        if key == "totals":
            written += [before, '"results": ', *_results(report)]
            before = f",{_OF_KEYS}"
        written += [before, for_json(f"{text_of(key)}: {_laid_out(value, _OF_KEYS)}")]
        before = f",{_OF_KEYS}"
    return "".join((*written, "\n}\n")).encode()


def _results(report: Report) -> Iterator[str]:
    """Write the list of results, of which there may be very many, column by column."""
    if not report.results.height:
        yield "[]"
        return
    lists = _lists(report)
    result, before = fields(_parts(report.readings, report.results.columns), _OF_RESULTS), "["
    for some in report.results.iter_slices(_AT_ONCE):
        written = pl.DataFrame([column if column.dtype.is_nested() else texts(column) for column in some])
        for text in written.with_columns(**lists).select(result).to_series():
            yield before + _OF_RESULTS
            yield text
            before = ","
    yield f"{_OF_KEYS}]"


def _lists(report: Report) -> dict[str, pl.Expr]:
    """Express each list of a result as one of what is written: first of all, as what names it would write it anew."""
    columns, ids = report.results.columns, [each["id"] for each in report.head.get("exclusions", ())]
    clause = pl.concat_str(pl.lit('"'), field("clause"), pl.lit('": '), field("requests"))
    entries = {
        "periods": periods.as_json_text(),
        "failures": _failure(),
        "daily": as_json_text(pl.element()),
        "without": without.as_json_text(ids, [for_json(text_of(each)) for each in ids]),
    }
    lists = {name: pl.col(name).list.eval(entry) for name, entry in entries.items() if name in columns}
    return {"excluded_by_clause": pl.col("excluded_by_clause").fill_null([]).list.eval(clause), **lists}


def _parts(readings: list[str], columns: list[str]) -> dict[str, pl.Expr]:
    """Express what is under each key of a result, of columns that are written; null where it has none."""
    inner = f"{_OF_RESULTS} "
    by_clause = lines(pl.col("excluded_by_clause"), "{}", f"{inner} ")
    excluded = {"total": pl.col("excluded"), "by_clause": by_clause}
    verdicts = {
        name: {column: _value(column, f"{name}/{column}") for column in VERDICT} | _measured(name, columns, inner)
        for name in readings
    }
    edges = fields({name: pl.col(name) for name in _EDGES}, inner)
    parts = {
        **{name: pl.col(name) for name in _BEFORE},
        "excluded": fields(excluded, inner),
        **{name: _value(name, name) for name in _AFTER},
        **{column.name: pl.col(column.name) for column in of_some(columns)},
        "edges": pl.when(pl.col("fewer_failures") != "null").then(edges),
        "readings": fields({name: fields(verdict, f"{inner} ") for name, verdict in verdicts.items()}, inner),
        "claim": fields({name: pl.col(name) for name in _CLAIM}, inner),
    }
    if LEDGER in columns:
        claim = fields({name: as_json(name) for name in FIELDS}, inner)
        parts[LEDGER] = pl.when(pl.col(LEDGER).is_not_null()).then(claim)
    of_lists = [name for name in ("periods", "failures", "daily", "without") if name in columns]
    return parts | {name: lines(pl.col(name), "[]", inner) for name in of_lists}


def _measured(reading: str, columns: list[str], newline: str) -> dict[str, pl.Expr]:
    """Express the exact rate of a reading, where intervals are measured and there is one."""
    named = measured(reading)
    if not set(named.values()) <= set(columns):
        return {}
    exact = fields({name: pl.col(column) for name, column in named.items()}, f"{newline}  ")
    return {"measured": pl.when(pl.all_horizontal(pl.col(column) != "null" for column in named.values())).then(exact)}


def _value(name: str, of: str) -> pl.Expr:
    """Express a value that is written; of what is only of some results, none in the others."""
    return pl.when(pl.col(of) != "null").then(pl.col(of)) if name in DERIVED else pl.col(of)


def _failure() -> pl.Expr:
    """Write each entry of `failures`, a struct, on one line."""
    names = ("status", "no_answer", "requests")
    pairs = [pl.concat_str(pl.lit(f'"{name}": '), field(name).cast(pl.String).fill_null("null")) for name in names]
    return pl.concat_str(pl.lit("{"), pl.concat_str(pairs, separator=", "), pl.lit("}"))


def _laid_out(value: Any, newline: str) -> str:
    """Write JSON with a line for each key and each entry of a list; a day has one line."""
    inner = f"{newline} "
    if isinstance(value, dict) and value and "date" not in value:
        parts = [f"{text_of(key)}: {_laid_out(part, inner)}" for key, part in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{newline}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(_laid_out(part, inner) for part in value)}{newline}]"
    return text_of(value)
