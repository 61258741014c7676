"""An agreement by codes and by how long requests took: every way to count gives what its rules make of each request."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
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
from sla_audit.report.formats.json_file import render_json
from tests.builders.coded import BY_INTERVALS, RULES, coded, lay_contract
from tests.builders.coded import READINGS as WRITTEN
from tests.builders.elsewhere import small_tasks
from tests.builders.examples import costly
from tests.builders.runs import refused, report
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


def sent(contract: str, log: str) -> dict[str, oracle.Told]:
    """Count by tasks that are sent, each part of the log in one of its own."""
    columns = ColumnMap({"duration": ("duration", "s"), "error_code": ("error_code",)})
    october = Month(2026, 10)
    request = Request(
        load_contract(contract),
        Logs((log,), columns=columns, engine=small_tasks()),
        date(2026, 12, 20),
        "codes",
        exclusions=Path("exclusions.csv"),
        period=Period(october, october),
    )
    Path("sent.json").write_bytes(render_json(audit(request).report))
    return readings_of(json.loads(Path("sent.json").read_text(encoding="utf-8")))


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
        assert sent(contract, log) == expected, f"{log}, by tasks"
    half = len(rows) // 2
    if half:
        lay_csv(rows[:half], "first.csv"), lay_json(rows[half:], "second.jsonl")
        assert readings_of(report("first.csv", "second.jsonl", *asked, *mapped)) == expected


EXPLAINED = ("--account", "acme", "--cycle", "2026-10", "--as-of", "2026-12-20")
HEAD = "timestamp,account_id,status,api,error_code,duration"
AT = "2026-10-05T09:00:{:02}+08:00"


def lay_log(*rows: str, head: str = HEAD, name: str = "log.csv") -> str:
    """Write a log of one account: status, API, code and length of each request."""
    lines = [f"{AT.format(at)},acme,{row}" for at, row in enumerate(rows)]
    Path(name).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return name


def counts_of(found: dict[str, Any], reading: str = "codes") -> tuple[int, int, int]:
    (result,) = found["results"]
    told = result["readings"][reading]
    return told["success"], told["explicit_failure"], told["excluded"]


EDGES = [
    ("just the limit", "200,/small/a,,2", (1, 0, 0)),
    ("a millionth of a microsecond more", "200,/small/a,,2.000000000001", (0, 1, 0)),
    ("less than the limit", "200,/small/a,,1.999999999999", (1, 0, 0)),
    ("another operation has another limit", "200,/big/a,,10", (1, 0, 0)),
    ("which it is over", "200,/big/a,,10.000001", (0, 1, 0)),
    ("the limit is of some statuses", "404,/small/a,,60", (1, 0, 0)),
    ("an operation without a limit", "200,/other,,60", (1, 0, 0)),
    ("a code whatever the status", "200,/other,InternalError,0", (0, 1, 0)),
    ("a code by its pattern", "404,/other,ServiceUnavailable,0", (0, 1, 0)),
    ("another code with a failing status", "503,/other,NoSuchKey,0", (1, 0, 0)),
    ("a code in other letters", "200,/other,internalerror,0", (1, 0, 0)),
    ("throttling by its code", "503,/other,SlowDown,0", (0, 0, 1)),
    ("no code", "503,/other,-,0", (1, 0, 0)),
    ("a code with spaces around", "200,/other, InternalError ,0", (0, 1, 0)),
]


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge[0])
def test_at_below_and_above_each_edge(edge: tuple[str, str, tuple[int, int, int]]) -> None:
    _, row, expected = edge
    found = report(lay_log(row), "--contract", lay_contract(coded()), *SECONDS)
    assert counts_of(found) == expected


REFUSALS = [
    ("no code", "timestamp,account_id,status,api,other,duration", SECONDS, "no column 'error_code'", "error_code=NAME"),
    ("no length", "timestamp,account_id,status,api,error_code,other", (), "no column 'duration'", "duration=NAME,ms"),
    ("no unit", HEAD, (), "nothing says in which unit the column 'duration'", "--column duration=duration,ms"),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case[0])
def test_a_log_that_does_not_tell_it_is_refused(
    case: tuple[str, str, tuple[str, ...], str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, head, options, found, remedy = case
    log = lay_log("200,/a,,1", head=head)
    said = refused(capsys, "compute", log, "--contract", lay_contract(coded()), *options)
    assert found in said
    assert remedy in said


@pytest.mark.parametrize("length", ["", "-", "-1", "slow"])
def test_a_row_that_does_not_say_how_long_it_took_is_rejected(length: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Were it taken for a quick one, money would be moved by a guess."""
    log = lay_log("200,/other,,1", f"200,/other,,{length}")
    options = ("--contract", lay_contract(coded()), *SECONDS)
    assert "line 3" in (said := refused(capsys, "compute", log, *options))
    assert "how long the request took, a number in s" in said
    found = report(log, *options, "--max-rejected", "1")
    assert (counts_of(found), found["rows"]["rejected"]) == ((1, 0, 0), 1)


def test_an_agreement_that_does_not_ask_is_told_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    log = lay_log("200,/a,InternalError,", "503,/a,,x")
    found = report(log)
    assert "error_code" not in json.dumps(found)
    assert found["results"][0]["explicit_failure"] == 1
    assert run(["tally", log, "-o", "plain.tally.parquet", "--quiet"]) == 0
    names = pq.read_schema("plain.tally.parquet").names
    assert not {"error_code", "took_over"} & set(names)
    capsys.readouterr()
    assert run(["explain", log, *EXPLAINED, "--format", "json"]) == 0
    assert "error_code" not in capsys.readouterr().out


def test_a_tally_answers_an_agreement_with_fewer_limits_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    log = lay_log("200,/small/a,,1.5", "200,/small/a,,2.5", "200,/small/a,,60")
    fewer = RULES.replace('took_over = "10s"', 'took_over = "2s"')
    other = RULES.replace('took_over = "2s"', 'took_over = "1s"')
    texts = {"full": coded(), "fewer": coded(rules=fewer), "other": coded(rules=other)}
    contracts = {name: lay_contract(text, f"{name}.toml") for name, text in texts.items()}
    assert run(["tally", log, "--contract", "full.toml", *SECONDS, "-o", "one.tally.parquet", "--quiet"]) == 0
    for name in ("full", "fewer"):
        assert counts_of(report("one.tally.parquet", "--contract", contracts[name])) == (1, 2, 0)
    said = refused(capsys, "compute", "one.tally.parquet", "--contract", contracts["other"])
    assert "tells which requests took longer than 2s, 10s; the contract 'coded' names 1s, 10s" in said
    assert "Count the logs again with --contract" in said
    # What is added up tells no more limits than the agreement names.
    assert run(["tally", "one.tally.parquet", "--contract", "fewer.toml", "-o", "two.tally.parquet", "--quiet"]) == 0
    assert counts_of(report("two.tally.parquet", "--contract", "fewer.toml")) == (1, 2, 0)
    assert "longer than 2s; the contract" in refused(capsys, "compute", "two.tally.parquet", "--contract", "full.toml")


def test_a_tally_without_codes_is_refused_and_one_that_keeps_them_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    by_codes = coded(rules=RULES[RULES.index("[[classification]]\nwhen = { explicit_failure = true, acc") :])
    contract = lay_contract(by_codes)
    log = lay_log("200,/a,InternalError,1", "200,/a,,1")
    assert run(["tally", log, "-o", "plain.tally.parquet", "--quiet"]) == 0
    said = refused(capsys, "compute", "plain.tally.parquet", "--contract", contract)
    assert "does not tell requests apart by error_code" in said
    assert "--keep error_code" in said
    assert run(["tally", log, "--keep", "error_code", "-o", "codes.tally.parquet", "--quiet"]) == 0
    assert counts_of(report("codes.tally.parquet", "--contract", contract)) == (1, 1, 0)


def test_a_tally_by_intervals_knows_in_which_something_failed_by_code_or_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = lay_log("200,/small/a,,3", "200,/a,InternalError,1", "200,/a,,1")
    lay_contract(coded(more=BY_INTERVALS), "narrow.toml")
    wide = coded(WRITTEN.replace('["InternalError", "Service*"]', '["*"]'), more=BY_INTERVALS)
    lay_contract(wide, "wide.toml")
    for name in ("narrow", "wide"):
        assert (
            run(["tally", log, "--contract", f"{name}.toml", *SECONDS, "-o", f"{name}.tally.parquet", "--quiet"]) == 0
        )
    narrow = report(log, "--contract", "narrow.toml", *SECONDS)["results"]
    assert report("narrow.tally.parquet", "--contract", "narrow.toml")["results"] == narrow
    assert narrow[0]["success_rate"] == "0.999925"  # 2 of 3 in one of 8,928 intervals
    said = refused(capsys, "compute", "narrow.tally.parquet", "--contract", "wide.toml")
    assert "in which requests failed under another contract" in said


def test_rows_and_the_explanation_tell_codes_and_limits(capsys: pytest.CaptureFixture[str]) -> None:
    log = lay_log(
        "200,/big/a,InternalError,11", "200,/big/a,,3", "503,/a,SlowDown,0", "200,/a,,0", "200,/a,NoSuchKey,0"
    )
    asked = [log, "--contract", lay_contract(coded()), *SECONDS, "--account", "acme", "--cycle", "2026-10"]
    assert run(["rows", *asked, "-o", "rows.csv", "--quiet"]) == 0
    listed = pl.read_csv("rows.csv")
    assert listed.select("ending", "error_code", "took_over", "class").rows() == [
        ("200, code InternalError, after more than 10s", "InternalError", 10_000_000, "explicit_failure"),
        ("200, after more than 2s", None, 2_000_000, "success"),
        ("503, code SlowDown", "SlowDown", None, "excluded"),
        ("200", None, None, "success"),
        ("200, code NoSuchKey", "NoSuchKey", None, "success"),
    ]
    assert run(["rows", *asked, "--class", "failed", "-o", "failed.csv", "--quiet"]) == 0
    assert pl.read_csv("failed.csv")["error_code"].to_list() == ["InternalError"]
    capsys.readouterr()
    assert run(["explain", *asked, "--as-of", "2026-12-20"]) == 0
    out = capsys.readouterr().out
    assert all(each in out for each in ("InternalError", "SlowDown", "than 2s"))
    assert run(["explain", *asked, "--as-of", "2026-12-20", "--format", "json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    ended = {"status": 200, "no_answer": False, "requests": 1}
    assert steps[-1]["endings"] == [ended | {"error_code": "InternalError", "took_over": 10_000_000}]
    assert run(["explain", *asked, "--as-of", "2026-12-20", "--lang", "zh"]) == 0
    assert "错误码 InternalError" in capsys.readouterr().out


def test_a_pack_has_them_and_is_judged_again_from_them(capsys: pytest.CaptureFixture[str]) -> None:
    log = lay_log(*["200,/a,InternalError,0", "200,/small/a,,3", "404,/a,SlowDown,0"], *["200,/a,,1"] * 20)
    Path("billing.csv").write_text(
        "account_id,cycle,service_fee,cash_paid\nacme,2026-10,1000.00,1000.00\n", encoding="utf-8"
    )
    asked = [log, "--contract", lay_contract(coded()), *SECONDS, "--cycle", "2026-10", "--billing", "billing.csv"]
    assert run(["claim", "pack", *asked, "--account", "acme", "--as-of", "2026-11-20", "-o", "packs", "--quiet"]) == 0
    listed = pl.read_csv("packs/acme-2026-10/rows.csv")
    assert {"error_code", "took_over"} <= set(listed.columns)
    assert run(["verify", "packs/acme-2026-10", "--quiet"]) == 0
    assert run(["verify", "packs/acme-2026-10", log, *SECONDS, "--quiet"]) == 0


def test_rows_sent_twice_are_one_request_and_others_are_not() -> None:
    head = f"{HEAD},request_id"
    rows = ["200,/small/a,InternalError,2.50,r1", "200,/small/a,InternalError,2.5,r1", "200,/small/a,SlowDown,2.5,r2"]
    lines = [
        head,
        *(f"{AT.format(0)},acme,{row}" for row in rows),
        f"{AT.format(0)},acme,200,/small/a,InternalError,2.5,r2",
    ]
    Path("log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = report("log.csv", "--contract", lay_contract(coded()), *SECONDS)
    assert found["rows"]["duplicate"] == 1  # of r1, which is logged twice; r2 is two requests
    assert counts_of(found) == (0, 2, 1)


def test_rows_without_an_account_are_judged_by_their_codes_too(capsys: pytest.CaptureFixture[str]) -> None:
    contract = lay_contract(coded(WRITTEN.replace("excluded_in_denominator = true", "excluded_in_denominator = false")))
    throttled = f"{HEAD}\n{AT.format(0)},,503,/a,SlowDown,0\n{AT.format(1)},acme,200,/a,,0\n"
    Path("log.csv").write_text(throttled, encoding="utf-8")
    assert report("log.csv", "--contract", contract, *SECONDS)["rows"]["unattributed"] == 1
    assert run(["tally", "log.csv", "--contract", contract, *SECONDS, "-o", "one.tally.parquet", "--quiet"]) == 0
    assert report("one.tally.parquet", "--contract", contract)["rows"]["unattributed"] == 1
    Path("log.csv").write_text(throttled.replace("SlowDown", "NoSuchKey"), encoding="utf-8")
    assert "account_id" in refused(capsys, "compute", "log.csv", "--contract", contract, *SECONDS)


def test_objects_of_which_only_some_have_a_code() -> None:
    """The first thousand objects, which tell what a log has, have none: then it must be said where it would stand."""
    plain = [{"timestamp": AT.format(at % 60), "account_id": "acme", "status": 200, "api": "/a"} for at in range(1500)]
    rows = [each | {"duration": 1} for each in plain]
    rows[-1] |= {"error": {"code": "InternalError"}}
    Path("log.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    found = report("log.jsonl", "--contract", lay_contract(coded()), *SECONDS, "--column", "error_code=error.code")
    assert counts_of(found) == (1499, 1, 0)


def test_objects_sent_twice_are_one_request_though_the_first_have_no_code() -> None:
    rows = [
        {"timestamp": AT.format(at % 60), "account_id": "acme", "status": 200, "api": "/a", "request_id": f"r{at}"}
        for at in range(1500)
    ]
    rows += [rows[3], rows[-1] | {"error": {"code": "InternalError"}}, rows[-1] | {"error": {"code": "InternalError"}}]
    text = "".join(f"{json.dumps(row | {'duration': 1})}\n" for row in rows)
    Path("log.jsonl").write_text(text, encoding="utf-8")
    found = report("log.jsonl", "--contract", lay_contract(coded()), *SECONDS, "--column", "error_code=error.code")
    # The last id has one row without a code and two with it: three of one id and time that differ are three requests.
    assert (counts_of(found), found["rows"]["duplicate"]) == ((1500, 2, 0), 1)
