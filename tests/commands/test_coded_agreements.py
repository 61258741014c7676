"""An agreement by codes and by how long requests took: every way to count gives what its rules make of each request."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, audit
from sla_audit.commands.count import Logs
from sla_audit.contract.load import load_contract
from sla_audit.intake.columns import ColumnMap
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.tally.engine import Engine
from tests.builders.coded import BY_INTERVALS, coded, lay_contract
from tests.builders.examples import costly
from tests.builders.runs import report
from tests.oracles import coded as oracle
from tests.oracles.coded import READINGS

pytestmark = pytest.mark.usefixtures("folder")

BEGIN = datetime.fromisoformat("2026-10-05T09:00:00+08:00")
LENGTHS = ("0", "0.25", "1.999999", "2", "2.0", "2.0000001", "2.5", "9.99", "10", "10.0000001", "60")
CODES = (
    None,
    None,
    None,
    "",
    "-",
    "InternalError",
    "ServiceUnavailable",
    "SlowDown",
    "Throttled",
    "NoSuchKey",
    "internalerror",
)
STATUSES = (200, 200, 200, 404, 500, 503, None)
APIS = ("/big/a", "/small/b", "/other", "")
SECONDS = ("--column", "duration=duration,s")
WINDOW = (BEGIN + timedelta(minutes=3), BEGIN + timedelta(minutes=8))


def drawn(chance: random.Random, many: int) -> list[tuple[oracle.Request, dict[str, Any]]]:
    """Draw requests, and what a log has of each."""
    found = []
    for at in range(many):
        when = BEGIN + timedelta(seconds=chance.randint(0, 1500), days=chance.choice([0, 0, 0, 12]))
        status, api, code, took = (chance.choice(each) for each in (STATUSES, APIS, CODES, LENGTHS))
        inside = WINDOW[0] <= when < WINDOW[1]
        known = code if code not in {"", "-"} else None
        request = oracle.Request(when.replace(tzinfo=None), status, api, known, Fraction(took), inside)
        row = {"timestamp": when.isoformat(), "account_id": "acme", "status": status, "api": api, "error_code": code}
        found.append((request, row | {"duration": took, "request_id": f"r{at}"}))
    return found


def lay_csv(rows: Sequence[dict[str, Any]], name: str) -> str:
    lines = [",".join("" if value is None else str(value) for value in row.values()) for row in rows]
    Path(name).write_text("\n".join([",".join(rows[0]), *lines]) + "\n", encoding="utf-8")
    return name


def lay_json(rows: Sequence[dict[str, Any]], name: str) -> str:
    """Write objects: a length as a number where it is one of few digits, and no code where there is none."""
    written = []
    for row in rows:
        said = row if row["error_code"] is not None else {key: each for key, each in row.items() if key != "error_code"}
        length = json.dumps(row["duration"]) if len(row["duration"]) > 4 else row["duration"]
        rest = json.dumps({key: each for key, each in said.items() if key != "duration"})
        written.append(f'{rest[:-1]}, "duration": {length}}}\n')
    Path(name).write_text("".join(written), encoding="utf-8")
    return name


def lay_parquet(rows: Sequence[dict[str, Any]], name: str, *, groups: int) -> str:
    """Write row groups, sorted so that many have one status, or one code."""
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: (str(row["error_code"]), str(row["status"]))))
    at = table.column_names.index("timestamp")
    stamps = pa.array(
        [datetime.fromisoformat(each) for each in table["timestamp"].to_pylist()], pa.timestamp("us", "UTC")
    )
    table = table.set_column(at, "timestamp", stamps)
    table = table.set_column(table.column_names.index("status"), "status", table["status"].cast(pa.int16()))
    pq.write_table(table, name, row_group_size=groups)
    return name


def readings_of(found: dict[str, Any]) -> dict[str, oracle.Told]:
    (result,) = found["results"]
    return {name: oracle.Told(*(result["readings"][name][each] for each in oracle.Told._fields)) for name in READINGS}


def told_by(engine: Engine, contract: str, log: str) -> dict[str, oracle.Told]:
    columns = ColumnMap({"duration": ("duration", "s"), "error_code": ("error_code",)})
    october = Month(2026, 10)
    request = Request(
        load_contract(contract),
        Logs((log,), columns=columns, engine=engine),
        date(2026, 12, 20),
        "codes",
        exclusions=Path("exclusions.csv"),
        period=Period(october, october),
    )
    results = audit(request).report.results
    return {name: oracle.Told(*(results[f"{name}/{each}"][0] for each in oracle.Told._fields)) for name in READINGS}


@costly(30)
@given(st.randoms(use_true_random=False), st.sampled_from(["", BY_INTERVALS]))
def test_every_way_to_count_is_as_the_rules_read(chance: random.Random, measure: str) -> None:
    requests = drawn(chance, chance.choice([1, 7, 60, 400]))
    rows = [row for _, row in requests]
    contract = lay_contract(coded(more=measure))
    Path("exclusions.csv").write_text(
        f"id,clause,starts_at,ends_at\nW1,6,{WINDOW[0].isoformat()},{WINDOW[1].isoformat()}\n", encoding="utf-8"
    )
    expected = oracle.judged([each for each, _ in requests], by_intervals=bool(measure))
    asked = ("--contract", contract, "--cycle", "2026-10", "--exclusions", "exclusions.csv")
    mapped = (*SECONDS, "--column", "error_code=error_code")
    logs = [
        lay_csv(rows, "log.csv"),
        lay_json(rows, "log.jsonl"),
        lay_parquet(rows, "log.parquet", groups=chance.choice([1, 5, 1000])),
    ]
    for log in logs:
        assert readings_of(report(log, *asked, *mapped)) == expected, log
        assert run(["tally", log, *asked[:2], *asked[4:], *mapped, "-o", "one.tally.parquet", "--quiet"]) == 0
        assert readings_of(report("one.tally.parquet", *asked)) == expected, f"a tally of {log}"
    half = len(rows) // 2
    if half:
        lay_csv(rows[:half], "first.csv"), lay_json(rows[half:], "second.jsonl")
        assert readings_of(report("first.csv", "second.jsonl", *asked, *mapped)) == expected
